#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

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

struct SetOptions {
  bool nx = false, xx = false, get = false, keepttl = false;
  std::string_view expiry;  ///< data() is null where none was given
  std::int64_t unit_ms = 1;
  bool relative = true;

  bool has_expiry() const { return expiry.data() != nullptr; }
};

/// Reads EX, PX, EXAT, PXAT and its number, if that is what stands there.
bool parse_set_expiry(std::string_view word, std::string_view next, SetOptions& options) {
  const bool seconds = equals_ignoring_case(word, "ex") || equals_ignoring_case(word, "exat");
  const bool ms = equals_ignoring_case(word, "px") || equals_ignoring_case(word, "pxat");
  if ((!seconds && !ms) || options.has_expiry() || options.keepttl) return false;
  options.expiry = next;
  options.unit_ms = seconds ? 1000 : 1;
  options.relative = word.size() == 2;
  return true;
}

bool parse_set(Arguments words, SetOptions& options) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (equals_ignoring_case(words[i], "nx") && !options.xx) {
      options.nx = true;
    } else if (equals_ignoring_case(words[i], "xx") && !options.nx) {
      options.xx = true;
    } else if (equals_ignoring_case(words[i], "get")) {
      options.get = true;
    } else if (equals_ignoring_case(words[i], "keepttl") && !options.has_expiry()) {
      options.keepttl = true;
    } else if (i + 1 < words.size() && parse_set_expiry(words[i], words[i + 1], options)) {
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

/// Sets key and expiry; `expiry` is valid if given.
void set_key(Call& call, std::string_view key, std::string_view value, bool keeps_expiry,
             std::optional<std::int64_t> at_ms) {
  Keyspace::Entry& entry = call.keys().put(key, string_value(value), keeps_expiry);
  if (at_ms) call.keys().set_expiry(entry, *at_ms);
}

/// The moment a SET means, or its error reply.
std::optional<RedisReply> set_moment(Call& call, const char* name, std::string_view text,
                                     std::int64_t unit_ms, bool relative, std::int64_t& at_ms) {
  const auto given = parse_integer(text);
  if (!given) return error(errors::kNotInteger);
  const auto expiry = parse_expiry(text, unit_ms, relative, call.keys().now_ms());
  if (*given <= 0 || expiry.problem != ExpiryArgument::Problem::none) return invalid_expire(name);
  at_ms = expiry.at_ms;
  return std::nullopt;
}

RedisReply set(Call& call) {
  SetOptions options;
  if (!parse_set(call.args.subspan(3), options)) return error(errors::kSyntax);
  std::optional<std::int64_t> at;
  if (options.has_expiry()) {
    auto problem =
        set_moment(call, "set", options.expiry, options.unit_ms, options.relative, at.emplace());
    if (problem) return std::move(*problem);
  }
  RedisReply old = options.get ? get_key(call, call.args[1]) : RedisReply::nil();
  if (old.is_error()) return old;
  if (options.nx || options.xx) {
    const bool there = call.keys().find(call.args[1]) != nullptr;
    if (options.nx == there) return old;
  }
  if (at && *at <= call.keys().now_ms()) {
    call.keys().erase(call.args[1]);  // only EXAT and PXAT can lie in the past
  } else {
    set_key(call, call.args[1], call.args[2], options.keepttl, at);
  }
  return options.get ? old : ok();
}

RedisReply set_with_ttl(Call& call, const char* name, std::int64_t unit_ms) {
  std::int64_t at = 0;
  if (auto problem = set_moment(call, name, call.args[2], unit_ms, true, at)) {
    return std::move(*problem);
  }
  set_key(call, call.args[1], call.args[3], false, at);
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
  set_key(call, call.args[1], call.args[2], false, std::nullopt);
  return RedisReply::of(1);
}

RedisReply getset(Call& call) {
  RedisReply old = get_key(call, call.args[1]);
  if (!old.is_error()) set_key(call, call.args[1], call.args[2], false, std::nullopt);
  return old;
}

RedisReply getdel(Call& call) {
  RedisReply old = get_key(call, call.args[1]);
  if (!old.is_error()) call.keys().erase(call.args[1]);
  return old;
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

RedisReply mset(Call& call) {
  if (call.args.size() % 2 == 0) return wrong_arity("mset");
  for (std::size_t i = 1; i < call.args.size(); i += 2) {
    set_key(call, call.args[i], call.args[i + 1], false, std::nullopt);
  }
  return ok();
}

RedisReply strlen(Call& call) {
  const RedisReply value = get_key(call, call.args[1]);
  if (value.is_error()) return value;
  return integer(value.text.size());
}

RedisReply append(Call& call) {
  const RedisReply old = get_key(call, call.args[1]);
  if (old.is_error()) return old;
  std::string text = old.text + std::string(call.args[2]);
  const std::size_t length = text.size();
  // A string that was appended to is no integer any more, but reads the same.
  call.keys().put(call.args[1], string_value(text), true);
  return integer(length);
}

RedisReply add_to(Call& call, std::int64_t delta) {
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr) {
    call.keys().put(call.args[1], delta);
    return RedisReply::of(delta);
  }
  if (!is_string(entry->value.value)) return error(errors::kWrongType);
  auto* current = std::get_if<std::int64_t>(&entry->value.value);
  if (current == nullptr) return error(errors::kNotInteger);
  const auto sum = add(*current, delta);
  if (!sum) return error(errors::kOverflow);
  *current = *sum;
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

constexpr CommandSpec kCommands[] = {
    {"get", 2, kRead, get},        {"set", -3, kWrite, set},      {"setnx", 3, kWrite, setnx},
    {"setex", 4, kWrite, setex},   {"psetex", 4, kWrite, psetex}, {"getset", 3, kWrite, getset},
    {"getdel", 2, kWrite, getdel}, {"mget", -2, kRead, mget},     {"mset", -3, kWrite, mset},
    {"strlen", 2, kRead, strlen},  {"append", 3, kWrite, append}, {"incr", 2, kWrite, incr},
    {"decr", 2, kWrite, decr},     {"incrby", 3, kWrite, incrby}, {"decrby", 3, kWrite, decrby},
};

}  // namespace

std::span<const CommandSpec> string_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
