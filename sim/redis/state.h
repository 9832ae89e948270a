#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/random48.h"
#include "sim/redis/config.h"
#include "sim/redis/engine.h"
#include "sim/redis/keyspace.h"
#include "sim/redis/propagation.h"
#include "sim/redis/ready_keys.h"
#include "sim/redis/session.h"
#include "system/domain/redis_reply.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

class ClusterView;
class MemoryCount;
class ScriptHost;

inline constexpr std::string_view kRedisVersion = "7.0.15";

/// What the server is to others, as its host has set it.
struct Replication {
  struct Replica {
    std::string address;  ///< "10.0.0.2"
    std::uint16_t port = 0;
    std::uint64_t offset = 0;      ///< up to where it has told us that it has everything
    std::int64_t heard_of_ms = 0;  ///< when it last did
  };
  struct Primary {
    std::string host;
    std::uint16_t port = 0;
    bool link_up = false;
  };

  std::string id;           ///< 40 hex digits: names the history that the offset counts
  std::string previous_id;  ///< the history before a promotion, valid up to previous_offset
  std::uint64_t previous_offset = 0;
  std::uint64_t offset = 0;                   ///< bytes of effects since the history began
  std::map<std::uint64_t, Replica> replicas;  ///< by the host's own numbers
  std::optional<Primary> primary;             ///< there: this is a replica
  /// Grows when REPLICAOF was called: the host then looks at `primary`.
  std::uint64_t told = 0;
  /// Grows when WAIT begins to wait: the host then asks the replicas how far they are.
  std::uint64_t acknowledgements_wanted = 0;
};

/// What SHUTDOWN asked for.
struct Shutdown {
  bool saves = false;  ///< the data set is written first
};

/// The script that is being executed.
struct ScriptRun {
  bool read_only = false;     ///< EVAL_RO: a command that writes is refused
  bool has_written = false;   ///< a command that writes was let through: no way back from here
  bool killed = false;        ///< SCRIPT KILL was called
  std::int64_t commands = 0;  ///< redis.call()s so far
  bool allows_oom = false;    ///< it may call what makes memory fuller, full or not
  bool one_slot = false;      ///< cluster: it may use the keys of one slot only
};

/// Everything an engine is.
struct EngineState {
  /// What every command must be checked against, and mostly need not.
  enum Guard : std::uint16_t {
    kAuth = 1,     ///< a password is set
    kCluster = 2,  ///< slots
    kMemory = 4,   ///< a limit is set
    kReplica = 8,  ///< read-only, or stale
    kMinReplicas = 16,
    kLoadingData = 32,
    kBusyScript = 64,   ///< a script runs, and others are heard meanwhile
    kDiskFailed = 128,  ///< the append-only file cannot be written
    kPaused = 256,      ///< CLIENT PAUSE
  };

  explicit EngineState(Engine::Options engine_options);
  ~EngineState();

  /// Made at the first script: a Lua state costs more than all the rest.
  ScriptHost& scripts();

  static constexpr std::uint32_t kDatabases = 16;
  /// Made when first used.
  Keyspace& database(std::uint32_t number) {
    if (number < databases.size() && databases[number] != nullptr) [[likely]] {
      return *databases[number];
    }
    return make_database(number);
  }

  /// A command begins, at this moment.
  void begin(WallTime at);
  /// Everything that a command may have set off: watchers are told, waiters served.
  void finish();
  void deliver(const Session& to, RedisReply reply) { deliveries.push_back({to.id, reply, false}); }
  /// Null where there is none.
  Session* find(SessionId id) {
    Session* recent = recent_[id % kRecent];
    return recent != nullptr && recent->id == id ? recent : look_up(id);
  }
  /// The session is gone, as if it had never been.
  void erase(SessionId id);
  /// The server ends the connection: nothing more is executed for it, and the host hears of it.
  void close(Session& session);
  /// It subscribes to something, or to nothing.
  void note_subscriptions(Session& session);
  void unsubscribe(Session& session);
  /// The session waits no longer, and hears what it would hear at its time-out.
  void end_wait(Session& session);
  /// How many replicas have everything up to this offset.
  std::int64_t replicas_at(std::uint64_t offset) const;
  void serve_waits_for_replicas();
  /// Replicas that were heard of lately: what min-replicas-to-write counts.
  std::int64_t good_replicas() const;
  /// As many as min-replicas-to-write asks for.
  bool has_enough_replicas() const {
    return (guards & kMinReplicas) == 0 || good_replicas() >= config.min_replicas_to_write;
  }
  /// CLIENT PAUSE: commands (or those that write) wait until then; 0: no longer.
  void pause(std::int64_t until_ms, bool writes_only);
  /// Where clients reach the server.
  std::string local_address() const;
  /// A number below `count`, which is not 0.
  std::size_t draw_below(std::size_t count) {
    return static_cast<std::size_t>(random.next()) % count;
  }
  /// Forgets what the session watched and queued.
  void end_transaction(Session& session);
  /// Sets or clears guards by the configuration and the role.
  void update_guards();
  void set_expiry(Keyspace::Expiry mode);
  void set_guard(Guard guard, bool on) {
    guards = static_cast<std::uint16_t>(on ? guards | guard : guards & ~guard);
  }
  /// Ends the waits whose time has come.
  void end_waits();
  /// A replica that has lost its primary, and is told not to answer then.
  bool is_stale() const {
    const auto& primary = replication.primary;
    return primary && !primary->link_up && !config.replica_serve_stale_data;
  }
  bool in_cluster() const { return (guards & kCluster) != 0; }
  std::int64_t now_ms() const { return to_ms(now.time_since_epoch()); }

  Engine::Options options;
  Config config;
  Replication replication;
  Propagation effects;
  std::vector<std::unique_ptr<Keyspace>> databases;  ///< may hold nulls
  Keyspace::Expiry expiry = Keyspace::Expiry::erase;
  std::uint32_t applying_to = 0;  ///< the database that the stream of effects has selected
  std::map<SessionId, std::unique_ptr<Session>> sessions;
  SessionId next_session = 1;
  std::vector<SessionId> waiting;  ///< blocked sessions, in the order in which they began to wait
  std::uint64_t watchers = 0;      ///< sessions that watch keys
  std::uint64_t subscribers = 0;   ///< sessions that subscribe to anything
  std::vector<Engine::Delivery> deliveries;
  std::int64_t pause_until_ms = 0;
  bool pauses_writes_only = false;
  std::vector<SessionId> held_up;        ///< by the pause, in order
  std::unique_ptr<ClusterView> cluster;  ///< where this is a node of one (join_cluster())
  std::unique_ptr<MemoryCount> memory;   ///< while there is a limit
  bool memory_full = false;              ///< a lever (then update_guards()): nothing can make room
  std::uint64_t next_eviction = 0;       ///< whose turn it is, of the databases
  std::optional<Shutdown> shutdown;      ///< SHUTDOWN was called: the host looks here
  std::uint64_t saves_wanted = 0;        ///< grows with SAVE and BGSAVE: the host may write a file
  std::uint64_t rewrites_wanted = 0;     ///< the same of BGREWRITEAOF, for the append-only file
  WallTime last_save{};                  ///< what LASTSAVE tells; 0: there was none
  std::uint16_t guards = 0;
  lua::Random48 random;  ///< what SPOP, SRANDMEMBER, HRANDFIELD, RANDOMKEY draw from

  // Of the command that is being executed.
  WallTime now{};
  bool in_transaction = false;
  bool in_script = false;
  ScriptRun script;            ///< while in_script
  bool out_of_memory = false;  ///< it was, and nothing could be evicted, when the command began
  std::optional<std::uint16_t> slot;  ///< cluster: of the first key that it, or its script, named
  bool retrying = false;              ///< a blocked command is tried again
  /// While retrying: the key that has changed, which is the one that counts of those waited for.
  std::string_view ready_key;
  ReadyKeys ready;
  /// While retrying: even if the reply is WRONGTYPE (of a second key), the wait is over with it.
  bool wait_is_over = false;
  /// Of a transaction's commands that answer several times: what comes after EXEC's reply.
  std::vector<RedisReply> further_replies;
  bool silent = false;        ///< the command is over without a reply, or waits
  SessionId orphan = 0;       ///< it disconnected while its own script ran; 0: none
  Session* caller = nullptr;  ///< who sent it

  // Figures of INFO.
  std::uint64_t commands_processed = 0;
  std::uint64_t connections_received = 0;
  std::uint64_t keys_evicted = 0;
  WallTime started{};

  std::unique_ptr<ScriptHost> script_host;

 private:
  static constexpr std::size_t kRecent = 64;

  Session* look_up(SessionId id);
  Keyspace& make_database(std::uint32_t number);
  void tell_watchers();
  void tell_watcher(Session& session, const DatabaseKey& changed, bool is_there);
  void serve_waiting();
  void serve_waiting_for(const ReadyKeys::Key& key);
  void resume_held_up();
  bool serve(Session& session, const DatabaseKey& key);

  /// Sessions that were found, each at its number's place: most commands come from one of these.
  std::array<Session*, kRecent> recent_{};
};

}  // namespace firedrill::sim::redis
