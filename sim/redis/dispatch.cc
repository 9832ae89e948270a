#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

// A command's way from a connection to its reply: what processCommand() and call() are in Redis.

namespace firedrill::sim::redis {

namespace {

RedisReply unknown_command(Arguments words) {
  std::string text = "ERR unknown command '";
  text.append(words.empty() ? "" : words[0].substr(0, 128)).append("', with args beginning with: ");
  std::size_t quoted = 0;
  for (std::size_t i = 1; i < words.size() && quoted < 128; ++i) {
    const std::string_view part = words[i].substr(0, 128 - quoted);
    text.append("'").append(part).append("' ");
    quoted += part.size() + 3;
  }
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return RedisReply::error(std::move(text));
}

RedisReply unknown_subcommand(const CommandSpec& parent, Arguments words) {
  std::string name(parent.name);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return RedisReply::error("ERR unknown subcommand '" + std::string(words[1].substr(0, 128)) +
                           "'. Try " + name + " HELP.");
}

/// What the row says against these words; nothing where all is well.
std::optional<RedisReply> malformed(const CommandSpec* spec, Arguments words) {
  if (spec == nullptr) {
    const CommandSpec* parent = words.empty() ? nullptr : find_command(words[0]);
    return parent == nullptr ? unknown_command(words) : unknown_subcommand(*parent, words);
  }
  if (!spec->accepts(words.size()) || spec->handler == nullptr) return wrong_arity(spec->name);
  return std::nullopt;
}

bool is_exec(const CommandSpec& spec) {
  return spec.name == "exec";
}

/// The flags that count: EXEC has those of all that it will execute.
std::uint16_t effective_flags(const Session& session, const CommandSpec& spec) {
  std::uint16_t flags = spec.flags;
  if (!is_exec(spec)) return flags;
  constexpr std::uint16_t kInherited = kWrite | kDenyOom;
  for (const auto& words : session.queued) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    if (const CommandSpec* queued = find_command(Arguments(views))) {
      flags = static_cast<std::uint16_t>(flags | (queued->flags & kInherited));
    }
  }
  return flags;
}

bool has_enough_replicas(const EngineState& state) {
  const std::int64_t oldest = state.now_ms() - state.config.min_replicas_max_lag_s * 1000;
  std::int64_t good = 0;
  for (const auto& [number, replica] : state.replication.replicas) {
    good += replica.heard_of_ms >= oldest;
  }
  return good >= state.config.min_replicas_to_write;
}

/// What the server's condition says against the command.
const char* refusal_by_guards(EngineState& state, const Session& session, std::uint16_t flags) {
  if (session.is(Session::kFromPrimary)) return nullptr;
  const bool writes = (flags & kWrite) != 0;
  if ((state.guards & EngineState::kDiskFailed) && writes) {
    return "MISCONF Errors writing to the AOF file: No space left on device";
  }
  if ((state.guards & EngineState::kMinReplicas) && writes && !has_enough_replicas(state)) {
    return "NOREPLICAS Not enough good replicas to write.";
  }
  const auto& primary = state.replication.primary;
  if (primary && writes && state.config.replica_read_only) {
    return "READONLY You can't write against a read only replica.";
  }
  if (primary && !primary->link_up && !state.config.replica_serve_stale_data && !(flags & kStale)) {
    return "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
  }
  if ((state.guards & EngineState::kLoadingData) && !(flags & kLoading)) {
    return "LOADING Redis is loading the dataset in memory";
  }
  return nullptr;
}

std::optional<RedisReply> refusal(EngineState& state, const Session& session,
                                  const CommandSpec& spec) {
  if (session.is(Session::kUnauthenticated) && !spec.has(kNoAuth)) {
    return error("NOAUTH Authentication required.");
  }
  if (session.is(Session::kInMulti) && spec.has(kNoMulti)) {
    return error("ERR Command not allowed inside a transaction");
  }
  const std::uint16_t flags =
      state.guards != 0 ? effective_flags(session, spec) : std::uint16_t{spec.flags};
  if (state.guards != 0) {
    if (const char* why = refusal_by_guards(state, session, flags)) return error(why);
  }
  if (session.is(Session::kSubscriber) && session.protocol == 2 && !spec.has(kInPubsub)) {
    return RedisReply::error("ERR Can't execute '" + std::string(spec.name) +
                             "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
                             "allowed in this context");
  }
  return std::nullopt;
}

/// A command that is not executed: it spoils the transaction that it was meant for.
RedisReply refuse(EngineState& state, Session& session, const CommandSpec* spec, RedisReply reply) {
  if (!session.is(Session::kInMulti)) return reply;
  session.must_abort = true;
  if (spec == nullptr || !is_exec(*spec)) return reply;
  state.end_transaction(session);
  return RedisReply::error("EXECABORT Transaction discarded because of: " + reply.text);
}

RedisReply process(EngineState& state, Session& session, Arguments words) {
  const CommandSpec* spec = find_command(words);
  if (auto reply = malformed(spec, words)) {
    return refuse(state, session, spec, std::move(*reply));
  }
  session.last_command = spec->name;
  if ((state.guards | session.special) != 0) [[unlikely]] {
    if (auto reply = refusal(state, session, *spec)) {
      return refuse(state, session, spec, std::move(*reply));
    }
    if (session.is(Session::kInMulti) && !spec->has(kNotQueued)) {
      session.queued.emplace_back(words.begin(), words.end());
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
    return refuse(state, session, spec,
                  error("BUSY Redis is busy running a script. You can only call SCRIPT KILL or "
                        "SHUTDOWN NOSAVE."));
  }
  Call call(state, session, words);
  return spec->handler(call);
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

}  // namespace

std::optional<RedisReply> execute(EngineState& state, Session& session, Arguments words) {
  if ((state.guards & EngineState::kBusyScript) != 0) [[unlikely]] {
    return process_while_busy(state, session, words);
  }
  state.caller = &session;
  state.effects.begin();
  RedisReply reply = process(state, session, words);
  const bool silent = state.silent;
  state.effects.end();
  state.finish();
  if (silent) return std::nullopt;
  if (session.special != 0 && !wants_reply(session, find_command(words))) return std::nullopt;
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
  return reply;
}

void Call::propagate(Arguments words) {
  state.effects.add(session.database, words);
  state.effects.replaced = true;
}

RedisReply block(Call& call, std::vector<std::string> keys, std::int64_t timeout_ms,
                 std::vector<std::string> words, RedisReply on_timeout) {
  EngineState& state = call.state;
  if (state.retrying) {
    state.silent = true;
    return {};
  }
  if (state.in_transaction || state.in_script || call.session.is(Session::kBuiltIn) ||
      call.session.is(Session::kFromPrimary)) {
    return on_timeout;
  }
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
  for (const auto& keys : databases) {
    if (keys != nullptr) keys->begin_command(now_ms());
  }
}

void EngineState::finish() {
  if (watchers != 0) tell_watchers();
  if (!waiting.empty()) serve_waiting();
}

void EngineState::tell_watchers() {
  for (const auto& keys : databases) {
    if (keys == nullptr) continue;
    for (const std::string& key : keys->changed_keys()) {
      const DatabaseKey changed{keys->number(), key};
      for (const auto& [id, session] : sessions) {
        const auto& watched = session->watched;
        if (std::find(watched.begin(), watched.end(), changed) != watched.end()) {
          session->watched_changed = true;
        }
      }
    }
  }
}

/// Whoever waits for a key that has changed tries again, the longest waiting first, until nothing
/// more comes of it: one that is served may change a key that the next waits for.
void EngineState::serve_waiting() {
  for (bool served = true; served;) {
    served = false;
    std::vector<DatabaseKey> changed;
    for (const auto& keys : databases) {
      if (keys == nullptr) continue;
      for (const std::string& key : keys->changed_keys()) {
        changed.push_back({keys->number(), key});
      }
    }
    for (const DatabaseKey& key : changed) {
      const std::vector<SessionId> order = waiting;
      for (const SessionId id : order) {
        Session* session = find(id);
        if (session == nullptr || !session->blocked) continue;
        const auto& keys = session->blocked->keys;
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
        served = serve(*session) || served;
      }
    }
  }
}

bool EngineState::serve(Session& session) {
  const std::vector<std::string_view> words(session.blocked->words.begin(),
                                            session.blocked->words.end());
  const CommandSpec& spec = *session.blocked->spec;
  retrying = true;
  silent = false;
  caller = &session;
  effects.begin();
  RedisReply reply = call_command(*this, session, spec, words);
  effects.end();
  retrying = false;
  if (std::exchange(silent, false)) return false;
  if (reply.is_error() && reply.text == errors::kWrongType) return false;  // it goes on waiting
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
    deliver(session, std::move(session.blocked->on_timeout));
    session.blocked.reset();
    std::erase(waiting, id);
  }
}

}  // namespace firedrill::sim::redis
