#include "sim/redis/eviction.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <type_traits>

#include "sim/redis/encoding.h"
#include "sim/redis/listpack.h"
#include "sim/redis/state.h"

namespace firedrill::sim::redis {

namespace {

// --- Sizes of Redis's structures, on 64 bits -----------------------------------------------------

constexpr std::size_t kObject = 16;
constexpr std::size_t kTableEntry = 24;
constexpr std::size_t kTable = 56;
constexpr std::size_t kPointer = 8;
constexpr std::size_t kSkiplist = 16 + 32 + 560;  ///< a zset, its list, and the list's head
constexpr std::size_t kSkiplistNode = 53;         ///< a node has 1.33 levels on average
constexpr std::size_t kQuicklist = 40;
constexpr std::size_t kQuicklistNode = 40;
constexpr std::size_t kQuicklistNodeBytes = 8192;  ///< list-max-listpack-size -2
constexpr std::size_t kStream = 632;
constexpr std::size_t kStreamNode = 4096;
constexpr std::size_t kStreamPending = 96;  ///< an entry that a consumer has yet to acknowledge

/// What jemalloc gives for so many bytes.
std::size_t allocated(std::size_t bytes) {
  if (bytes <= 8) return 8;
  if (bytes <= 128) return (bytes + 15) / 16 * 16;
  const std::size_t step = std::bit_ceil(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

/// A string with its length before and a NUL behind it.
std::size_t of_text(std::size_t length) {
  std::size_t header = 9;
  if (length < 32) {
    header = 1;
  } else if (length < 256) {
    header = 3;
  } else if (length < 65536) {
    header = 5;
  }
  return allocated(header + length + 1);
}

/// The buckets of a hash table of so many entries.
std::size_t of_buckets(std::size_t entries) {
  return std::bit_ceil(std::max<std::size_t>(entries, 4)) * kPointer;
}

std::size_t listpack_of(std::size_t elements) {
  return allocated(kEmptyListpack + elements);
}

/// What all `count` elements take, where the first `samples` of them take of(0), of(1)...
template <class Of>
std::size_t estimate(std::size_t count, std::size_t samples, Of&& of) {
  const std::size_t looked_at = samples == 0 ? count : std::min(count, samples);
  if (looked_at == 0) return 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < looked_at; ++i) bytes += of(i);
  return bytes * count / looked_at;
}

class Measure {
 public:
  Measure(std::string_view encoding, std::size_t samples)
      : packed_(encoding == "listpack"), samples_(samples) {}

  std::size_t operator()(std::int64_t) const { return kObject; }

  std::size_t operator()(const std::string& text) const {
    constexpr std::size_t kEmbedded = 44;
    return text.size() <= kEmbedded ? allocated(kObject + 4 + text.size())
                                    : kObject + of_text(text.size());
  }

  std::size_t operator()(const std::unique_ptr<Hash>& hash) const {
    const std::size_t elements = estimate(hash->size(), samples_, [&](std::size_t i) {
      const auto& entry = hash->at(i);
      return packed_ ? listpack_size(entry.key) + listpack_size(entry.value)
                     : kTableEntry + of_text(entry.key.size()) + of_text(entry.value.size());
    });
    return kObject + (packed_ ? listpack_of(elements) : table_of(hash->size()) + elements);
  }

  std::size_t operator()(const std::unique_ptr<Set>& set) const {
    if (set->integers) return kObject + allocated(8 + set->size() * widest_integer(*set));
    return kObject + table_of(set->size()) + estimate(set->size(), samples_, [&](std::size_t i) {
             return kTableEntry + of_text(set->members.at(i).key.size());
           });
  }

  std::size_t operator()(const std::unique_ptr<SortedSet>& set) const {
    constexpr std::size_t kPackedScore = 4;  // of most scores
    const std::size_t elements = estimate(set->size(), samples_, [&](std::size_t rank) {
      const std::string_view member = set->at(rank).member;
      return packed_ ? listpack_size(member) + kPackedScore
                     : kTableEntry + kSkiplistNode + of_text(member.size());
    });
    return kObject +
           (packed_ ? listpack_of(elements) : kSkiplist + table_of(set->size()) + elements);
  }

  std::size_t operator()(const std::unique_ptr<Stream>& stream) const {
    std::size_t bytes = kObject + kStream + stream->node_count() * kStreamNode;
    for (const auto& [name, group] : stream->groups()) {
      bytes += kStream + group.pending().size() * kStreamPending;
    }
    return bytes;
  }

  std::size_t operator()(const std::unique_ptr<List>& list) const {
    const std::size_t elements = estimate(list->items.size(), samples_, [&](std::size_t i) {
      return listpack_size(std::string_view(list->items[i]));
    });
    const std::size_t nodes = elements / kQuicklistNodeBytes + 1;
    return kObject + kQuicklist + nodes * kQuicklistNode + listpack_of(elements);
  }

 private:
  static std::size_t table_of(std::size_t entries) { return kTable + of_buckets(entries); }

  /// Bytes of each member of a set of integers, by its first ones.
  std::size_t widest_integer(const Set& set) const {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < std::min(set.size(), kMemorySamples); ++i) {
      longest = std::max(longest, set.members.at(i).key.size());
    }
    if (longest <= 4) return 2;
    return longest <= 9 ? 4 : 8;
  }

  bool packed_;
  std::size_t samples_;
};

// --- What goes -----------------------------------------------------------------------------------

using Eviction = Config::Eviction;

bool only_volatile(Eviction policy) {
  return policy == Eviction::volatile_lru || policy == Eviction::volatile_lfu ||
         policy == Eviction::volatile_random || policy == Eviction::volatile_ttl;
}

/// Who of two goes first.
bool goes_before(Eviction policy, const Keyspace::Slot& a, const Keyspace::Slot& b) {
  if (policy == Eviction::volatile_ttl) return a.expires_ms < b.expires_ms;
  return a.used_ms < b.used_ms;
}

/// The positions of the keys that may go.
std::vector<std::size_t> candidates(const Keyspace& keys, Eviction policy) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool is_volatile = keys.at(i).value.expires_ms != Keyspace::kForever;
    if (is_volatile || !only_volatile(policy)) positions.push_back(i);
  }
  return positions;
}

/// The one of `samples` random keys that goes first; a random one where the policy is that.
const Keyspace::Entry* pick(EngineState& state, const Keyspace& keys) {
  const Eviction policy = state.config.maxmemory_policy;
  const bool any = policy == Eviction::allkeys_random || policy == Eviction::volatile_random;
  // Where every key may go there is no need to list them.
  const std::vector<std::size_t> listed =
      only_volatile(policy) ? candidates(keys, policy) : std::vector<std::size_t>{};
  const std::size_t count = only_volatile(policy) ? listed.size() : keys.size();
  if (count == 0) return nullptr;
  const Keyspace::Entry* best = nullptr;
  const std::int64_t samples = any ? 1 : state.config.maxmemory_samples;
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::size_t drawn = state.draw_below(count);
    const Keyspace::Entry& entry = keys.at(only_volatile(policy) ? listed[drawn] : drawn);
    if (best == nullptr || goes_before(policy, entry.value, best->value)) best = &entry;
  }
  return best;
}

/// One key of one database, the databases by turns.
bool evict_one(EngineState& state) {
  for (std::size_t i = 0; i < state.databases.size(); ++i) {
    const std::size_t database = state.next_eviction++ % state.databases.size();
    Keyspace* keys = state.databases[database].get();
    const Keyspace::Entry* entry = keys == nullptr ? nullptr : pick(state, *keys);
    if (entry == nullptr) continue;
    const std::string key = entry->key;
    state.effects.add(keys->number(), {"DEL", key});
    keys->erase(key);
    ++state.keys_evicted;
    return true;
  }
  return false;
}

}  // namespace

std::int64_t memory_of(const Keyspace::Entry& entry, std::size_t samples) {
  const Measure measure(encoding_of(entry.value), samples);
  const std::size_t value = std::visit(measure, entry.value.value);
  return static_cast<std::int64_t>(value + kTableEntry + of_text(entry.key.size()));
}

std::int64_t used_memory(const EngineState& state) {
  MemoryCount count;
  count.update(state);
  return kMemoryAtStart + count.bytes();
}

void MemoryCount::update(const EngineState& state) {
  std::size_t there = 0;
  for (const auto& keys : state.databases) {
    if (keys == nullptr) continue;
    there += keys->size();
    for (const std::string& key : keys->changed_keys()) {
      const Keyspace::Entry* entry = keys->look(key);
      set(keys->number(), key, entry == nullptr ? 0 : memory_of(*entry));
    }
  }
  if (key_count() != there) recount(state);
}

void MemoryCount::recount(const EngineState& state) {
  keys_.clear();
  bytes_ = 0;
  for (const auto& keys : state.databases) {
    for (std::size_t i = 0; keys != nullptr && i < keys->size(); ++i) {
      set(keys->number(), keys->at(i).key, memory_of(keys->at(i)));
    }
  }
}

void MemoryCount::set(std::uint32_t database, const std::string& key, std::int64_t bytes) {
  StringMap<std::int64_t>& keys = keys_[database];
  std::int64_t& counted = keys.insert(key).first->value;
  bytes_ += bytes - counted;
  counted = bytes;
  if (bytes == 0) keys.erase(key);
}

std::size_t MemoryCount::key_count() const {
  std::size_t count = 0;
  for (const auto& [database, keys] : keys_) count += keys.size();
  return count;
}

bool make_room(EngineState& state) {
  if (state.memory_full) return false;
  const bool replica = state.replication.primary.has_value();  // it leaves that to its primary
  if (replica || state.config.maxmemory == 0) return true;
  if (state.memory == nullptr) {
    state.memory = std::make_unique<MemoryCount>();
    state.memory->update(state);
  }
  while (kMemoryAtStart + state.memory->bytes() > state.config.maxmemory) {
    if (state.config.maxmemory_policy == Eviction::noeviction || !evict_one(state)) return false;
    // Each eviction is told on its own, whatever command it made room for.
    state.effects.end();
    state.effects.begin();
    state.memory->update(state);
  }
  return true;
}

}  // namespace firedrill::sim::redis
