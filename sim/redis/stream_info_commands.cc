#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/stream_handlers.h"

// XINFO.

namespace firedrill::sim::redis {

namespace {

/// Names and values of a map.
class Facts {
 public:
  Facts& add(const char* name, RedisReply value) {
    items_.push_back(bulk(name));
    items_.push_back(std::move(value));
    return *this;
  }
  Facts& add(const char* name, std::size_t value) { return add(name, integer(value)); }
  Facts& add(const char* name, StreamId id) { return add(name, stream_id(id)); }
  Facts& add(const char* name, std::optional<std::int64_t> value) {
    return add(name, value ? RedisReply::of(*value) : RedisReply::nil());
  }
  RedisReply reply(const Call& call) { return map(call, std::move(items_)); }

 private:
  std::vector<RedisReply> items_;
};

RedisReply edge(const Stream& stream, bool last) {
  RedisReply edge;
  stream.visit({}, StreamId::max(), last, [&](const Stream::Entry& entry) {
    edge = stream_entry(entry);
    return false;
  });
  return edge;
}

/// The group's pending entries, or those of one consumer: of which nobody needs to say whose.
RedisReply pending_facts(const StreamGroup& group, const StreamGroup::Consumer* consumer,
                         std::size_t count) {
  std::vector<RedisReply> entries;
  for (const auto& [id, pending] : group.pending()) {
    if (count != 0 && entries.size() == count) break;
    if (consumer != nullptr && pending.consumer != consumer) continue;
    std::vector<RedisReply> facts;
    facts.push_back(stream_id(id));
    if (consumer == nullptr) facts.push_back(bulk(pending.consumer->name));
    facts.push_back(RedisReply::of(pending.delivered_ms));
    facts.push_back(integer(pending.deliveries));
    entries.push_back(RedisReply::array(std::move(facts)));
  }
  return RedisReply::array(std::move(entries));
}

RedisReply full_group(const Call& call, const Stream& stream, const std::string& name,
                      const StreamGroup& group, std::size_t count) {
  std::vector<RedisReply> consumers;
  for (const auto& [consumer_name, consumer] : group.consumers()) {
    consumers.push_back(Facts()
                            .add("name", bulk(consumer_name))
                            .add("seen-time", RedisReply::of(consumer.seen_ms))
                            .add("pel-count", consumer.pending.size())
                            .add("pending", pending_facts(group, &consumer, count))
                            .reply(call));
  }
  return Facts()
      .add("name", bulk(name))
      .add("last-delivered-id", group.last_id)
      .add("entries-read", group.entries_read)
      .add("lag", stream.lag_of(group))
      .add("pel-count", group.pending().size())
      .add("pending", pending_facts(group, nullptr, count))
      .add("consumers", RedisReply::array(std::move(consumers)))
      .reply(call);
}

/// FULL [COUNT count]: how many entries of each list (0: all). Nothing where only a summary is
/// wanted.
std::optional<RedisReply> parse_full(Call& call, std::optional<std::size_t>& count) {
  const Arguments options = call.args.subspan(3);
  if (options.empty()) return std::nullopt;
  const bool well_formed = (options.size() == 1 || options.size() == 3) &&
                           equals_ignoring_case(options[0], "full") &&
                           (options.size() == 1 || equals_ignoring_case(options[1], "count"));
  if (!well_formed) return bad_subcommand(call.args);
  constexpr std::size_t kUsual = 10;
  count = kUsual;
  if (options.size() == 1) return std::nullopt;
  const auto parsed = parse_integer(options[2]);
  if (!parsed) return error(errors::kNotInteger);
  if (*parsed >= 0) count = static_cast<std::size_t>(*parsed);
  return std::nullopt;
}

/// The stream of args[2]; a reply where there is none.
std::optional<RedisReply> find_stream(Call& call, Stream** stream) {
  if (!read(call, call.args[2], stream)) return error(errors::kWrongType);
  if (*stream == nullptr) return error(errors::kNoSuchKey);
  return std::nullopt;
}

}  // namespace

RedisReply xinfo_stream(Call& call) {
  Stream* stream;
  if (auto problem = find_stream(call, &stream)) return std::move(*problem);
  std::optional<std::size_t> count;
  if (auto problem = parse_full(call, count)) return std::move(*problem);
  Facts facts;
  facts.add("length", stream->size())
      .add("radix-tree-keys", stream->node_count())
      .add("radix-tree-nodes", stream->tree_size())
      .add("last-generated-id", stream->last_id())
      .add("max-deleted-entry-id", stream->max_deleted_id())
      .add("entries-added", static_cast<std::size_t>(stream->entries_added()))
      .add("recorded-first-entry-id", stream->first_id());
  if (!count) {
    return facts.add("groups", stream->groups().size())
        .add("first-entry", edge(*stream, false))
        .add("last-entry", edge(*stream, true))
        .reply(call);
  }
  std::vector<RedisReply> groups;
  for (const auto& [name, group] : stream->groups()) {
    groups.push_back(full_group(call, *stream, name, group, *count));
  }
  return facts.add("entries", stream_entries(*stream, {}, StreamId::max(), *count))
      .add("groups", RedisReply::array(std::move(groups)))
      .reply(call);
}

RedisReply xinfo_groups(Call& call) {
  Stream* stream;
  if (auto problem = find_stream(call, &stream)) return std::move(*problem);
  std::vector<RedisReply> groups;
  for (const auto& [name, group] : stream->groups()) {
    groups.push_back(Facts()
                         .add("name", bulk(name))
                         .add("consumers", group.consumers().size())
                         .add("pending", group.pending().size())
                         .add("last-delivered-id", group.last_id)
                         .add("entries-read", group.entries_read)
                         .add("lag", stream->lag_of(group))
                         .reply(call));
  }
  return RedisReply::array(std::move(groups));
}

RedisReply xinfo_consumers(Call& call) {
  Stream* stream;
  if (auto problem = find_stream(call, &stream)) return std::move(*problem);
  const StreamGroup* group = stream->find_group(call.args[3]);
  if (group == nullptr) return no_such_group_of_key(call.args[2], call.args[3]);
  std::vector<RedisReply> consumers;
  for (const auto& [name, consumer] : group->consumers()) {
    const std::int64_t idle_ms = call.keys().now_ms() - consumer.seen_ms;
    consumers.push_back(Facts()
                            .add("name", bulk(name))
                            .add("pending", consumer.pending.size())
                            .add("idle", RedisReply::of(std::max<std::int64_t>(idle_ms, 0)))
                            .reply(call));
  }
  return RedisReply::array(std::move(consumers));
}

RedisReply xinfo_help(Call&) {
  return subcommand_help(
      "XINFO", {"CONSUMERS <key> <groupname>", "    Show consumers of <groupname>.", "GROUPS <key>",
                "    Show the stream consumer groups.", "STREAM <key> [FULL [COUNT <count>]",
                "    Show information about the stream."});
}

}  // namespace firedrill::sim::redis
