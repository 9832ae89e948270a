#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

/// What SCAN, HSCAN, SSCAN and ZSCAN have in common.
///
/// The elements have positions in an array. A cursor c means: those at positions below c are still
/// to come, the last of them first; 0 where it begins and where it is over. Erasing moves an
/// element down, or the last one, which has been seen, into the gap: an element that is there
/// throughout is not missed, and one may come twice.
struct ScanOptions {
  std::int64_t count = 10;
  std::string_view pattern = "*";
  std::optional<std::string> type;  ///< lower case; nothing: any

  bool matches(std::string_view name) const {
    return pattern == "*" || glob_matches(pattern, name);
  }
};

/// Null where all is well. TYPE is for SCAN alone.
const char* parse_scan_options(Arguments words, bool takes_type, ScanOptions& options);

/// Calls visit(position) for the next elements of `size`, and returns the cursor of the rest.
/// `visit` may erase the element that it is given.
template <class Visit>
std::uint64_t scan_step(std::uint64_t cursor, std::size_t size, std::int64_t count, Visit visit) {
  std::uint64_t left = cursor == 0 ? size : std::min<std::uint64_t>(cursor, size);
  for (std::int64_t seen = 0; left > 0 && seen < count; ++seen) visit(--left);
  return left;
}

RedisReply scan_reply(std::uint64_t cursor, std::vector<RedisReply> items);

}  // namespace firedrill::sim::redis
