#include "sim/redis/timeout.h"

#include <algorithm>
#include <cmath>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

std::optional<RedisReply> parse_timeout(std::string_view text, std::int64_t& timeout_ms) {
  constexpr long double kBeyond = 9'223'372'036'854'775'808.0L;  // where 64 bits end
  constexpr std::int64_t kForEver = INT64_MAX / 2;
  const auto seconds = parse_long_double(text);
  if (!seconds) return RedisReply::error("ERR timeout is not a float or out of range");
  const long double ms = std::ceil(*seconds * 1000);
  if (ms < 0 || ms >= kBeyond) return RedisReply::error("ERR timeout is negative");
  timeout_ms = std::min(static_cast<std::int64_t>(ms), kForEver);
  return std::nullopt;
}

}  // namespace firedrill::sim::redis
