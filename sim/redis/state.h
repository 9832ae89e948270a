#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/config.h"
#include "sim/redis/engine.h"
#include "sim/redis/keyspace.h"
#include "sim/redis/propagation.h"
#include "sim/redis/session.h"
#include "system/domain/redis_reply.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

class ScriptHost;

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
  Session* find(SessionId id);
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
  std::vector<Engine::Delivery> deliveries;
  std::uint16_t guards = 0;

  // Of the command that is being executed.
  WallTime now{};
  bool in_transaction = false;
  bool in_script = false;
  bool retrying = false;      ///< a blocked command is tried again
  bool silent = false;        ///< the command is over without a reply, or waits
  Session* caller = nullptr;  ///< who sent it

  // Figures of INFO.
  std::uint64_t commands_processed = 0;
  std::uint64_t connections_received = 0;
  std::uint64_t keys_evicted = 0;
  WallTime started{};

  std::unique_ptr<ScriptHost> script_host;

 private:
  Keyspace& make_database(std::uint32_t number);
  void tell_watchers();
  void serve_waiting();
  bool serve(Session& session);
};

}  // namespace firedrill::sim::redis
