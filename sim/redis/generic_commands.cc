#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/encoding.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

RedisReply del(Call& call) {
  std::size_t gone = 0;
  for (const auto key : call.args.subspan(1)) {
    if (call.keys().find(key) != nullptr && call.keys().erase(key)) ++gone;
  }
  return integer(gone);
}

RedisReply exists(Call& call) {
  std::size_t there = 0;
  for (const auto key : call.args.subspan(1)) there += call.keys().peek(key) != nullptr;
  return integer(there);
}

RedisReply type(Call& call) {
  const Keyspace::Entry* entry = call.keys().peek(call.args[1]);
  return RedisReply::status(entry == nullptr ? "none" : std::string(type_name(entry->value.value)));
}

RedisReply touch(Call& call) {
  std::size_t there = 0;
  for (const auto key : call.args.subspan(1)) there += call.keys().find(key) != nullptr;
  return integer(there);
}

RedisReply dbsize(Call& call) {
  return integer(call.keys().size());
}

bool flush_is_well_formed(const Call& call) {
  return call.args.size() == 1 ||
         (call.args.size() == 2 && (equals_ignoring_case(call.args[1], "sync") ||
                                    equals_ignoring_case(call.args[1], "async")));
}

RedisReply flushdb(Call& call) {
  if (!flush_is_well_formed(call)) return error(errors::kSyntax);
  call.keys().clear();
  call.propagate(call.args);
  return ok();
}

RedisReply flushall(Call& call) {
  if (!flush_is_well_formed(call)) return error(errors::kSyntax);
  for (const auto& database : call.state.databases) {
    if (database != nullptr) database->clear();
  }
  call.propagate(call.args);
  return ok();
}

// --- From one name to another --------------------------------------------------------------------

/// Gives what `from` holds, and its expiry, to `key` of `to`.
void put_moved(Keyspace& to, std::string_view key, Keyspace::Slot from) {
  Keyspace::Entry& entry = to.put(key, std::move(from.value));
  entry.value.raw = from.raw;
  if (from.expires_ms != Keyspace::kForever) to.set_expiry(entry, from.expires_ms);
}

Keyspace::Slot copy_of_slot(const Keyspace::Slot& slot) {
  Keyspace::Slot copy;
  copy.value = copy_of(slot.value);
  copy.raw = slot.raw || std::holds_alternative<std::int64_t>(slot.value);
  copy.expires_ms = slot.expires_ms;
  return copy;
}

RedisReply rename_to(Call& call, bool only_new) {
  const std::string_view from = call.args[1];
  const std::string_view to = call.args[2];
  if (call.keys().find(from) == nullptr) return error(errors::kNoSuchKey);
  if (from == to) return only_new ? RedisReply::of(0) : ok();
  if (call.keys().find(to) != nullptr) {
    if (only_new) return RedisReply::of(0);
    call.keys().erase(to);
  }
  put_moved(call.keys(), to, std::move(call.keys().find(from)->value));
  call.keys().erase(from);
  return only_new ? RedisReply::of(1) : ok();
}

RedisReply rename(Call& call) {
  return rename_to(call, false);
}
RedisReply renamenx(Call& call) {
  return rename_to(call, true);
}

RedisReply no_such_database() {
  return error("ERR DB index is out of range");
}

bool is_database(std::int64_t number) {
  return number >= 0 && number < EngineState::kDatabases;
}

/// The number of a database as MOVE and COPY read it, or their error reply.
std::optional<RedisReply> parse_database(std::string_view text, std::uint32_t& number) {
  const auto value = parse_integer(text);
  if (!value) return error(errors::kNotInteger);
  if (*value < INT32_MIN || *value > INT32_MAX) {
    return error("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (!is_database(*value)) return no_such_database();
  number = static_cast<std::uint32_t>(*value);
  return std::nullopt;
}

constexpr const char* kSameObject = "ERR source and destination objects are the same";

RedisReply move(Call& call) {
  if (call.state.in_cluster()) return error("ERR MOVE is not allowed in cluster mode");
  std::uint32_t number = 0;
  if (auto problem = parse_database(call.args[2], number)) return std::move(*problem);
  if (number == call.session.database) return error(kSameObject);
  const std::string_view key = call.args[1];
  Keyspace& to = call.state.database(number);
  Keyspace::Entry* entry = call.keys().find(key);
  if (entry == nullptr || to.find(key) != nullptr) return RedisReply::of(0);
  put_moved(to, key, std::move(entry->value));
  call.keys().erase(key);
  return RedisReply::of(1);
}

std::optional<RedisReply> parse_copy(Arguments words, std::uint32_t& number, bool& replaces) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (equals_ignoring_case(words[i], "replace")) {
      replaces = true;
    } else if (equals_ignoring_case(words[i], "db") && i + 1 < words.size()) {
      if (auto problem = parse_database(words[++i], number)) return problem;
    } else {
      return error(errors::kSyntax);
    }
  }
  return std::nullopt;
}

RedisReply copy(Call& call) {
  std::uint32_t number = call.session.database;
  bool replaces = false;
  if (auto problem = parse_copy(call.args.subspan(3), number, replaces)) return std::move(*problem);
  const std::string_view from = call.args[1];
  const std::string_view to = call.args[2];
  if (call.state.in_cluster() && number != 0) {
    return error("ERR Copying to another database is not allowed in cluster mode");
  }
  if (number == call.session.database && from == to) return error(kSameObject);
  Keyspace& target = call.state.database(number);
  const Keyspace::Entry* entry = call.keys().find(from);
  if (entry == nullptr) return RedisReply::of(0);
  Keyspace::Slot slot = copy_of_slot(entry->value);
  if (target.find(to) != nullptr) {
    if (!replaces) return RedisReply::of(0);
    target.erase(to);
  }
  put_moved(target, to, std::move(slot));
  call.propagate(call.args);  // the change may be all in another database
  return RedisReply::of(1);
}

RedisReply swapdb(Call& call) {
  if (call.state.in_cluster()) return error("ERR SWAPDB is not allowed in cluster mode");
  const auto is_int = [](const std::optional<std::int64_t>& number) {
    return number && *number >= INT32_MIN && *number <= INT32_MAX;
  };
  const auto first = parse_integer(call.args[1]);
  const auto second = parse_integer(call.args[2]);
  if (!is_int(first)) return error("ERR invalid first DB index");
  if (!is_int(second)) return error("ERR invalid second DB index");
  if (!is_database(*first) || !is_database(*second)) return no_such_database();
  if (*first != *second) {
    Keyspace& other = call.state.database(static_cast<std::uint32_t>(*second));
    call.state.database(static_cast<std::uint32_t>(*first)).swap_keys(other);
  }
  call.propagate(call.args);
  return ok();
}

RedisReply randomkey(Call& call) {
  // On a replica keys that have expired stay for a while: it gives up looking for another.
  constexpr int kTries = 100;
  for (int tries = 1; call.keys().size() > 0; ++tries) {
    const std::string key = call.keys().at(call.state.draw_below(call.keys().size())).key;
    if (call.keys().peek(key) != nullptr || tries == kTries) return RedisReply::bulk(key);
  }
  return RedisReply::nil();
}

// --- OBJECT --------------------------------------------------------------------------------------

RedisReply object_encoding(Call& call) {
  const Keyspace::Entry* entry = call.keys().peek(call.args[2]);
  if (entry == nullptr) return RedisReply::nil();
  return bulk(encoding_of(entry->value));
}

/// Small integers are shared by all, but those that COPY made.
RedisReply object_refcount(Call& call) {
  constexpr std::int64_t kShared = 10'000;
  const Keyspace::Entry* entry = call.keys().peek(call.args[2]);
  if (entry == nullptr) return RedisReply::nil();
  const auto* number = std::get_if<std::int64_t>(&entry->value.value);
  const bool is_shared =
      number != nullptr && !entry->value.raw && *number >= 0 && *number < kShared;
  return RedisReply::of(is_shared ? INT32_MAX : 1);
}

RedisReply object_idletime(Call& call) {
  const Keyspace::Entry* entry = call.keys().peek(call.args[2]);
  if (entry == nullptr) return RedisReply::nil();
  const std::int64_t idle_ms = call.keys().now_ms() - entry->value.used_ms;
  return RedisReply::of(std::max<std::int64_t>(idle_ms, 0) / 1000);
}

RedisReply object_freq(Call& call) {
  if (call.keys().peek(call.args[2]) == nullptr) return RedisReply::nil();
  return error(
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that "
      "when switching between policies at runtime LRU and LFU data will take some time to adjust.");
}

RedisReply object_help(Call&) {
  constexpr const char* kLines[] = {
      "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
      "HELP",
      "    Prints this help.",
  };
  std::vector<RedisReply> lines;
  for (const char* line : kLines) lines.push_back(RedisReply::status(line));
  return RedisReply::array(std::move(lines));
}

constexpr KeyRange kSecondWord{2, 2, 1};

constexpr CommandSpec kObjectCommands[] = {
    {"object|encoding", 3, kRead, object_encoding, kSecondWord},
    {"object|refcount", 3, kRead, object_refcount, kSecondWord},
    {"object|idletime", 3, kRead, object_idletime, kSecondWord},
    {"object|freq", 3, kRead, object_freq, kSecondWord},
    {"object|help", 2, kLoading | kStale, object_help},
};

constexpr CommandSpec kCommands[] = {
    {"del", -2, kWrite, del, kAllKeys},
    {"unlink", -2, kWrite, del, kAllKeys},
    {"exists", -2, kRead, exists, kAllKeys},
    {"touch", -2, kRead, touch, kAllKeys},
    {"type", 2, kRead, type, kOneKey},
    {"rename", 3, kWrite, rename, {1, 2, 1}},
    {"renamenx", 3, kWrite, renamenx, {1, 2, 1}},
    {"copy", -3, kWrite | kDenyOom, copy, {1, 2, 1}},
    {"move", 3, kWrite, move, kOneKey},
    {"swapdb", 3, kWrite, swapdb},
    {"dbsize", 1, kRead, dbsize},
    {"flushall", -1, kWrite, flushall},
    {"flushdb", -1, kWrite, flushdb},
    {"randomkey", 1, kRead, randomkey},
    {"object", -2, kRead, nullptr, kNoKeys, nullptr, kObjectCommands},
};

}  // namespace

std::span<const CommandSpec> generic_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
