#pragma once

#include <cstddef>
#include <cstdint>

#include "system/domain/time.h"

namespace firedrill::adapters {

struct HttpOptions {
  std::uint32_t header_limit = 16 * 1024;  ///< bytes of start line and fields; more is 431
  std::uint64_t body_limit = 1024 * 1024;  ///< bytes; more is 413, in a response Unknown
  Duration server_idle =
      from_ms(30'000);  ///< a client that sends no (whole) request so long is dropped
  Duration server_write = from_ms(10'000);  ///< or takes no response
  Duration client_idle = from_ms(10'000);   ///< kept connections are not used again after this
  std::size_t client_connections = 64;      ///< kept for each address
};

}  // namespace firedrill::adapters
