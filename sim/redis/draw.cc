#include "sim/redis/draw.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

std::optional<RedisReply> parse_draw_count(std::string_view text, std::int64_t& count) {
  const auto value = parse_integer(text);
  if (!value) return error(errors::kNotInteger);
  if (*value == INT64_MIN) {
    return error(
        "ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  }
  count = *value;
  return std::nullopt;
}

namespace {

/// `wanted` different ones of many: drawn again where one comes twice.
std::vector<std::size_t> draw_few(EngineState& state, std::size_t size, std::size_t wanted) {
  std::vector<std::size_t> drawn;
  std::set<std::size_t> seen;
  while (drawn.size() < wanted) {
    const std::size_t position = state.draw_below(size);
    if (seen.insert(position).second) drawn.push_back(position);
  }
  return drawn;
}

/// The same where they are a good part of all.
std::vector<std::size_t> draw_many(EngineState& state, std::size_t size, std::size_t wanted) {
  std::vector<std::size_t> all(size);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < wanted; ++i) std::swap(all[i], all[i + state.draw_below(size - i)]);
  all.resize(wanted);
  return all;
}

}  // namespace

std::vector<std::size_t> draw_positions(EngineState& state, std::size_t size, std::int64_t count) {
  if (count < 0) {
    std::vector<std::size_t> drawn(static_cast<std::size_t>(-count));
    for (std::size_t& position : drawn) position = state.draw_below(size);
    return drawn;
  }
  const auto wanted = static_cast<std::size_t>(count);
  if (wanted >= size) {
    std::vector<std::size_t> all(size);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  return wanted * 3 > size ? draw_many(state, size, wanted) : draw_few(state, size, wanted);
}

}  // namespace firedrill::sim::redis
