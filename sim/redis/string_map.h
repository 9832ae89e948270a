#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/domain/check.h"

namespace firedrill::sim::redis {

/// The value of a map that is a set.
struct Nothing {};

/// A hash with a fixed seed: the same in every run, on every machine of one byte order.
inline std::uint32_t hash_of(std::string_view key) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
  std::uint64_t state = key.size() * kMultiplier;
  const char* data = key.data();
  std::size_t left = key.size();
  auto fold = [&state](std::uint64_t word) {
    state = (state ^ word) * kMultiplier;
    state ^= state >> 29;
  };
  for (; left >= 8; left -= 8, data += 8) {
    std::uint64_t word;
    std::memcpy(&word, data, 8);
    fold(word);
  }
  if (left > 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, left);
    fold(word);
  }
  return static_cast<std::uint32_t>(state ^ (state >> 32));
}

/// A map from text to `Value` whose entries lie in one array, in the order of insertion, so that
/// iterating is cheap and the same in every run. Up to kUnindexed entries there is no table.
/// Erasing moves the last entry into the gap; with `KeepsOrder`, while there are at most
/// kOrdered entries, it keeps the order instead.
/// Pointers to entries hold until the next insertion or erasure.
template <class Value, bool KeepsOrder = false>
class StringMap {
 public:
  struct Entry {
    std::string key;
    Value value{};
  };

  static constexpr std::size_t kUnindexed = 8;
  static constexpr std::size_t kOrdered = 128;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Entry& at(std::size_t position) { return entries_[position]; }
  const Entry& at(std::size_t position) const { return entries_[position]; }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }

  /// The position of `key`, or kNowhere.
  std::uint32_t position_of(std::string_view key) const {
    if (slots_.empty()) return scan(key);
    const std::size_t slot = slot_of(key, hash_of(key));
    return slots_[slot].position;
  }

  Entry* find(std::string_view key) {
    const std::uint32_t position = position_of(key);
    return position == kNowhere ? nullptr : &entries_[position];
  }
  const Entry* find(std::string_view key) const {
    const std::uint32_t position = position_of(key);
    return position == kNowhere ? nullptr : &entries_[position];
  }
  bool contains(std::string_view key) const { return position_of(key) != kNowhere; }

  /// The entry of `key` and whether it is new (its value is then Value{}).
  std::pair<Entry*, bool> insert(std::string_view key) {
    if (Entry* entry = find(key)) return {entry, false};
    return {&append(key), true};
  }

  bool erase(std::string_view key) {
    const std::uint32_t position = position_of(key);
    if (position == kNowhere) return false;
    erase_at(position);
    return true;
  }

  /// Unless the order was kept, the entry that was last is now at `position`.
  void erase_at(std::uint32_t position) {
    if (KeepsOrder && entries_.size() <= kOrdered) {
      erase_in_order_at(position);
    } else {
      erase_swapping_at(position);
    }
  }

  /// The entries behind it move up.
  void erase_in_order_at(std::uint32_t position) {
    if (!slots_.empty()) unlink(slot_at(position));
    entries_.erase(entries_.begin() + position);
    for (Slot& slot : slots_) {
      if (slot.position != kNowhere && slot.position > position) --slot.position;
    }
  }

  /// The entry that was last is now at `position`.
  void erase_swapping_at(std::uint32_t position) {
    if (!slots_.empty()) unlink(slot_at(position));
    const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
    if (position != last) {
      if (!slots_.empty()) slots_[slot_at(last)].position = position;
      entries_[position] = std::move(entries_[last]);
    }
    entries_.pop_back();
  }

  void clear() {
    entries_.clear();
    slots_.clear();
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t position = kNowhere;
  };

  std::uint32_t scan(std::string_view key) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].key == key) return static_cast<std::uint32_t>(i);
    }
    return kNowhere;
  }

  std::size_t mask() const { return slots_.size() - 1; }

  /// Where `key` is, or the free slot where it would go.
  std::size_t slot_of(std::string_view key, std::uint32_t hash) const {
    std::size_t slot = hash & mask();
    while (slots_[slot].position != kNowhere &&
           (slots_[slot].hash != hash || entries_[slots_[slot].position].key != key)) {
      slot = (slot + 1) & mask();
    }
    return slot;
  }

  /// The slot that points at `position`, which is occupied.
  std::size_t slot_at(std::uint32_t position) const {
    std::size_t slot = hash_of(entries_[position].key) & mask();
    while (slots_[slot].position != position) slot = (slot + 1) & mask();
    return slot;
  }

  Entry& append(std::string_view key) {
    entries_.push_back(Entry{std::string(key), Value{}});
    if (slots_.empty() ? entries_.size() > kUnindexed : entries_.size() * 2 > slots_.size()) {
      rebuild();
    } else if (!slots_.empty()) {
      link(entries_.size() - 1);
    }
    return entries_.back();
  }

  void link(std::size_t position) {
    const std::uint32_t hash = hash_of(entries_[position].key);
    std::size_t slot = hash & mask();
    while (slots_[slot].position != kNowhere) slot = (slot + 1) & mask();
    slots_[slot] = {hash, static_cast<std::uint32_t>(position)};
  }

  void rebuild() {
    check(entries_.size() < kNowhere / 8, "a map holds less than half a billion entries");
    std::size_t size = 32;
    while (size < entries_.size() * 4) size *= 2;
    slots_.assign(size, Slot{});
    for (std::size_t i = 0; i < entries_.size(); ++i) link(i);
  }

  /// Empties the slot and closes the gap, so that probing needs no tombstones.
  void unlink(std::size_t gap) {
    std::size_t slot = gap;
    for (;;) {
      slot = (slot + 1) & mask();
      if (slots_[slot].position == kNowhere) break;
      const std::size_t home = slots_[slot].hash & mask();
      if (((slot - home) & mask()) >= ((slot - gap) & mask())) {
        slots_[gap] = slots_[slot];
        gap = slot;
      }
    }
    slots_[gap] = Slot{};
  }

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< empty, or a power of two, at most half full
};

}  // namespace firedrill::sim::redis
