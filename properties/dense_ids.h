#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

namespace firedrill::properties {

/// A small number for a name: 0, 1, 2, ... in order of first appearance.
using Id = std::uint32_t;
inline constexpr Id kNoId = std::numeric_limits<Id>::max();

/// Two numbers as one key.
constexpr std::uint64_t both(Id left, Id right) {
  return std::uint64_t{left} << 32 | right;
}

/// Gives numbers to keys. A hash table that nobody can iterate, so that no order of it can leak:
/// the numbers depend on the order of the calls alone. Views must outlive it.
template <class Key>
class DenseIds {
 public:
  explicit DenseIds(std::size_t expected = 128) : slots_(std::bit_ceil(2 * expected + 2)) {
    keys_.reserve(expected);
  }

  /// The number of the key; a new one where it has none.
  Id of(Key key) {
    if (2 * (keys_.size() + 1) > slots_.size()) grow();
    const std::uint32_t tag = tag_of(key);
    Slot& slot = slot_of(key, tag);
    if (slot.id == kNoId) {
      slot = {tag, static_cast<Id>(keys_.size())};
      keys_.push_back(key);
    }
    return slot.id;
  }

  Key operator[](Id id) const { return keys_[id]; }
  std::size_t size() const { return keys_.size(); }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    Id id = kNoId;
  };

  static constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;

  static std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    return hash ^ (hash >> 32);
  }

  static std::uint32_t tag_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(mix(kOdd, key));
  }

  static std::uint32_t tag_of(std::string_view key) {
    std::uint64_t hash = mix(kOdd, key.size());
    while (key.size() >= sizeof(std::uint64_t)) {
      hash = mix(hash, word_of(key.substr(0, sizeof(std::uint64_t))));
      key.remove_prefix(sizeof(std::uint64_t));
    }
    return static_cast<std::uint32_t>(mix(hash, word_of(key)));
  }

  static std::uint64_t word_of(std::string_view bytes) {
    std::uint64_t word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    return word;
  }

  /// Where the key is, or the empty slot where it belongs.
  Slot& slot_of(Key key, std::uint32_t tag) {
    std::size_t index = tag & (slots_.size() - 1);
    while (slots_[index].id != kNoId &&
           (slots_[index].tag != tag || keys_[slots_[index].id] != key)) {
      index = (index + 1) & (slots_.size() - 1);
    }
    return slots_[index];
  }

  void grow() {
    slots_.assign(2 * slots_.size(), Slot{});
    for (Id id = 0; id < keys_.size(); ++id) {
      const std::uint32_t tag = tag_of(keys_[id]);
      slot_of(keys_[id], tag) = {tag, id};
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::vector<Key> keys_;
};

}  // namespace firedrill::properties
