#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::sim::redis {

/// Keys whose waiters are to look again, in the order in which that came about: as in Redis, those
/// that came to be, streams that grew, and streams that went. A key that merely changed is none,
/// nor one that was overwritten: who waits for it could have been served before.
struct ReadyKeys {
  struct Key {
    std::uint32_t database = 0;
    std::string name;
    std::size_t type = 0;  ///< index of what it came to hold (or held), in Value
  };

  bool wanted = false;  ///< somebody waits; nothing is kept otherwise
  std::vector<Key> keys;

  void add(std::uint32_t database, std::string_view name, std::size_t type) {
    if (wanted) keys.push_back({database, std::string(name), type});
  }
};

}  // namespace firedrill::sim::redis
