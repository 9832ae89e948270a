#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/postgres/wire/server.h"

namespace firedrill::sim::postgres {

/// The engine behind a real TCP port: what psql, pgbench and client libraries talk to. One thread,
/// which is run()'s: a statement that runs long keeps all others waiting. It keeps nothing on disk.
///
/// Memory is bounded for each client as WireServer says: one that does not take its answers is read
/// no further, nor is one whose statement waits.
class TcpServer {
 public:
  /// What time it is, in microseconds since 2000-01-01 00:00 UTC.
  using Now = std::function<std::int64_t()>;

  struct Options {
    std::string address = "127.0.0.1";  ///< numeric
    std::uint16_t port = 0;             ///< 0: any free one
    WireServer::Options wire;
  };

  /// Listens from now on. Throws boost::system::system_error where it cannot.
  TcpServer(Options options, Now now);
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  std::uint16_t port() const { return port_; }
  boost::asio::io_context& loop() { return loop_; }

  /// Serves until stop().
  void run();
  /// Ends run(). From any thread.
  void stop();

 private:
  struct Client;
  using Socket = boost::asio::ip::tcp::socket;

  void accept();
  void admit(Socket socket);
  Client* find(ConnectionId id);
  void drop(ConnectionId id);

  void await_bytes(Client& client);
  void await_room(Client& client);
  void read(Client& client);
  bool write(Client& client);
  void settle();
  bool settle(Client& client);

  void tick();
  void await_tick();

  Now now_;
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_{loop_};
  // tidy: allow clock - it wakes the loop; what time it is then, now_ says
  boost::asio::steady_timer timer_{loop_};
  std::optional<std::int64_t> next_tick_;
  std::uint16_t port_ = 0;
  bool accepting_ = false;
  std::map<ConnectionId, std::unique_ptr<Client>> clients_;
  std::string read_;  ///< what read() reads into
  WireServer server_;
};

}  // namespace firedrill::sim::postgres
