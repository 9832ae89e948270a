#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/draw.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// Sets the pairs from args[2] on; how many fields are new, or -1 where the key is no hash.
std::int64_t set_fields(Call& call) {
  Hash* hash = write<Hash>(call, call.args[1]);
  if (hash == nullptr) return -1;
  std::int64_t fresh = 0;
  for (std::size_t i = 2; i < call.args.size(); i += 2) {
    fresh += hash->set(call.args[i], call.args[i + 1], call.state.config);
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
  if (hash->contains(call.args[2])) return RedisReply::of(0);
  hash->set(call.args[2], call.args[3], call.state.config);
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
  return fields && values ? map(call, std::move(items)) : RedisReply::array(std::move(items));
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

/// Sets field args[2], of a hash or of a new one.
void set_number(Call& call, const std::string& text) {
  write<Hash>(call, call.args[1])->set(call.args[2], text, call.state.config);
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
  set_number(call, std::to_string(*sum));
  return RedisReply::of(*sum);
}

RedisReply hincrbyfloat(Call& call) {
  const auto delta = parse_long_double(call.args[3]);
  if (!delta) return error(errors::kNotFloat);
  if (std::isinf(*delta)) return error("ERR value is NaN or Infinity");
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  long double current = 0;
  if (const auto* entry = hash == nullptr ? nullptr : hash->find(call.args[2])) {
    const auto parsed = parse_long_double(entry->value);
    if (!parsed) return error("ERR hash value is not a float");
    current = *parsed;
  }
  const long double sum = current + *delta;
  if (std::isnan(sum) || std::isinf(sum)) {
    return error("ERR increment would produce NaN or Infinity");
  }
  std::string text = long_double_text(sum);
  set_number(call, text);
  call.propagate({"HSET", call.args[1], call.args[2], text});
  return RedisReply::bulk(std::move(text));
}

// --- HRANDFIELD ----------------------------------------------------------------------------------

/// With values: flat for RESP2, in pairs for RESP3.
RedisReply fields_at(const Call& call, const Hash& hash, const std::vector<std::size_t>& positions,
                     bool with_values) {
  std::vector<RedisReply> items;
  for (const std::size_t position : positions) {
    const auto& entry = hash.at(position);
    if (with_values && call.resp3()) {
      std::vector<RedisReply> pair;
      pair.push_back(bulk(entry.key));
      pair.push_back(bulk(entry.value));
      items.push_back(RedisReply::array(std::move(pair)));
      continue;
    }
    items.push_back(bulk(entry.key));
    if (with_values) items.push_back(bulk(entry.value));
  }
  return RedisReply::array(std::move(items));
}

RedisReply hrandfield(Call& call) {
  if (call.args.size() == 2) {
    Hash* hash;
    if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
    if (hash == nullptr) return RedisReply::nil();
    return bulk(hash->at(call.state.draw_below(hash->size())).key);
  }
  std::int64_t count = 0;
  if (auto problem = parse_draw_count(call.args[2], count)) return std::move(*problem);
  const bool with_values = call.args.size() == 4;
  if (call.args.size() > 4 || (with_values && !equals_ignoring_case(call.args[3], "withvalues"))) {
    return error(errors::kSyntax);
  }
  if (with_values && (count < -INT64_MAX / 2 || count > INT64_MAX / 2)) {
    return error("ERR value is out of range");
  }
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  if (hash == nullptr) return RedisReply::array();
  if (count < -kMostDrawn) return error("ERR value is out of range");
  return fields_at(call, *hash, draw_positions(call.state, hash->size(), count), with_values);
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"hset", -4, kAdds, hset, kOneKey},
    {"hmset", -4, kAdds, hmset, kOneKey},
    {"hsetnx", 4, kAdds, hsetnx, kOneKey},
    {"hget", 3, kRead, hget, kOneKey},
    {"hmget", -3, kRead, hmget, kOneKey},
    {"hgetall", 2, kRead, hgetall, kOneKey},
    {"hkeys", 2, kRead, hkeys, kOneKey},
    {"hvals", 2, kRead, hvals, kOneKey},
    {"hlen", 2, kRead, hlen, kOneKey},
    {"hexists", 3, kRead, hexists, kOneKey},
    {"hstrlen", 3, kRead, hstrlen, kOneKey},
    {"hdel", -3, kWrite, hdel, kOneKey},
    {"hincrby", 4, kAdds, hincrby, kOneKey},
    {"hincrbyfloat", 4, kAdds, hincrbyfloat, kOneKey},
    {"hrandfield", -2, kRead, hrandfield, kOneKey},
};

}  // namespace

std::span<const CommandSpec> hash_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
