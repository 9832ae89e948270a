#include <algorithm>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

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
      std::replace_if(
          unknown.begin(), unknown.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
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

/// As a moment, whatever was asked for; with its conditions.
void propagate_expiry(Call& call, std::int64_t at_ms) {
  if (!call.state.effects.wanted) return;
  const std::string moment = std::to_string(at_ms);
  std::vector<std::string_view> words = {"PEXPIREAT", call.args[1], moment};
  words.insert(words.end(), call.args.begin() + 3, call.args.end());
  call.propagate(Arguments(words));
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
  if (already_expired(call, expiry.at_ms)) {
    call.keys().erase(call.args[1]);
    call.propagate({"DEL", call.args[1]});
    return RedisReply::of(1);
  }
  call.keys().set_expiry(*entry, std::max<std::int64_t>(expiry.at_ms, 0));
  call.keys().changed(*entry);
  propagate_expiry(call, expiry.at_ms);
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
  const Keyspace::Entry* entry = call.keys().peek(call.args[1]);
  if (entry == nullptr) return -2;
  const std::int64_t at = entry->value.expires_ms;
  if (at == Keyspace::kForever) return -1;
  return left ? std::max<std::int64_t>(at - call.keys().now_ms(), 0) : at;
}

RedisReply in_seconds(std::int64_t ms) {
  // Rounded, without overflow: the moment may be the last that there is.
  return RedisReply::of(ms < 0 ? ms : ms / 1000 + (ms % 1000 + 500) / 1000);
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

constexpr CommandSpec kCommands[] = {
    {"expire", -3, kWrite, expire, kOneKey},
    {"pexpire", -3, kWrite, pexpire, kOneKey},
    {"expireat", -3, kWrite, expireat, kOneKey},
    {"pexpireat", -3, kWrite, pexpireat, kOneKey},
    {"ttl", 2, kRead, ttl, kOneKey},
    {"pttl", 2, kRead, pttl, kOneKey},
    {"expiretime", 2, kRead, expiretime, kOneKey},
    {"pexpiretime", 2, kRead, pexpiretime, kOneKey},
    {"persist", 2, kWrite, persist, kOneKey},
};

}  // namespace

std::span<const CommandSpec> expire_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
