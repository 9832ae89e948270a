#include "system/ports/program.h"

#include <string>
#include <utility>

namespace firedrill {

std::unique_ptr<Listening> must_listen(Network& network, std::string_view service,
                                       std::uint16_t port, HttpHandler handler) {
  std::unique_ptr<Listening> listening = network.listen(port, std::move(handler));
  if (listening == nullptr) {
    throw CannotStart(std::string(service) + ": port " + std::to_string(port) + " is taken");
  }
  return listening;
}

}  // namespace firedrill
