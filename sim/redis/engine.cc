#include "sim/redis/engine.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sim/redis/cluster.h"
#include "sim/redis/command.h"
#include "sim/redis/eviction.h"
#include "sim/redis/resp.h"
#include "sim/redis/script_cache.h"
#include "sim/redis/script_host.h"
#include "sim/redis/state.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

EngineState::EngineState(Engine::Options engine_options) : options(std::move(engine_options)) {
  auto built_in = std::make_unique<Session>();
  built_in->special = Session::kBuiltIn;
  sessions.emplace(kBuiltInSession, std::move(built_in));
}
EngineState::~EngineState() = default;

ScriptHost& EngineState::scripts() {
  if (script_host == nullptr) script_host = std::make_unique<ScriptHost>(*this);
  return *script_host;
}

Keyspace& EngineState::make_database(std::uint32_t number) {
  check(number < kDatabases, "a session selects a database that is there");
  if (databases.size() <= number) databases.resize(number + 1);
  databases[number] = std::make_unique<Keyspace>(number, effects, ready);
  databases[number]->set_expiry_mode(expiry);
  databases[number]->begin_command(now_ms());
  return *databases[number];
}

void EngineState::set_expiry(Keyspace::Expiry mode) {
  expiry = mode;
  for (const auto& keys : databases) {
    if (keys != nullptr) keys->set_expiry_mode(mode);
  }
}

Session* EngineState::look_up(SessionId id) {
  const auto found = sessions.find(id);
  if (found == sessions.end()) return nullptr;
  return recent_[id % kRecent] = found->second.get();
}

void EngineState::erase(SessionId id) {
  recent_[id % kRecent] = nullptr;
  sessions.erase(id);
}

void EngineState::close(Session& session) {
  if (session.is(Session::kClosing)) return;
  session.set(Session::kClosing, true);
  end_transaction(session);
  unsubscribe(session);
  session.blocked.reset();
  std::erase(waiting, session.id);
  deliveries.push_back({session.id, std::nullopt, true});
}

void EngineState::end_wait(Session& session) {
  deliver(session, std::move(session.blocked->on_timeout));
  session.blocked.reset();
  std::erase(waiting, session.id);
}

void EngineState::pause(std::int64_t until_ms, bool writes_only) {
  const bool before = (guards & kPaused) != 0;
  set_guard(kPaused, until_ms != 0);
  // A pause may become longer and wider, not shorter.
  pauses_writes_only = writes_only && (!before || pauses_writes_only);
  pause_until_ms = before && until_ms != 0 ? std::max(pause_until_ms, until_ms) : until_ms;
}

std::string EngineState::local_address() const {
  const std::string first = config.bind.substr(0, config.bind.find(' '));
  return (first == "*" || first.empty() ? "127.0.0.1" : first) + ":" + std::to_string(config.port);
}

void EngineState::update_guards() {
  set_guard(kMinReplicas, config.min_replicas_to_write > 0 && config.min_replicas_max_lag_s > 0 &&
                              !replication.primary);
  set_guard(kReplica, replication.primary.has_value());
  set_guard(kCluster, cluster != nullptr);
  set_guard(kMemory, config.maxmemory > 0 || memory_full);
  if (config.maxmemory == 0) memory.reset();
  if ((guards & kMemory) == 0) out_of_memory = false;
}

Engine::Engine() : Engine(Options{}) {}
Engine::Engine(Options options) : state_(std::make_unique<EngineState>(std::move(options))) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

SessionId Engine::connect(std::string address, WallTime now) {
  auto session = std::make_unique<Session>();
  session->id = state_->next_session++;
  session->address = std::move(address);
  session->since_ms = session->last_used_ms = to_ms(now.time_since_epoch());
  session->set(Session::kUnauthenticated, !state_->config.requirepass.empty());
  ++state_->connections_received;
  if (state_->started == WallTime{}) state_->started = now;
  const SessionId id = session->id;
  state_->sessions.emplace_hint(state_->sessions.end(), id, std::move(session));
  return id;
}

void Engine::disconnect(SessionId id) {
  Session* session = state_->find(id);
  if (session == nullptr) return;
  if (state_->in_script && state_->caller == session) {
    session->set(Session::kClosing, true);  // its script runs on; execute() removes it
    state_->orphan = id;
    return;
  }
  state_->end_transaction(*session);
  state_->unsubscribe(*session);
  std::erase(state_->waiting, id);
  state_->erase(id);
}

std::optional<RedisReply> Engine::execute(SessionId id, std::span<const std::string_view> command,
                                          WallTime now) {
  Session* session = state_->find(id);
  check(session != nullptr && !session->blocked, "a command comes from a session that waits not");
  if (!state_->in_script) state_->begin(now);
  session->last_used_ms = to_ms(now.time_since_epoch());
  auto reply = redis::execute(*state_, *session, command);
  if (state_->orphan != 0 && !state_->in_script) [[unlikely]] {
    disconnect(std::exchange(state_->orphan, 0));
  }
  return reply;
}

std::optional<RedisReply> Engine::execute(SessionId id, std::span<const std::string> command,
                                          WallTime now) {
  constexpr std::size_t kUsual = 32;
  if (command.size() <= kUsual) {
    std::array<std::string_view, kUsual> words;
    std::copy(command.begin(), command.end(), words.begin());
    return execute(id, std::span<const std::string_view>(words.data(), command.size()), now);
  }
  const std::vector<std::string_view> words(command.begin(), command.end());
  return execute(id, std::span<const std::string_view>(words), now);
}

RedisReply Engine::execute(std::span<const std::string> command, WallTime now) {
  return execute(kBuiltInSession, command, now).value_or(RedisReply::nil());
}

RedisReply Engine::execute(std::span<const std::string_view> command, WallTime now) {
  return execute(kBuiltInSession, command, now).value_or(RedisReply::nil());
}

bool Engine::blocked(SessionId id) const {
  const Session* session = state_->find(id);
  return session != nullptr && session->blocked.has_value();
}

bool Engine::waits_for_replicas(SessionId id) const {
  const Session* session = state_->find(id);
  return session != nullptr && session->blocked && session->blocked->spec != nullptr &&
         session->blocked->spec->name == "wait";
}

int Engine::protocol(SessionId id) const {
  const Session* session = state_->find(id);
  return session == nullptr ? 2 : session->protocol;
}

std::vector<Engine::Delivery> Engine::take_deliveries() {
  return std::exchange(state_->deliveries, {});
}

std::span<const std::string> Engine::changed_keys() const {
  return state_->database(0).changed_keys();
}

void Engine::tick(WallTime now) {
  state_->begin(now);
  state_->caller = nullptr;
  state_->effects.begin();
  for (const auto& keys : state_->databases) {
    if (keys != nullptr) keys->expire_due();
  }
  state_->effects.end(false);
  const bool pause_is_over = to_ms(now.time_since_epoch()) >= state_->pause_until_ms;
  if ((state_->guards & EngineState::kPaused) && pause_is_over) state_->pause(0, false);
  state_->finish();
  state_->end_waits();
}

void Engine::replica_acknowledged(std::uint64_t replica, std::uint64_t offset, WallTime now) {
  state_->now = now;
  const auto found = state_->replication.replicas.find(replica);
  check(found != state_->replication.replicas.end(), "a replica that the host has told of");
  found->second.offset = offset;
  found->second.heard_of_ms = state_->now_ms();
  state_->serve_waits_for_replicas();
}

std::optional<WallTime> Engine::next_timeout() const {
  std::int64_t next = 0;
  for (const SessionId id : state_->waiting) {
    const std::int64_t until = state_->find(id)->blocked->until_ms;
    if (until != 0 && (next == 0 || until < next)) next = until;
  }
  if (!state_->held_up.empty() && (next == 0 || state_->pause_until_ms < next)) {
    next = state_->pause_until_ms;
  }
  if (next == 0 || next > INT64_MAX / 2'000'000) return std::nullopt;
  return WallTime(from_ms(next));
}

std::optional<WallTime> Engine::next_expiry() const {
  if (state_->expiry != Keyspace::Expiry::erase) return std::nullopt;
  std::int64_t next = INT64_MAX;
  for (const auto& keys : state_->databases) {
    if (keys != nullptr) next = std::min(next, keys->earliest_expiry());
  }
  // What lies past the end of a WallTime lies past every run.
  if (next > INT64_MAX / 2'000'000) return std::nullopt;
  return WallTime(from_ms(next));
}

void Engine::keep_effects(bool keep) {
  state_->effects.wanted = keep;
}

std::string Engine::take_effects() {
  return state_->effects.take();
}

void Engine::begin_effects() {
  state_->effects.forget_database();
}

/// A transaction is executed when its EXEC is there.
std::optional<std::size_t> Engine::apply(std::string_view effects, WallTime now) {
  EngineState& state = *state_;
  Session session;
  session.set(Session::kFromPrimary, true);
  session.database = state.applying_to;
  state.set_expiry(Keyspace::Expiry::ignore);
  const bool wanted = std::exchange(state.effects.wanted, false);
  std::vector<std::string_view> words;
  std::size_t used = 0;
  std::size_t done = 0;
  std::optional<std::size_t> length;
  while ((length = read_command(effects.substr(used), words)).value_or(0) > 0) {
    used += *length;
    state.begin(now);
    redis::execute(state, session, words);
    if (session.is(Session::kInMulti)) continue;
    done = used;
    state.applying_to = session.database;
  }
  state.effects.wanted = wanted;
  state.set_expiry(state.replication.primary ? Keyspace::Expiry::hide : Keyspace::Expiry::erase);
  if (!length) return std::nullopt;
  return done;
}

void Engine::replace(std::string_view snapshot, WallTime now) {
  state_->begin(now);
  for (const auto& keys : state_->databases) {
    if (keys != nullptr) keys->clear();
  }
  state_->applying_to = 0;
  check(apply(snapshot, now) == snapshot.size(), "a snapshot loads whole");
}

void Engine::restart() {
  EngineState& state = *state_;
  auto fresh = std::make_unique<EngineState>(state.options);
  fresh->databases = std::move(state.databases);
  for (const auto& keys : fresh->databases) {
    if (keys != nullptr) keys->attach(fresh->effects, fresh->ready);
  }
  state_ = std::move(fresh);
}

void Engine::clear() {
  state_ = std::make_unique<EngineState>(state_->options);
}

std::shared_ptr<ScriptCache> make_script_cache() {
  return std::make_shared<ScriptCache>();
}

std::size_t Engine::key_count() const {
  return state_->database(0).size();
}

}  // namespace firedrill::sim::redis
