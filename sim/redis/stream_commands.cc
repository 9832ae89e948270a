#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

constexpr const char* kBadId = "ERR Invalid stream ID specified as stream command argument";
constexpr const char* kSmallId =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// "ms-seq", or "ms" alone with the sequence given here.
std::optional<StreamId> parse_id(std::string_view text, std::uint64_t missing_seq) {
  const std::size_t dash = text.find('-');
  const auto ms = parse_unsigned(text.substr(0, dash));
  const auto seq =
      dash == text.npos ? std::optional(missing_seq) : parse_unsigned(text.substr(dash + 1));
  if (!ms || !seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

struct AddOptions {
  bool creates = true;
  enum class Trim : std::uint8_t { none, length, id } trim = Trim::none;
  bool approximately = false;
  std::size_t length = 0;
  StreamId min_id{};
  std::size_t id_at = 0;  ///< where in the command the id stands
};

/// Reads "MAXLEN|MINID [=|~] threshold [LIMIT count]"; moves `at` behind it. Null where all is
/// well.
const char* parse_trim(Arguments args, std::size_t& at, AddOptions& options) {
  const bool by_length = equals_ignoring_case(args[at], "maxlen");
  if (options.trim != AddOptions::Trim::none) {
    return "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
  }
  options.trim = by_length ? AddOptions::Trim::length : AddOptions::Trim::id;
  ++at;
  if (at + 1 < args.size() && (args[at] == "~" || args[at] == "=")) {
    options.approximately = args[at] == "~";
    ++at;
  }
  if (by_length) {
    const auto length = parse_integer(args[at]);
    if (!length) return errors::kNotInteger;
    if (*length < 0) return "ERR The MAXLEN argument must be >= 0.";
    options.length = static_cast<std::size_t>(*length);
  } else {
    const auto id = parse_id(args[at], 0);
    if (!id) return kBadId;
    options.min_id = *id;
  }
  ++at;
  if (at + 1 < args.size() && equals_ignoring_case(args[at], "limit")) {
    const auto limit = parse_integer(args[at + 1]);
    if (!limit) return errors::kNotInteger;
    if (*limit < 0) return "ERR The LIMIT argument must be >= 0.";
    if (!options.approximately) {
      return "ERR syntax error, LIMIT cannot be used without the special ~ option";
    }
    at += 2;
  }
  return nullptr;
}

const char* parse_add(Arguments args, AddOptions& options) {
  std::size_t at = 2;
  while (at < args.size()) {
    if (equals_ignoring_case(args[at], "nomkstream")) {
      options.creates = false;
      ++at;
    } else if (at + 1 < args.size() && (equals_ignoring_case(args[at], "maxlen") ||
                                        equals_ignoring_case(args[at], "minid"))) {
      if (const char* problem = parse_trim(args, at, options)) return problem;
    } else {
      break;
    }
  }
  options.id_at = at;
  return nullptr;
}

/// An id as XADD takes it: "*", "ms-*", "ms-seq" or "ms".
struct NewId {
  bool whole_is_automatic = false;
  bool seq_is_automatic = false;
  StreamId id{};
};

std::optional<NewId> parse_new_id(std::string_view text) {
  if (text == "*") return NewId{.whole_is_automatic = true};
  if (text.ends_with("-*")) {
    const auto ms = parse_unsigned(text.substr(0, text.size() - 2));
    if (!ms) return std::nullopt;
    return NewId{.seq_is_automatic = true, .id = {*ms, 0}};
  }
  const auto id = parse_id(text, 0);
  if (!id) return std::nullopt;
  return NewId{.id = *id};
}

std::optional<StreamId> successor(StreamId id) {
  if (id.seq < UINT64_MAX) return StreamId{id.ms, id.seq + 1};
  if (id.ms < UINT64_MAX) return StreamId{id.ms + 1, 0};
  return std::nullopt;
}

/// The id of the entry to come after `last`; nothing where there is none.
std::optional<StreamId> choose_id(const NewId& wanted, StreamId last, std::int64_t now_ms) {
  if (wanted.whole_is_automatic) {
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 0));
    return now > last.ms ? std::optional(StreamId{now, 0}) : successor(last);
  }
  if (wanted.seq_is_automatic) {
    if (wanted.id.ms > last.ms) return wanted.id;
    if (wanted.id.ms < last.ms || last.seq == UINT64_MAX) return std::nullopt;
    return StreamId{last.ms, last.seq + 1};
  }
  return wanted.id > last ? std::optional(wanted.id) : std::nullopt;
}

void trim(Stream& stream, const AddOptions& options) {
  // The real server trims "~" by whole nodes of (by default) a hundred entries.
  constexpr std::size_t kNode = 100;
  if (options.trim == AddOptions::Trim::none) return;
  std::size_t keep = options.trim == AddOptions::Trim::length
                         ? options.length
                         : stream.size() - stream.count_below(options.min_id);
  if (options.approximately && stream.size() > keep) {
    keep = stream.size() - (stream.size() - keep) / kNode * kNode;
  }
  stream.trim_to(keep);
}

RedisReply xadd(Call& call) {
  AddOptions options;
  if (const char* problem = parse_add(call.args, options)) return error(problem);
  if (options.id_at >= call.args.size()) return wrong_arity("xadd");
  const auto wanted = parse_new_id(call.args[options.id_at]);
  if (!wanted) return error(kBadId);
  const Arguments fields = call.args.subspan(options.id_at + 1);
  if (fields.empty() || fields.size() % 2 != 0) return wrong_arity("xadd");
  const bool given = !wanted->whole_is_automatic && !wanted->seq_is_automatic;
  if (given && wanted->id == StreamId{}) {
    return error("ERR The ID specified in XADD must be greater than 0-0");
  }
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr && !options.creates) return RedisReply::nil();
  const StreamId last = stream == nullptr ? StreamId{} : stream->last_id();
  const auto id = choose_id(*wanted, last, call.keys().now_ms());
  if (!id && last == StreamId::max()) {
    return error("ERR The stream has exhausted the last possible ID, unable to add more items");
  }
  if (!id) return error(kSmallId);
  if (stream == nullptr) stream = write<Stream>(call, call.args[1]);
  mark_changed(call, call.args[1]);
  stream->append(*id, fields.data(), fields.size());
  trim(*stream, options);
  return RedisReply::bulk(id->text());
}

RedisReply xlen(Call& call) {
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  return integer(stream == nullptr ? 0 : stream->size());
}

/// An end of a range: "-", "+", an id, or "(" and an id. The closed end it means in `*id`.
const char* parse_end(std::string_view text, bool is_start, StreamId* id) {
  const bool exclusive = text.size() > 1 && text.front() == '(';
  if (exclusive) text.remove_prefix(1);
  if (!exclusive && (text == "-" || text == "+")) {
    *id = text == "-" ? StreamId{} : StreamId::max();
    return nullptr;
  }
  const auto parsed = parse_id(text, is_start ? 0 : UINT64_MAX);
  if (!parsed) return kBadId;
  *id = *parsed;
  if (!exclusive) return nullptr;
  if (is_start) {
    if (*id == StreamId::max()) return "ERR invalid start ID for the interval";
    *id = *successor(*id);
  } else {
    if (*id == StreamId{}) return "ERR invalid end ID for the interval";
    *id = id->seq > 0 ? StreamId{id->ms, id->seq - 1} : StreamId{id->ms - 1, UINT64_MAX};
  }
  return nullptr;
}

RedisReply entry_reply(const Stream::Entry& entry) {
  std::vector<RedisReply> fields;
  for (const auto field : entry.fields()) fields.push_back(bulk(field));
  std::vector<RedisReply> parts;
  parts.push_back(RedisReply::bulk(entry.id().text()));
  parts.push_back(RedisReply::array(std::move(fields)));
  return RedisReply::array(std::move(parts));
}

/// COUNT, from args[4] on: -1 where it is not given.
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
  if (const char* problem = parse_end(call.args[reverse ? 3 : 2], true, &start)) {
    return error(problem);
  }
  if (const char* problem = parse_end(call.args[reverse ? 2 : 3], false, &end)) {
    return error(problem);
  }
  std::int64_t count = -1;
  if (const char* problem = parse_count(call.args.subspan(4), count)) return error(problem);
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return RedisReply::array();
  if (count == 0) return RedisReply::nil();
  const std::size_t first = stream->count_below(start);
  std::size_t last = stream->count_below(end);
  if (last < stream->size() && stream->entries()[last].id() == end) ++last;
  std::vector<RedisReply> entries;
  const std::size_t length = first < last ? last - first : 0;
  const std::size_t most = count < 0 ? length : std::min(length, static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < most; ++i) {
    entries.push_back(entry_reply(stream->entries()[reverse ? last - 1 - i : first + i]));
  }
  return RedisReply::array(std::move(entries));
}

RedisReply xrange(Call& call) {
  return range(call, false);
}
RedisReply xrevrange(Call& call) {
  return range(call, true);
}

RedisReply xdel(Call& call) {
  std::vector<StreamId> ids;
  for (const auto text : call.args.subspan(2)) {
    const auto id = parse_id(text, 0);
    if (!id) return error(kBadId);
    ids.push_back(*id);
  }
  Stream* stream;
  if (!read(call, call.args[1], &stream)) return error(errors::kWrongType);
  if (stream == nullptr) return RedisReply::of(0);
  std::size_t gone = 0;
  for (const StreamId id : ids) gone += stream->erase(id);
  if (gone > 0) mark_changed(call, call.args[1]);  // an empty stream stays
  return integer(gone);
}

constexpr CommandSpec kCommands[] = {
    {"xadd", -5, kWrite, xadd},          {"xlen", 2, kRead, xlen},   {"xrange", -4, kRead, xrange},
    {"xrevrange", -4, kRead, xrevrange}, {"xdel", -3, kWrite, xdel},
};

}  // namespace

std::span<const CommandSpec> stream_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
