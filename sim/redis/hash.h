#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/redis/config.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// What HSET makes. While Redis keeps it as a listpack, its fields stand in the order of insertion.
struct Hash : StringMap<std::string> {
  bool listpack = true;  ///< it has never been large: once it is a table, Redis leaves it one

  /// True where the field is new.
  bool set(std::string_view field, std::string_view value, const Config& config) {
    const auto longest = static_cast<std::size_t>(config.hash_max_listpack_value);
    const auto [entry, is_new] = insert(field);
    entry->value = value;
    if (field.size() > longest || value.size() > longest) listpack = false;
    if (size() > static_cast<std::size_t>(config.hash_max_listpack_entries)) listpack = false;
    return is_new;
  }

  /// True where the field was there.
  bool erase(std::string_view field) {
    const std::uint32_t position = position_of(field);
    if (position == kNowhere) return false;
    if (listpack) {
      erase_in_order_at(position);
    } else {
      erase_swapping_at(position);
    }
    return true;
  }
};

}  // namespace firedrill::sim::redis
