#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "sim/world/connection.h"
#include "sim/world/link.h"

namespace firedrill::sim {

/// Both ends of a connection, and what is on its way between them. Lives until both ends are gone.
/// Internal to the world: programs hold Sockets.
class Connection {
 public:
  /// The client's end is side 0.
  Connection(World& world, std::uint32_t number, Process& client, Host& server, std::uint16_t port,
             Link& there, Link& back);

  struct End : ListNode {
    Connection* connection = nullptr;
    Process* process = nullptr;  ///< whose; nullptr: gone, or the SYN is on its way
    Receiver* receiver = nullptr;
    Socket* socket = nullptr;  ///< nullptr: gone, or not accepted yet
    int side = 0;
  };

  Socket connect_socket(Receiver& receiver);
  void send(int side, Message message);
  void close(int side);  ///< may free the connection

  /// The process of this end is killed. Its kernel closes the connection, resets it, or (the host
  /// lost power) says nothing. May free the connection.
  enum class Farewell : std::uint8_t { close, reset, silence };
  void kill_end(int side, Farewell farewell);

  /// Breaks the connection at this end, whose receiver is told at once; the peer's when the reset
  /// reaches it. What is on its way is lost. May free the connection.
  void reset_end(int side);

  void moved(int side, Socket* socket) { ends_[index(side)].socket = socket; }
  void set_receiver(int side, Receiver& receiver) { ends_[index(side)].receiver = &receiver; }

 private:
  friend class World;

  enum class Kind : std::uint8_t { syn, accept, syn_ack, refused, data, fin, reset };

  struct Item {
    Item* next = nullptr;
    Instant arrives;
    Kind kind = Kind::data;
    Message message;
  };

  /// What flows from end `from` to the other. One event: armed for the first item.
  class Direction final : public Event, public Stalled {
   public:
    ~Direction() { clear(); }
    void push(Kind kind, Message message);
    /// Nothing of what is on its way arrives. (A connection that waits to be accepted has arrived.)
    void lose();
    /// Whether a reset is on its way.
    bool resets() const { return last_ != nullptr && last_->kind == Kind::reset; }
    /// The SYN once more, before anything else that waits here.
    void send_syn_again();

   private:
    friend class Connection;

    void fire() override;
    void carry_again() override;
    void arm();
    void clear();
    void free_from(Item* item);
    bool carries() const;

    Connection* connection_ = nullptr;
    Link* link_ = nullptr;
    int from_ = 0;
    Item* first_ = nullptr;
    Item* last_ = nullptr;
    Instant last_arrival_{};
  };

  static std::size_t index(int side) { return static_cast<std::size_t>(side); }
  Direction& from(int side) { return directions_[index(side)]; }
  End& end(int side) { return ends_[index(side)]; }

  void arrive(int side, Kind kind, Message message);
  void arrive_syn();
  void arrive_accept();
  void tell_broken(int side, Broken how);
  void break_in_flight(int receiving_side);
  void connect_again();
  void detach(int side);
  void free_if_gone();

  World& world_;
  Host& server_;
  std::uint32_t number_;
  std::uint16_t port_;
  std::uint32_t pool_index_ = 0;
  bool established_ = false;    ///< as the client sees it
  std::vector<Message> early_;  ///< what the client sent before
  std::array<End, 2> ends_;
  std::array<Direction, 2> directions_;  ///< [i] flows from end i
};

}  // namespace firedrill::sim
