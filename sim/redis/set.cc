#include "sim/redis/set.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

bool Set::add(std::string_view member, const Config& config) {
  if (!members.insert(member).second) return false;
  if (!integers) return true;
  constexpr std::int64_t kLargest = 1LL << 30;
  const auto largest = std::min(config.set_max_intset_entries, kLargest);
  integers =
      parse_integer(member).has_value() && members.size() <= static_cast<std::size_t>(largest);
  return true;
}

std::vector<std::string_view> Set::listed() const {
  std::vector<std::string_view> all;
  all.reserve(members.size());
  if (!integers) {
    for (const auto& entry : members) all.push_back(entry.key);
    return all;
  }
  std::vector<std::pair<std::int64_t, std::string_view>> ordered;
  ordered.reserve(members.size());
  for (const auto& entry : members) {
    ordered.emplace_back(parse_integer(entry.key).value_or(0), entry.key);
  }
  std::sort(ordered.begin(), ordered.end());
  for (const auto& [value, text] : ordered) all.push_back(text);
  return all;
}

}  // namespace firedrill::sim::redis
