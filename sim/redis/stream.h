#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/stream_group.h"
#include "sim/redis/stream_id.h"

namespace firedrill::sim::redis {

/// When an entry begins a new node of a stream; 0: never.
struct StreamNodeLimits {
  std::int64_t entries = 100;  ///< stream-node-max-entries
  std::int64_t bytes = 4096;   ///< stream-node-max-bytes, in a listpack
};

/// How a stream is trimmed, from its beginning.
struct StreamTrim {
  enum class By : std::uint8_t { nothing, length, id };
  By by = By::nothing;
  bool approximately = false;  ///< whole nodes only
  std::int64_t limit = 0;      ///< erases no node that makes it more than this; 0: no limit
  std::uint64_t length = 0;    ///< by length: how many entries stay
  StreamId min_id{};           ///< by id: the least that stays
};

/// An append-only log of entries with growing ids, and its consumer groups. A value: copies are
/// deep.
///
/// Entries lie in nodes, as in Redis, because it shows: "~" trims by whole nodes. An entry that is
/// deleted stays in its node, unseen, until all of the node goes.
class Stream {
  struct Node;
  struct Record;

 public:
  /// What reads an entry; holds until the stream's next change.
  class Entry {
   public:
    const StreamId& id() const;
    /// Field, value, field, value... as they were given.
    std::vector<std::string_view> fields() const;

   private:
    friend class Stream;
    Entry(const Node& node, const Record& record) : node_(&node), record_(&record) {}
    const Node* node_;
    const Record* record_;
  };

  using Groups = std::map<std::string, StreamGroup, std::less<>>;

  std::size_t size() const { return length_; }
  const StreamId& last_id() const { return last_id_; }
  /// Of the first entry that is there; 0-0 where none is.
  const StreamId& first_id() const { return first_id_; }
  /// The greatest that XDEL has deleted.
  const StreamId& max_deleted_id() const { return max_deleted_id_; }
  /// In the stream's whole life.
  std::uint64_t entries_added() const { return entries_added_; }
  std::size_t node_count() const { return nodes_.size(); }
  /// How many nodes the radix tree has in which Redis keeps the stream's own nodes.
  std::size_t tree_size() const;

  /// `id` is greater than last_id(); `count` texts: fields and values by turns.
  void append(StreamId id, const std::string_view* fields, std::size_t count,
              const StreamNodeLimits& limits);
  bool erase(StreamId id);
  /// How many entries went.
  std::size_t trim(const StreamTrim& how);
  /// XSETID; the caller has checked that it fits.
  void set_last_id(StreamId id) { last_id_ = id; }
  void set_entries_added(std::uint64_t count) { entries_added_ = count; }
  void set_max_deleted_id(StreamId id) { max_deleted_id_ = id; }

  /// Calls visit(Entry) for the entries of ids [first, last], in order or from the last to the
  /// first, while it returns true.
  template <class Visit>
  void visit(StreamId first, StreamId last, bool reverse, Visit&& visit) const;
  std::optional<Entry> find(StreamId id) const;
  /// Of the last entry that is there (last_id() may be greater); the stream is not empty.
  StreamId last_entry_id() const;
  /// Of the oldest entry in memory, deleted or not; max() where there is none.
  StreamId oldest_id() const;

  Groups& groups() { return groups_; }
  const Groups& groups() const { return groups_; }
  StreamGroup* find_group(std::string_view name);

  /// Moves the group on to an entry that it now reads.
  void advance(StreamGroup& group, StreamId id) const;
  /// How many entries the group has yet to read; nothing where deletions hide it.
  std::optional<std::int64_t> lag_of(const StreamGroup& group) const;

 private:
  struct Record {
    StreamId id;
    std::uint32_t begin;           ///< of its texts, in the node's
    std::uint32_t texts : 30;      ///< how many: of fields and values, or of values alone
    std::uint32_t has_fields : 1;  ///< its fields are not those of the node
    std::uint32_t deleted : 1;
  };

  struct Node {
    std::vector<Record> records;  ///< by id, never empty
    std::string texts;            ///< each after its length (4 bytes); the node's fields first
    std::uint32_t field_count = 0;
    std::size_t live = 0;            ///< records that are not deleted
    std::size_t listpack_bytes = 0;  ///< as Redis keeps it, without the two counts

    StreamId id() const { return records.front().id; }
    std::size_t size_in_listpack() const;
    bool has_fields_of(const std::string_view* fields, std::size_t count) const;
    void add_text(std::string_view text);
  };

  struct Place {
    std::size_t node = 0;
    std::size_t record = 0;
  };

  bool takes_another(const Node& node, std::size_t bytes, const StreamNodeLimits& limits) const;
  void begin_node(const std::string_view* fields, std::size_t count);
  /// The first record, deleted or not, whose id is `id` or (`or_equal` is false) greater.
  Place place_from(StreamId id, bool or_equal) const;
  void trim_node(Node& node, const StreamTrim& how);
  void find_first_id();
  bool has_deleted_from(StreamId id) const;
  std::optional<std::int64_t> entries_read_at(StreamId id) const;

  std::deque<Node> nodes_;
  Groups groups_;
  std::size_t length_ = 0;
  StreamId last_id_;
  StreamId first_id_;
  StreamId max_deleted_id_;
  std::uint64_t entries_added_ = 0;
};

template <class Visit>
void Stream::visit(StreamId first, StreamId last, bool reverse, Visit&& visit) const {
  Place at = place_from(reverse ? last : first, !reverse);
  for (;;) {
    if (reverse) {
      if (at.record == 0) {
        if (at.node == 0) return;
        at.record = nodes_[--at.node].records.size();
      }
      --at.record;
    } else if (at.node == nodes_.size()) {
      return;
    }
    const Node& node = nodes_[at.node];
    const Record& record = node.records[at.record];
    if (reverse ? record.id < first : record.id > last) return;
    if (!record.deleted && !visit(Entry(node, record))) return;
    if (!reverse && ++at.record == node.records.size()) at = {at.node + 1, 0};
  }
}

}  // namespace firedrill::sim::redis
