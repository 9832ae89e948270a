#pragma once

#include <functional>
#include <memory>

#include "system/ports/ports.h"

namespace firedrill {

/// The root object of a process: what it runs. It starts its work from its constructor, through
/// Ports; it is destroyed after the last coroutine that the process owns.
class Program {
 public:
  virtual ~Program() = default;
};

using ProgramFactory = std::function<std::unique_ptr<Program>(Ports)>;

}  // namespace firedrill
