#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "system/domain/time.h"

namespace firedrill {

/// The terms of a flash sale as the services are configured with them, and how long they wait for
/// their backends.
struct FlashSale {
  std::map<std::string, std::int64_t> cap_per_user;  ///< by product; 0: none
  std::int64_t rate_limit = 5;                       ///< requests of one (sale, user) ...
  Duration rate_window = from_ms(1000);              ///< ... in any such time
  Duration hold_ttl = from_ms(5000);
  Duration redis_timeout = from_ms(300);
  Duration database_timeout = from_ms(300);
  Duration publish_timeout = from_ms(400);
};

}  // namespace firedrill
