#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/session.h"
#include "sim/redis/state.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

using Arguments = std::span<const std::string_view>;

/// A command being executed, for a session, on the session's database. args[0] is its name.
struct Call {
  Call(EngineState& engine, Session& caller, Arguments words)
      : state(engine), session(caller), args(words), keyspace(engine.database(caller.database)) {}

  EngineState& state;
  Session& session;  ///< in a script: the script's own
  Arguments args;

  Keyspace& keys() const { return keyspace; }
  bool resp3() const { return session.protocol == 3; }

  /// Tells the append-only file and the replicas this, instead of the command as it stands (once or
  /// more often; a command that changed nothing is not told at all). For commands whose effect
  /// depends on chance, on time or on who waits.
  void propagate(std::initializer_list<std::string_view> words) { propagate(Arguments(words)); }
  void propagate(Arguments words);
  /// Whoever waits for this stream is to look again.
  void wake_readers(std::string_view key) {
    constexpr std::size_t kStream = Value(std::unique_ptr<Stream>()).index();
    state.ready.add(session.database, key, kStream);
  }
  /// Nothing is told of this command.
  void propagate_nothing() { state.effects.replaced = true; }

 private:
  Keyspace& keyspace;
};

using Handler = RedisReply (*)(Call& call);

enum CommandFlag : std::uint16_t {
  kRead = 0,
  kWrite = 1 << 0,
  kNoScript = 1 << 1,   ///< refused inside a script
  kDenyOom = 1 << 2,    ///< refused while the memory is full: may make it fuller
  kNoMulti = 1 << 3,    ///< refused between MULTI and EXEC
  kNotQueued = 1 << 4,  ///< executed at once between MULTI and EXEC
  kLoading = 1 << 5,    ///< allowed while loading
  kStale = 1 << 6,      ///< allowed on a replica that has lost its primary
  kAllowBusy = 1 << 7,  ///< allowed while a script runs
  kNoAuth = 1 << 8,     ///< allowed before AUTH
  kInPubsub = 1 << 9,   ///< allowed to a subscriber of RESP2
  kAdmin = 1 << 10,
  kPubsub = 1 << 11,
  kBlocking = 1 << 12,
  kMayReplicate = 1 << 13,
};

/// Where a command's keys stand: args[first], args[first + step]... up to args[last]; a negative
/// `last` counts from the end (-1: the last argument). first == 0: it has no keys.
struct KeyRange {
  std::int16_t first = 0;
  std::int16_t last = 0;
  std::int16_t step = 0;
};
inline constexpr KeyRange kNoKeys{};
inline constexpr KeyRange kOneKey{1, 1, 1};
inline constexpr KeyRange kAllKeys{1, -1, 1};

/// For commands whose keys do not stand in a range (EVAL, XREAD, ZUNION...): the positions of the
/// keys, in order; as many as can be told where the command is malformed.
using KeyFinder = void (*)(Arguments args, std::vector<std::size_t>& positions);

/// One row of the command table.
struct CommandSpec {
  std::string_view name;  ///< lower case; of a subcommand with its parent's: "config|get"
  int arity;              ///< with the name; negative: at least that many
  std::uint16_t flags;
  Handler handler;  ///< null where only the subcommands can be called
  KeyRange keys = kNoKeys;
  KeyFinder find_keys = nullptr;
  std::span<const CommandSpec> subcommands = {};

  bool accepts(std::size_t words) const {
    const auto count = static_cast<int>(words);
    return arity >= 0 ? count == arity : count >= -arity;
  }
  bool has(CommandFlag flag) const { return (flags & flag) != 0; }
};

/// The rows of each family. A new family is added to the list in command.cc.
std::span<const CommandSpec> generic_commands();
std::span<const CommandSpec> expire_commands();
std::span<const CommandSpec> scan_commands();
std::span<const CommandSpec> string_commands();
std::span<const CommandSpec> hash_commands();
std::span<const CommandSpec> list_commands();
std::span<const CommandSpec> blocking_list_commands();
std::span<const CommandSpec> set_commands();
std::span<const CommandSpec> set_operation_commands();
std::span<const CommandSpec> sorted_set_commands();
std::span<const CommandSpec> sorted_set_range_commands();
std::span<const CommandSpec> sorted_set_operation_commands();
std::span<const CommandSpec> sorted_set_pop_commands();
std::span<const CommandSpec> stream_commands();
std::span<const CommandSpec> script_commands();
std::span<const CommandSpec> transaction_commands();
std::span<const CommandSpec> connection_commands();
std::span<const CommandSpec> pubsub_commands();
std::span<const CommandSpec> client_commands();
std::span<const CommandSpec> config_commands();
std::span<const CommandSpec> server_commands();
std::span<const CommandSpec> command_commands();
std::span<const CommandSpec> cluster_commands();

/// Null where there is no such command (a subcommand is found by both its words); any case.
const CommandSpec* find_command(Arguments words);
/// The row of a name alone, which may have subcommands.
const CommandSpec* find_command(std::string_view name);
/// Every row, in alphabetical order.
std::span<const CommandSpec* const> all_commands();

/// Keys that are counted by args[count_at], before them: none where there are not so many.
void find_counted_keys(Arguments args, std::size_t count_at, std::vector<std::size_t>& positions);

/// The positions of the keys of a well-formed command.
void find_keys(const CommandSpec& spec, Arguments args, std::vector<std::size_t>& positions);

// --- Executing -----------------------------------------------------------------------------------

/// One command from a connection: everything from the look-up to telling the replicas. Nothing:
/// there is no reply now (see Engine::execute).
std::optional<RedisReply> execute(EngineState& state, Session& session, Arguments words);

/// What the server's condition says against a command of the script that is being executed, in the
/// words that redis.call() raises; nothing where it may be called. To be asked where there are
/// guards, or where the script is read-only.
std::optional<RedisReply> refusal_in_script(EngineState& state, const Session& session,
                                            const CommandSpec& spec, Arguments words);

/// Calls the handler and notes what to propagate. For EXEC and scripts, whose commands have passed
/// their own checks.
RedisReply call_command(EngineState& state, Session& session, const CommandSpec& spec,
                        Arguments words);

/// Whether the caller can wait at all.
bool may_block(const Call& call);

/// The session waits, and gets its reply when one of `keys` has changed and `words` (the command,
/// rewritten where it must be: "$" means the id of now) give one, or `on_timeout` after
/// `timeout_ms` (0: never). Where blocking is out of the question (in MULTI, in a script, on the
/// built-in session) it is `on_timeout` at once. To be returned by the handler as its reply.
/// The command is tried again as it was called: its handler calls block() again where it still
/// cannot go on, and the session keeps its place in the queue.
RedisReply block(Call& call, std::vector<std::string> keys, std::int64_t timeout_ms,
                 std::vector<std::string> words, RedisReply on_timeout = RedisReply::nil_array());
/// The same, with the command as it stands.
RedisReply block(Call& call, std::vector<std::string> keys, std::int64_t timeout_ms,
                 RedisReply on_timeout = RedisReply::nil_array());

/// The command is over without a reply of its own: what there is to say was deliver()ed.
RedisReply no_reply(Call& call);

// --- Replies -------------------------------------------------------------------------------------

// Redis 7.0's own words.
namespace errors {

constexpr const char* kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* kSyntax = "ERR syntax error";
constexpr const char* kNotInteger = "ERR value is not an integer or out of range";
constexpr const char* kNotFloat = "ERR value is not a valid float";
constexpr const char* kNoSuchKey = "ERR no such key";
constexpr const char* kOutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";
constexpr const char* kNoScript = "NOSCRIPT No matching script. Please use EVAL.";
constexpr const char* kFewReplicas = "NOREPLICAS Not enough good replicas to write.";
constexpr const char* kClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
constexpr const char* kBusy =
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
constexpr const char* kDebug =
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you "
    "can "
    "run it from a local connection, otherwise you need to set this option in the configuration "
    "file, and then restart the server.";
constexpr const char* kStale =
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
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
/// A score or another floating point number, which has been spelt.
inline RedisReply real(const Call& call, std::string text) {
  return RedisReply::with_text(call.resp3() ? RedisReply::Kind::real : RedisReply::Kind::bulk,
                               std::move(text));
}
/// Key, value, key, value...: flat for RESP2.
inline RedisReply map(const Call& call, std::vector<RedisReply> items) {
  return RedisReply::with_items(call.resp3() ? RedisReply::Kind::map : RedisReply::Kind::array,
                                std::move(items));
}
/// Text for people.
inline RedisReply verbatim(const Call& call, std::string text) {
  if (!call.resp3()) return RedisReply::bulk(std::move(text));
  return RedisReply::with_text(RedisReply::Kind::verbatim, "txt:" + std::move(text));
}
inline RedisReply set_of(const Call& call, std::vector<RedisReply> items) {
  return RedisReply::with_items(call.resp3() ? RedisReply::Kind::set : RedisReply::Kind::array,
                                std::move(items));
}
/// What a subscriber gets.
inline RedisReply push(const Session& to, std::vector<RedisReply> items) {
  return RedisReply::with_items(to.protocol == 3 ? RedisReply::Kind::push : RedisReply::Kind::array,
                                std::move(items));
}
RedisReply wrong_arity(std::string_view name);
/// Of a subcommand that counts its arguments itself: words[1].
RedisReply bad_subcommand(Arguments words);
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

/// False where Redis allows no such name.
bool set_client_name(Session& session, std::string_view name);

/// A time to live as commands give one, read as the moment it means. Units are milliseconds each;
/// `relative`: counted from now. Not valid where it is no integer or leaves 64 bits.
struct ExpiryArgument {
  enum class Problem : std::uint8_t { none, not_integer, out_of_range };
  Problem problem = Problem::none;
  std::int64_t at_ms = 0;
};
ExpiryArgument parse_expiry(std::string_view text, std::int64_t unit_ms, bool relative,
                            std::int64_t now_ms);

/// Whether a key that is to expire then is gone at once. On a replica and while loading it is not:
/// the primary says so when it is.
inline bool already_expired(const Call& call, std::int64_t at_ms) {
  return at_ms <= call.keys().now_ms() && !call.session.is(Session::kFromPrimary);
}

}  // namespace firedrill::sim::redis
