#pragma once

#include <cstdint>
#include <utility>

#include "sim/kernel/intrusive_list.h"
#include "sim/world/message.h"

namespace firedrill::sim {

class Connection;
class Host;
class Process;
class World;

/// How a connection ended, as one end learns it.
enum class Broken : std::uint8_t {
  refused,  ///< nobody listens there
  reset,    ///< broken: what was on its way may be lost, either way
  closed,   ///< the peer closed it, or died; all that it sent before has arrived
};

/// What a program is told about its end of a connection. Each call is the last thing that its event
/// does: the receiver may destroy the socket, and itself.
class Receiver {
 public:
  virtual void on_connected() {}
  virtual void on_message(Message message) = 0;
  /// Told once; nothing comes after it.
  virtual void on_broken(Broken how) = 0;

 protected:
  ~Receiver() = default;
};

/// One end of a connection, as a program holds it. What TCP shows: messages arrive in order, and
/// nothing is lost until the connection breaks; silence says nothing. Destroying it closes the
/// connection after what was sent.
class Socket {
 public:
  Socket() = default;
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }

  /// False once closed, or told that it is broken, or when its process was killed.
  bool open() const { return connection_ != nullptr; }

  /// Dropped where the connection is not open. May be called before
  /// on_connected(): it waits until then.
  void send(Message message);
  void close();

  void set_receiver(Receiver& receiver);

 private:
  friend class Connection;

  Connection* connection_ = nullptr;
  int side_ = 0;
};

/// Takes the connections that arrive at a port.
class Acceptor {
 public:
  /// Sets the socket's receiver, or lets it go.
  virtual void on_accept(Socket socket) = 0;

 protected:
  ~Acceptor() = default;
};

/// Holds a port of a host open for one process. Destroying it stops accepting; accepted connections
/// go on.
class ListenSocket : public ListNode {
 public:
  ListenSocket(Process& process, std::uint16_t port, Acceptor& acceptor);

  std::uint16_t port() const { return port_; }
  Process& process() { return process_; }
  Acceptor& acceptor() { return acceptor_; }

 private:
  Process& process_;
  std::uint16_t port_;
  Acceptor& acceptor_;
};

}  // namespace firedrill::sim
