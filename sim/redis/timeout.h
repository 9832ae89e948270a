#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

/// The time-out of a command that waits, in seconds with fractions, or its error reply. A fraction
/// of a millisecond counts as one.
std::optional<RedisReply> parse_timeout(std::string_view text, std::int64_t& timeout_ms);

}  // namespace firedrill::sim::redis
