#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "sim/postgres/engine.h"
#include "sim/postgres/server/messages.h"
#include "sim/postgres/server/replication.h"
#include "sim/world/process.h"
#include "sim/world/rpc.h"

namespace firedrill::sim::postgres {

class Server;

/// What faults do to a PostgreSQL, and what they touched.
struct Levers {
  Duration extra_per_statement{};  ///< each statement takes this much longer
  std::uint64_t slowed = 0;        ///< statements so far
  Duration fsync_stall{};          ///< each fsync of the log takes this much longer
  std::uint64_t fsyncs_stalled = 0;
  Duration extra_recovery{};                ///< coming back takes this much longer
  std::uint64_t turned_away = 0;            ///< connections that heard 53300 or 57P03
  std::uint32_t losing_commit_answers = 0;  ///< connections break behind a commit, while above 0
  std::uint64_t commit_answers_lost = 0;
  std::uint32_t strangers = 0;         ///< connections that somebody else holds
  std::uint64_t too_many_clients = 0;  ///< connections that heard 53300
  bool disk_is_full = false;           ///< see Disk::fill()
  std::uint64_t disk_full_refusals = 0;
};

/// What postgresql.conf says.
struct Settings {
  std::uint32_t max_connections = 100;  ///< three of them are for superusers, who never come
  /// Commits wait for a standby (synchronous_standby_names = '*').
  bool needs_standby = false;
  bool synchronous_commit = true;
  /// How often a statement that waits looks whether its client is there; zero: never, as is
  /// PostgreSQL's own default. The real adapter's sessions ask for so much.
  Duration client_connection_check_interval = from_ms(100);
};

/// What a PostgreSQL process shares with its next life: its data directory, and what the world does
/// to it. Those who watch read the data here.
struct Disk {
  explicit Disk(Settings its_settings = {}, Engine::Options options = {});

  /// The power went: what was written and not synced is gone.
  void lose_unsynced() { written = engine->log_flushed(); }
  /// No space is left on it, or there is again; whether or not the process runs.
  void fill(bool is_full) {
    levers.disk_is_full = is_full;
    engine->fill_disk(is_full);
  }

  std::shared_ptr<Engine> engine;
  Lsn written = 0;  ///< the log is with the operating system up to here
  Settings settings;
  Levers levers;
  Host* follows = nullptr;  ///< its primary, where it is a standby
  Received received;        ///< as a standby
  /// Those whom this one feeds: their part of the log is kept (replication slots).
  std::vector<const Disk*> standbys;
  Server* server = nullptr;  ///< while the process runs
  /// May be empty. Each row of a table that the engine watches that a commit has changed, within
  /// the event in which it did, while this is a primary: see Engine::watch(), which every node's
  /// engine has to be told (one that is recovered knows).
  std::function<void(const CommittedRow&)> observer;
  /// May be empty: a primary has started, come back or been promoted. What it has then, nobody was
  /// told row by row: see Engine::committed_rows().
  std::function<void()> on_started;
  /// May be empty: so many commits that clients may have been told of are gone for good.
  std::function<void(std::uint64_t commits)> on_lost;
  std::uint64_t commits_lost = 0;  ///< so far

  void lose(std::uint64_t commits) {
    commits_lost += commits;
    if (commits > 0 && on_lost) on_lost(commits);
  }
};

/// A PostgreSQL on a simulated host. Statements of different connections run side by side; one
/// takes no time but what a lever adds, what it waits for others, and what its commit waits for the
/// disk (and a standby). A commit's record is synced with those of others that came meanwhile.
///
/// A client that goes while its statement waits for a lock is noticed at the next look, and its
/// transaction rolled back; without looks the statement runs to its end, and commits. A standby
/// takes no clients (hot_standby = off).
class Server final : public ProcessMemory {
 public:
  Server(Process& process, Disk& disk);
  ~Server() override;

  /// pg_promote(): goes on from what it has received, as a primary. Precondition: a standby.
  void promote();
  /// Restarts as a standby of that one, with its data (as after pg_rewind).
  void follow(Host& primary);
  bool is_standby() const { return receiver_ != nullptr; }

  /// pg_terminate_backend() of all: 57P01.
  void terminate_clients();
  bool has_clients() const { return !clients_.empty(); }

 private:
  using Rpc = RpcServer<Request, Reply>;

  /// A connection.
  struct Client {
    class Turn final : public Event {
     public:
      Turn(Server& server, std::uint64_t number) : server_(server), number_(number) {}

     private:
      void fire() override { server_.take_turn(number_); }
      Server& server_;
      std::uint64_t number_;
    };
    Client(Server& server, std::uint64_t number) : turn(server, number) {}

    SessionId session = 0;
    struct Asked {
      Request request;
      Rpc::Responder responder;
    };
    std::deque<Asked> asked;  ///< the first runs, or is about to
    bool runs = false;
    std::uint64_t commits = 0;  ///< of its session, before what runs
    bool gone = false;          ///< to be ended once what runs is done
    Turn turn;                  ///< begins the first; once it is gone, ends it
  };
  template <void (Server::*step)()>
  class Step final : public Event {
   public:
    explicit Step(Server& server) : server_(server) {}

   private:
    void fire() override { (server_.*step)(); }
    Server& server_;
  };

  void recover();
  void end_recovery();
  void serve();
  void receive(Request request, Rpc::Responder responder);
  void gone(std::uint64_t number);
  void next(Client& client);
  void take_turn(std::uint64_t number);
  void begin(std::uint64_t number);
  bool tell_committed();
  bool deliver();
  Reply reply_of(Client& client);
  void forget(std::uint64_t number);
  void after_engine();
  void flush();
  void end_flush();
  void forget_log();
  void write_log();
  void end_wait();
  void turn_away(const Rpc::Responder& responder, std::string_view sqlstate,
                 std::string_view message);
  void standby_received(Lsn upto);
  void keep_time();
  Engine& engine() { return *disk_.engine; }
  std::int64_t now_us();
  Instant now() const { return process_.world().now(); }
  void at(Event& event, Instant when) {
    process_.world().scheduler().at(event, process_.lane(), when);
  }

  Process& process_;
  Disk& disk_;
  std::map<std::uint64_t, std::unique_ptr<Client>> clients_;  ///< by their connection
  std::vector<std::uint64_t> running_;  ///< clients whose statements have begun and wait
  bool is_recovering_ = false;
  Lsn flushing_ = 0;
  Step<&Server::end_recovery> recovered_;
  Step<&Server::end_flush> fsync_;
  Step<&Server::write_log> writer_;
  Step<&Server::end_wait> waits_;
  LogSender sender_;
  std::unique_ptr<LogReceiver> receiver_;  ///< there: this is a standby
  Rpc rpc_;
};

}  // namespace firedrill::sim::postgres
