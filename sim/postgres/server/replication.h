#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "sim/postgres/engine.h"
#include "sim/world/connection.h"
#include "sim/world/process.h"
#include "sim/world/world.h"

// Streaming replication of the log (the manual's 27.2.5): a standby receives what its primary has
// on disk, writes it to its own, and says how far it is. The real one speaks on the port of the
// clients; here it has its own.
//
// What is sent is a place in the log. What the log says up to there, the standby knows through the
// primary's engine, of which it keeps hold: see Engine::recover().

namespace firedrill::sim::postgres {

constexpr std::uint16_t kReplicationPort = 15432;

/// What a primary says: its log is on disk up to here.
struct LogIsHere {
  std::shared_ptr<Engine> engine;
  Lsn upto = 0;
};
/// What a standby answers.
struct HasReceived {
  Lsn upto = 0;
};

inline void fold(Digest& digest, const LogIsHere& message) {
  digest.fold(message.upto);
}
inline void fold(Digest& digest, const HasReceived& message) {
  digest.fold(message.upto);
}

/// The primary's end.
class LogSender final : Acceptor {
 public:
  /// Told how far each standby is, as it says so.
  using OnReceived = std::function<void(Lsn upto)>;

  LogSender(Process& process, OnReceived on_received);

  /// To the standbys, and to whoever connects later.
  void send(std::shared_ptr<Engine> engine, Lsn upto);

 private:
  struct Standby final : Receiver {
    explicit Standby(LogSender& its_sender) : sender(its_sender) {}
    void on_message(Message message) override {
      sender.on_received_(message.take<HasReceived>().upto);
    }
    void on_broken(Broken) override { sender.drop(*this); }

    LogSender& sender;
    Socket socket;
  };

  void on_accept(Socket socket) override;
  void drop(const Standby& standby);

  OnReceived on_received_;
  LogIsHere last_;
  std::list<Standby> standbys_;
  ListenSocket listener_;
};

/// What a standby has on its disk: everything up to there of the log of that engine.
struct Received {
  std::shared_ptr<Engine> engine;
  Lsn upto = 0;
};

/// The standby's end: follows one primary, connecting again when the link breaks. It says how far
/// it is once in a while, too, whoever hears that: one that has lost its power meanwhile and is
/// back knows nothing of the connection, and resets it.
class LogReceiver final : Receiver {
 public:
  LogReceiver(Process& process, Host& primary, Received& received);

 private:
  class Beat final : public Event {
   public:
    explicit Beat(LogReceiver& receiver) : receiver_(receiver) {}

   private:
    void fire() override { receiver_.beat(); }
    LogReceiver& receiver_;
  };

  void on_connected() override { is_connected_ = true; }
  void on_message(Message message) override;
  void on_broken(Broken) override { socket_ = Socket(); }
  void beat();
  void connect();

  Process& process_;
  Host& primary_;
  Received& received_;
  Socket socket_;
  bool is_connected_ = false;
  Lsn told_ = 0;  ///< on this connection: of another primary's log, this one knows nothing
  Beat beat_;
};

}  // namespace firedrill::sim::postgres
