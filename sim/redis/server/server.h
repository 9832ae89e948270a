#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/redis/config.h"
#include "sim/redis/engine.h"
#include "sim/redis/server/replication.h"
#include "sim/redis/server/store.h"
#include "sim/world/fold.h"
#include "sim/world/process.h"
#include "sim/world/rpc.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

class Server;

constexpr std::uint16_t kPort = 6379;

/// A command on its way to a Redis.
struct Command {
  std::vector<std::string> words;
};

inline void fold(Digest& digest, const Command& command) {
  sim::fold(digest, command.words);
}

/// What faults do to a Redis, and what they touched.
struct Levers {
  Duration extra_per_command{};    ///< the server is slow: each command takes this much longer
  std::uint64_t slowed = 0;        ///< commands so far
  Instant stands_still_until{};    ///< one command, or a script, keeps it busy: everybody waits
  Instant busy_until{};            ///< then a script still runs, and everybody hears BUSY
  std::uint64_t kept_waiting = 0;  ///< commands that came meanwhile
  std::uint64_t refused = 0;       ///< and those that heard BUSY
  Duration extra_loading{};        ///< loading what the disk holds takes this much longer
  Duration fsync_stall{};          ///< an fsync takes this much longer
  std::uint64_t fsyncs_stalled = 0;
  std::uint64_t unknown_scripts = 0;  ///< commands that heard NOSCRIPT
  std::uint64_t out_of_memory = 0;    ///< commands that heard OOM
};

/// Sees each command that a client had executed, at the instant of its execution.
using Observer = std::function<void(const std::vector<std::string>& command,
                                    const RedisReply& reply, std::span<const std::string> changed)>;

/// How a Redis is configured: what redis.conf says.
struct Settings {
  Config config;
  Store::Persistence persistence = Store::Persistence::append_only;
  Duration snapshot_every = std::chrono::seconds(5);  ///< as `save 5 1`, under snapshots
  /// Whether the effects of commands are kept at all, for the file and for replicas. Where nothing
  /// can be lost and nobody follows, a restart finds the same without them.
  bool keeps_effects = false;
};

/// What a Redis process shares with its next life: its disk, and what the world does to it. Its
/// data stand here as well, so that those who watch can read them; a process that starts takes what
/// the disk holds.
struct Disk {
  Disk() = default;
  explicit Disk(Engine its_engine, Settings its_settings = {})
      : engine(std::move(its_engine)),
        settings(std::move(its_settings)),
        store(settings.persistence, settings.config.appendfsync) {}

  /// Up to where in its history it is.
  std::uint64_t offset() const;
  /// Whether the memory is full, as if maxmemory had been reached under noeviction.
  void fill_memory(bool full);

  Engine engine;
  Settings settings;
  Store store;
  Levers levers;
  Observer observer;                ///< may be empty
  std::function<void()> on_loaded;  ///< may be empty: a process has started from the disk
  Host* follows = nullptr;          ///< its primary, where it is a replica
  Server* server = nullptr;         ///< while the process runs
  std::function<void(std::uint64_t bytes)> on_lost;  ///< may be empty: effects are gone for good

  /// Effects are gone that clients may have been told of.
  void lose(std::uint64_t bytes) {
    bytes_lost += bytes;
    if (bytes > 0 && on_lost) on_lost(bytes);
  }
  std::uint64_t bytes_lost = 0;  ///< so far
};

/// A Redis on a simulated host: one thread, which takes the commands in the order of their arrival.
///
/// It answers when Redis would: under appendfsync always once the effects are on disk, else at
/// once. Its replicas are sent effects as they happen and acknowledge them once a second.
class Server final : public ProcessMemory {
 public:
  Server(Process& process, Disk& disk);
  ~Server() override;

  /// REPLICAOF NO ONE, and REPLICAOF of the Redis on that host.
  void become_primary();
  void follow(Host& primary);
  bool is_primary() const { return sink_ == nullptr; }

  /// As CLIENT KILL TYPE normal: what clients wait for becomes unknown to them.
  void drop_clients();
  /// A lever has been let go: whoever was kept waiting goes on.
  void wake();
  /// BGSAVE that is done at once.
  void save_snapshot();

 private:
  using Rpc = RpcServer<Command, RedisReply>;

  struct Waiting {
    Command command;
    Rpc::Responder responder;
  };
  /// A connection: its replies come in the order of its commands.
  struct Client {
    SessionId session = kBuiltInSession;
    std::optional<Rpc::Responder> blocked;  ///< of the command that waits in the engine
    std::deque<Waiting> held;               ///< what came after it
    std::size_t queued = 0;                 ///< its commands in waiting_
    bool gone = false;                      ///< the server has yet to read what it sent before
  };
  template <void (Server::*step)()>
  class Step final : public Event {
   public:
    explicit Step(Server& server) : server_(server) {}

   private:
    void fire() override { (server_.*step)(); }
    Server& server_;
  };

  void start();
  void receive(Command command, Rpc::Responder responder);
  void gone(std::uint64_t client);
  void forget(std::uint64_t client);
  void drop_client(std::uint64_t client);
  bool free() const;
  void begin_first();
  void end_first();
  void enqueue(Client& client, Waiting waiting);
  void execute(const Command& command, const Rpc::Responder& responder);
  std::vector<std::uint64_t> deliver();
  void schedule_waits();
  void schedule_expiry();
  void expire();
  void end_waits();
  void keep_effects();
  void count_refusal(std::string_view error);
  void store(std::string_view effects);
  void flush();
  void end_fsync();
  void release_held();
  void end_loading();
  void take_snapshot();
  void change_role();
  Client& client_of(const Rpc::Responder& responder);
  Instant now() const { return process_.world().now(); }
  WallTime wall() const { return process_.host().wall(); }
  void at(Event& event, Instant when) {
    process_.world().scheduler().at(event, process_.lane(), when);
  }

  Process& process_;
  Disk& disk_;
  Engine& engine_;
  RandomStream random_;
  std::deque<Waiting> waiting_;  ///< in order of arrival; empty while the server is free
  std::map<std::uint64_t, Client> clients_;  ///< by their connection
  std::map<SessionId, std::uint64_t> client_of_session_;
  struct HeldReply {
    RedisReply reply;
    Rpc::Responder responder;
  };
  std::vector<HeldReply> unsynced_replies_;  ///< wait for the fsync (always)
  bool waits_for_fsync_ = false;             ///< and so does everybody else
  Step<&Server::end_first> turn_;            ///< scheduled where anything waits
  Step<&Server::end_fsync> fsync_;
  Step<&Server::flush> tick_;
  Step<&Server::end_waits> waits_;
  Step<&Server::end_loading> loaded_;
  Step<&Server::expire> expiry_;
  Step<&Server::take_snapshot> snapshot_;
  ReplicationSource source_;
  std::unique_ptr<ReplicationSink> sink_;  ///< there: this is a replica
  Rpc rpc_;
};

}  // namespace firedrill::sim::redis
