#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace firedrill::tidy {

/// One row of the map: a folder, or one module within a folder ("sim/redis/server" is server.h and
/// server.cc there), and whom its files may include beside themselves, `system/domain`, the
/// standard library and fmt, which everybody may.
struct Room {
  std::string_view name;
  /// Comma-separated: names of rooms, or patterns of paths with one `*` for each unknown part
  /// ("system/*/*_api.h"), or "all".
  std::string_view may_include;
  /// Comma-separated names of outside_names(), or "all".
  std::string_view outside;
  bool absent = false;  ///< not there yet, on purpose

  friend bool operator==(const Room&, const Room&) = default;
};

/// Who may include whom. docs/ARCHITECTURE.md has the same table for people; check_map compares.
std::span<const Room> rooms();

/// The row that `path` belongs to: the longest that fits. nullptr where none does.
const Room* room_of(std::string_view path, std::span<const Room> map);

/// Whether `path` fits `pattern`, in which `*` stands for anything but a slash.
bool fits(std::string_view path, std::string_view pattern);

/// Every include of one C++ file against the map.
Findings check_includes(const File& file, std::span<const Room> map);

/// Every C++ file is in a room; every room has files, unless it is marked as absent.
Findings check_rooms(std::span<const File> files, std::span<const Room> map);

/// The table in the document (the one whose first column is headed "room" and that has a column
/// "may include") has the same rows as `map`, in any order.
Findings check_map(const File& document, std::span<const Room> map);

}  // namespace firedrill::tidy
