#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/list_ends.h"
#include "sim/redis/numbers.h"
#include "sim/redis/timeout.h"

namespace firedrill::sim::redis {

namespace {

/// A command that was woken by a key takes from that one, whatever its own order of keys.
bool counts(const Call& call, std::string_view key) {
  return !call.state.retrying || key == call.state.ready_key;
}

std::vector<std::string> texts(Arguments words) {
  return std::vector<std::string>(words.begin(), words.end());
}

// --- BLPOP, BRPOP --------------------------------------------------------------------------------

RedisReply blocking_pop(Call& call, End end) {
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args.back(), timeout_ms)) return std::move(*problem);
  const Arguments keys = call.args.subspan(1, call.args.size() - 2);
  for (const auto key : keys) {
    List* list;
    if (!counts(call, key)) continue;
    if (!read(call, key, &list)) return error(errors::kWrongType);
    if (list == nullptr) continue;
    std::vector<RedisReply> reply;
    reply.push_back(bulk(key));
    reply.push_back(std::move(pop_items(call, key, *list, end, 1).front()));
    call.propagate({end == End::left ? "LPOP" : "RPOP", key});
    return RedisReply::array(std::move(reply));
  }
  return block(call, texts(keys), timeout_ms);
}

RedisReply blpop(Call& call) {
  return blocking_pop(call, End::left);
}
RedisReply brpop(Call& call) {
  return blocking_pop(call, End::right);
}

// --- LMPOP, BLMPOP -------------------------------------------------------------------------------

struct PopMany {
  Arguments keys;
  End end = End::left;
  std::int64_t count = 1;
};

/// "numkeys key... LEFT|RIGHT [COUNT count]". Null where all is well.
const char* parse_pop_many(Arguments words, PopMany& pop) {
  const auto numkeys = parse_integer(words[0]);
  if (!numkeys || *numkeys < 1) return "ERR numkeys should be greater than 0";
  if (static_cast<std::uint64_t>(*numkeys) >= words.size() - 1) return errors::kSyntax;
  pop.keys = words.subspan(1, static_cast<std::size_t>(*numkeys));
  const Arguments rest = words.subspan(1 + pop.keys.size());
  const auto end = parse_end(rest[0]);
  if (!end) return errors::kSyntax;
  pop.end = *end;
  if (rest.size() == 1) return nullptr;
  if (rest.size() < 3 || !equals_ignoring_case(rest[1], "count")) return errors::kSyntax;
  const auto count = parse_integer(rest[2]);
  if (!count || *count < 1) return "ERR count should be greater than 0";
  pop.count = *count;
  return rest.size() == 3 ? nullptr : errors::kSyntax;
}

/// Key and items of the first list that has any; nothing where none has.
std::optional<RedisReply> pop_many(Call& call, const PopMany& pop) {
  for (const auto key : pop.keys) {
    List* list;
    if (!counts(call, key)) continue;
    if (!read(call, key, &list)) return error(errors::kWrongType);
    if (list == nullptr) continue;
    std::vector<RedisReply> popped = pop_items(call, key, *list, pop.end, pop.count);
    call.propagate({pop.end == End::left ? "LPOP" : "RPOP", key, std::to_string(popped.size())});
    std::vector<RedisReply> reply;
    reply.push_back(bulk(key));
    reply.push_back(RedisReply::array(std::move(popped)));
    return RedisReply::array(std::move(reply));
  }
  return std::nullopt;
}

RedisReply lmpop(Call& call) {
  PopMany pop;
  if (const char* problem = parse_pop_many(call.args.subspan(1), pop)) return error(problem);
  return pop_many(call, pop).value_or(RedisReply::nil_array());
}

RedisReply blmpop(Call& call) {
  PopMany pop;
  if (const char* problem = parse_pop_many(call.args.subspan(2), pop)) return error(problem);
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args[1], timeout_ms)) return std::move(*problem);
  if (auto reply = pop_many(call, pop)) return std::move(*reply);
  return block(call, texts(pop.keys), timeout_ms);
}

void keys_of_lmpop(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 1, positions);
}
void keys_of_blmpop(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 2, positions);
}

// --- BLMOVE, BRPOPLPUSH --------------------------------------------------------------------------

/// Nobody waits for what cannot wait: nil. At a time-out it is a nil array.
RedisReply blocking_move(Call& call, End from, End to, std::int64_t timeout_ms,
                         Arguments propagated) {
  RedisReply moved = move_item(call, from, to);
  if (moved.is_bulk()) call.propagate(propagated);
  if (!moved.is_nil()) return moved;
  if (!call.state.retrying && !may_block(call)) return moved;
  return block(call, texts(call.args.subspan(1, 1)), timeout_ms);
}

RedisReply blmove(Call& call) {
  const auto from = parse_end(call.args[3]);
  const auto to = parse_end(call.args[4]);
  if (!from || !to) return error(errors::kSyntax);
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args[5], timeout_ms)) return std::move(*problem);
  const std::string_view words[] = {"LMOVE", call.args[1], call.args[2], call.args[3],
                                    call.args[4]};
  return blocking_move(call, *from, *to, timeout_ms, words);
}

RedisReply brpoplpush(Call& call) {
  std::int64_t timeout_ms = 0;
  if (auto problem = parse_timeout(call.args[3], timeout_ms)) return std::move(*problem);
  const std::string_view words[] = {"RPOPLPUSH", call.args[1], call.args[2]};
  return blocking_move(call, End::right, End::left, timeout_ms, words);
}

constexpr std::uint16_t kWaits = kWrite | kNoScript | kBlocking;

constexpr CommandSpec kCommands[] = {
    {"blpop", -3, kWaits, blpop, {1, -2, 1}},
    {"brpop", -3, kWaits, brpop, {1, -2, 1}},
    {"lmpop", -4, kWrite, lmpop, kNoKeys, keys_of_lmpop},
    {"blmpop", -5, kWrite | kBlocking, blmpop, kNoKeys, keys_of_blmpop},
    {"blmove", 6, kWaits | kDenyOom, blmove, {1, 2, 1}},
    {"brpoplpush", 4, kWaits | kDenyOom, brpoplpush, {1, 2, 1}},
};

}  // namespace

std::span<const CommandSpec> blocking_list_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
