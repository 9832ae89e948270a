#include "tests/tidy/rooms.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace firedrill::tidy {

namespace {

constexpr std::string_view kNone = "-";
constexpr std::string_view kService = "system/ports, lua/redis, system/*/*_api.h";

constexpr auto kRooms = std::to_array<Room>({
    {"system/domain", kNone, kNone},
    {"system/ports", kNone, "awaitable"},
    {"system/order", kService, "awaitable, JSON, UUID"},
    {"system/as_written", kService, "awaitable, JSON"},
    {"system/gateway", kService, "awaitable, JSON", true},
    {"system/user", kService, "awaitable, JSON", true},
    {"system/product", kService, "awaitable, JSON", true},
    {"system/inventory", kService, "awaitable, JSON"},
    {"system/payment", kService, "awaitable, JSON", true},
    {"system/notification", kService, "awaitable, JSON", true},
    {"system/saga", "system/ports", "awaitable, JSON", true},
    {"system/outbox", "system/ports", "awaitable, JSON", true},
    {"system/adapters", "system/ports", "Asio, Beast, hiredis, JSON, libpqxx, POSIX"},
    {"lua/redis", "system/ports", kNone},
    {"lua/compat", kNone, "Lua"},
    {"traces", kNone, "JSON, POSIX"},
    {"workload", "system/ports, traces", "awaitable, JSON"},
    {"workload/generate", "sim/kernel, traces", kNone},
    {"properties", "traces", kNone},
    {"sim/kernel", kNone, "Asio"},
    {"sim/world", "sim/kernel, traces", "Asio"},
    {"sim/redis", "lua/compat", "Lua"},
    {"sim/redis/server", "sim/redis, sim/kernel, sim/world, system/ports", "Asio"},
    {"sim/redis/tcp_server", "sim/redis", "Asio"},
    {"sim/queue", kNone, kNone},
    {"sim/queue/broker", "sim/queue, sim/kernel, sim/world, system/ports", "Asio"},
    {"sim/postgres", kNone, "libpg_query, Boost.Context, Boost.Multiprecision, stacks"},
    {"sim/postgres/server", "sim/postgres, sim/kernel, sim/world, system/ports", "Asio"},
    {"sim/postgres/wire", "sim/postgres", kNone},
    {"sim/postgres/tcp_server", "sim/postgres, sim/postgres/wire", "Asio"},
    {"sim/ports",
     "sim/kernel, sim/world, sim/redis, sim/redis/server, sim/postgres, sim/postgres/server, "
     "sim/queue, sim/queue/broker, system/ports",
     "Asio"},
    {"sim/cluster",
     "sim/kernel, sim/world, sim/redis, sim/redis/server, sim/postgres, sim/postgres/server, "
     "sim/queue, sim/queue/broker, sim/ports, system/ports, system/inventory, system/order, "
     "system/as_written, lua/redis, workload, traces",
     "Asio"},
    {"faults",
     "sim/kernel, sim/world, sim/redis/server, sim/postgres/server, sim/queue/broker, sim/cluster, "
     "traces",
     kNone},
    {"cli", "all", "all"},
    {"bench", "all", "all"},
    {"tests", "all", "all"},
});

struct Outside {
  std::string_view name;
  std::string_view prefixes;  ///< comma-separated beginnings of include paths
};

constexpr auto kOutside = std::to_array<Outside>({
    {"awaitable", "boost/asio/awaitable.hpp"},
    {"Asio", "boost/asio, boost/system/"},
    {"Beast", "boost/beast"},
    {"hiredis", "hiredis/"},
    {"libpqxx", "pqxx/, libpq-fe.h"},
    {"JSON", "nlohmann/"},
    {"UUID", "boost/uuid/"},
    {"Lua", "lua.h, lauxlib.h, lualib.h"},
    {"libpg_query", "pg_query.h, pg_query/"},
    {"Boost.Context", "boost/context/"},
    {"Boost.Multiprecision", "boost/multiprecision/"},
    {"stacks", "sys/mman.h, cxxabi.h, sanitizer/"},
    {"POSIX",
     "unistd.h, fcntl.h, signal.h, poll.h, netdb.h, dirent.h, spawn.h, sys/, netinet/, arpa/"},
    {"fmt", "fmt/"},
});

/// The standard library's headers have neither a folder nor a suffix.
bool is_standard(std::string_view include) {
  return include.find_first_of("/.") == std::string_view::npos;
}

bool begins_with_any(std::string_view path, std::string_view prefixes) {
  return std::ranges::any_of(split(prefixes, ','),
                             [&](std::string_view prefix) { return path.starts_with(prefix); });
}

bool may_use(const Room& room, std::string_view include) {
  if (room.outside == "all" || is_standard(include) || include.starts_with("fmt/")) return true;
  return std::ranges::any_of(split(room.outside, ','), [&](std::string_view word) {
    const auto* known = std::ranges::find(kOutside, word, &Outside::name);
    return known != kOutside.end() && begins_with_any(include, known->prefixes);
  });
}

bool may_include(const Room& from, std::string_view path, const Room& to) {
  if (from.may_include == "all" || from == to || to.name == "system/domain") return true;
  return std::ranges::any_of(split(from.may_include, ','), [&](std::string_view entry) {
    return entry == to.name || (entry.find('*') != std::string_view::npos && fits(path, entry));
  });
}

/// "`a`, `b`" as a person writes it, without the marks.
std::string plain(std::string_view cell) {
  std::string text;
  std::ranges::copy_if(cell, std::back_inserter(text), [](char c) { return c != '`'; });
  return text;
}

struct Row {
  std::size_t line = 0;
  std::string name;
  std::string may_include;
  std::string outside;
  bool absent = false;
};

std::vector<std::string_view> cells_of(std::string_view line) {
  std::string_view inner = trim(line);
  if (!inner.starts_with('|') || !inner.ends_with('|') || inner.size() < 2) return {};
  return split(inner.substr(1, inner.size() - 2), '|');
}

/// Where the columns of the map are; 0, which is the room's own, for one that there is not.
struct Columns {
  std::size_t may_include = 0;
  std::size_t outside = 0;
  std::size_t count = 0;

  bool are_there() const { return may_include > 0 && outside > 0; }
};

Columns columns_of(const std::vector<std::string_view>& heads) {
  Columns columns{.count = heads.size()};
  for (std::size_t i = 1; i < heads.size(); ++i) {
    if (heads[i] == "may include") columns.may_include = i;
    if (heads[i] == "from outside") columns.outside = i;
  }
  return columns;
}

Row row_of(std::size_t line, const std::vector<std::string_view>& cells, const Columns& columns) {
  constexpr std::string_view kAbsent = " (absent)";
  Row row{.line = line,
          .name = plain(cells[0]),
          .may_include = plain(cells[columns.may_include]),
          .outside = plain(cells[columns.outside]),
          .absent = false};
  if (row.name.ends_with(kAbsent)) {
    row.absent = true;
    row.name.resize(row.name.size() - kAbsent.size());
  }
  return row;
}

std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows;
  Columns columns;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    const auto cells = cells_of(line);
    if (cells.empty()) {
      columns = {};
    } else if (cells.front() == "room") {
      columns = columns_of(cells);
    } else if (columns.are_there() && cells.size() == columns.count &&
               !cells.front().starts_with('-')) {
      rows.push_back(row_of(number, cells, columns));
    }
  }
  return rows;
}

std::vector<std::string_view> sorted(std::string_view list) {
  auto words = split(list, ',');
  std::ranges::sort(words);
  return words;
}

bool same(const Row& row, const Room& room) {
  return row.absent == room.absent && sorted(row.may_include) == sorted(room.may_include) &&
         sorted(row.outside) == sorted(room.outside);
}

std::string told(const Room& room) {
  return "may include `" + std::string(room.may_include) + "`, from outside `" +
         std::string(room.outside) + "`" + (room.absent ? ", absent" : "");
}

Finding include_finding(const File& file, const Include& include, std::string message) {
  return {file.path, include.line, "include", "\"" + include.path + "\": " + std::move(message)};
}

}  // namespace

std::span<const Room> rooms() {
  return kRooms;
}

const Room* room_of(std::string_view path, std::span<const Room> map) {
  const Room* best = nullptr;
  for (const Room& room : map) {
    const bool module = path.starts_with(room.name) && path.size() > room.name.size() &&
                        path[room.name.size()] == '.';
    if (!module && !is_within(path, room.name)) continue;
    if (best == nullptr || room.name.size() > best->name.size()) best = &room;
  }
  return best;
}

bool fits(std::string_view path, std::string_view pattern) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() != '*') {
    return !path.empty() && path.front() == pattern.front() &&
           fits(path.substr(1), pattern.substr(1));
  }
  if (fits(path, pattern.substr(1))) return true;
  return !path.empty() && path.front() != '/' && fits(path.substr(1), pattern);
}

Findings check_includes(const File& file, std::span<const Room> map) {
  Findings findings;
  const Room* from = room_of(file.path, map);
  if (!is_cpp(file.path) || from == nullptr) return findings;
  for (const Include& include : includes_of(take_apart(file.text))) {
    const Room* to = include.quoted ? room_of(include.path, map) : nullptr;
    if (to != nullptr && !may_include(*from, include.path, *to)) {
      findings.push_back(include_finding(
          file, include,
          std::string(from->name) + " must not include " + std::string(to->name) +
              "; it may include " + std::string(from->may_include) + " (docs/ARCHITECTURE.md)"));
    }
    if (to == nullptr && include.quoted) {
      findings.push_back(
          include_finding(file, include, "is in no room: quoted includes begin at the root"));
    }
    if (!include.quoted && !may_use(*from, include.path)) {
      findings.push_back(include_finding(
          file, include,
          std::string(from->name) + " must not use this library; from outside it may use " +
              std::string(from->outside) + " (docs/ARCHITECTURE.md)"));
    }
  }
  return findings;
}

Findings check_rooms(std::span<const File> files, std::span<const Room> map) {
  Findings findings;
  std::vector<bool> used(map.size(), false);
  for (const File& file : files) {
    if (!is_cpp(file.path)) continue;
    const Room* room = room_of(file.path, map);
    if (room != nullptr) {
      used[static_cast<std::size_t>(room - map.data())] = true;
    } else {
      findings.push_back({file.path, 0, "map", "is in no room of the map: add its folder"});
    }
  }
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::string name(map[i].name);
    if (used[i] && map[i].absent) {
      findings.push_back({name, 0, "map", "is marked as absent, and has files"});
    } else if (!used[i] && !map[i].absent) {
      findings.push_back({name, 0, "map", "has no files: remove the row, or mark it as absent"});
    }
  }
  return findings;
}

Findings check_map(const File& document, std::span<const Room> map) {
  Findings findings;
  const std::vector<Row> rows = rows_of(document.text);
  for (const Row& row : rows) {
    const auto room = std::ranges::find(map, row.name, &Room::name);
    if (room == map.end()) {
      findings.push_back({document.path, row.line, "map",
                          row.name + " is not in the table of tests/tidy/rooms.cc"});
    } else if (!same(row, *room)) {
      findings.push_back({document.path, row.line, "map",
                          row.name + " differs from tests/tidy/rooms.cc, where it " + told(*room)});
    }
  }
  for (const Room& room : map) {
    const auto times = std::ranges::count(rows, room.name, &Row::name);
    if (times != 1) {
      findings.push_back({document.path, 0, "map",
                          std::string(room.name) + " is " +
                              (times == 0 ? "missing" : "there twice") + "; it " + told(room)});
    }
  }
  return findings;
}

}  // namespace firedrill::tidy
