#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/cluster.h"
#include "sim/redis/command.h"
#include "sim/redis/eviction.h"
#include "sim/redis/numbers.h"
#include "sim/redis/scoped_value.h"
#include "sim/redis/script_host.h"

// A command's way from a connection to its reply: what processCommand() and call() are in Redis.

namespace firedrill::sim::redis {

namespace {

/// An error that quotes the client's words may have no line's end in it.
void put_on_one_line(std::string& text) {
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
}

/// As printf's %.*s shows it: no further than a zero byte.
std::string_view as_shown(std::string_view word, std::size_t most) {
  return word.substr(0, std::min(most, word.find('\0')));
}

RedisReply unknown_command(Arguments words) {
  std::string text = "ERR unknown command '";
  text.append(words.empty() ? "" : as_shown(words[0], 128)).append("', with args beginning with: ");
  std::size_t quoted = 0;
  for (std::size_t i = 1; i < words.size() && quoted < 128; ++i) {
    const std::string_view part = as_shown(words[i], 128 - quoted);
    text.append("'").append(part).append("' ");
    quoted += part.size() + 3;
  }
  put_on_one_line(text);
  return RedisReply::error(std::move(text));
}

RedisReply unknown_subcommand(const CommandSpec& parent, Arguments words) {
  std::string name(parent.name);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string text = "ERR unknown subcommand '" + std::string(as_shown(words[1], 128)) + "'. Try " +
                     name + " HELP.";
  put_on_one_line(text);
  return RedisReply::error(std::move(text));
}

/// What the row says against these words; nothing where all is well.
std::optional<RedisReply> malformed(const CommandSpec* spec, Arguments words) {
  if (spec == nullptr) {
    const CommandSpec* parent = words.empty() ? nullptr : find_command(words[0]);
    return parent == nullptr ? unknown_command(words) : unknown_subcommand(*parent, words);
  }
  if (!spec->accepts(words.size()) || spec->handler == nullptr) return wrong_arity(spec->name);
  if (spec->has(kAdmin) && spec->name == "debug") return error(errors::kDebug);
  return std::nullopt;
}

bool is_exec(const CommandSpec& spec) {
  return spec.name == "exec";
}

bool ends_transaction(const CommandSpec& spec) {
  return is_exec(spec) || spec.name == "discard" || spec.name == "quit" || spec.name == "reset";
}

/// The flags that count: EXEC has those of all that it will execute, EVAL those that its script
/// declares.
std::uint16_t effective_flags(const EngineState& state, const Session& session,
                              const CommandSpec& spec, Arguments words) {
  if (!is_exec(spec)) return flags_with_script(state, spec, words);
  constexpr unsigned kInherited = kWrite | kDenyOom | kMayReplicate;
  constexpr unsigned kOfAll = kStale | kLoading;
  const unsigned any = spec.flags | (session.queued_any & kInherited);
  return static_cast<std::uint16_t>(any & (session.queued_all | ~kOfAll));
}

constexpr const char* kDiskError =
    "MISCONF Errors writing to the AOF file: No space left on device";
constexpr const char* kReadOnly = "READONLY You can't write against a read only replica.";

/// In the order that scripts see, which is not that of commands.
const char* refusal_of_writes_in_script(EngineState& state) {
  if (state.replication.primary && state.config.replica_read_only) return kReadOnly;
  if (state.guards & EngineState::kDiskFailed) return kDiskError;
  return state.has_enough_replicas() ? nullptr : errors::kFewReplicas;
}

/// Makes room, and says whether the command must be refused because there is none.
bool lacks_memory(EngineState& state, const Session& session, const CommandSpec& spec,
                  std::uint16_t flags) {
  state.out_of_memory = !make_room(state);
  if (!state.out_of_memory) return false;
  // What a transaction queues takes memory, too; but it must come to an end.
  return (flags & kDenyOom) != 0 || (session.is(Session::kInMulti) && !ends_transaction(spec));
}

/// What the server's condition says against the command.
const char* refusal_by_guards(EngineState& state, const Session& session, std::uint16_t flags,
                              bool is_ping) {
  if (session.is(Session::kFromPrimary)) return nullptr;
  const bool writes = (flags & kWrite) != 0;
  if ((state.guards & EngineState::kDiskFailed) && (writes || is_ping)) {
    return kDiskError;
  }
  if (writes && !state.has_enough_replicas()) return errors::kFewReplicas;
  const bool is_replica = state.replication.primary && state.config.replica_read_only;
  return is_replica && writes ? kReadOnly : nullptr;
}

/// The same, of what is asked last.
const char* refusal_of_stale_data(const EngineState& state, const Session& session,
                                  std::uint16_t flags) {
  if (session.is(Session::kFromPrimary)) return nullptr;
  if (state.is_stale() && !(flags & kStale)) return errors::kStale;
  if ((state.guards & EngineState::kLoadingData) && !(flags & kLoading)) {
    return "LOADING Redis is loading the dataset in memory";
  }
  return nullptr;
}

/// What the connection's condition says against the command.
std::optional<RedisReply> refusal_of_session(const EngineState& state, const Session& session,
                                             const CommandSpec& spec) {
  const bool needs_password = !state.config.requirepass.empty();
  if (session.is(Session::kUnauthenticated) && needs_password && !spec.has(kNoAuth)) {
    return error("NOAUTH Authentication required.");
  }
  if (session.is(Session::kInMulti) && spec.has(kNoMulti)) {
    return error("ERR Command not allowed inside a transaction");
  }
  return std::nullopt;
}

/// Another node of the cluster executes it. That spoils a transaction; EXEC says where to, and
/// ends it.
std::optional<RedisReply> redirect(EngineState& state, Session& session, const CommandSpec& spec,
                                   Arguments words, std::uint16_t flags) {
  state.slot.reset();
  if (session.is(Session::kFromPrimary)) return std::nullopt;
  const auto elsewhere = redirection(state, session, spec, words, flags, &state.slot);
  if (!elsewhere) return std::nullopt;
  if (session.is(Session::kInMulti)) session.must_abort = true;
  if (is_exec(spec)) state.end_transaction(session);
  return RedisReply::error(elsewhere->text(*state.cluster));
}

std::optional<RedisReply> refusal(EngineState& state, const Session& session,
                                  const CommandSpec& spec, std::uint16_t flags) {
  if ((state.guards & EngineState::kMemory) && lacks_memory(state, session, spec, flags)) {
    if (!session.is(Session::kFromPrimary)) return error(errors::kOutOfMemory);
  }
  if (state.guards != 0) {
    if (const char* why = refusal_by_guards(state, session, flags, spec.name == "ping"))
      return error(why);
  }
  if (session.is(Session::kSubscriber) && session.protocol == 2 && !spec.has(kInPubsub)) {
    return RedisReply::error("ERR Can't execute '" + std::string(spec.name) +
                             "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
                             "allowed in this context");
  }
  if (const char* why = refusal_of_stale_data(state, session, flags)) return error(why);
  return std::nullopt;
}

/// A command that is not executed: it spoils the transaction that it was meant for.
RedisReply refuse(EngineState& state, Session& session, const CommandSpec* spec, RedisReply reply) {
  if (session.is(Session::kInMulti)) session.must_abort = true;
  if (spec == nullptr || !is_exec(*spec)) return reply;
  state.end_transaction(session);
  // An error without a code of its own is quoted without the one that it would get.
  const std::string_view text = reply.text;
  return RedisReply::error("EXECABORT Transaction discarded because of: " +
                           std::string(text.substr(text.starts_with("ERR ") ? 4 : 0)));
}

/// Whether CLIENT PAUSE holds the command up: it begins when the pause is over.
bool is_paused(EngineState& state, const Session& session, std::uint16_t flags) {
  if (state.now_ms() >= state.pause_until_ms) state.pause(0, false);
  if ((state.guards & EngineState::kPaused) == 0) return false;
  if (session.is(Session::kBuiltIn) || session.is(Session::kFromPrimary)) return false;
  return !state.pauses_writes_only || (flags & (kWrite | kMayReplicate)) != 0;
}

RedisReply hold_up(EngineState& state, Session& session, Arguments words) {
  Blocked blocked;
  blocked.words.assign(words.begin(), words.end());
  session.blocked = std::move(blocked);
  state.waiting.push_back(session.id);
  state.held_up.push_back(session.id);
  state.silent = true;
  return {};
}

RedisReply process(EngineState& state, Session& session, Arguments words) {
  const CommandSpec* spec = find_command(words);
  if (auto reply = malformed(spec, words)) {
    return refuse(state, session, spec, std::move(*reply));
  }
  session.last_command = spec->name;
  if ((state.guards | session.special) != 0) [[unlikely]] {
    const std::uint16_t flags = effective_flags(state, session, *spec, words);
    if (auto reply = refusal_of_session(state, session, *spec)) {
      return refuse(state, session, spec, std::move(*reply));
    }
    if (state.in_cluster()) {
      if (auto reply = redirect(state, session, *spec, words, flags)) return *reply;
    }
    if (auto reply = refusal(state, session, *spec, flags)) {
      return refuse(state, session, spec, std::move(*reply));
    }
    if ((state.guards & EngineState::kPaused) && is_paused(state, session, flags)) {
      return hold_up(state, session, words);
    }
    if (session.is(Session::kInMulti) && !spec->has(kNotQueued)) {
      session.queued.emplace_back(words.begin(), words.end());
      session.queued_any |= flags;
      session.queued_all &= flags;
      return RedisReply::status("QUEUED");
    }
  }
  return call_command(state, session, *spec, words);
}

/// What others get while a script runs and the server listens meanwhile.
RedisReply process_while_busy(EngineState& state, Session& session, Arguments words) {
  const CommandSpec* spec = find_command(words);
  if (auto reply = malformed(spec, words)) return refuse(state, session, spec, std::move(*reply));
  if (!spec->has(kAllowBusy)) {
    return refuse(state, session, spec, error(errors::kBusy));
  }
  const bool silent = std::exchange(state.silent, false);
  Call call(state, session, words);
  RedisReply reply = spec->handler(call);
  state.silent = silent;
  return reply;
}

/// ASKING is for one command, or for one transaction.
void forget_asking(Session& session, const CommandSpec* spec) {
  const bool is_asking = spec != nullptr && spec->name == "asking";
  if (!is_asking && !session.is(Session::kInMulti)) session.set(Session::kAsking, false);
}

/// The caller has been sent messages meanwhile (it published to itself): they come before the
/// reply.
bool was_told(const EngineState& state, const Session& session, std::size_t deliveries_before) {
  const auto begin = state.deliveries.begin() + static_cast<std::ptrdiff_t>(deliveries_before);
  return std::any_of(begin, state.deliveries.end(), [&](const Engine::Delivery& delivery) {
    return delivery.to == session.id && delivery.reply;
  });
}

/// A command that comes upon keys which it does not name: that these expire is no part of it.
bool meets_any_keys(std::string_view name) {
  return name == "scan" || name == "randomkey";
}

bool wants_reply(Session& session, const CommandSpec* spec) {
  if (session.is(Session::kReplySkip)) {
    // CLIENT REPLY SKIP is itself not answered, and then the next command is not.
    const bool is_the_skip = spec != nullptr && spec->name == "client|reply";
    if (!is_the_skip) session.set(Session::kReplySkip, false);
    return false;
  }
  return !session.is(Session::kReplyOff);
}

/// All keys of a script, and of the transaction that it is part of, are of the first one's slot.
std::optional<RedisReply> refusal_of_slot(EngineState& state, std::optional<std::uint16_t> slot) {
  if (!slot) return std::nullopt;
  if (!state.slot) state.slot = slot;
  if (state.slot == slot) return std::nullopt;
  return error("ERR Script attempted to access keys that do not hash to the same slot");
}

/// The script may be ASKING or READONLY as its caller is.
std::optional<RedisReply> refusal_of_keys_in_script(EngineState& state, const CommandSpec& spec,
                                                    Arguments words) {
  std::optional<std::uint16_t> slot;
  const auto elsewhere = redirection(state, *state.caller, spec, words, spec.flags, &slot);
  if (!elsewhere) return state.script.one_slot ? refusal_of_slot(state, slot) : std::nullopt;
  switch (elsewhere->why) {
    case Redirection::Why::read_only:
      return error(
          "ERR Script attempted to execute a write command while the cluster is down and readonly");
    case Redirection::Why::down:
      return error("ERR Script attempted to execute a command while the cluster is down");
    default: return error("ERR Script attempted to access a non local key in a cluster node");
  }
}

}  // namespace

std::optional<RedisReply> refusal_in_script(EngineState& state, const Session& session,
                                            const CommandSpec& spec, Arguments words) {
  const bool writes = spec.has(kWrite);
  if (state.is_stale() && !spec.has(kStale)) {
    return error("ERR Can not execute the command on a stale replica");
  }
  if (state.script.read_only && (writes || spec.has(kMayReplicate))) {
    return error("ERR Write commands are not allowed from read-only scripts.");
  }
  // Who has begun to write may go on: half a script is worse than one write too many.
  if (!state.script.has_written && !session.is(Session::kFromPrimary)) {
    if (const char* why = writes ? refusal_of_writes_in_script(state) : nullptr) return error(why);
    const bool lacks_room = state.out_of_memory && !state.script.allows_oom;
    if (lacks_room && spec.has(kDenyOom)) return error(errors::kOutOfMemory);
  }
  state.script.has_written |= writes;  // even if its keys are elsewhere
  const bool in_cluster = state.in_cluster() && !session.is(Session::kFromPrimary);
  return in_cluster ? refusal_of_keys_in_script(state, spec, words) : std::nullopt;
}

std::optional<RedisReply> execute(EngineState& state, Session& session, Arguments words) {
  if ((state.guards & EngineState::kBusyScript) != 0) [[unlikely]] {
    return process_while_busy(state, session, words);
  }
  if (session.is(Session::kClosing)) return std::nullopt;
  const std::size_t deliveries = state.deliveries.size();
  state.caller = &session;
  state.effects.begin();
  RedisReply reply = process(state, session, words);
  const bool silent = state.silent;
  state.effects.end(!meets_any_keys(session.last_command));
  bool answers = !silent;
  if (session.special != 0) {
    const CommandSpec* spec = find_command(words);
    if (answers) answers = wants_reply(session, spec);
    forget_asking(session, spec);
  }
  if (answers && state.deliveries.size() != deliveries && was_told(state, session, deliveries)) {
    state.deliver(session, std::move(reply));
    answers = false;
  }
  if (!state.further_replies.empty()) [[unlikely]] {
    for (RedisReply& further : std::exchange(state.further_replies, {})) {
      state.deliver(session, std::move(further));
    }
  }
  state.finish();
  if (!answers) return std::nullopt;
  return reply;
}

RedisReply call_command(EngineState& state, Session& session, const CommandSpec& spec,
                        Arguments words) {
  Call call(state, session, words);
  ++state.commands_processed;
  if (!state.effects.wanted) return spec.handler(call);
  state.effects.replaced = false;
  const std::uint64_t before = call.keys().changes();
  RedisReply reply = spec.handler(call);
  if (spec.has(kWrite) && !state.effects.replaced && call.keys().changes() != before) {
    state.effects.add(session.database, words);
  }
  state.effects.replaced = true;  // by now, whatever is around this (EXEC, EVAL) has been told
  session.last_write_offset = state.replication.offset + state.effects.size();
  return reply;
}

void Call::propagate(Arguments words) {
  state.effects.add(session.database, words);
  state.effects.replaced = true;
}

bool may_block(const Call& call) {
  return !call.state.in_transaction && !call.state.in_script &&
         !call.session.is(Session::kBuiltIn) && !call.session.is(Session::kFromPrimary);
}

RedisReply block(Call& call, std::vector<std::string> keys, std::int64_t timeout_ms,
                 std::vector<std::string> words, RedisReply on_timeout) {
  EngineState& state = call.state;
  if (state.retrying) {
    state.silent = true;
    return {};
  }
  if (!may_block(call)) return on_timeout;
  Blocked blocked;
  blocked.spec = find_command(call.args);
  blocked.words = std::move(words);
  for (std::string& key : keys) blocked.keys.push_back({call.session.database, std::move(key)});
  if (timeout_ms > 0) blocked.until_ms = state.now_ms() + timeout_ms;
  blocked.on_timeout = std::move(on_timeout);
  call.session.blocked = std::move(blocked);
  state.waiting.push_back(call.session.id);
  return no_reply(call);
}

RedisReply block(Call& call, std::vector<std::string> keys, std::int64_t timeout_ms,
                 RedisReply on_timeout) {
  return block(call, std::move(keys), timeout_ms,
               std::vector<std::string>(call.args.begin(), call.args.end()), std::move(on_timeout));
}

RedisReply no_reply(Call& call) {
  call.state.silent = true;
  return {};
}

// --- What commands set off -----------------------------------------------------------------------

void EngineState::begin(WallTime at) {
  now = at;
  silent = false;
  ready.wanted = !waiting.empty();
  for (const auto& keys : databases) {
    if (keys != nullptr) keys->begin_command(now_ms());
  }
}

void EngineState::finish() {
  if (watchers != 0) tell_watchers();
  if (!waiting.empty()) serve_waiting();
  if (memory != nullptr) memory->update(*this);
  if (!held_up.empty() && (guards & kPaused) == 0) resume_held_up();
}

void EngineState::resume_held_up() {
  for (const SessionId id : std::exchange(held_up, {})) {
    Session* session = find(id);
    if (session == nullptr || !session->blocked || session->blocked->spec != nullptr) continue;
    const std::vector<std::string> words = std::move(session->blocked->words);
    session->blocked.reset();
    std::erase(waiting, id);
    silent = false;
    const std::vector<std::string_view> views(words.begin(), words.end());
    if (auto reply = execute(*this, *session, views)) deliver(*session, std::move(*reply));
  }
}

std::int64_t EngineState::good_replicas() const {
  const std::int64_t oldest = now_ms() - config.min_replicas_max_lag_s * 1000;
  return std::count_if(replication.replicas.begin(), replication.replicas.end(),
                       [oldest](const auto& entry) { return entry.second.heard_of_ms >= oldest; });
}

void EngineState::tell_watchers() {
  for (const auto& keys : databases) {
    if (keys == nullptr) continue;
    for (const std::string& key : keys->changed_keys()) {
      const DatabaseKey changed{keys->number(), key};
      const bool is_there = keys->look(key) != nullptr;
      for (const auto& [id, session] : sessions) tell_watcher(*session, changed, is_there);
    }
  }
}

/// A key that had expired when the watching began may go unnoticed, once.
void EngineState::tell_watcher(Session& session, const DatabaseKey& changed, bool is_there) {
  for (Watched& watched : session.watched) {
    if (watched.key != changed) continue;
    const bool merely_gone = std::exchange(watched.had_expired, false) && !is_there;
    if (!merely_gone) session.watched_changed = true;
  }
}

/// Whoever waits for a key that is ready tries again, the longest waiting first; and again for the
/// keys that this made ready.
void EngineState::serve_waiting() {
  ready.wanted = true;
  while (!ready.keys.empty()) {
    const std::vector<ReadyKeys::Key> round = std::exchange(ready.keys, {});
    for (const ReadyKeys::Key& key : round) serve_waiting_for(key);
  }
}

namespace {

/// The type that a command waits for, as its index in Value.
std::size_t awaited_type(const CommandSpec& spec) {
  if (spec.name.starts_with("x")) return Value(std::unique_ptr<Stream>()).index();
  if (spec.name.starts_with("bz")) return Value(std::unique_ptr<SortedSet>()).index();
  return Value(std::unique_ptr<List>()).index();
}

}  // namespace

/// A key of a type that nobody waits for, whatever the key, wakes nobody.
void EngineState::serve_waiting_for(const ReadyKeys::Key& key) {
  const std::vector<SessionId> order = waiting;
  const bool is_awaited = std::any_of(order.begin(), order.end(), [&](SessionId id) {
    const Session* session = find(id);
    return session != nullptr && session->blocked && session->blocked->spec != nullptr &&
           awaited_type(*session->blocked->spec) == key.type;
  });
  if (!is_awaited) return;
  const DatabaseKey name{key.database, key.name};
  for (const SessionId id : order) {
    Session* session = find(id);
    if (session == nullptr || !session->blocked) continue;
    const auto& keys = session->blocked->keys;
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) serve(*session, name);
  }
}

bool EngineState::serve(Session& session, const DatabaseKey& key) {
  const std::vector<std::string_view> words(session.blocked->words.begin(),
                                            session.blocked->words.end());
  const CommandSpec& spec = *session.blocked->spec;
  std::optional<ScopedValue<bool>> tries(std::in_place, retrying, true);
  ready_key = key.key;
  wait_is_over = false;
  silent = false;
  caller = &session;
  effects.begin();
  RedisReply reply = call_command(*this, session, spec, words);
  effects.end();
  tries.reset();
  if (std::exchange(silent, false)) return false;
  const bool wrong_type = reply.is_error() && reply.text == errors::kWrongType;
  if (wrong_type && !wait_is_over) return false;  // it goes on waiting
  session.blocked.reset();
  std::erase(waiting, session.id);
  deliver(session, std::move(reply));
  return true;
}

void EngineState::end_waits() {
  const std::vector<SessionId> order = waiting;
  for (const SessionId id : order) {
    Session& session = *find(id);
    const std::int64_t until = session.blocked->until_ms;
    if (until == 0 || until > now_ms()) continue;
    end_wait(session);
  }
}

}  // namespace firedrill::sim::redis
