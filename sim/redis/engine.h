#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "system/domain/redis_reply.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

struct EngineState;
class ScriptCache;

/// One Redis 7.0, as a pure machine: a command and the time in, a reply out. It knows no world, no
/// clock, no network and no disk. The same commands at the same times give the same replies and
/// state, in every process. Movable; many may live in one process; one thread at a time for each.
///
/// Time is what the caller passes: it may step back, as a wall clock does. Within one command
/// (a script too) it stands still: TIME called in a script answers the same moment each time, where
/// the real server's moves on; keys expire in neither.
/// Keys expire when a command looks at them, or by expire_due().
class Engine {
 public:
  struct Options {
    /// How many Lua instructions a script may take before it is stopped with an error (checked in
    /// steps of 1000). The real server would answer BUSY to everyone, for ever.
    std::int64_t script_instructions = 10'000'000;
    /// How much memory the Lua state may hold before a script gets "not enough memory".
    std::size_t script_memory = 256 << 20;
    /// May be null. Worlds that are made one after the other should share one
    /// (make_script_cache()).
    std::shared_ptr<ScriptCache> script_cache;
  };

  Engine();
  explicit Engine(Options options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Executes one command: its name and arguments, byte strings. Never throws for what a client
  /// may send: errors are replies. An empty command answers as an unknown one.
  RedisReply execute(std::span<const std::string> command, WallTime now);
  RedisReply execute(std::span<const std::string_view> command, WallTime now);

  /// The keys that the last execute() or expire_due() wrote or expired, each once, in that order.
  /// The span holds until the next call.
  std::span<const std::string> changed_keys() const;

  /// Erases every key whose time has come. Cheap when there is none.
  void expire_due(WallTime now);

  /// The process died and loaded its whole AOF: keys stay, scripts are forgotten, the random
  /// sequence begins anew.
  void restart();
  /// Comes back empty, as a server without persistence does.
  void clear();

  std::size_t key_count() const;

 private:
  std::unique_ptr<EngineState> state_;
};

/// Keeps compiled scripts from one engine to the next; for one thread at a time. Saves each engine
/// some 40 us a script, and changes nothing that it answers.
std::shared_ptr<ScriptCache> make_script_cache();

}  // namespace firedrill::sim::redis
