#include "sim/redis/stream.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sim/redis/listpack.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

using Length = std::uint32_t;
constexpr std::size_t kLargestNode = 1 << 30;

/// a - b, of counters that anybody may have set to anything.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// The text at `at`, which is moved behind it.
std::string_view read_text(const char*& at) {
  Length length;
  std::memcpy(&length, at, sizeof length);
  const std::string_view text(at + sizeof length, length);
  at += sizeof length + length;
  return text;
}

/// An id as the radix tree has it.
using TreeKey = std::array<unsigned char, 16>;
TreeKey tree_key(StreamId id) {
  TreeKey key;
  for (std::size_t i = 0; i < 8; ++i) {
    key[i] = static_cast<unsigned char>(id.ms >> (56 - 8 * i));
    key[8 + i] = static_cast<unsigned char>(id.seq >> (56 - 8 * i));
  }
  return key;
}

/// The nodes of a radix tree below `depth`, where it holds these keys, which are in order and equal
/// up to there. What all have in common is one node, the byte in which they differ another.
std::size_t tree_nodes(const TreeKey* first, const TreeKey* last, std::size_t depth) {
  std::size_t common = depth;
  while (common < first->size() && (*first)[common] == (*last)[common]) ++common;
  std::size_t count = common > depth ? 2 : 1;
  if (common == first->size()) return count;
  for (const TreeKey* key = first; key <= last;) {
    const TreeKey* group = key;
    while (key <= last && (*key)[common] == (*group)[common]) ++key;
    count += tree_nodes(group, key - 1, common + 1);
  }
  return count;
}

}  // namespace

// --- Nodes ---------------------------------------------------------------------------------------

void Stream::Node::add_text(std::string_view text) {
  const auto length = static_cast<Length>(text.size());
  texts.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
}

std::size_t Stream::Node::size_in_listpack() const {
  return listpack_bytes + listpack_size(static_cast<std::int64_t>(live)) +
         listpack_size(static_cast<std::int64_t>(records.size() - live));
}

bool Stream::Node::has_fields_of(const std::string_view* fields, std::size_t count) const {
  if (count / 2 != field_count) return false;
  const char* at = texts.data();
  for (std::size_t i = 0; i < count; i += 2) {
    if (read_text(at) != fields[i]) return false;
  }
  return true;
}

bool Stream::takes_another(const Node& node, std::size_t bytes,
                           const StreamNodeLimits& limits) const {
  const auto limit = static_cast<std::size_t>(limits.bytes);
  const std::size_t most = limit == 0 || limit > kLargestNode ? kLargestNode : limit;
  if (node.size_in_listpack() + bytes >= most) return false;
  return limits.entries == 0 || node.records.size() < static_cast<std::size_t>(limits.entries);
}

void Stream::begin_node(const std::string_view* fields, std::size_t count) {
  Node& node = nodes_.emplace_back();
  node.field_count = static_cast<std::uint32_t>(count / 2);
  node.listpack_bytes =
      kEmptyListpack + listpack_size(std::int64_t{node.field_count}) + listpack_size(0);
  for (std::size_t i = 0; i < count; i += 2) {
    node.add_text(fields[i]);
    node.listpack_bytes += listpack_size(fields[i]);
  }
}

const StreamId& Stream::Entry::id() const {
  return record_->id;
}

std::vector<std::string_view> Stream::Entry::fields() const {
  std::vector<std::string_view> fields;
  const char* value = node_->texts.data() + record_->begin;
  if (record_->has_fields) {
    fields.reserve(record_->texts);
    for (std::size_t i = 0; i < record_->texts; ++i) fields.push_back(read_text(value));
    return fields;
  }
  fields.reserve(std::size_t{record_->texts} * 2);
  const char* field = node_->texts.data();
  for (std::size_t i = 0; i < record_->texts; ++i) {
    fields.push_back(read_text(field));
    fields.push_back(read_text(value));
  }
  return fields;
}

// --- Writing -------------------------------------------------------------------------------------

void Stream::append(StreamId id, const std::string_view* fields, std::size_t count,
                    const StreamNodeLimits& limits) {
  check(id > last_id_, "stream ids grow");
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += fields[i].size();
  if (nodes_.empty() || !takes_another(nodes_.back(), bytes, limits)) begin_node(fields, count);
  Node& node = nodes_.back();
  check(node.texts.size() + bytes + count * sizeof(Length) < UINT32_MAX, "a node is no giant");

  const bool same = node.has_fields_of(fields, count);
  const auto texts = static_cast<std::uint32_t>(same ? count / 2 : count);
  node.records.push_back(
      {id, static_cast<std::uint32_t>(node.texts.size()), texts & 0x3FFFFFFFU, same ? 0U : 1U, 0U});
  ++node.live;
  const StreamId first = node.id();
  // Flags, the two differences of the id, how many fields, the texts, and how many pieces that is.
  std::size_t size = listpack_size(same ? 2 : 0);
  size += listpack_size(static_cast<std::int64_t>(id.ms - first.ms));
  size += listpack_size(static_cast<std::int64_t>(id.seq - first.seq));
  if (!same) size += listpack_size(static_cast<std::int64_t>(count / 2));
  for (std::size_t i = same ? 1 : 0; i < count; i += same ? 2 : 1) {
    node.add_text(fields[i]);
    size += listpack_size(fields[i]);
  }
  size += listpack_size(static_cast<std::int64_t>(texts) + (same ? 3 : 4));
  node.listpack_bytes += size;

  last_id_ = id;
  ++entries_added_;
  if (++length_ == 1) first_id_ = id;
}

bool Stream::erase(StreamId id) {
  const Place at = place_from(id, true);
  if (at.node == nodes_.size()) return false;
  Node& node = nodes_[at.node];
  Record& record = node.records[at.record];
  if (record.id != id || record.deleted) return false;
  record.deleted = 1;
  --length_;
  if (--node.live == 0) nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(at.node));
  max_deleted_id_ = std::max(max_deleted_id_, id);
  if (id == first_id_) find_first_id();
  return true;
}

std::size_t Stream::trim(const StreamTrim& how) {
  if (how.by == StreamTrim::By::nothing) return 0;
  const bool by_length = how.by == StreamTrim::By::length;
  const std::size_t before = length_;
  while (!nodes_.empty() && (!by_length || length_ > how.length)) {
    Node& node = nodes_.front();
    if (how.limit != 0 && before - length_ + node.live > static_cast<std::size_t>(how.limit)) break;
    const bool goes =
        by_length ? length_ - node.live >= how.length : node.records.back().id < how.min_id;
    if (!goes) {
      // It stays, even where nothing is left in it.
      if (!how.approximately) trim_node(node, how);
      break;
    }
    length_ -= node.live;
    nodes_.pop_front();
  }
  if (length_ != before || length_ == 0) find_first_id();
  return before - length_;
}

void Stream::trim_node(Node& node, const StreamTrim& how) {
  for (Record& record : node.records) {
    const bool stays =
        how.by == StreamTrim::By::length ? length_ <= how.length : record.id >= how.min_id;
    if (stays) return;
    if (record.deleted) continue;
    record.deleted = 1;
    --node.live;
    --length_;
  }
}

void Stream::find_first_id() {
  first_id_ = {};
  visit({}, StreamId::max(), false, [this](const Entry& entry) {
    first_id_ = entry.id();
    return false;
  });
}

// --- Reading -------------------------------------------------------------------------------------

Stream::Place Stream::place_from(StreamId id, bool or_equal) const {
  const auto before = [&](StreamId other) { return or_equal ? other < id : other <= id; };
  const auto node = std::partition_point(nodes_.begin(), nodes_.end(), [&](const Node& each) {
    return before(each.records.back().id);
  });
  if (node == nodes_.end()) return {nodes_.size(), 0};
  const auto record = std::partition_point(node->records.begin(), node->records.end(),
                                           [&](const Record& each) { return before(each.id); });
  return {static_cast<std::size_t>(node - nodes_.begin()),
          static_cast<std::size_t>(record - node->records.begin())};
}

std::optional<Stream::Entry> Stream::find(StreamId id) const {
  const Place at = place_from(id, true);
  if (at.node == nodes_.size()) return std::nullopt;
  const Node& node = nodes_[at.node];
  const Record& record = node.records[at.record];
  if (record.id != id || record.deleted) return std::nullopt;
  return Entry(node, record);
}

StreamId Stream::last_entry_id() const {
  check(length_ > 0, "only a stream with entries has a last one");
  StreamId last;
  visit({}, StreamId::max(), true, [&](const Entry& entry) {
    last = entry.id();
    return false;
  });
  return last;
}

StreamId Stream::oldest_id() const {
  return nodes_.empty() ? StreamId::max() : nodes_.front().id();
}

std::size_t Stream::tree_size() const {
  if (nodes_.empty()) return 1;
  std::vector<TreeKey> keys;
  for (const Node& node : nodes_) keys.push_back(tree_key(node.id()));
  return tree_nodes(&keys.front(), &keys.back(), 0);
}

// --- Groups --------------------------------------------------------------------------------------

StreamGroup* Stream::find_group(std::string_view name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

/// Whether an entry that was deleted may stand at `id` or behind it.
bool Stream::has_deleted_from(StreamId id) const {
  if (length_ == 0 || max_deleted_id_.is_zero() || first_id_ > max_deleted_id_) return false;
  return id <= max_deleted_id_;
}

/// How many entries had been added when `id` was the last one, where that can be told.
std::optional<std::int64_t> Stream::entries_read_at(StreamId id) const {
  const auto added = static_cast<std::int64_t>(entries_added_);
  if (added == 0) return 0;
  if (length_ == 0 && id <= last_id_) return added;
  if (id == last_id_) return added;
  if (id > last_id_) return std::nullopt;
  if (!max_deleted_id_.is_zero() && max_deleted_id_ >= first_id_) return std::nullopt;
  const std::int64_t gone = difference(added, static_cast<std::int64_t>(length_));
  if (id < first_id_) return gone;
  if (id == first_id_) return gone + 1;
  return std::nullopt;
}

void Stream::advance(StreamGroup& group, StreamId id) const {
  if (id <= group.last_id) return;
  if (group.entries_read && !has_deleted_from(id)) {
    group.entries_read = difference(*group.entries_read, -1);
  } else if (entries_added_ != 0) {
    group.entries_read = entries_read_at(id);
  }
  group.last_id = id;
}

std::optional<std::int64_t> Stream::lag_of(const StreamGroup& group) const {
  if (entries_added_ == 0) return 0;
  const auto added = static_cast<std::int64_t>(entries_added_);
  if (group.entries_read && !has_deleted_from(group.last_id))
    return difference(added, *group.entries_read);
  const auto read = entries_read_at(group.last_id);
  if (!read) return std::nullopt;
  return difference(added, *read);
}

}  // namespace firedrill::sim::redis
