#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// Sets the pairs from args[2] on; how many fields are new, or -1 where the key is no hash.
std::int64_t set_fields(Call& call) {
  Hash* hash = write<Hash>(call, call.args[1]);
  if (hash == nullptr) return -1;
  std::int64_t fresh = 0;
  for (std::size_t i = 2; i < call.args.size(); i += 2) {
    const auto [entry, is_new] = hash->insert(call.args[i]);
    entry->value = call.args[i + 1];
    fresh += is_new;
  }
  return fresh;
}

RedisReply hset(Call& call) {
  if (call.args.size() % 2 != 0) return wrong_arity("hset");
  const std::int64_t fresh = set_fields(call);
  return fresh < 0 ? error(errors::kWrongType) : RedisReply::of(fresh);
}

RedisReply hmset(Call& call) {
  if (call.args.size() % 2 != 0) return wrong_arity("hmset");
  return set_fields(call) < 0 ? error(errors::kWrongType) : ok();
}

RedisReply hsetnx(Call& call) {
  Hash* hash = write<Hash>(call, call.args[1], false);
  if (hash == nullptr) return error(errors::kWrongType);
  const auto [entry, is_new] = hash->insert(call.args[2]);
  if (!is_new) return RedisReply::of(0);
  entry->value = call.args[3];
  mark_changed(call, call.args[1]);
  return RedisReply::of(1);
}

RedisReply value_of(const Hash* hash, std::string_view field) {
  const auto* entry = hash == nullptr ? nullptr : hash->find(field);
  return entry == nullptr ? RedisReply::nil() : RedisReply::bulk(entry->value);
}

RedisReply hget(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  return value_of(hash, call.args[2]);
}

RedisReply hmget(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  std::vector<RedisReply> values;
  values.reserve(call.args.size() - 2);
  for (const auto field : call.args.subspan(2)) values.push_back(value_of(hash, field));
  return RedisReply::array(std::move(values));
}

RedisReply list(Call& call, bool fields, bool values) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  std::vector<RedisReply> items;
  if (hash != nullptr) {
    items.reserve(hash->size() * 2);
    for (const auto& entry : *hash) {
      if (fields) items.push_back(RedisReply::bulk(entry.key));
      if (values) items.push_back(RedisReply::bulk(entry.value));
    }
  }
  return RedisReply::array(std::move(items));
}

RedisReply hgetall(Call& call) {
  return list(call, true, true);
}
RedisReply hkeys(Call& call) {
  return list(call, true, false);
}
RedisReply hvals(Call& call) {
  return list(call, false, true);
}

RedisReply hlen(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  return integer(hash == nullptr ? 0 : hash->size());
}

RedisReply hexists(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  return RedisReply::of(hash != nullptr && hash->contains(call.args[2]) ? 1 : 0);
}

RedisReply hstrlen(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  return integer(value_of(hash, call.args[2]).text.size());
}

RedisReply hdel(Call& call) {
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  if (hash == nullptr) return RedisReply::of(0);
  std::size_t gone = 0;
  for (const auto field : call.args.subspan(2)) gone += hash->erase(field);
  if (gone > 0) {
    mark_changed(call, call.args[1]);
    drop_if_empty(call, call.args[1], hash->size());
  }
  return integer(gone);
}

RedisReply hincrby(Call& call) {
  const auto delta = parse_integer(call.args[3]);
  if (!delta) return error(errors::kNotInteger);
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  std::int64_t current = 0;
  auto* entry = hash == nullptr ? nullptr : hash->find(call.args[2]);
  if (entry != nullptr) {
    const auto parsed = parse_integer(entry->value);
    if (!parsed) return error("ERR hash value is not an integer");
    current = *parsed;
  }
  const auto sum = add(current, *delta);
  if (!sum) return error(errors::kOverflow);
  if (entry == nullptr) entry = write<Hash>(call, call.args[1])->insert(call.args[2]).first;
  entry->value = std::to_string(*sum);
  mark_changed(call, call.args[1]);
  return RedisReply::of(*sum);
}

constexpr CommandSpec kCommands[] = {
    {"hset", -4, kWrite, hset},      {"hmset", -4, kWrite, hmset},   {"hsetnx", 4, kWrite, hsetnx},
    {"hget", 3, kRead, hget},        {"hmget", -3, kRead, hmget},    {"hgetall", 2, kRead, hgetall},
    {"hkeys", 2, kRead, hkeys},      {"hvals", 2, kRead, hvals},     {"hlen", 2, kRead, hlen},
    {"hexists", 3, kRead, hexists},  {"hstrlen", 3, kRead, hstrlen}, {"hdel", -3, kWrite, hdel},
    {"hincrby", 4, kWrite, hincrby},
};

}  // namespace

std::span<const CommandSpec> hash_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
