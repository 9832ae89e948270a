#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// False where one of the keys holds no set; null for a key that is missing.
bool read_sets(Call& call, Arguments keys, std::vector<const Set*>& sets) {
  for (const auto key : keys) {
    Set* set;
    if (!read(call, key, &set)) return false;
    sets.push_back(set);
  }
  return true;
}

using Members = std::vector<std::string_view>;

/// In the order of the smallest set; `limit` of them at most, where it is not 0.
Members intersection(std::vector<const Set*> sets, std::size_t limit = 0) {
  Members common;
  if (std::find(sets.begin(), sets.end(), nullptr) != sets.end()) return common;
  std::stable_sort(sets.begin(), sets.end(),
                   [](const Set* a, const Set* b) { return a->size() < b->size(); });
  for (const std::string_view member : sets[0]->listed()) {
    const bool in_all = std::all_of(sets.begin() + 1, sets.end(),
                                    [&](const Set* set) { return set->contains(member); });
    if (!in_all) continue;
    common.push_back(member);
    if (common.size() == limit) break;
  }
  return common;
}

Set set_of_members(const Call& call, const Members& members) {
  Set set;
  for (const std::string_view member : members) set.add(member, call.state.config);
  return set;
}

Set common_members(const Call& call, const std::vector<const Set*>& sets) {
  return set_of_members(call, intersection(sets));
}

Set all_members(const Call& call, const std::vector<const Set*>& sets) {
  Set all;
  for (const Set* set : sets) {
    if (set == nullptr) continue;
    for (const auto& entry : set->members) all.add(entry.key, call.state.config);
  }
  return all;
}

/// Whether Redis copies the first set and takes the others' members out, because that is less work
/// than to look for each of its members in the others. The copy may be too large, or too mixed, to
/// be one of integers, and what is left of it then is none either.
bool takes_from_copy(const std::vector<const Set*>& sets) {
  if (std::find(sets.begin() + 1, sets.end(), sets[0]) != sets.end()) return false;
  std::size_t looking = 0;
  std::size_t copying = 0;
  for (const Set* set : sets) {
    if (set == nullptr) continue;
    looking += sets[0]->size();
    copying += set->size();
  }
  return looking / 2 > copying;
}

Set difference(const Call& call, const std::vector<const Set*>& sets) {
  Set left;
  if (sets[0] == nullptr) return left;
  const bool copies = takes_from_copy(sets);
  if (copies) left = all_members(call, {sets[0]});
  for (const auto& entry : sets[0]->members) {
    const bool in_another = std::any_of(sets.begin() + 1, sets.end(), [&](const Set* set) {
      return set != nullptr && set->contains(entry.key);
    });
    if (!in_another) left.add(entry.key, call.state.config);
    if (copies && in_another) left.members.erase(entry.key);
  }
  return left;
}

RedisReply answer(const Call& call, const Members& members) {
  std::vector<RedisReply> items;
  items.reserve(members.size());
  for (const std::string_view member : members) items.push_back(bulk(member));
  return set_of(call, std::move(items));
}

/// What STORE does: the key becomes the set, or goes where that is empty.
RedisReply store(Call& call, Set set) {
  const std::size_t size = set.size();
  if (size == 0) {
    if (call.keys().find(call.args[1]) != nullptr) call.keys().erase(call.args[1]);
  } else {
    call.keys().put(call.args[1], std::make_unique<Set>(std::move(set)));
  }
  return integer(size);
}

using Operation = Set (*)(const Call& call, const std::vector<const Set*>& sets);

RedisReply sinter(Call& call) {
  std::vector<const Set*> sets;
  if (!read_sets(call, call.args.subspan(1), sets)) return error(errors::kWrongType);
  return answer(call, intersection(sets));
}

/// Union and difference are answered in the order of a set that is made of them.
RedisReply made_of(Call& call, Operation operation) {
  std::vector<const Set*> sets;
  if (!read_sets(call, call.args.subspan(1), sets)) return error(errors::kWrongType);
  const Set made = operation(call, sets);
  return answer(call, made.listed());
}

RedisReply sunion(Call& call) {
  return made_of(call, all_members);
}
RedisReply sdiff(Call& call) {
  return made_of(call, difference);
}

RedisReply store_made_of(Call& call, Operation operation) {
  std::vector<const Set*> sets;
  if (!read_sets(call, call.args.subspan(2), sets)) return error(errors::kWrongType);
  return store(call, operation(call, sets));
}

RedisReply sinterstore(Call& call) {
  return store_made_of(call, common_members);
}
RedisReply sunionstore(Call& call) {
  return store_made_of(call, all_members);
}
RedisReply sdiffstore(Call& call) {
  return store_made_of(call, difference);
}

const char* parse_limit(Arguments words, std::int64_t& limit) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size() || !equals_ignoring_case(words[i], "limit")) return errors::kSyntax;
    const auto value = parse_integer(words[i + 1]);
    if (!value || *value < 0) return "ERR LIMIT can't be negative";
    limit = *value;
  }
  return nullptr;
}

RedisReply sintercard(Call& call) {
  const auto numkeys = parse_integer(call.args[1]);
  if (!numkeys || *numkeys < 1) return error("ERR numkeys should be greater than 0");
  if (static_cast<std::uint64_t>(*numkeys) > call.args.size() - 2) {
    return error("ERR Number of keys can't be greater than number of args");
  }
  const auto count = static_cast<std::size_t>(*numkeys);
  std::int64_t limit = 0;
  if (const char* problem = parse_limit(call.args.subspan(2 + count), limit)) return error(problem);
  std::vector<const Set*> sets;
  if (!read_sets(call, call.args.subspan(2, count), sets)) return error(errors::kWrongType);
  return integer(intersection(sets, static_cast<std::size_t>(limit)).size());
}

void keys_of_sintercard(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 1, positions);
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"sinter", -2, kRead, sinter, kAllKeys},
    {"sunion", -2, kRead, sunion, kAllKeys},
    {"sdiff", -2, kRead, sdiff, kAllKeys},
    {"sinterstore", -3, kAdds, sinterstore, kAllKeys},
    {"sunionstore", -3, kAdds, sunionstore, kAllKeys},
    {"sdiffstore", -3, kAdds, sdiffstore, kAllKeys},
    {"sintercard", -3, kRead, sintercard, kNoKeys, keys_of_sintercard},
};

}  // namespace

std::span<const CommandSpec> set_operation_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
