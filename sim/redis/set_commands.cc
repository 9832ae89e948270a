#include <algorithm>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

constexpr std::size_t kLargestIntegerSet = 512;

RedisReply sadd(Call& call) {
  Set* set = write<Set>(call, call.args[1], false);
  if (set == nullptr) return error(errors::kWrongType);
  std::size_t fresh = 0;
  for (const auto member : call.args.subspan(2)) {
    if (!set->members.insert(member).second) continue;
    ++fresh;
    set->integers = set->integers && parse_integer(member).has_value() &&
                    set->members.size() <= kLargestIntegerSet;
  }
  if (fresh > 0) mark_changed(call, call.args[1]);
  return integer(fresh);
}

RedisReply srem(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::of(0);
  std::size_t gone = 0;
  for (const auto member : call.args.subspan(2)) gone += set->members.erase(member);
  if (gone > 0) {
    mark_changed(call, call.args[1]);
    drop_if_empty(call, call.args[1], set->members.size());
  }
  return integer(gone);
}

RedisReply smembers(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  std::vector<RedisReply> members;
  if (set == nullptr) return RedisReply::array();
  members.reserve(set->members.size());
  for (const auto& entry : set->members) members.push_back(RedisReply::bulk(entry.key));
  if (set->integers) {
    std::sort(members.begin(), members.end(), [](const RedisReply& a, const RedisReply& b) {
      return parse_integer(a.text) < parse_integer(b.text);
    });
  }
  return RedisReply::array(std::move(members));
}

RedisReply sismember(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return RedisReply::of(set != nullptr && set->members.contains(call.args[2]) ? 1 : 0);
}

RedisReply scard(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return integer(set == nullptr ? 0 : set->members.size());
}

constexpr CommandSpec kCommands[] = {
    {"sadd", -3, kWrite, sadd},       {"srem", -3, kWrite, srem},
    {"smembers", 2, kRead, smembers}, {"sismember", 3, kRead, sismember},
    {"scard", 2, kRead, scard},
};

}  // namespace

std::span<const CommandSpec> set_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
