#include "sim/redis/engine.h"

#include <array>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/script_cache.h"
#include "sim/redis/script_host.h"
#include "sim/redis/state.h"

namespace firedrill::sim::redis {

EngineState::EngineState(Engine::Options engine_options) : options(engine_options) {}
EngineState::~EngineState() = default;

ScriptHost& EngineState::scripts() {
  if (script_host == nullptr) script_host = std::make_unique<ScriptHost>(*this);
  return *script_host;
}

Engine::Engine() : Engine(Options{}) {}
Engine::Engine(Options options) : state_(std::make_unique<EngineState>(options)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

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
  state_->now = now;
  state_->keys.begin_command(to_ms(now.time_since_epoch()));
  return redis::execute(*state_, command);
}

std::span<const std::string> Engine::changed_keys() const {
  return state_->keys.changed_keys();
}

void Engine::expire_due(WallTime now) {
  state_->now = now;
  state_->keys.begin_command(to_ms(now.time_since_epoch()));
  state_->keys.expire_due();
}

void Engine::restart() {
  // With it go the compiled scripts and the random sequence.
  state_->script_host.reset();
}

void Engine::clear() {
  state_ = std::make_unique<EngineState>(state_->options);
}

std::shared_ptr<ScriptCache> make_script_cache() {
  return std::make_shared<ScriptCache>();
}

std::size_t Engine::key_count() const {
  return state_->keys.size();
}

}  // namespace firedrill::sim::redis
