#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/list.h"

namespace firedrill::sim::redis {

// What pops and pushes have in common, whether they wait or not.

enum class End : std::uint8_t { left, right };

/// LEFT or RIGHT.
std::optional<End> parse_end(std::string_view word);

void push_item(List& list, End end, std::string item);
/// Precondition: the list is not empty.
std::string pop_item(List& list, End end);

/// Pops up to `count` items of `key`, which holds `list`; the key goes with its last item.
std::vector<RedisReply> pop_items(Call& call, std::string_view key, List& list, End end,
                                  std::int64_t count);

/// LMOVE of args[1] to args[2]: the item, nil where there is none, or an error.
RedisReply move_item(Call& call, End from, End to);

}  // namespace firedrill::sim::redis
