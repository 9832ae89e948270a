#include "sim/world/connection.h"

#include <algorithm>

#include "sim/world/connection_state.h"
#include "sim/world/process.h"
#include "sim/world/world.h"

namespace firedrill::sim {

Socket::Socket(Socket&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), side_(other.side_) {
  if (connection_ != nullptr) connection_->moved(side_, this);
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  connection_ = std::exchange(other.connection_, nullptr);
  side_ = other.side_;
  if (connection_ != nullptr) connection_->moved(side_, this);
  return *this;
}

void Socket::send(Message message) {
  if (connection_ != nullptr) connection_->send(side_, std::move(message));
}

void Socket::close() {
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->close(side_);
}

void Socket::set_receiver(Receiver& receiver) {
  if (connection_ != nullptr) connection_->set_receiver(side_, receiver);
}

ListenSocket::ListenSocket(Process& process, std::uint16_t port, Acceptor& acceptor)
    : process_(process), port_(port), acceptor_(acceptor) {
  check(process.host().listener(port) == nullptr, "a port has one listener");
  process.host().add_listener(*this);
}

Connection::Connection(World& world, std::uint32_t number, Process& client, Host& server,
                       std::uint16_t port, Link& there, Link& back)
    : world_(world), server_(server), number_(number), port_(port) {
  for (int side = 0; side < 2; ++side) {
    end(side).connection = this;
    end(side).side = side;
    from(side).connection_ = this;
    from(side).from_ = side;
  }
  from(0).link_ = &there;
  from(1).link_ = &back;
  end(0).process = &client;
  client.add_end(end(0));
}

Socket Connection::connect_socket(Receiver& receiver) {
  Socket socket;
  socket.connection_ = this;
  socket.side_ = 0;
  end(0).socket = &socket;
  end(0).receiver = &receiver;
  from(0).push(Kind::syn, {});
  return socket;
}

void Connection::send(int side, Message message) {
  if (side == 0 && !established_) {
    early_.push_back(std::move(message));
  } else {
    from(side).push(Kind::data, std::move(message));
  }
}

void Connection::close(int side) {
  from(side).push(Kind::fin, {});
  detach(side);
  free_if_gone();
}

void Connection::kill_end(int side, Farewell farewell) {
  if (Socket* socket = end(side).socket) socket->connection_ = nullptr;
  const bool accepted = end(side).socket != nullptr;  // a kernel resets what nobody has accepted
  if (farewell == Farewell::close && !accepted) farewell = Farewell::reset;
  if (farewell != Farewell::close) from(side).lose();
  if (farewell == Farewell::close) from(side).push(Kind::fin, {});
  if (farewell == Farewell::reset) from(side).push(Kind::reset, {});
  detach(side);
  if (farewell == Farewell::silence && side == 1) connect_again();
  free_if_gone();
}

/// What would have answered the client's SYN has gone without a word: its kernel sends it again.
void Connection::connect_again() {
  if (established_ || end(0).process == nullptr || end(1).process != nullptr) return;
  from(0).send_syn_again();
}

void Connection::reset_end(int side) {
  if (end(side).socket == nullptr) return kill_end(side, Farewell::reset);
  from(side).lose();
  from(side).push(Kind::reset, {});
  tell_broken(side, Broken::reset);
}

void Connection::detach(int side) {
  End& gone = end(side);
  gone.unlink();
  gone.process = nullptr;
  gone.receiver = nullptr;
  gone.socket = nullptr;
  if (side == 0) early_.clear();
}

void Connection::free_if_gone() {
  // An end that waits to be accepted is not gone: its process will learn what was sent to it.
  if (end(0).process == nullptr && end(1).process == nullptr) world_.free_connection(*this);
}

void Connection::tell_broken(int side, Broken how) {
  End& told = end(side);
  if (told.socket == nullptr) return;
  told.socket->connection_ = nullptr;
  Receiver* receiver = told.receiver;
  check(receiver != nullptr, "an open socket has a receiver");
  detach(side);
  free_if_gone();
  receiver->on_broken(how);
}

/// A message dies on its way and the connection with it: the receiving side hears of it now, the
/// sending side when the reset reaches it.
void Connection::break_in_flight(int receiving_side) {
  const int sending_side = 1 - receiving_side;
  from(sending_side).lose();
  from(receiving_side).lose();
  if (end(sending_side).socket != nullptr) from(receiving_side).push(Kind::reset, {});
  tell_broken(receiving_side, Broken::reset);
}

void Connection::arrive_syn() {
  ListenSocket* listener = server_.listener(port_);
  if (listener == nullptr) {
    from(1).push(Kind::refused, {});
    return;
  }
  // The kernel accepts, even for a process that is paused; the process learns of it in its turn.
  end(1).process = &listener->process();
  listener->process().add_end(end(1));
  from(1).push(Kind::syn_ack, {});
  Item* item = world_.make_item();
  item->kind = Kind::accept;
  item->arrives = world_.now();
  Direction& direction = from(0);
  item->next = direction.first_;
  direction.first_ = item;
  if (direction.last_ == nullptr) direction.last_ = item;
}

void Connection::arrive_accept() {
  if (end(1).process == nullptr) return;  // died since; the client was told what there is to tell
  ListenSocket* listener = server_.listener(port_);
  if (listener == nullptr || end(1).process != &listener->process()) {
    from(1).push(Kind::reset, {});
    detach(1);
    free_if_gone();
    return;
  }
  Socket socket;
  socket.connection_ = this;
  socket.side_ = 1;
  end(1).socket = &socket;
  listener->acceptor().on_accept(std::move(socket));
}

void Connection::arrive(int side, Kind kind, Message message) {
  End& receiving = end(side);
  switch (kind) {
    case Kind::syn: break;
    case Kind::accept: return arrive_accept();
    case Kind::syn_ack:
      if (std::exchange(established_, true)) return;
      for (Message& early : early_) from(0).push(Kind::data, std::move(early));
      early_.clear();
      if (receiving.receiver != nullptr) receiving.receiver->on_connected();
      return;
    case Kind::refused: return tell_broken(side, Broken::refused);
    case Kind::fin: return tell_broken(side, Broken::closed);
    case Kind::reset: return tell_broken(side, Broken::reset);
    case Kind::data:
      if (receiving.socket == nullptr) {  // the kernel of a peer that is gone answers with a reset
        if (from(side).resets()) return;
        from(side).lose();
        from(side).push(Kind::reset, {});
        return;
      }
      check(receiving.receiver != nullptr, "an open socket has a receiver");
      ++world_.messages_;
      receiving.receiver->on_message(std::move(message));
      return;
  }
}

bool Connection::Direction::carries() const {
  return !link_->is_cut() && link_->to().has_power();
}

void Connection::Direction::push(Kind kind, Message message) {
  Scheduler& scheduler = connection_->world_.scheduler();
  Item* item = connection_->world_.make_item();
  item->kind = kind;
  item->message = std::move(message);
  item->arrives = std::max(link_->next_tick(scheduler.now() + link_->draw_delay()), last_arrival_);
  last_arrival_ = item->arrives;
  const bool was_empty = first_ == nullptr;
  (was_empty ? first_ : last_->next) = item;
  last_ = item;
  if (was_empty) arm();
}

void Connection::Direction::clear() {
  cancel();
  Stalled::unlink();
  free_from(std::exchange(first_, nullptr));
  last_ = nullptr;
}

void Connection::Direction::lose() {
  if (first_ == nullptr || first_->kind != Kind::accept) return clear();
  free_from(std::exchange(first_->next, nullptr));
  last_ = first_;
}

void Connection::Direction::send_syn_again() {
  cancel();
  Stalled::unlink();
  if (first_ == nullptr || (first_->kind != Kind::accept && first_->kind != Kind::syn)) {
    Item* item = connection_->world_.make_item();
    item->next = first_;
    first_ = item;
    if (last_ == nullptr) last_ = item;
  }
  first_->kind = Kind::syn;
  first_->arrives = connection_->world_.now() + link_->draw_retransmission();
  last_arrival_ = std::max(last_arrival_, first_->arrives);
  arm();
}

void Connection::Direction::free_from(Item* item) {
  while (item != nullptr) connection_->world_.free_item(std::exchange(item, item->next));
}

void Connection::Direction::arm() {
  World& world = connection_->world_;
  Process* process = connection_->end(1 - from_).process;
  Lane& lane = process != nullptr ? process->lane() : world.outside_;
  world.scheduler().at(*this, lane, first_->arrives);
}

void Connection::Direction::carry_again() {
  if (first_ == nullptr) return;
  const Instant now = connection_->world_.now();
  first_->arrives = std::max(first_->arrives, now + link_->draw_retransmission());
  last_arrival_ = std::max(last_arrival_, first_->arrives);
  arm();
}

void Connection::Direction::fire() {
  if (first_->kind != Kind::accept && !carries()) {
    if (first_->kind != Kind::reset) return link_->stall(*this);
    clear();  // a reset is sent once
    if (from_ == 1) connection_->connect_again();
    return;
  }
  World& world = connection_->world_;
  Item* item = first_;
  const Kind kind = item->kind;
  Message message = std::move(item->message);
  first_ = item->next;
  if (first_ == nullptr) last_ = nullptr;
  world.free_item(item);

  Digest& digest = world.scheduler().digest();
  digest.fold((static_cast<std::uint64_t>(connection_->number_) << 8) |
              (static_cast<std::uint64_t>(kind) << 1) | static_cast<std::uint64_t>(from_));
  message.fold_into(digest);

  const bool received = connection_->end(1 - from_).socket != nullptr;
  if (kind == Kind::data && received && link_->takes_message()) {
    connection_->break_in_flight(1 - from_);
    return;
  }
  if (kind == Kind::syn) connection_->arrive_syn();
  if (first_ != nullptr) arm();
  if (kind != Kind::syn) connection_->arrive(1 - from_, kind, std::move(message));
}

}  // namespace firedrill::sim
