#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "system/ports/network.h"
#include "system/ports/ports.h"

namespace firedrill {

/// Why a program cannot start, in words for its operator. What a ProgramFactory throws.
struct CannotStart : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The root object of a process: what it runs. It starts its work from its constructor, through
/// Ports; it is destroyed after the last coroutine that the process owns.
class Program {
 public:
  virtual ~Program() = default;
};

using ProgramFactory = std::function<std::unique_ptr<Program>(Ports)>;

/// Network::listen() for a program that is nothing without its port. Throws CannotStart.
std::unique_ptr<Listening> must_listen(Network& network, std::string_view service,
                                       std::uint16_t port, HttpHandler handler);

}  // namespace firedrill
