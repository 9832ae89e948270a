#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/sorted_set.h"

// What the commands of sorted sets share.

namespace firedrill::sim::redis {

RedisReply score_reply(const Call& call, double score);
/// Members, or members and scores: pairs of RESP3, one after the other for RESP2.
RedisReply elements_reply(const Call& call, const std::vector<SortedSet::Element>& elements,
                          bool with_scores);
/// What the STORE forms do: the key becomes the set, or goes where that is empty.
RedisReply store_sorted_set(Call& call, std::string_view key, SortedSet set);

}  // namespace firedrill::sim::redis
