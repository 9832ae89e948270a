#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/stream_handlers.h"

namespace firedrill::sim::redis {

namespace {

constexpr const char* kSmallId =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";

StreamNodeLimits node_limits(const Call& call) {
  const Config& config = call.state.config;
  return {config.stream_node_max_entries, config.stream_node_max_bytes};
}

// --- XADD and XTRIM ------------------------------------------------------------------------------

/// What XADD and XTRIM are told.
struct AddOptions {
  bool creates = true;
  StreamTrim trim;
  bool has_limit = false;
  std::size_t threshold_at = 0;  ///< where in the command MAXLEN's or MINID's argument stands
  std::size_t id_at = 0;         ///< where the new entry's id stands
  NewStreamId id;
};

/// Reads "MAXLEN|MINID [=|~] threshold" at `at`, which is moved to the threshold. Null where all is
/// well.
const char* parse_threshold(Arguments args, std::size_t& at, AddOptions& options) {
  StreamTrim& trim = options.trim;
  if (trim.by != StreamTrim::By::nothing) {
    return "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
  }
  const bool by_length = equals_ignoring_case(args[at], "maxlen");
  ++at;
  if (at + 1 < args.size() && (args[at] == "~" || args[at] == "=")) {
    trim.approximately = args[at] == "~";
    ++at;
  }
  if (by_length) {
    const auto length = parse_integer(args[at]);
    if (!length) return errors::kNotInteger;
    if (*length < 0) return "ERR The MAXLEN argument must be >= 0.";
    trim.length = static_cast<std::uint64_t>(*length);
  } else {
    const auto id = parse_stream_id(args[at]);
    if (!id) return kBadStreamId;
    trim.min_id = *id;
  }
  trim.by = by_length ? StreamTrim::By::length : StreamTrim::By::id;
  options.threshold_at = at;
  return nullptr;
}

const char* parse_limit(std::string_view text, AddOptions& options) {
  const auto limit = parse_integer(text);
  if (!limit) return errors::kNotInteger;
  if (*limit < 0) return "ERR The LIMIT argument must be >= 0.";
  options.has_limit = true;
  options.trim.limit = *limit;
  return nullptr;
}

/// Reads the options up to the new entry's id (XADD) or the end (XTRIM).
const char* parse_options(Arguments args, bool adds, AddOptions& options) {
  std::size_t at = 2;
  for (; at < args.size(); ++at) {
    const bool has_more = at + 1 < args.size();
    const char* problem = nullptr;
    if (adds && args[at] == "*") {
      options.id.whole_is_automatic = true;
      break;
    } else if (has_more && (equals_ignoring_case(args[at], "maxlen") ||
                            equals_ignoring_case(args[at], "minid"))) {
      problem = parse_threshold(args, at, options);
    } else if (has_more && equals_ignoring_case(args[at], "limit")) {
      problem = parse_limit(args[++at], options);
    } else if (adds && equals_ignoring_case(args[at], "nomkstream")) {
      options.creates = false;
    } else if (adds) {
      const auto id = parse_new_stream_id(args[at]);
      if (!id) return kBadStreamId;
      options.id = *id;
      break;
    } else {
      return errors::kSyntax;
    }
    if (problem != nullptr) return problem;
  }
  options.id_at = at;
  return nullptr;
}

/// Whether LIMIT fits the rest, and what it is where it was not given.
const char* settle_limit(const Call& call, bool adds, AddOptions& options) {
  StreamTrim& trim = options.trim;
  const bool trims = trim.by != StreamTrim::By::nothing;
  if (trim.limit != 0 && !trims) {
    return "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
  }
  if (!adds && !trims) {
    return "ERR syntax error, XTRIM must be called with a trimming strategy";
  }
  if (call.session.is(Session::kFromPrimary)) {
    trim.limit = 0;  // what it was told is exact
  } else if (options.has_limit) {
    if (trim.approximately) return nullptr;
    return "ERR syntax error, LIMIT cannot be used without the special ~ option";
  } else if (trim.approximately) {
    constexpr std::int64_t kLargest = 1'000'000;
    const std::int64_t entries = call.state.config.stream_node_max_entries;
    trim.limit = entries <= 0 ? 10'000 : std::min(entries, kLargest / 100) * 100;
  }
  return nullptr;
}

const char* parse_add(const Call& call, bool adds, AddOptions& options) {
  if (const char* problem = parse_options(call.args, adds, options)) return problem;
  return settle_limit(call, adds, options);
}

/// The id of the entry to come after `last`; nothing where there is none.
std::optional<StreamId> choose_id(const NewStreamId& wanted, StreamId last, std::int64_t now_ms) {
  if (wanted.whole_is_automatic) {
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 0));
    return now > last.ms ? std::optional(StreamId{now, 0}) : last.next();
  }
  if (wanted.seq_is_automatic && wanted.id.ms == last.ms) {
    if (last.seq == UINT64_MAX) return std::nullopt;
    return StreamId{last.ms, last.seq + 1};
  }
  return wanted.id > last ? std::optional(wanted.id) : std::nullopt;
}

/// Tells the effect: the id that was chosen, and what "~" came to.
void propagate_added(Call& call, const AddOptions& options, const Stream& stream,
                     std::string_view id) {
  if (!call.state.effects.wanted) return;
  std::vector<std::string_view> words(call.args.begin(), call.args.end());
  if (!id.empty()) words[options.id_at] = id;
  std::string threshold;
  if (options.trim.approximately) {
    threshold = options.trim.by == StreamTrim::By::length ? std::to_string(stream.size())
                                                          : stream.oldest_id().text();
    words[options.threshold_at - 1] = "=";
    words[options.threshold_at] = threshold;
  }
  call.propagate(Arguments(words));
}

/// The entry's id, or why there is none.
const char* new_entry_id(const Call& call, const NewStreamId& wanted, const Stream* stream,
                         StreamId* id) {
  const StreamId last = stream == nullptr ? StreamId{} : stream->last_id();
  if (last == StreamId::max()) {
    return "ERR The stream has exhausted the last possible ID, unable to add more items";
  }
  const auto chosen = choose_id(wanted, last, call.keys().now_ms());
  if (!chosen) return kSmallId;
  *id = *chosen;
  return nullptr;
}

}  // namespace

RedisReply xadd(Call& call) {
  AddOptions options;
  if (const char* problem = parse_add(call, true, options)) return error(problem);
  const std::size_t first = std::min(options.id_at + 1, call.args.size());
  const Arguments fields = call.args.subspan(first);
  if (fields.empty() || fields.size() % 2 != 0) return wrong_arity("xadd");
  const bool is_given = !options.id.whole_is_automatic && !options.id.seq_is_automatic;
  if (is_given && options.id.id.is_zero()) {
    return error("ERR The ID specified in XADD must be greater than 0-0");
  }
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  Stream* stream = nullptr;
  if (entry != nullptr) {
    auto* held = std::get_if<std::unique_ptr<Stream>>(&entry->value.value);
    if (held == nullptr) return error(errors::kWrongType);
    stream = held->get();
  } else if (!options.creates) {
    return RedisReply::nil();
  }
  StreamId id;
  if (const char* problem = new_entry_id(call, options.id, stream, &id)) return error(problem);
  if (entry == nullptr) {
    entry = &call.keys().put(call.args[1], std::make_unique<Stream>());
    stream = std::get<std::unique_ptr<Stream>>(entry->value.value).get();
  }
  call.keys().changed(*entry);
  stream->append(id, fields.data(), fields.size(), node_limits(call));
  stream->trim(options.trim);
  RedisReply reply = stream_id(id);
  if (!is_given || options.trim.approximately) {
    // An id that was given stays as it was spelt.
    propagate_added(call, options, *stream, is_given ? std::string_view() : reply.text);
  }
  call.wake_readers(call.args[1]);
  return reply;
}

RedisReply xtrim(Call& call) {
  AddOptions options;
  if (const char* problem = parse_add(call, false, options)) return error(problem);
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return RedisReply::of(0);
  const std::size_t gone = stream->trim(options.trim);
  if (gone == 0) return RedisReply::of(0);
  mark_changed(call, call.args[1]);
  if (options.trim.approximately) propagate_added(call, options, *stream, {});
  return integer(gone);
}

// --- Others --------------------------------------------------------------------------------------

RedisReply xlen(Call& call) {
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  return integer(stream == nullptr ? 0 : stream->size());
}

namespace {

/// COUNT, as often as it is given: -1 where it is not.
const char* parse_count(Arguments words, std::int64_t& count) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 >= words.size() || !equals_ignoring_case(words[i], "count")) return errors::kSyntax;
    const auto parsed = parse_integer(words[i + 1]);
    if (!parsed) return errors::kNotInteger;
    count = std::max<std::int64_t>(*parsed, 0);
  }
  return nullptr;
}

RedisReply range(Call& call, bool reverse) {
  StreamId start, end;
  if (const char* problem = parse_stream_end(call.args[reverse ? 3 : 2], true, &start)) {
    return error(problem);
  }
  if (const char* problem = parse_stream_end(call.args[reverse ? 2 : 3], false, &end)) {
    return error(problem);
  }
  std::int64_t count = -1;
  if (const char* problem = parse_count(call.args.subspan(4), count)) return error(problem);
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return RedisReply::array();
  if (count == 0) return RedisReply::nil_array();
  return stream_entries(*stream, start, end, static_cast<std::size_t>(std::max(count, INT64_C(0))),
                        reverse);
}

}  // namespace

RedisReply xrange(Call& call) {
  return range(call, false);
}
RedisReply xrevrange(Call& call) {
  return range(call, true);
}

RedisReply xdel(Call& call) {
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return RedisReply::of(0);
  std::vector<StreamId> ids;
  for (const auto text : call.args.subspan(2)) {
    const auto id = parse_stream_id(text);
    if (!id) return error(kBadStreamId);
    ids.push_back(*id);
  }
  std::size_t gone = 0;
  for (const StreamId id : ids) gone += stream->erase(id);
  if (gone > 0) mark_changed(call, call.args[1]);  // an empty stream stays
  return integer(gone);
}

namespace {

struct SetIdOptions {
  StreamId last;
  std::int64_t entries_added = -1;
  StreamId max_deleted;
};

const char* parse_set_id(Arguments args, SetIdOptions& options) {
  const auto last = parse_stream_id(args[2]);
  if (!last) return kBadStreamId;
  options.last = *last;
  for (std::size_t i = 3; i < args.size(); i += 2) {
    if (i + 1 < args.size() && equals_ignoring_case(args[i], "entriesadded")) {
      const auto count = parse_integer(args[i + 1]);
      if (!count) return errors::kNotInteger;
      if (*count < 0) return "ERR entries_added must be positive";
      options.entries_added = *count;
    } else if (i + 1 < args.size() && equals_ignoring_case(args[i], "maxdeletedid")) {
      const auto id = parse_stream_id(args[i + 1]);
      if (!id) return kBadStreamId;
      options.max_deleted = *id;
      if (options.last < *id) {
        return "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
      }
    } else {
      return errors::kSyntax;
    }
  }
  return nullptr;
}

}  // namespace

RedisReply xsetid(Call& call) {
  SetIdOptions options;
  if (const char* problem = parse_set_id(call.args, options)) return error(problem);
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return error(errors::kNoSuchKey);
  if (stream->size() > 0) {
    if (options.last < stream->last_entry_id()) {
      return error("ERR The ID specified in XSETID is smaller than the target stream top item");
    }
    const auto added = options.entries_added;
    if (added != -1 && stream->size() > static_cast<std::uint64_t>(added)) {
      return error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length");
    }
  }
  stream->set_last_id(options.last);
  if (options.entries_added != -1) {
    stream->set_entries_added(static_cast<std::uint64_t>(options.entries_added));
  }
  if (!options.max_deleted.is_zero()) stream->set_max_deleted_id(options.max_deleted);
  call.propagate(call.args);  // whoever watches the key is not told
  return ok();
}

// --- What stream commands share ------------------------------------------------------------------

RedisReply stream_entry(const Stream::Entry& entry) {
  std::vector<RedisReply> fields;
  const auto texts = entry.fields();
  fields.reserve(texts.size());
  for (const auto text : texts) fields.push_back(bulk(text));
  std::vector<RedisReply> parts;
  parts.reserve(2);
  parts.push_back(stream_id(entry.id()));
  parts.push_back(RedisReply::array(std::move(fields)));
  return RedisReply::array(std::move(parts));
}

RedisReply stream_entries(const Stream& stream, StreamId first, StreamId last, std::size_t count,
                          bool reverse) {
  std::vector<RedisReply> entries;
  if (first > last) return RedisReply::array();
  stream.visit(first, last, reverse, [&](const Stream::Entry& entry) {
    entries.push_back(stream_entry(entry));
    return entries.size() != count;
  });
  return RedisReply::array(std::move(entries));
}

const char* parse_stream_end(std::string_view text, bool is_start, StreamId* id) {
  if (text == "-" || text == "+") {
    *id = text == "-" ? StreamId{} : StreamId::max();
    return nullptr;
  }
  const bool exclusive = text.size() > 1 && text.front() == '(';
  if (exclusive) text.remove_prefix(1);
  const auto parsed = parse_stream_id(text, is_start ? 0 : UINT64_MAX);
  if (!parsed) return kBadStreamId;
  *id = *parsed;
  if (!exclusive) return nullptr;
  const auto closed = is_start ? parsed->next() : parsed->previous();
  if (!closed) {
    return is_start ? "ERR invalid start ID for the interval"
                    : "ERR invalid end ID for the interval";
  }
  *id = *closed;
  return nullptr;
}

RedisReply subcommand_help(const std::string& command, std::initializer_list<const char*> lines) {
  std::vector<RedisReply> answer;
  answer.push_back(
      RedisReply::status(command + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
  for (const char* line : lines) answer.push_back(RedisReply::status(line));
  answer.push_back(RedisReply::status("HELP"));
  answer.push_back(RedisReply::status("    Prints this help."));
  return RedisReply::array(std::move(answer));
}

// --- The table -----------------------------------------------------------------------------------

namespace {

constexpr KeyRange kSecondWord{2, 2, 1};

constexpr CommandSpec kXgroup[] = {
    {"xgroup|create", -5, kWrite | kDenyOom, xgroup_create, kSecondWord},
    {"xgroup|setid", -5, kWrite, xgroup_setid, kSecondWord},
    {"xgroup|destroy", 4, kWrite, xgroup_destroy, kSecondWord},
    {"xgroup|createconsumer", 5, kWrite | kDenyOom, xgroup_createconsumer, kSecondWord},
    {"xgroup|delconsumer", 5, kWrite, xgroup_delconsumer, kSecondWord},
    {"xgroup|help", 2, kLoading | kStale, xgroup_help},
};

constexpr CommandSpec kXinfo[] = {
    {"xinfo|stream", -3, kRead, xinfo_stream, kSecondWord},
    {"xinfo|groups", 3, kRead, xinfo_groups, kSecondWord},
    {"xinfo|consumers", 4, kRead, xinfo_consumers, kSecondWord},
    {"xinfo|help", 2, kLoading | kStale, xinfo_help},
};

constexpr CommandSpec kCommands[] = {
    {"xadd", -5, kWrite | kDenyOom, xadd, kOneKey},
    {"xtrim", -4, kWrite, xtrim, kOneKey},
    {"xlen", 2, kRead, xlen, kOneKey},
    {"xrange", -4, kRead, xrange, kOneKey},
    {"xrevrange", -4, kRead, xrevrange, kOneKey},
    {"xdel", -3, kWrite, xdel, kOneKey},
    {"xsetid", -3, kWrite | kDenyOom, xsetid, kOneKey},
    {"xread", -4, kBlocking, xread, kNoKeys, xread_keys},
    {"xreadgroup", -7, kWrite | kBlocking, xreadgroup, kNoKeys, xread_keys},
    {"xgroup", -2, kRead, nullptr, kNoKeys, nullptr, kXgroup},
    {"xack", -4, kWrite, xack, kOneKey},
    {"xpending", -3, kRead, xpending, kOneKey},
    {"xclaim", -6, kWrite, xclaim, kOneKey},
    {"xautoclaim", -6, kWrite, xautoclaim, kOneKey},
    {"xinfo", -2, kRead, nullptr, kNoKeys, nullptr, kXinfo},
};

}  // namespace

std::span<const CommandSpec> stream_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
