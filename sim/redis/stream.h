#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::sim::redis {

struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  friend auto operator<=>(const StreamId&, const StreamId&) = default;
  static constexpr StreamId max() { return {UINT64_MAX, UINT64_MAX}; }
  std::string text() const { return std::to_string(ms) + "-" + std::to_string(seq); }
};

/// An append-only log of entries with growing ids. Consumer groups come with the whole command set.
class Stream {
 public:
  class Entry {
   public:
    Entry(StreamId id, const std::string_view* fields, std::size_t count);
    const StreamId& id() const { return id_; }
    /// Field, value, field, value... as they were given; the views hold as long as the entry.
    std::vector<std::string_view> fields() const;

   private:
    StreamId id_;
    std::uint32_t count_;
    std::string packed_;  ///< each text after its length (4 bytes): one allocation an entry
  };

  std::size_t size() const { return entries_.size(); }
  const StreamId& last_id() const { return last_id_; }
  const std::deque<Entry>& entries() const { return entries_; }

  /// `id` is greater than last_id().
  void append(StreamId id, const std::string_view* fields, std::size_t count);
  bool erase(StreamId id);
  /// Erases the oldest entries until `length` are left.
  void trim_to(std::size_t length);
  /// How many entries have an id below `id`.
  std::size_t count_below(StreamId id) const;

 private:
  std::deque<Entry> entries_;
  StreamId last_id_;
};

}  // namespace firedrill::sim::redis
