#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/lcs.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

constexpr const char* kTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

Value string_value(std::string_view text) {
  if (const auto integer = parse_integer(text)) return *integer;
  return std::string(text);
}

bool is_string(const Value& value) {
  return value.index() <= 1;
}

std::string text_of(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  return std::get<std::string>(value);
}

/// The text of a key, nil where it is missing, an error where it holds something else.
RedisReply get_key(Call& call, std::string_view key) {
  const Keyspace::Entry* entry = call.keys().find(key);
  if (entry == nullptr) return RedisReply::nil();
  if (!is_string(entry->value.value)) return error(errors::kWrongType);
  return RedisReply::bulk(text_of(entry->value.value));
}

RedisReply get(Call& call) {
  return get_key(call, call.args[1]);
}

/// Null where an integer is held.
const std::string* held_text(const Value& value) {
  return std::get_if<std::string>(&value);
}

std::size_t length_of(const Value& value) {
  const std::string* text = held_text(value);
  return text == nullptr ? text_of(value).size() : text->size();
}

/// To be edited in place: what an integer spells becomes a string.
std::string& editable(Keyspace::Entry& entry) {
  if (held_text(entry.value.value) == nullptr) entry.value.value = text_of(entry.value.value);
  entry.value.raw = true;
  return std::get<std::string>(entry.value.value);
}

bool too_long(const Call& call, std::size_t size, std::size_t more) {
  if (call.session.is(Session::kFromPrimary)) return false;
  const auto longest = static_cast<std::size_t>(call.state.config.proto_max_bulk_len);
  return size > longest || more > longest || size + more > longest;
}

struct StringOptions {
  bool nx = false, xx = false, get = false, keepttl = false, persist = false;
  char kind = 0;  ///< of the expiry: 'e' EX, 'p' PX, 'E' EXAT, 'P' PXAT; 0 where there is none
  std::string_view expiry;

  std::int64_t unit_ms() const { return kind == 'e' || kind == 'E' ? 1000 : 1; }
  bool relative() const { return kind == 'e' || kind == 'p'; }
};

char expiry_kind(std::string_view word) {
  if (equals_ignoring_case(word, "ex")) return 'e';
  if (equals_ignoring_case(word, "px")) return 'p';
  if (equals_ignoring_case(word, "exat")) return 'E';
  if (equals_ignoring_case(word, "pxat")) return 'P';
  return 0;
}

/// EX, PX, EXAT or PXAT with its number: none beside another kind, the last one of a kind counts.
bool take_expiry(std::string_view word, std::string_view next, StringOptions& options) {
  const char kind = expiry_kind(word);
  if (kind == 0 || options.keepttl || options.persist) return false;
  if (options.kind != 0 && options.kind != kind) return false;
  options.kind = kind;
  options.expiry = next;
  return true;
}

bool take_flag_of_set(std::string_view word, StringOptions& options) {
  if (equals_ignoring_case(word, "nx") && !options.xx) return options.nx = true;
  if (equals_ignoring_case(word, "xx") && !options.nx) return options.xx = true;
  if (equals_ignoring_case(word, "get")) return options.get = true;
  if (equals_ignoring_case(word, "keepttl") && options.kind == 0) return options.keepttl = true;
  return false;
}

bool take_flag_of_getex(std::string_view word, StringOptions& options) {
  if (equals_ignoring_case(word, "persist") && options.kind == 0) return options.persist = true;
  return false;
}

bool parse_options(Arguments words, bool (*take_flag)(std::string_view, StringOptions&),
                   StringOptions& options) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (take_flag(words[i], options)) continue;
    if (i + 1 == words.size() || !take_expiry(words[i], words[i + 1], options)) return false;
    ++i;
  }
  return true;
}

/// Sets key and expiry; `at_ms` is valid if given.
void set_key(Call& call, std::string_view key, std::string_view value, bool keeps_expiry = false,
             std::optional<std::int64_t> at_ms = std::nullopt) {
  Keyspace::Entry& entry = call.keys().put(key, string_value(value), keeps_expiry);
  if (at_ms) call.keys().set_expiry(entry, *at_ms);
}

/// The moment a SET or GETEX means, or its error reply.
std::optional<RedisReply> moment(Call& call, const char* name, std::string_view text,
                                 std::int64_t unit_ms, bool relative, std::int64_t& at_ms) {
  const auto given = parse_integer(text);
  if (!given) return error(errors::kNotInteger);
  const auto expiry = parse_expiry(text, unit_ms, relative, call.keys().now_ms());
  if (*given <= 0 || expiry.problem != ExpiryArgument::Problem::none) return invalid_expire(name);
  at_ms = expiry.at_ms;
  return std::nullopt;
}

void propagate_set_until(Call& call, std::string_view value, std::int64_t at_ms) {
  if (!call.state.effects.wanted) return;
  call.propagate({"SET", call.args[1], value, "PXAT", std::to_string(at_ms)});
}

/// Only the options that are still needed there.
void propagate_without_get(Call& call) {
  if (!call.state.effects.wanted) return;
  std::vector<std::string_view> words(call.args.begin(), call.args.begin() + 3);
  for (const auto word : call.args.subspan(3)) {
    if (!equals_ignoring_case(word, "get")) words.push_back(word);
  }
  call.propagate(Arguments(words));
}

RedisReply set_with_options(Call& call) {
  StringOptions options;
  if (!parse_options(call.args.subspan(3), take_flag_of_set, options)) {
    return error(errors::kSyntax);
  }
  std::optional<std::int64_t> at;
  if (options.kind != 0) {
    auto problem =
        moment(call, "set", options.expiry, options.unit_ms(), options.relative(), at.emplace());
    if (problem) return std::move(*problem);
  }
  RedisReply old = options.get ? get_key(call, call.args[1]) : RedisReply::nil();
  if (old.is_error()) return old;
  if (options.nx || options.xx) {
    const bool there = call.keys().find(call.args[1]) != nullptr;
    if (options.nx == there) return old;
  }
  set_key(call, call.args[1], call.args[2], options.keepttl, at);
  if (at) {
    propagate_set_until(call, call.args[2], *at);
  } else if (options.get) {
    propagate_without_get(call);
  }
  return options.get ? old : ok();
}

RedisReply set(Call& call) {
  if (call.args.size() > 3) return set_with_options(call);
  set_key(call, call.args[1], call.args[2]);
  return ok();
}

RedisReply set_with_ttl(Call& call, const char* name, std::int64_t unit_ms) {
  std::int64_t at = 0;
  if (auto problem = moment(call, name, call.args[2], unit_ms, true, at)) {
    return std::move(*problem);
  }
  set_key(call, call.args[1], call.args[3], false, at);
  propagate_set_until(call, call.args[3], at);
  return ok();
}

RedisReply setex(Call& call) {
  return set_with_ttl(call, "setex", 1000);
}
RedisReply psetex(Call& call) {
  return set_with_ttl(call, "psetex", 1);
}

RedisReply setnx(Call& call) {
  if (call.keys().find(call.args[1]) != nullptr) return RedisReply::of(0);
  set_key(call, call.args[1], call.args[2]);
  return RedisReply::of(1);
}

RedisReply getset(Call& call) {
  RedisReply old = get_key(call, call.args[1]);
  if (old.is_error()) return old;
  set_key(call, call.args[1], call.args[2]);
  call.propagate({"SET", call.args[1], call.args[2]});
  return old;
}

RedisReply getdel(Call& call) {
  RedisReply old = get_key(call, call.args[1]);
  if (!old.is_error() && call.keys().erase(call.args[1])) call.propagate({"DEL", call.args[1]});
  return old;
}

/// What GETEX does to the expiry of a key that is there.
void change_expiry(Call& call, const StringOptions& options, std::int64_t at_ms) {
  const std::string_view key = call.args[1];
  Keyspace::Entry& entry = *call.keys().find(key);
  if (options.persist) {
    if (entry.value.expires_ms == Keyspace::kForever) return;
    entry.value.expires_ms = Keyspace::kForever;
    call.keys().changed(entry);
    call.propagate({"PERSIST", key});
  } else if (!options.relative() && already_expired(call, at_ms)) {
    call.keys().erase(key);
    call.propagate({"DEL", key});
  } else {
    call.keys().set_expiry(entry, at_ms);
    call.keys().changed(entry);
    call.propagate({"PEXPIREAT", key, std::to_string(at_ms)});
  }
}

RedisReply getex(Call& call) {
  StringOptions options;
  if (!parse_options(call.args.subspan(2), take_flag_of_getex, options)) {
    return error(errors::kSyntax);
  }
  RedisReply value = get_key(call, call.args[1]);
  if (!value.is_bulk()) return value;
  std::int64_t at = 0;
  if (options.kind != 0) {
    auto problem = moment(call, "getex", options.expiry, options.unit_ms(), options.relative(), at);
    if (problem) return std::move(*problem);
  }
  if (options.kind != 0 || options.persist) change_expiry(call, options, at);
  return value;
}

RedisReply mget(Call& call) {
  std::vector<RedisReply> values;
  values.reserve(call.args.size() - 1);
  for (const auto key : call.args.subspan(1)) {
    RedisReply value = get_key(call, key);
    values.push_back(value.is_error() ? RedisReply::nil() : std::move(value));
  }
  return RedisReply::array(std::move(values));
}

void set_all(Call& call) {
  for (std::size_t i = 1; i < call.args.size(); i += 2) {
    set_key(call, call.args[i], call.args[i + 1]);
  }
}

RedisReply mset(Call& call) {
  if (call.args.size() % 2 == 0) return wrong_arity("mset");
  set_all(call);
  return ok();
}

RedisReply msetnx(Call& call) {
  if (call.args.size() % 2 == 0) return wrong_arity("msetnx");
  for (std::size_t i = 1; i < call.args.size(); i += 2) {
    if (call.keys().find(call.args[i]) != nullptr) return RedisReply::of(0);
  }
  set_all(call);
  return RedisReply::of(1);
}

RedisReply strlen(Call& call) {
  const Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr) return RedisReply::of(0);
  if (!is_string(entry->value.value)) return error(errors::kWrongType);
  return integer(length_of(entry->value.value));
}

RedisReply append(Call& call) {
  const std::string_view more = call.args[2];
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr) {
    set_key(call, call.args[1], more);
    return integer(more.size());
  }
  if (!is_string(entry->value.value)) return error(errors::kWrongType);
  if (too_long(call, length_of(entry->value.value), more.size())) return error(kTooLong);
  std::string& text = editable(*entry);
  text.append(more);
  call.keys().changed(*entry);
  return integer(text.size());
}

RedisReply setrange(Call& call) {
  const auto offset = parse_integer(call.args[2]);
  const std::string_view part = call.args[3];
  if (!offset) return error(errors::kNotInteger);
  if (*offset < 0) return error("ERR offset is out of range");
  const auto begin = static_cast<std::size_t>(*offset);
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry != nullptr && !is_string(entry->value.value)) return error(errors::kWrongType);
  if (part.empty()) return integer(entry == nullptr ? 0 : length_of(entry->value.value));
  if (too_long(call, begin, part.size())) return error(kTooLong);
  if (entry == nullptr) entry = &call.keys().put(call.args[1], std::string());
  std::string& text = editable(*entry);
  if (text.size() < begin + part.size()) text.resize(begin + part.size());
  text.replace(begin, part.size(), part);
  call.keys().changed(*entry);
  return integer(text.size());
}

RedisReply getrange(Call& call) {
  const auto first = parse_integer(call.args[2]);
  const auto last = parse_integer(call.args[3]);
  if (!first || !last) return error(errors::kNotInteger);
  RedisReply value = get_key(call, call.args[1]);
  if (value.is_error()) return value;
  const auto length = static_cast<std::int64_t>(value.text.size());
  if (length == 0 || (*first < 0 && *last < 0 && *first > *last)) return bulk("");
  const std::int64_t begin = std::max<std::int64_t>(*first < 0 ? length + *first : *first, 0);
  const std::int64_t end = std::max<std::int64_t>(*last < 0 ? length + *last : *last, 0);
  if (begin > std::min(end, length - 1)) return bulk("");
  return RedisReply::bulk(value.text.substr(static_cast<std::size_t>(begin),
                                            static_cast<std::size_t>(end - begin) + 1));
}

// --- Numbers -------------------------------------------------------------------------------------

RedisReply add_to(Call& call, std::int64_t delta) {
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr) {
    call.keys().put(call.args[1], delta);
    return RedisReply::of(delta);
  }
  if (!is_string(entry->value.value)) return error(errors::kWrongType);
  auto* current = std::get_if<std::int64_t>(&entry->value.value);
  if (current == nullptr) {
    // An integer that was put together (APPEND, INCRBYFLOAT) is held as text.
    const auto spelt = parse_integer(*held_text(entry->value.value));
    if (!spelt) return error(errors::kNotInteger);
    if (!add(*spelt, delta)) return error(errors::kOverflow);
    current = &entry->value.value.emplace<std::int64_t>(*spelt);
  }
  const auto sum = add(*current, delta);
  if (!sum) return error(errors::kOverflow);
  *current = *sum;
  entry->value.raw = false;
  call.keys().changed(*entry);
  return RedisReply::of(*sum);
}

RedisReply incr(Call& call) {
  return add_to(call, 1);
}
RedisReply decr(Call& call) {
  return add_to(call, -1);
}

RedisReply incrby(Call& call) {
  const auto delta = parse_integer(call.args[2]);
  return delta ? add_to(call, *delta) : error(errors::kNotInteger);
}

RedisReply decrby(Call& call) {
  const auto delta = parse_integer(call.args[2]);
  if (!delta) return error(errors::kNotInteger);
  if (*delta == INT64_MIN) return error("ERR decrement would overflow");
  return add_to(call, -*delta);
}

RedisReply incrbyfloat(Call& call) {
  const RedisReply old = get_key(call, call.args[1]);
  if (old.is_error()) return old;
  const auto current = parse_long_double(old.is_nil() ? "0" : std::string_view(old.text));
  const auto delta = parse_long_double(call.args[2]);
  if (!current || !delta) return error(errors::kNotFloat);
  const long double sum = *current + *delta;
  if (std::isnan(sum) || std::isinf(sum)) {
    return error("ERR increment would produce NaN or Infinity");
  }
  std::string text = long_double_text(sum);
  call.keys().put(call.args[1], text, true);
  call.propagate({"SET", call.args[1], text, "KEEPTTL"});
  return RedisReply::bulk(std::move(text));
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"get", 2, kRead, get, kOneKey},
    {"set", -3, kAdds, set, kOneKey},
    {"setnx", 3, kAdds, setnx, kOneKey},
    {"setex", 4, kAdds, setex, kOneKey},
    {"psetex", 4, kAdds, psetex, kOneKey},
    {"getset", 3, kAdds, getset, kOneKey},
    {"getdel", 2, kWrite, getdel, kOneKey},
    {"getex", -2, kWrite, getex, kOneKey},
    {"mget", -2, kRead, mget, kAllKeys},
    {"mset", -3, kAdds, mset, {1, -1, 2}},
    {"msetnx", -3, kAdds, msetnx, {1, -1, 2}},
    {"strlen", 2, kRead, strlen, kOneKey},
    {"append", 3, kAdds, append, kOneKey},
    {"setrange", 4, kAdds, setrange, kOneKey},
    {"getrange", 4, kRead, getrange, kOneKey},
    {"substr", 4, kRead, getrange, kOneKey},
    {"incr", 2, kAdds, incr, kOneKey},
    {"decr", 2, kAdds, decr, kOneKey},
    {"incrby", 3, kAdds, incrby, kOneKey},
    {"decrby", 3, kAdds, decrby, kOneKey},
    {"incrbyfloat", 3, kAdds, incrbyfloat, kOneKey},
    {"lcs", -3, kRead, lcs, {1, 2, 1}},
};

}  // namespace

std::span<const CommandSpec> string_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
