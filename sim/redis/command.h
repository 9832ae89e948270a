#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/redis/state.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

using Arguments = std::span<const std::string_view>;

/// A command being executed. args[0] is its name.
struct Call {
  EngineState& state;
  Arguments args;

  Keyspace& keys() const { return state.keys; }
};

using Handler = RedisReply (*)(Call& call);

enum CommandFlag : std::uint8_t {
  kRead = 0,
  kWrite = 1,
  kNoScript = 2,  ///< refused inside a script
};

/// One row of the command table.
struct CommandSpec {
  std::string_view name;  ///< lower case
  int arity;              ///< with the name; negative: at least that many
  std::uint8_t flags;
  Handler handler;

  bool accepts(std::size_t words) const {
    const auto count = static_cast<int>(words);
    return arity >= 0 ? count == arity : count >= -arity;
  }
};

/// The rows of each family. A new family is added to the list in command.cc.
std::span<const CommandSpec> generic_commands();
std::span<const CommandSpec> string_commands();
std::span<const CommandSpec> hash_commands();
std::span<const CommandSpec> set_commands();
std::span<const CommandSpec> sorted_set_commands();
std::span<const CommandSpec> stream_commands();
std::span<const CommandSpec> script_commands();

/// Null where there is no such command; any case.
const CommandSpec* find_command(std::string_view name);

RedisReply execute(EngineState& state, Arguments words);

// Redis 7.0's own words.
namespace errors {

constexpr const char* kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* kSyntax = "ERR syntax error";
constexpr const char* kNotInteger = "ERR value is not an integer or out of range";
constexpr const char* kNotFloat = "ERR value is not a valid float";
constexpr const char* kNoSuchKey = "ERR no such key";
constexpr const char* kOverflow = "ERR increment or decrement would overflow";

}  // namespace errors

inline RedisReply ok() {
  return RedisReply::status("OK");
}
inline RedisReply error(const char* text) {
  return RedisReply::error(text);
}
inline RedisReply integer(std::size_t value) {
  return RedisReply::of(static_cast<std::int64_t>(value));
}
inline RedisReply bulk(std::string_view text) {
  return RedisReply::bulk(std::string(text));
}
RedisReply wrong_arity(std::string_view name);
RedisReply invalid_expire(std::string_view name);

/// What `key` holds as a T (Hash, Set, ...): null in `*value` where the key is missing; false where
/// it holds something else.
template <class T>
bool read(Call& call, std::string_view key, T** value) {
  *value = nullptr;
  Keyspace::Entry* entry = call.keys().find(key);
  if (entry == nullptr) return true;
  auto* held = std::get_if<std::unique_ptr<T>>(&entry->value.value);
  if (held == nullptr) return false;
  *value = held->get();
  return true;
}

/// The same for writing: makes an empty one where the key is missing. Null where it holds something
/// else. Whoever may leave it empty calls drop_if_empty().
template <class T>
T* write(Call& call, std::string_view key, bool marks_changed = true) {
  Keyspace::Entry* entry = call.keys().find(key);
  if (entry == nullptr) entry = &call.keys().put(key, std::make_unique<T>());
  auto* held = std::get_if<std::unique_ptr<T>>(&entry->value.value);
  if (held == nullptr) return nullptr;
  if (marks_changed) call.keys().changed(*entry);
  return held->get();
}

inline void mark_changed(Call& call, std::string_view key) {
  if (Keyspace::Entry* entry = call.keys().find(key)) call.keys().changed(*entry);
}

inline void drop_if_empty(Call& call, std::string_view key, std::size_t size) {
  if (size == 0) call.keys().erase(key);
}

/// A time to live as commands give one, read as the moment it means. Units are milliseconds each;
/// `relative`: counted from now. Not valid where it is no integer or leaves 64 bits.
struct ExpiryArgument {
  enum class Problem : std::uint8_t { none, not_integer, out_of_range };
  Problem problem = Problem::none;
  std::int64_t at_ms = 0;
};
ExpiryArgument parse_expiry(std::string_view text, std::int64_t unit_ms, bool relative,
                            std::int64_t now_ms);

}  // namespace firedrill::sim::redis
