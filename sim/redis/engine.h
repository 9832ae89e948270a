#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

struct EngineState;
class ScriptCache;

/// A connection to an engine. 0 is the engine's own, which is always there.
using SessionId = std::uint64_t;
constexpr SessionId kBuiltInSession = 0;

/// One Redis 7.0, as a pure machine: a command and the time in, replies out. It knows no world, no
/// clock, no network and no disk. The same commands at the same times give the same replies and
/// state, in every process. Movable; many may live in one process; one thread at a time for each.
///
/// Time is what the caller passes: it may step back, as a wall clock does. Within one command
/// (a script too) it stands still, and no key expires; only TIME moves on in a script, by a
/// microsecond for each command that the script has called, as the real server's does.
/// Keys expire when a command looks at them, or by tick().
class Engine {
 public:
  /// What a script that runs long is told.
  enum class SlowScript : std::uint8_t { go_on, stop };

  struct Options {
    /// How many Lua instructions a script may take before it is stopped with an error (checked in
    /// steps of 1000), whether or not slow_script says go_on. The real server has no such limit.
    std::int64_t script_instructions = 10'000'000;
    /// How much memory the Lua state may hold before a script gets "not enough memory".
    std::size_t script_memory = 256 << 20;
    /// Asked every 100,000 instructions of a script that runs long; may be empty. While it is
    /// asked, the host may hear its other connections: execute() then answers BUSY, but for SCRIPT
    /// KILL and the few others that Redis allows. SCRIPT KILL ends the script, as `stop` does.
    std::function<SlowScript()> slow_script;
    /// May be null. Worlds that are made one after the other should share one
    /// (make_script_cache()).
    std::shared_ptr<ScriptCache> script_cache;
  };

  Engine();
  explicit Engine(Options options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // --- Connections -------------------------------------------------------------------------------

  /// A client connects. `address` is what CLIENT LIST shows.
  SessionId connect(std::string address, WallTime now);
  /// The connection is gone, and all that it waited for or subscribed to.
  void disconnect(SessionId session);

  /// Executes one command: its name and arguments, byte strings. Never throws for what a client
  /// may send: errors are replies. Nothing: no reply comes now, because the command waits (see
  /// blocked()), because its replies are among the deliveries (SUBSCRIBE), or because the client
  /// wants none. Precondition: the session is there and not blocked.
  std::optional<RedisReply> execute(SessionId session, std::span<const std::string_view> command,
                                    WallTime now);
  std::optional<RedisReply> execute(SessionId session, std::span<const std::string> command,
                                    WallTime now);
  /// On the engine's own session, which cannot wait: a command that would block answers what it
  /// answers at its time-out.
  RedisReply execute(std::span<const std::string> command, WallTime now);
  RedisReply execute(std::span<const std::string_view> command, WallTime now);

  /// Whether the session waits: it takes no command until its reply has been delivered.
  bool blocked(SessionId session) const;
  /// Whether it waits for replicas (WAIT).
  bool waits_for_replicas(SessionId session) const;
  /// Which version of the protocol the session speaks: 2 or 3.
  int protocol(SessionId session) const;

  /// What connections get out of turn: replies to commands that had waited, published messages.
  struct Delivery {
    SessionId to = 0;
    std::optional<RedisReply> reply;
    bool then_close = false;  ///< the server closes the connection (QUIT, CLIENT KILL)
  };
  /// Everything since the last call, in order; after the reply to the command that caused it.
  std::vector<Delivery> take_deliveries();

  // --- Time --------------------------------------------------------------------------------------

  /// Erases every key whose time has come, and ends the waits that are over. Cheap when there is
  /// nothing to do.
  void tick(WallTime now);
  /// A replica (by the host's number for it) has everything up to this offset: whoever waited for
  /// that (WAIT) hears it.
  void replica_acknowledged(std::uint64_t replica, std::uint64_t offset, WallTime now);
  /// When the next wait is over; nothing where none will be.
  std::optional<WallTime> next_timeout() const;
  /// No key expires before this moment; nothing where none will, or where that is the primary's
  /// business.
  std::optional<WallTime> next_expiry() const;

  // --- State -------------------------------------------------------------------------------------

  /// The keys of database 0 that the last execute() or tick() wrote or expired, each once, in that
  /// order. The span holds until the next call.
  std::span<const std::string> changed_keys() const;

  /// From now on the effects of commands are kept for take_effects().
  void keep_effects(bool keep);
  /// The effects since the last call: commands in the protocol's bytes, to be appended to a file or
  /// sent to replicas. apply() of them gives the same state.
  std::string take_effects();
  /// The next effects start a stream of their own (a new file, a new replica): they select their
  /// database anew.
  void begin_effects();
  /// Executes a stream of effects, as a replica or as a server that loads its file. How many bytes
  /// were used: what is left is no whole command or transaction. Nothing: it is no such stream.
  std::optional<std::size_t> apply(std::string_view effects, WallTime now);
  /// Commands in the protocol's bytes which make an empty engine equal to this one, but for
  /// scripts, connections and settings.
  std::string snapshot() const;

  /// Throws every key away and takes those of a snapshot instead; connections and settings stay.
  void replace(std::string_view snapshot, WallTime now);

  /// The process died and loaded its whole append-only file: keys stay; connections, scripts and
  /// settings are forgotten, the random sequence begins anew.
  void restart();
  /// Comes back empty, as a server without persistence does.
  void clear();

  std::size_t key_count() const;

  /// For this room's own hosts and tests.
  EngineState& state() { return *state_; }
  const EngineState& state() const { return *state_; }

 private:
  std::unique_ptr<EngineState> state_;
};

/// Keeps compiled scripts from one engine to the next; for one thread at a time. Saves each engine
/// some 40 us a script, and changes nothing that it answers.
std::shared_ptr<ScriptCache> make_script_cache();

}  // namespace firedrill::sim::redis
