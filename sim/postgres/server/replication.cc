#include "sim/postgres/server/replication.h"

#include <utility>

namespace firedrill::sim::postgres {

namespace {

/// wal_retrieve_retry_interval is 5 s, and wal_receiver_status_interval 10 s, where nobody sets
/// them.
constexpr Duration kBeat = from_ms(1000);

}  // namespace

LogSender::LogSender(Process& process, OnReceived on_received)
    : on_received_(std::move(on_received)), listener_(process, kReplicationPort, *this) {}

void LogSender::send(std::shared_ptr<Engine> engine, Lsn upto) {
  last_ = {std::move(engine), upto};
  for (Standby& standby : standbys_) standby.socket.send(Message::of(LogIsHere(last_)));
}

void LogSender::on_accept(Socket socket) {
  Standby& standby = standbys_.emplace_back(*this);
  standby.socket = std::move(socket);
  standby.socket.set_receiver(standby);
  if (last_.engine != nullptr) standby.socket.send(Message::of(LogIsHere(last_)));
}

void LogSender::drop(const Standby& standby) {
  standbys_.remove_if([&](const Standby& other) { return &other == &standby; });
}

LogReceiver::LogReceiver(Process& process, Host& primary, Received& received)
    : process_(process), primary_(primary), received_(received), beat_(*this) {
  beat();
}

/// Once it has written it to its disk, which takes no time here.
void LogReceiver::on_message(Message message) {
  auto here = message.take<LogIsHere>();
  received_ = {std::move(here.engine), here.upto};
  told_ = here.upto;
  socket_.send(Message::of(HasReceived{told_}));
}

void LogReceiver::beat() {
  if (!socket_.open()) {
    connect();
  } else if (is_connected_) {
    socket_.send(Message::of(HasReceived{told_}));
  }
  process_.world().scheduler().at(beat_, process_.lane(), process_.world().now() + kBeat);
}

void LogReceiver::connect() {
  is_connected_ = false;
  told_ = 0;
  socket_ = process_.world().connect(process_, primary_, kReplicationPort, *this);
}

}  // namespace firedrill::sim::postgres
