#pragma once

#include <string_view>
#include <vector>

#include "sim/redis/config.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// What SADD makes. While all its members are integers, and not too many, Redis keeps and answers
/// them in numeric order.
struct Set {
  StringMap<Nothing> members;
  bool integers = true;  ///< once it is a table, Redis leaves it one

  /// True where the member is new.
  bool add(std::string_view member, const Config& config);
  std::size_t size() const { return members.size(); }
  bool contains(std::string_view member) const { return members.contains(member); }
  /// In the order in which Redis answers them; of a table, in that of insertion. The views hold
  /// until the set changes.
  std::vector<std::string_view> listed() const;
};

}  // namespace firedrill::sim::redis
