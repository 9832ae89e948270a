#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/draw.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

RedisReply sadd(Call& call) {
  Set* set = write<Set>(call, call.args[1], false);
  if (set == nullptr) return error(errors::kWrongType);
  std::size_t fresh = 0;
  for (const auto member : call.args.subspan(2)) fresh += set->add(member, call.state.config);
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
    drop_if_empty(call, call.args[1], set->size());
  }
  return integer(gone);
}

RedisReply smembers(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  std::vector<RedisReply> members;
  if (set != nullptr) {
    members.reserve(set->size());
    for (const std::string_view member : set->listed()) members.push_back(bulk(member));
  }
  return set_of(call, std::move(members));
}

RedisReply is_member(const Set* set, std::string_view member) {
  return RedisReply::of(set != nullptr && set->contains(member) ? 1 : 0);
}

RedisReply sismember(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return is_member(set, call.args[2]);
}

RedisReply smismember(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  std::vector<RedisReply> answers;
  for (const auto member : call.args.subspan(2)) answers.push_back(is_member(set, member));
  return RedisReply::array(std::move(answers));
}

RedisReply scard(Call& call) {
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return integer(set == nullptr ? 0 : set->size());
}

RedisReply smove(Call& call) {
  Set* from;
  Set* to;
  const std::string_view member = call.args[3];
  const bool is_set = read(call, call.args[1], &from);
  const bool fits = read(call, call.args[2], &to);
  if (is_set && from == nullptr) return RedisReply::of(0);
  if (!is_set || !fits) return error(errors::kWrongType);
  if (from == to) return is_member(from, member);
  if (!from->members.erase(member)) return RedisReply::of(0);
  mark_changed(call, call.args[1]);
  drop_if_empty(call, call.args[1], from->size());
  to = write<Set>(call, call.args[2], false);
  if (to->add(member, call.state.config)) mark_changed(call, call.args[2]);
  return RedisReply::of(1);
}

// --- By chance -----------------------------------------------------------------------------------

RedisReply spop_one(Call& call) {
  const std::string_view key = call.args[1];
  Set* set;
  if (!read(call, key, &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::nil();
  const auto position = static_cast<std::uint32_t>(call.state.draw_below(set->size()));
  std::string member = set->members.at(position).key;
  set->members.erase_at(position);
  mark_changed(call, key);
  drop_if_empty(call, key, set->size());
  call.propagate({"SREM", key, member});
  return RedisReply::bulk(std::move(member));
}

/// Redis makes a new set of those that stay where they are few: it may be one of integers again.
void settle_what_stays(Call& call, Set& set, std::size_t popped) {
  constexpr std::size_t kFew = 5;
  if (set.size() * kFew > popped) return;
  Set fresh;
  for (const auto& entry : set.members) fresh.add(entry.key, call.state.config);
  set = std::move(fresh);
}

std::vector<RedisReply> pop_drawn(Call& call, Set& set, std::int64_t count) {
  std::vector<std::size_t> drawn = draw_positions(call.state, set.size(), count);
  std::sort(drawn.begin(), drawn.end());
  std::vector<RedisReply> popped;
  // From the end: erasing moves only the last member.
  for (auto position = drawn.rbegin(); position != drawn.rend(); ++position) {
    popped.push_back(bulk(set.members.at(*position).key));
    set.members.erase_at(static_cast<std::uint32_t>(*position));
    call.propagate({"SREM", call.args[1], popped.back().text});
  }
  return popped;
}

RedisReply spop(Call& call) {
  if (call.args.size() == 2) return spop_one(call);
  if (call.args.size() > 3) return error(errors::kSyntax);
  const auto count = parse_integer(call.args[2]);
  if (!count || *count < 0) return error("ERR value is out of range, must be positive");
  const std::string_view key = call.args[1];
  Set* set;
  if (!read(call, key, &set)) return error(errors::kWrongType);
  if (set == nullptr || *count == 0) return set_of(call, {});
  if (static_cast<std::size_t>(*count) >= set->size()) {
    RedisReply all = smembers(call);
    call.keys().erase(key);
    call.propagate({"DEL", key});
    return all;
  }
  std::vector<RedisReply> popped = pop_drawn(call, *set, *count);
  settle_what_stays(call, *set, popped.size());
  mark_changed(call, key);
  return set_of(call, std::move(popped));
}

RedisReply srandmember(Call& call) {
  Set* set;
  if (call.args.size() == 2) {
    if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
    if (set == nullptr) return RedisReply::nil();
    return bulk(set->members.at(call.state.draw_below(set->size())).key);
  }
  if (call.args.size() > 3) return error(errors::kSyntax);
  std::int64_t count = 0;
  if (auto problem = parse_draw_count(call.args[2], count)) return std::move(*problem);
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::array();
  if (count < -kMostDrawn) return error("ERR value is out of range");
  std::vector<RedisReply> drawn;
  if (count >= 0 && static_cast<std::size_t>(count) >= set->size()) {
    for (const std::string_view member : set->listed()) drawn.push_back(bulk(member));
    return RedisReply::array(std::move(drawn));
  }
  for (const std::size_t position : draw_positions(call.state, set->size(), count)) {
    drawn.push_back(bulk(set->members.at(position).key));
  }
  return RedisReply::array(std::move(drawn));
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"sadd", -3, kAdds, sadd, kOneKey},
    {"srem", -3, kWrite, srem, kOneKey},
    {"smembers", 2, kRead, smembers, kOneKey},
    {"sismember", 3, kRead, sismember, kOneKey},
    {"smismember", -3, kRead, smismember, kOneKey},
    {"scard", 2, kRead, scard, kOneKey},
    {"smove", 4, kWrite, smove, {1, 2, 1}},
    {"spop", -2, kWrite, spop, kOneKey},
    {"srandmember", -2, kRead, srandmember, kOneKey},
};

}  // namespace

std::span<const CommandSpec> set_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
