#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/redis/config.h"
#include "sim/redis/keyspace.h"
#include "sim/redis/string_map.h"

// How much memory the keys would take, and what goes when it is too much.

namespace firedrill::sim::redis {

struct EngineState;

/// What an empty server has, in bytes.
inline constexpr std::int64_t kMemoryAtStart = 876'000;
/// Of how many elements of a collection the size is looked at; the others count as their average.
inline constexpr std::size_t kMemorySamples = 5;

/// About what Redis 7.0 takes for the key and what it holds, in bytes: its structures, at the sizes
/// that its allocator gives. `samples` as in MEMORY USAGE; 0: every element.
std::int64_t memory_of(const Keyspace::Entry& entry, std::size_t samples = kMemorySamples);

/// Of all databases. Connections, scripts and buffers are not counted.
std::int64_t used_memory(const EngineState& state);

/// Keeps count of the memory of all keys while there is a limit, so that a command costs no more
/// than what it changed.
class MemoryCount {
 public:
  /// After each command: looks at the keys that it changed.
  void update(const EngineState& state);
  std::int64_t bytes() const { return bytes_; }

 private:
  void recount(const EngineState& state);
  void set(std::uint32_t database, const std::string& key, std::int64_t bytes);
  std::size_t key_count() const;

  std::map<std::uint32_t, StringMap<std::int64_t>> keys_;
  std::int64_t bytes_ = 0;
};

/// Makes room until the limit is kept, as the policy says; the keys that go are effects (DEL).
/// False where not enough may go. Which keys are looked at is drawn from the engine's own random
/// sequence. There are no counters of frequency: the LFU policies do as the LRU ones.
bool make_room(EngineState& state);

}  // namespace firedrill::sim::redis
