#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/stream_handlers.h"

// XREAD, XREADGROUP.

namespace firedrill::sim::redis {

namespace {

/// What is to be read.
struct Reading {
  bool in_group = false;  ///< XREADGROUP
  std::string_view group_name;
  std::string_view consumer_name;
  bool has_group = false;
  bool without_ack = false;
  std::size_t count = 0;       ///< of each stream; 0: all
  std::int64_t block_ms = -1;  ///< -1: does not wait, 0: for ever
  std::size_t streams_at = 0;  ///< where in the command the keys begin
  std::size_t streams = 0;
  std::vector<StreamId> after;  ///< of each stream; max(): what the group has not read yet (">")

  std::string_view key(const Call& call, std::size_t i) const { return call.args[streams_at + i]; }
  std::string_view id(const Call& call, std::size_t i) const {
    return call.args[streams_at + streams + i];
  }
  bool is_new(std::size_t i) const { return in_group && after[i] == StreamId::max(); }
};

/// BLOCK's milliseconds.
const char* parse_block(std::string_view text, std::int64_t& block_ms) {
  constexpr std::int64_t kForEver = INT64_MAX / 2;
  const auto ms = parse_integer(text);
  if (!ms) return "ERR timeout is not an integer or out of range";
  if (*ms < 0) return "ERR timeout is negative";
  block_ms = std::min(*ms, kForEver);
  return nullptr;
}

std::optional<RedisReply> parse_block_option(Call& call, std::string_view text, Reading& reading) {
  if (call.state.in_script) {
    return RedisReply::error("ERR " + std::string(call.args[0]) +
                             " command is not allowed with BLOCK option from scripts");
  }
  const char* problem = parse_block(text, reading.block_ms);
  if (problem == nullptr) return std::nullopt;
  return error(problem);
}

const char* parse_streams(Arguments args, std::size_t at, Reading& reading) {
  const std::size_t words = args.size() - at;
  if (words % 2 != 0) {
    return "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be "
           "specified.";
  }
  reading.streams_at = at;
  reading.streams = words / 2;
  return nullptr;
}

/// An option of XREADGROUP alone at args[at], which is moved to its last word.
const char* parse_group_option(Arguments args, std::size_t& at, Reading& reading) {
  if (equals_ignoring_case(args[at], "noack")) {
    if (!reading.in_group) {
      return "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
    }
    reading.without_ack = true;
    return nullptr;
  }
  if (!equals_ignoring_case(args[at], "group") || at + 2 >= args.size()) return errors::kSyntax;
  if (!reading.in_group) {
    return "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
  }
  reading.has_group = true;
  reading.group_name = args[at + 1];
  reading.consumer_name = args[at + 2];
  at += 2;
  return nullptr;
}

/// Everything before the keys; nothing where all is well.
std::optional<RedisReply> parse_options(Call& call, Reading& reading) {
  const Arguments args = call.args;
  for (std::size_t i = 1; i < args.size() && reading.streams_at == 0; ++i) {
    const bool has_more = i + 1 < args.size();
    const char* problem = nullptr;
    if (has_more && equals_ignoring_case(args[i], "block")) {
      if (auto refused = parse_block_option(call, args[++i], reading)) return refused;
    } else if (has_more && equals_ignoring_case(args[i], "count")) {
      const auto count = parse_integer(args[++i]);
      if (!count) return error(errors::kNotInteger);
      reading.count = static_cast<std::size_t>(std::max<std::int64_t>(*count, 0));
    } else if (has_more && equals_ignoring_case(args[i], "streams")) {
      problem = parse_streams(args, i + 1, reading);
    } else {
      problem = parse_group_option(args, i, reading);
    }
    if (problem != nullptr) return error(problem);
  }
  if (reading.streams_at == 0) return error(errors::kSyntax);
  if (reading.in_group && !reading.has_group) {
    return error("ERR Missing GROUP option for XREADGROUP");
  }
  return std::nullopt;
}

RedisReply no_group_to_read(std::string_view key, std::string_view group) {
  return RedisReply::error("NOGROUP No such key '" + std::string(key) + "' or consumer group '" +
                           std::string(group) + "' in XREADGROUP with GROUP option");
}

/// The id after which the stream is read.
std::optional<RedisReply> parse_after(std::string_view text, const Stream* stream,
                                      Reading& reading) {
  StreamId after;
  if (text == "$") {
    if (reading.in_group) {
      return error(
          "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history "
          "of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ "
          "ID would just return an empty result set.");
    }
    if (stream != nullptr) after = stream->last_id();
  } else if (text == ">") {
    if (!reading.in_group) {
      return error(
          "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
          "<consumer> option.");
    }
    after = StreamId::max();
  } else {
    const auto id = parse_stream_id(text);
    if (!id) return error(kBadStreamId);
    after = *id;
  }
  reading.after.push_back(after);
  return std::nullopt;
}

/// Checks each stream and its group, and reads its id.
std::optional<RedisReply> parse_ids(Call& call, Reading& reading) {
  for (std::size_t i = 0; i < reading.streams; ++i) {
    const std::string_view key = reading.key(call, i);
    Stream* stream;
    if (!read(call, key, &stream)) return error(errors::kWrongType);
    if (reading.in_group) {
      const bool is_there = stream != nullptr && stream->find_group(reading.group_name) != nullptr;
      if (!is_there) return no_group_to_read(key, reading.group_name);
    }
    if (auto problem = parse_after(reading.id(call, i), stream, reading)) return problem;
  }
  return std::nullopt;
}

// --- Reading -------------------------------------------------------------------------------------

/// The reader as a consumer of the group; made where it is not there.
StreamGroup::Consumer& consumer_of(Call& call, const Reading& reading, std::string_view key,
                                   StreamGroup& group) {
  const std::int64_t now_ms = call.keys().now_ms();
  StreamGroup::Consumer* consumer = group.find_consumer(reading.consumer_name);
  if (consumer != nullptr) {
    consumer->seen_ms = now_ms;
    return *consumer;
  }
  // Otherwise the XCLAIM of what it gets makes it on the replicas. (One that reads its history
  // first, which is empty, is unknown to them: so it is in Redis 7.0.)
  if (reading.without_ack) {
    call.propagate({"XGROUP", "CREATECONSUMER", key, reading.group_name, reading.consumer_name});
  }
  return group.add_consumer(reading.consumer_name, now_ms);
}

/// What the consumer has pending. Replicas are not told that it was delivered once more.
RedisReply read_history(Call& call, const Stream& stream, StreamGroup& group,
                        const StreamGroup::Consumer& consumer, StreamId first, std::size_t count) {
  std::vector<RedisReply> entries;
  for (auto at = consumer.pending.lower_bound(first);
       at != consumer.pending.end() && (count == 0 || entries.size() < count); ++at) {
    const auto entry = stream.find(*at);
    if (!entry) {
      entries.push_back(RedisReply::array({stream_id(*at), RedisReply::nil_array()}));
      continue;
    }
    StreamGroup::Pending& pending = *group.find_pending(*at);
    pending.delivered_ms = call.keys().now_ms();
    ++pending.deliveries;
    entries.push_back(stream_entry(*entry));
  }
  return RedisReply::array(std::move(entries));
}

/// What the group has not read yet: from now on pending with the consumer, unless NOACK.
RedisReply deliver(Call& call, const Reading& reading, std::string_view key, const Stream& stream,
                   StreamGroup& group, StreamGroup::Consumer& consumer, std::size_t count) {
  std::vector<RedisReply> entries;
  const auto first = group.last_id.next();
  if (!first) return RedisReply::array();
  stream.visit(*first, StreamId::max(), false, [&](const Stream::Entry& entry) {
    stream.advance(group, entry.id());
    if (!reading.without_ack) {
      StreamGroup::Pending& pending = group.assign(entry.id(), consumer);
      pending.delivered_ms = call.keys().now_ms();
      pending.deliveries = 1;
      if (call.state.effects.wanted) {
        propagate_claim(call, key, reading.group_name, entry.id().text(), group, pending);
      }
    }
    entries.push_back(stream_entry(entry));
    return entries.size() != count;
  });
  if (reading.without_ack && !entries.empty()) {
    propagate_group_id(call, key, reading.group_name, group);
  }
  return RedisReply::array(std::move(entries));
}

RedisReply entries_after(const Stream& stream, StreamId after, std::size_t count) {
  const auto first = after.next();
  if (!first) return RedisReply::array();
  return stream_entries(stream, *first, StreamId::max(), count);
}

/// What there is for the reader in the stream; nothing where there is nothing.
std::optional<RedisReply> read_stream(Call& call, const Reading& reading, std::size_t i) {
  const std::string_view key = reading.key(call, i);
  Stream* stream;
  if (!read(call, key, &stream) || stream == nullptr) return std::nullopt;
  const bool empty = stream->size() == 0;
  if (!reading.in_group) {
    if (empty || stream->last_entry_id() <= reading.after[i]) return std::nullopt;
    return entries_after(*stream, reading.after[i], reading.count);
  }
  StreamGroup& group = *stream->find_group(reading.group_name);
  if (!reading.is_new(i)) {
    const StreamGroup::Consumer& consumer = consumer_of(call, reading, key, group);
    const auto first = reading.after[i].next();
    return read_history(call, *stream, group, consumer, *first, reading.count);
  }
  if (empty || stream->last_entry_id() <= group.last_id) return std::nullopt;
  StreamGroup::Consumer& consumer = consumer_of(call, reading, key, group);
  return deliver(call, reading, key, *stream, group, consumer, reading.count);
}

/// Key and entries: a pair of RESP2, an entry of RESP3's map.
void add_stream(const Call& call, std::vector<RedisReply>& items, std::string_view key,
                RedisReply entries) {
  if (call.resp3()) {
    items.push_back(bulk(key));
    items.push_back(std::move(entries));
  } else {
    std::vector<RedisReply> pair;
    pair.push_back(bulk(key));
    pair.push_back(std::move(entries));
    items.push_back(RedisReply::array(std::move(pair)));
  }
}

// --- Waiting -------------------------------------------------------------------------------------

RedisReply wait(Call& call, const Reading& reading) {
  std::vector<std::string> words(call.args.begin(), call.args.end());
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < reading.streams; ++i) {
    keys.emplace_back(reading.key(call, i));
    // "$" is the end of the stream as it is now.
    if (!reading.in_group)
      words[reading.streams_at + reading.streams + i] = reading.after[i].text();
  }
  return block(call, std::move(keys), reading.block_ms, std::move(words));
}

RedisReply wait_on(Call& call) {
  return block(call, {}, 0);
}

/// The key that the reader waits for has changed: what it gets now. (A stream that has grown and
/// lost the new entries again answers with no entries.)
RedisReply read_when_ready(Call& call, const Reading& reading) {
  const std::string key(call.state.ready_key);
  std::size_t i = 0;
  while (reading.key(call, i) != key) ++i;
  Stream* stream;
  const bool is_stream = read(call, key, &stream) && stream != nullptr;
  if (!is_stream) {
    if (!reading.in_group) return wait_on(call);
    return error("UNBLOCKED the stream key no longer exists");
  }
  constexpr std::size_t kMost = 1000;
  const std::size_t count = reading.count == 0 ? kMost : reading.count;
  std::vector<RedisReply> items;
  if (reading.in_group) {
    StreamGroup* group = stream->find_group(reading.group_name);
    if (group == nullptr) {
      return error("NOGROUP the consumer group this client was blocked on no longer exists");
    }
    if (stream->last_id() <= group->last_id) return wait_on(call);
    StreamGroup::Consumer& consumer = consumer_of(call, reading, key, *group);
    add_stream(call, items, key, deliver(call, reading, key, *stream, *group, consumer, count));
  } else {
    const auto after = parse_stream_id(reading.id(call, i));
    if (stream->last_id() <= *after) return wait_on(call);
    add_stream(call, items, key, entries_after(*stream, *after, count));
  }
  return map(call, std::move(items));
}

RedisReply read_streams(Call& call, bool in_group) {
  Reading reading;
  reading.in_group = in_group;
  if (auto problem = parse_options(call, reading)) return std::move(*problem);
  call.propagate_nothing();  // but for what is told below
  if (call.state.retrying) return read_when_ready(call, reading);
  if (auto problem = parse_ids(call, reading)) return std::move(*problem);
  std::vector<RedisReply> items;
  for (std::size_t i = 0; i < reading.streams; ++i) {
    if (auto entries = read_stream(call, reading, i)) {
      add_stream(call, items, reading.key(call, i), std::move(*entries));
    }
  }
  if (!items.empty()) return map(call, std::move(items));
  if (reading.block_ms == -1) return RedisReply::nil_array();
  return wait(call, reading);
}

}  // namespace

RedisReply xread(Call& call) {
  return read_streams(call, false);
}
RedisReply xreadgroup(Call& call) {
  return read_streams(call, true);
}

void xread_keys(Arguments args, std::vector<std::size_t>& positions) {
  std::size_t at = 1;
  for (; at < args.size() && !equals_ignoring_case(args[at], "streams"); ++at) {
    if (equals_ignoring_case(args[at], "block") || equals_ignoring_case(args[at], "count")) {
      ++at;
    } else if (equals_ignoring_case(args[at], "group")) {
      at += 2;
    } else if (!equals_ignoring_case(args[at], "noack")) {
      return;
    }
  }
  const std::size_t words = at < args.size() ? args.size() - at - 1 : 0;
  if (words % 2 != 0) return;
  for (std::size_t i = 0; i < words / 2; ++i) positions.push_back(at + 1 + i);
}

}  // namespace firedrill::sim::redis
