#include "sim/redis/engine.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
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
  databases[number] = std::make_unique<Keyspace>(number, effects);
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

Session* EngineState::find(SessionId id) {
  const auto found = sessions.find(id);
  return found == sessions.end() ? nullptr : found->second.get();
}

void EngineState::update_guards() {
  set_guard(kMinReplicas, config.min_replicas_to_write > 0 && !replication.primary);
  set_guard(kReplica, replication.primary.has_value());
  set_guard(kMemory, config.maxmemory > 0);
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
  const SessionId id = session->id;
  state_->sessions.emplace_hint(state_->sessions.end(), id, std::move(session));
  return id;
}

void Engine::disconnect(SessionId id) {
  Session* session = state_->find(id);
  if (session == nullptr) return;
  state_->end_transaction(*session);
  std::erase(state_->waiting, id);
  state_->sessions.erase(id);
}

std::optional<RedisReply> Engine::execute(SessionId id, std::span<const std::string_view> command,
                                          WallTime now) {
  Session* session = state_->find(id);
  check(session != nullptr && !session->blocked, "a command comes from a session that waits not");
  if (!state_->in_script) state_->begin(now);
  session->last_used_ms = to_ms(now.time_since_epoch());
  return redis::execute(*state_, *session, command);
}

RedisReply Engine::execute(std::span<const std::string> command, WallTime now) {
  constexpr std::size_t kUsual = 32;
  if (command.size() <= kUsual) {
    std::array<std::string_view, kUsual> words;
    for (std::size_t i = 0; i < command.size(); ++i) words[i] = command[i];
    return execute(std::span<const std::string_view>(words.data(), command.size()), now);
  }
  const std::vector<std::string_view> words(command.begin(), command.end());
  return execute(std::span<const std::string_view>(words), now);
}

RedisReply Engine::execute(std::span<const std::string_view> command, WallTime now) {
  auto reply = execute(kBuiltInSession, command, now);
  return reply ? std::move(*reply) : RedisReply::nil();
}

bool Engine::blocked(SessionId id) const {
  const Session* session = state_->find(id);
  return session != nullptr && session->blocked.has_value();
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
  state_->effects.end();
  state_->finish();
  state_->end_waits();
}

std::optional<WallTime> Engine::next_timeout() const {
  std::int64_t next = 0;
  for (const SessionId id : state_->waiting) {
    const std::int64_t until = state_->find(id)->blocked->until_ms;
    if (until != 0 && (next == 0 || until < next)) next = until;
  }
  if (next == 0) return std::nullopt;
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
  state.set_expiry(state.replication.primary ? Keyspace::Expiry::hide : Keyspace::Expiry::erase);
  if (!length) return std::nullopt;
  return done;
}

void Engine::restart() {
  EngineState& state = *state_;
  auto fresh = std::make_unique<EngineState>(state.options);
  fresh->databases = std::move(state.databases);
  for (const auto& keys : fresh->databases) {
    if (keys != nullptr) keys->attach(fresh->effects);
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
