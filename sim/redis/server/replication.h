#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <variant>

#include "sim/redis/engine.h"
#include "sim/world/connection.h"
#include "sim/world/fold.h"
#include "sim/world/process.h"
#include "sim/world/world.h"

// Asynchronous replication, as between real servers (redis.io, "Redis replication"): a replica asks
// for the history that it knows, from where it stands (PSYNC), gets what it lacks or everything,
// and then the stream of effects. The real one speaks on the port of the clients; here it has its
// own.

namespace firedrill::sim::redis {

constexpr std::uint16_t kReplicationPort = 16379;

/// What a replica says.
struct FromReplica {
  struct Psync {
    std::string history;  ///< empty: it knows none
    std::uint64_t offset = 0;
  };
  struct Ack {
    std::uint64_t offset = 0;  ///< it has everything up to here
  };
  std::variant<Psync, Ack> what;
};

/// What its primary says.
struct FromPrimary {
  struct FullResync {
    std::string history;
    std::uint64_t offset = 0;
    std::string snapshot;
  };
  struct Continue {
    std::string history;
  };
  struct Effects {
    std::string bytes;
  };
  struct AskForAck {};  ///< REPLCONF GETACK: somebody waits for it
  std::variant<FullResync, Continue, Effects, AskForAck> what;
};

void fold(Digest& digest, const FromReplica& message);
void fold(Digest& digest, const FromPrimary& message);

/// The primary's end: keeps the last effects, and sends them to whoever follows.
class ReplicationSource final : Acceptor {
 public:
  ReplicationSource(Process& process, Engine& engine);

  /// These effects happened: to the followers, and into the backlog. Moves the offset.
  void feed(std::string_view effects);
  /// A replica has taken these in: once promoted, others may continue from here.
  void remember(std::string_view effects);
  /// The followers are to say at once how far they are.
  void ask_for_acks();
  /// The history that the engine is at began anew: nobody can continue from the backlog.
  void forget_backlog();
  void drop_followers() { followers_.clear(); }
  /// Called after each acknowledgement.
  std::function<void()> on_ack;

 private:
  struct Follower final : Receiver {
    explicit Follower(ReplicationSource& its_source) : source(its_source) {}
    void on_message(Message message) override;
    void on_broken(Broken) override { source.drop(*this); }

    ReplicationSource& source;
    std::uint64_t number = 0;
    Socket socket;
    bool online = false;
  };

  void on_accept(Socket socket) override;
  void synchronise(Follower& follower, const FromReplica::Psync& from);
  void acknowledge(const Follower& follower, std::uint64_t offset);
  void drop(const Follower& follower);

  Process& process_;
  Engine& engine_;
  std::string backlog_;  ///< the last effects, up to the offset
  std::list<Follower> followers_;
  std::uint64_t next_follower_ = 1;
  ListenSocket listener_;
};

/// The replica's end: follows one primary, connecting again when the link breaks.
class ReplicationSink final : Receiver {
 public:
  /// Told when the replica has taken something in: how it is to be kept.
  struct Observer {
    std::function<void()> resynchronised;                   ///< everything was replaced
    std::function<void(std::string_view effects)> applied;  ///< these came on top
  };

  ReplicationSink(Process& process, Host& primary, Engine& engine, Observer observer);
  ~ReplicationSink();

 private:
  class Beat final : public Event {
   public:
    explicit Beat(ReplicationSink& sink) : sink_(sink) {}

   private:
    void fire() override { sink_.beat(); }
    ReplicationSink& sink_;
  };

  void on_connected() override;
  void on_message(Message message) override;
  void on_broken(Broken) override;
  void take(FromPrimary::FullResync& resync);
  void take(FromPrimary::Continue& from_here);
  void take(FromPrimary::Effects& effects);
  void take(FromPrimary::AskForAck&) { acknowledge(); }
  void connect();
  void beat();
  void acknowledge();

  Process& process_;
  Host& primary_;
  Engine& engine_;
  Observer observer_;
  Socket socket_;
  bool online_ = false;
  Beat beat_;
};

/// The engine becomes a primary: it goes on from where it stands, under a new history.
void promote(Engine& engine, RandomStream& random);
/// The engine follows `primary` from now on.
void demote(Engine& engine, std::string primary);

/// 40 hex digits: the name of a history.
std::string draw_history(RandomStream& random);

}  // namespace firedrill::sim::redis
