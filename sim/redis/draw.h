#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/redis/state.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

/// What SRANDMEMBER, HRANDFIELD and ZRANDMEMBER have in common.
///
/// So many are drawn with repetition at most. The real server would go on until its memory ends.
constexpr std::int64_t kMostDrawn = 10'000'000;

/// The COUNT of these commands, or its error reply.
std::optional<RedisReply> parse_draw_count(std::string_view text, std::int64_t& count);

/// Positions below `size`, which is not 0. A positive count: that many different ones, all of them
/// in order where there are no more. A negative count, down to -kMostDrawn: that many, any of them
/// as often as it comes.
std::vector<std::size_t> draw_positions(EngineState& state, std::size_t size, std::int64_t count);

}  // namespace firedrill::sim::redis
