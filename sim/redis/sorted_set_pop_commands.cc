#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/sorted_set_handlers.h"
#include "sim/redis/timeout.h"

// ZPOPMIN and ZPOPMAX, of one set or the first of several, waiting or not.

namespace firedrill::sim::redis {

namespace {

enum class Where : std::uint8_t { min, max };

std::string_view pop_name(Where where) {
  return where == Where::min ? "ZPOPMIN" : "ZPOPMAX";
}

struct Popped {
  std::string member;
  double score = 0;
};

/// Up to `count` elements, the outermost first; the key goes with its last one.
std::vector<Popped> pop(Call& call, std::string_view key, SortedSet& set, Where where,
                        std::int64_t count) {
  const std::size_t size = set.size();
  const auto wanted = std::min<std::uint64_t>(static_cast<std::uint64_t>(count), size);
  const std::size_t first = where == Where::min ? 0 : size - wanted;
  std::vector<Popped> popped;
  popped.reserve(wanted);
  for (const auto& element : set.range(first, first + wanted)) {
    popped.push_back({std::string(element.member), element.score});
  }
  if (where == Where::max) std::reverse(popped.begin(), popped.end());
  for (const Popped& each : popped) set.erase(each.member);
  if (wanted > 0) mark_changed(call, key);
  drop_if_empty(call, key, set.size());
  return popped;
}

void add(const Call& call, const Popped& popped, std::vector<RedisReply>& items) {
  items.push_back(bulk(popped.member));
  items.push_back(score_reply(call, popped.score));
}

RedisReply pairs(const Call& call, const std::vector<Popped>& popped) {
  std::vector<RedisReply> items;
  items.reserve(popped.size());
  for (const Popped& each : popped) {
    std::vector<RedisReply> pair;
    pair.reserve(2);
    add(call, each, pair);
    items.push_back(RedisReply::array(std::move(pair)));
  }
  return RedisReply::array(std::move(items));
}

// --- One set -------------------------------------------------------------------------------------

RedisReply pop_one_set(Call& call, Where where) {
  if (call.args.size() > 3) return error(errors::kSyntax);
  const bool counts = call.args.size() == 3;
  const auto count = counts ? parse_integer(call.args[2]) : std::optional<std::int64_t>(1);
  if (!count || *count < 0) return error("ERR value is out of range, must be positive");
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr || *count == 0) return RedisReply::array();
  const std::vector<Popped> popped = pop(call, call.args[1], *set, where, *count);
  if (counts && call.resp3()) return pairs(call, popped);
  std::vector<RedisReply> items;
  items.reserve(popped.size() * 2);
  for (const Popped& each : popped) add(call, each, items);
  return RedisReply::array(std::move(items));
}

RedisReply zpopmin(Call& call) {
  return pop_one_set(call, Where::min);
}
RedisReply zpopmax(Call& call) {
  return pop_one_set(call, Where::max);
}

// --- The first of several ------------------------------------------------------------------------

/// The first of the keys that holds anything: it must be a sorted set. A command that was woken by
/// a key takes from that one, whatever its own order of keys. False: it is something else.
bool first_set(Call& call, Arguments keys, std::string_view* key, SortedSet** set) {
  *set = nullptr;
  for (const auto candidate : keys) {
    if (call.state.retrying && candidate != call.state.ready_key) continue;
    *key = candidate;
    if (!read(call, candidate, set)) return false;
    if (*set != nullptr) return true;
  }
  return true;
}

std::vector<std::string> texts(Arguments words) {
  return std::vector<std::string>(words.begin(), words.end());
}

RedisReply wait_and_pop(Call& call, Where where) {
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args.back(), timeout_ms)) return std::move(*problem);
  const Arguments keys = call.args.subspan(1, call.args.size() - 2);
  std::string_view key;
  SortedSet* set;
  if (!first_set(call, keys, &key, &set)) return error(errors::kWrongType);
  if (set == nullptr) return block(call, texts(keys), timeout_ms);
  std::vector<RedisReply> items;
  items.reserve(3);
  items.push_back(bulk(key));
  add(call, pop(call, key, *set, where, 1).front(), items);
  call.propagate({pop_name(where), key});
  return RedisReply::array(std::move(items));
}

RedisReply bzpopmin(Call& call) {
  return wait_and_pop(call, Where::min);
}
RedisReply bzpopmax(Call& call) {
  return wait_and_pop(call, Where::max);
}

/// "numkeys key... MIN|MAX [COUNT count]".
struct PopMany {
  Arguments keys;
  Where where = Where::min;
  std::int64_t count = 1;
};

/// Null where all is well.
const char* parse_pop_many(Arguments words, PopMany& many) {
  const auto numkeys = parse_integer(words[0]);
  if (!numkeys || *numkeys < 1) return "ERR numkeys should be greater than 0";
  if (static_cast<std::uint64_t>(*numkeys) >= words.size() - 1) return errors::kSyntax;
  many.keys = words.subspan(1, static_cast<std::size_t>(*numkeys));
  const Arguments rest = words.subspan(1 + many.keys.size());
  const bool max = equals_ignoring_case(rest[0], "max");
  if (!max && !equals_ignoring_case(rest[0], "min")) return errors::kSyntax;
  many.where = max ? Where::max : Where::min;
  if (rest.size() == 1) return nullptr;
  if (rest.size() < 3 || !equals_ignoring_case(rest[1], "count")) return errors::kSyntax;
  const auto count = parse_integer(rest[2]);
  if (!count || *count < 1) return "ERR count should be greater than 0";
  many.count = *count;
  return rest.size() == 3 ? nullptr : errors::kSyntax;
}

/// Key and elements; nothing where no key has any.
std::optional<RedisReply> pop_many(Call& call, const PopMany& many) {
  std::string_view key;
  SortedSet* set;
  if (!first_set(call, many.keys, &key, &set)) return error(errors::kWrongType);
  if (set == nullptr) return std::nullopt;
  const std::vector<Popped> popped = pop(call, key, *set, many.where, many.count);
  const std::string count = std::to_string(popped.size());
  call.propagate({pop_name(many.where), key, count});
  std::vector<RedisReply> items;
  items.push_back(bulk(key));
  items.push_back(pairs(call, popped));
  return RedisReply::array(std::move(items));
}

RedisReply zmpop(Call& call) {
  PopMany many;
  if (const char* problem = parse_pop_many(call.args.subspan(1), many)) return error(problem);
  return pop_many(call, many).value_or(RedisReply::nil_array());
}

RedisReply bzmpop(Call& call) {
  PopMany many;
  if (const char* problem = parse_pop_many(call.args.subspan(2), many)) return error(problem);
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args[1], timeout_ms)) return std::move(*problem);
  if (auto reply = pop_many(call, many)) return std::move(*reply);
  return block(call, texts(many.keys), timeout_ms);
}

void keys_of_zmpop(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 1, positions);
}
void keys_of_bzmpop(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 2, positions);
}

constexpr CommandSpec kCommands[] = {
    {"zpopmin", -2, kWrite, zpopmin, kOneKey},
    {"zpopmax", -2, kWrite, zpopmax, kOneKey},
    {"zmpop", -4, kWrite, zmpop, kNoKeys, keys_of_zmpop},
    {"bzpopmin", -3, kWrite | kNoScript | kBlocking, bzpopmin, {1, -2, 1}},
    {"bzpopmax", -3, kWrite | kNoScript | kBlocking, bzpopmax, {1, -2, 1}},
    {"bzmpop", -5, kWrite | kBlocking, bzmpop, kNoKeys, keys_of_bzmpop},
};

}  // namespace

std::span<const CommandSpec> sorted_set_pop_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
