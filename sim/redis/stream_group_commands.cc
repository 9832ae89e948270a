#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/stream_handlers.h"

// XGROUP, XACK, XPENDING. What changes a group alone is told to the replicas, but not to those who
// watch the key: so it is in Redis 7.0.

namespace firedrill::sim::redis {

namespace {

struct GroupOptions {
  bool makes_stream = false;
  std::optional<std::int64_t> entries_read;
};

/// From args[5] on; nothing where all is well.
std::optional<RedisReply> parse_group_options(Call& call, bool creates, GroupOptions& options) {
  const Arguments args = call.args;
  for (std::size_t i = 5; i < args.size(); ++i) {
    if (creates && equals_ignoring_case(args[i], "mkstream")) {
      options.makes_stream = true;
    } else if (i + 1 < args.size() && equals_ignoring_case(args[i], "entriesread")) {
      const auto count = parse_integer(args[++i]);
      if (!count) return error(errors::kNotInteger);
      if (*count < -1) return error("ERR value for ENTRIESREAD must be positive or -1");
      options.entries_read = *count == -1 ? std::nullopt : count;
    } else {
      return bad_subcommand(args);
    }
  }
  return std::nullopt;
}

RedisReply needs_key() {
  return error(
      "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
      "use the MKSTREAM option to create an empty stream automatically.");
}

/// The stream of an XGROUP subcommand, and its group where `needs_group`. A reply where there is
/// none.
std::optional<RedisReply> find_group(Call& call, bool needs_group, Stream** stream,
                                     StreamGroup** group) {
  if (!read_group(call, call.args[2], call.args[3], group, stream)) {
    return error(errors::kWrongType);
  }
  if (*stream == nullptr) return needs_key();
  if (needs_group && *group == nullptr) return no_such_group_of_key(call.args[2], call.args[3]);
  return std::nullopt;
}

}  // namespace

RedisReply xgroup_create(Call& call) {
  GroupOptions options;
  if (auto problem = parse_group_options(call, true, options)) return std::move(*problem);
  Stream* stream;
  StreamGroup* group;
  if (!read_group(call, call.args[2], call.args[3], &group, &stream)) {
    return error(errors::kWrongType);
  }
  if (stream == nullptr && !options.makes_stream) return needs_key();
  constexpr std::size_t kMostWords = 8;
  if (call.args.size() > kMostWords) return bad_subcommand(call.args);
  StreamId last;
  if (call.args[4] == "$") {
    if (stream != nullptr) last = stream->last_id();
  } else if (const auto id = parse_stream_id(call.args[4])) {
    last = *id;
  } else {
    return error(kBadStreamId);
  }
  if (stream == nullptr) stream = write<Stream>(call, call.args[2]);
  const auto [added, is_new] =
      stream->groups().try_emplace(std::string(call.args[3]), last, options.entries_read);
  if (!is_new) return error("BUSYGROUP Consumer Group name already exists");
  call.propagate(call.args);
  return ok();
}

RedisReply xgroup_setid(Call& call) {
  GroupOptions options;
  if (auto problem = parse_group_options(call, false, options)) return std::move(*problem);
  Stream* stream;
  StreamGroup* group;
  if (auto problem = find_group(call, true, &stream, &group)) return std::move(*problem);
  if (call.args.size() != 5 && call.args.size() != 7) return bad_subcommand(call.args);
  StreamId last;
  if (call.args[4] == "$") {
    last = stream->last_id();
  } else if (call.args[4] == "+") {
    last = StreamId::max();
  } else if (call.args[4] != "-") {
    const auto id = parse_stream_id(call.args[4]);
    if (!id) return error(kBadStreamId);
    last = *id;
  }
  group->last_id = last;
  group->entries_read = options.entries_read;
  call.propagate(call.args);
  return ok();
}

RedisReply xgroup_destroy(Call& call) {
  Stream* stream;
  StreamGroup* group;
  if (auto problem = find_group(call, false, &stream, &group)) return std::move(*problem);
  if (group == nullptr) return RedisReply::of(0);
  stream->groups().erase(stream->groups().find(call.args[3]));
  call.wake_readers(call.args[2]);
  call.propagate(call.args);
  return RedisReply::of(1);
}

RedisReply xgroup_createconsumer(Call& call) {
  Stream* stream;
  StreamGroup* group;
  if (auto problem = find_group(call, true, &stream, &group)) return std::move(*problem);
  if (group->find_consumer(call.args[4]) != nullptr) return RedisReply::of(0);
  group->add_consumer(call.args[4], call.keys().now_ms());
  call.propagate(call.args);
  return RedisReply::of(1);
}

RedisReply xgroup_delconsumer(Call& call) {
  Stream* stream;
  StreamGroup* group;
  if (auto problem = find_group(call, true, &stream, &group)) return std::move(*problem);
  if (group->find_consumer(call.args[4]) == nullptr) return RedisReply::of(0);
  const std::size_t had = group->erase_consumer(call.args[4]);
  call.propagate(call.args);
  return integer(had);
}

RedisReply xgroup_help(Call&) {
  return subcommand_help(
      "XGROUP",
      {"CREATE <key> <groupname> <id|$> [option]",
       "    Create a new consumer group. Options are:", "    * MKSTREAM",
       "      Create the empty stream if it does not exist.", "    * ENTRIESREAD entries_read",
       "      Set the group's entries_read counter (internal use).",
       "CREATECONSUMER <key> <groupname> <consumer>",
       "    Create a new consumer in the specified group.",
       "DELCONSUMER <key> <groupname> <consumer>", "    Remove the specified consumer.",
       "DESTROY <key> <groupname>", "    Remove the specified group.",
       "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
       "    Set the current group ID and entries_read counter."});
}

RedisReply xack(Call& call) {
  StreamGroup* group;
  if (!read_group(call, call.args[1], call.args[2], &group)) return error(errors::kWrongType);
  if (group == nullptr) return RedisReply::of(0);
  std::vector<StreamId> ids;
  for (const auto text : call.args.subspan(3)) {
    const auto id = parse_stream_id(text);
    if (!id) return error(kBadStreamId);
    ids.push_back(*id);
  }
  std::size_t acknowledged = 0;
  for (const StreamId id : ids) acknowledged += group->acknowledge(id);
  if (acknowledged > 0) call.propagate(call.args);
  return integer(acknowledged);
}

// --- XPENDING ------------------------------------------------------------------------------------

namespace {

struct PendingQuery {
  std::int64_t min_idle_ms = 0;
  StreamId start;
  StreamId end;
  std::int64_t count = 0;
  std::optional<std::string_view> consumer;
};

const char* parse_pending(Arguments args, PendingQuery& query) {
  constexpr std::size_t kFewest = 6;
  constexpr std::size_t kMost = 9;
  if (args.size() < kFewest || args.size() > kMost) return errors::kSyntax;
  std::size_t at = 3;
  if (equals_ignoring_case(args[3], "idle")) {
    const auto idle = parse_integer(args[4]);
    if (!idle) return errors::kNotInteger;
    if (args.size() < kFewest + 2) return errors::kSyntax;
    query.min_idle_ms = *idle;
    at += 2;
  }
  const auto count = parse_integer(args[at + 2]);
  if (!count) return errors::kNotInteger;
  query.count = std::max<std::int64_t>(*count, 0);
  if (const char* problem = parse_stream_end(args[at], true, &query.start)) return problem;
  if (const char* problem = parse_stream_end(args[at + 1], false, &query.end)) return problem;
  if (at + 3 < args.size()) query.consumer = args[at + 3];
  return nullptr;
}

RedisReply pending_summary(const StreamGroup& group) {
  std::vector<RedisReply> summary;
  summary.push_back(integer(group.pending().size()));
  if (group.pending().empty()) {
    summary.resize(3);
    summary.push_back(RedisReply::nil_array());
    return RedisReply::array(std::move(summary));
  }
  summary.push_back(stream_id(group.pending().begin()->first));
  summary.push_back(stream_id(group.pending().rbegin()->first));
  std::vector<RedisReply> consumers;
  for (const auto& [name, consumer] : group.consumers()) {
    if (consumer.pending.empty()) continue;
    consumers.push_back(
        RedisReply::array({bulk(name), bulk(std::to_string(consumer.pending.size()))}));
  }
  summary.push_back(RedisReply::array(std::move(consumers)));
  return RedisReply::array(std::move(summary));
}

RedisReply pending_entries(const StreamGroup& group, const PendingQuery& query,
                           std::int64_t now_ms) {
  std::vector<RedisReply> entries;
  for (auto at = group.pending().lower_bound(query.start);
       at != group.pending().end() && at->first <= query.end &&
       entries.size() < static_cast<std::size_t>(query.count);
       ++at) {
    const auto& [id, pending] = *at;
    const std::int64_t idle_ms = now_ms - pending.delivered_ms;
    if (query.consumer && pending.consumer->name != *query.consumer) continue;
    if (query.min_idle_ms != 0 && idle_ms < query.min_idle_ms) continue;
    entries.push_back(RedisReply::array({stream_id(id), bulk(pending.consumer->name),
                                         RedisReply::of(std::max<std::int64_t>(idle_ms, 0)),
                                         integer(pending.deliveries)}));
  }
  return RedisReply::array(std::move(entries));
}

}  // namespace

RedisReply xpending(Call& call) {
  const bool is_summary = call.args.size() == 3;
  PendingQuery query;
  if (!is_summary) {
    if (const char* problem = parse_pending(call.args, query)) return error(problem);
  }
  StreamGroup* group;
  if (!read_group(call, call.args[1], call.args[2], &group)) return error(errors::kWrongType);
  if (group == nullptr) return no_such_group(call.args[1], call.args[2]);
  if (is_summary) return pending_summary(*group);
  return pending_entries(*group, query, call.keys().now_ms());
}

// --- What group commands share -------------------------------------------------------------------

bool read_group(Call& call, std::string_view key, std::string_view name, StreamGroup** group,
                Stream** stream) {
  *group = nullptr;
  Stream* found;
  if (stream == nullptr) stream = &found;
  if (!read(call, key, stream)) return false;
  if (*stream != nullptr) *group = (*stream)->find_group(name);
  return true;
}

RedisReply no_such_group(std::string_view key, std::string_view group) {
  return RedisReply::error("NOGROUP No such key '" + std::string(key) + "' or consumer group '" +
                           std::string(group) + "'");
}

RedisReply no_such_group_of_key(std::string_view key, std::string_view group) {
  return RedisReply::error("NOGROUP No such consumer group '" + std::string(group) +
                           "' for key name '" + std::string(key) + "'");
}

void propagate_claim(Call& call, std::string_view key, std::string_view group_name,
                     std::string_view id, const StreamGroup& group,
                     const StreamGroup::Pending& pending) {
  if (!call.state.effects.wanted) return;
  const std::string time = std::to_string(pending.delivered_ms);
  const std::string count = std::to_string(static_cast<std::int64_t>(pending.deliveries));
  const std::string last = group.last_id.text();
  call.propagate({"XCLAIM", key, group_name, pending.consumer->name, "0", id, "TIME", time,
                  "RETRYCOUNT", count, "FORCE", "JUSTID", "LASTID", last});
}

void propagate_group_id(Call& call, std::string_view key, std::string_view group_name,
                        const StreamGroup& group) {
  if (!call.state.effects.wanted) return;
  const std::string last = group.last_id.text();
  const std::string read = std::to_string(group.entries_read.value_or(-1));
  call.propagate({"XGROUP", "SETID", key, group_name, last, "ENTRIESREAD", read});
}

}  // namespace firedrill::sim::redis
