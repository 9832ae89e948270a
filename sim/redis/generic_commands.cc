#include <algorithm>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

RedisReply ping(Call& call) {
  if (call.args.size() > 2) return wrong_arity("ping");
  return call.args.size() == 2 ? bulk(call.args[1]) : RedisReply::status("PONG");
}

RedisReply echo(Call& call) {
  return bulk(call.args[1]);
}

RedisReply del(Call& call) {
  std::size_t gone = 0;
  for (const auto key : call.args.subspan(1)) {
    if (call.keys().find(key) != nullptr && call.keys().erase(key)) ++gone;
  }
  return integer(gone);
}

RedisReply exists(Call& call) {
  std::size_t there = 0;
  for (const auto key : call.args.subspan(1)) there += call.keys().find(key) != nullptr;
  return integer(there);
}

RedisReply type(Call& call) {
  const Keyspace::Entry* entry = call.keys().find(call.args[1]);
  return RedisReply::status(entry == nullptr ? "none" : std::string(type_name(entry->value.value)));
}

struct ExpireConditions {
  bool nx = false, xx = false, gt = false, lt = false;

  bool allow(std::int64_t current, std::int64_t wanted) const {
    const bool persistent = current == Keyspace::kForever;
    if (nx && !persistent) return false;
    if (xx && persistent) return false;
    if (gt && (persistent || wanted <= current)) return false;
    return !lt || persistent || wanted < current;
  }
};

/// Null where all is well.
const char* parse_conditions(Arguments words, ExpireConditions& conditions, std::string& unknown) {
  for (const auto word : words) {
    if (equals_ignoring_case(word, "nx")) {
      conditions.nx = true;
    } else if (equals_ignoring_case(word, "xx")) {
      conditions.xx = true;
    } else if (equals_ignoring_case(word, "gt")) {
      conditions.gt = true;
    } else if (equals_ignoring_case(word, "lt")) {
      conditions.lt = true;
    } else {
      unknown = "ERR Unsupported option " + std::string(word);
      return unknown.c_str();
    }
  }
  if (conditions.nx && (conditions.xx || conditions.gt || conditions.lt)) {
    return "ERR NX and XX, GT or LT options at the same time are not compatible";
  }
  if (conditions.gt && conditions.lt) {
    return "ERR GT and LT options at the same time are not compatible";
  }
  return nullptr;
}

RedisReply expire_at(Call& call, const char* name, std::int64_t unit_ms, bool relative) {
  ExpireConditions conditions;
  std::string unknown;
  if (const char* problem = parse_conditions(call.args.subspan(3), conditions, unknown)) {
    return error(problem);
  }
  const auto expiry = parse_expiry(call.args[2], unit_ms, relative, call.keys().now_ms());
  if (expiry.problem == ExpiryArgument::Problem::not_integer) return error(errors::kNotInteger);
  if (expiry.problem == ExpiryArgument::Problem::out_of_range) return invalid_expire(name);
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr || !conditions.allow(entry->value.expires_ms, expiry.at_ms)) {
    return RedisReply::of(0);
  }
  if (expiry.at_ms <= call.keys().now_ms()) {
    call.keys().erase(call.args[1]);
  } else {
    call.keys().set_expiry(*entry, expiry.at_ms);
    call.keys().changed(*entry);
  }
  return RedisReply::of(1);
}

RedisReply expire(Call& call) {
  return expire_at(call, "expire", 1000, true);
}
RedisReply pexpire(Call& call) {
  return expire_at(call, "pexpire", 1, true);
}
RedisReply expireat(Call& call) {
  return expire_at(call, "expireat", 1000, false);
}
RedisReply pexpireat(Call& call) {
  return expire_at(call, "pexpireat", 1, false);
}

/// -2 where there is no key, -1 where it stays for ever, else the moment or what is left of it.
std::int64_t expiry_in_ms(Call& call, bool left) {
  const Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr) return -2;
  const std::int64_t at = entry->value.expires_ms;
  if (at == Keyspace::kForever) return -1;
  return left ? std::max<std::int64_t>(at - call.keys().now_ms(), 0) : at;
}

RedisReply in_seconds(std::int64_t ms) {
  return RedisReply::of(ms < 0 ? ms : (ms + 500) / 1000);
}

RedisReply ttl(Call& call) {
  return in_seconds(expiry_in_ms(call, true));
}
RedisReply pttl(Call& call) {
  return RedisReply::of(expiry_in_ms(call, true));
}
RedisReply expiretime(Call& call) {
  return in_seconds(expiry_in_ms(call, false));
}
RedisReply pexpiretime(Call& call) {
  return RedisReply::of(expiry_in_ms(call, false));
}

RedisReply persist(Call& call) {
  Keyspace::Entry* entry = call.keys().find(call.args[1]);
  if (entry == nullptr || entry->value.expires_ms == Keyspace::kForever) return RedisReply::of(0);
  entry->value.expires_ms = Keyspace::kForever;
  call.keys().changed(*entry);
  return RedisReply::of(1);
}

RedisReply dbsize(Call& call) {
  return integer(call.keys().size());
}

RedisReply flush(Call& call) {
  const bool known = call.args.size() == 1 ||
                     (call.args.size() == 2 && (equals_ignoring_case(call.args[1], "sync") ||
                                                equals_ignoring_case(call.args[1], "async")));
  if (!known) return error(errors::kSyntax);
  call.keys().clear();
  return ok();
}

RedisReply keys(Call& call) {
  std::vector<RedisReply> found;
  // From the end: looking at an expired key erases it.
  for (std::size_t i = call.keys().size(); i-- > 0;) {
    const std::string key = call.keys().at(i).key;
    if (glob_matches(call.args[1], key) && call.keys().find(key) != nullptr) {
      found.push_back(RedisReply::bulk(key));
    }
  }
  return RedisReply::array(std::move(found));
}

struct ScanOptions {
  std::int64_t count = 10;
  std::string_view pattern = "*";
  std::string type;
};

const char* parse_scan(Arguments words, ScanOptions& options) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size()) return errors::kSyntax;
    if (equals_ignoring_case(words[i], "count")) {
      const auto count = parse_integer(words[i + 1]);
      if (!count) return errors::kNotInteger;
      if (*count < 1) return errors::kSyntax;
      options.count = *count;
    } else if (equals_ignoring_case(words[i], "match")) {
      options.pattern = words[i + 1];
    } else if (equals_ignoring_case(words[i], "type")) {
      options.type = lower_case(words[i + 1]);
    } else {
      return errors::kSyntax;
    }
  }
  return nullptr;
}

/// A cursor c means: the first c keys are still to come, the last of them first. Erasing moves only
/// the last key, which has been seen, so that a key that is there throughout is not missed.
RedisReply scan(Call& call) {
  const auto cursor = parse_integer(call.args[1]);
  if (!cursor || *cursor < 0) return error("ERR invalid cursor");
  ScanOptions options;
  if (const char* problem = parse_scan(call.args.subspan(2), options)) return error(problem);
  auto left = std::min(static_cast<std::size_t>(*cursor), call.keys().size());
  if (*cursor == 0) left = call.keys().size();
  std::vector<RedisReply> found;
  for (std::int64_t seen = 0; left > 0 && seen < options.count; ++seen) {
    const std::string key = call.keys().at(--left).key;
    const Keyspace::Entry* entry = call.keys().find(key);
    if (entry == nullptr || !glob_matches(options.pattern, key)) continue;
    if (!options.type.empty() && type_name(entry->value.value) != options.type) continue;
    found.push_back(RedisReply::bulk(key));
  }
  std::vector<RedisReply> reply;
  reply.push_back(RedisReply::bulk(std::to_string(left)));
  reply.push_back(RedisReply::array(std::move(found)));
  return RedisReply::array(std::move(reply));
}

RedisReply time(Call& call) {
  const std::int64_t us = to_us(call.state.now.time_since_epoch());
  std::vector<RedisReply> parts;
  parts.push_back(RedisReply::bulk(std::to_string(us / 1'000'000)));
  parts.push_back(RedisReply::bulk(std::to_string(us % 1'000'000)));
  return RedisReply::array(std::move(parts));
}

constexpr CommandSpec kCommands[] = {
    {"ping", -1, kRead, ping},
    {"echo", 2, kRead, echo},
    {"del", -2, kWrite, del},
    {"unlink", -2, kWrite, del},
    {"exists", -2, kRead, exists},
    {"touch", -2, kRead, exists},
    {"type", 2, kRead, type},
    {"expire", -3, kWrite, expire},
    {"pexpire", -3, kWrite, pexpire},
    {"expireat", -3, kWrite, expireat},
    {"pexpireat", -3, kWrite, pexpireat},
    {"ttl", 2, kRead, ttl},
    {"pttl", 2, kRead, pttl},
    {"expiretime", 2, kRead, expiretime},
    {"pexpiretime", 2, kRead, pexpiretime},
    {"persist", 2, kWrite, persist},
    {"dbsize", 1, kRead, dbsize},
    {"flushall", -1, kWrite, flush},
    {"flushdb", -1, kWrite, flush},
    {"keys", 2, kRead, keys},
    {"scan", -2, kRead, scan},
    {"time", 1, kRead, time},
};

}  // namespace

std::span<const CommandSpec> generic_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
