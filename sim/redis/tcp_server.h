#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/request_parser.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

/// The engine behind a real TCP port: what redis-cli, redis-benchmark and client libraries talk to.
/// One thread, which is run()'s. It keeps nothing on disk.
///
/// Memory is bounded for each client: one whose replies pile up (kMostUnsent bytes) is read no
/// further until it takes them; a subscriber, whom nobody can ask to wait, is dropped where Redis
/// drops it (32 MB, or 8 MB for a minute). A client that is connected and silent costs its socket
/// and a few hundred bytes.
class TcpServer {
 public:
  /// What time it is, which is all that the engine knows of time. Called for every command.
  using Now = std::function<WallTime()>;

  struct Options {
    std::string address = "127.0.0.1";  ///< numeric
    std::uint16_t port = 0;             ///< 0: any free one
    Engine::Options engine;             ///< its slow_script is the server's own
  };

  /// Replies that a client has not taken: with more than that, its next command must wait.
  static constexpr std::size_t kMostUnsent = 1 << 20;

  /// Listens from now on. Throws boost::system::system_error where it cannot.
  TcpServer(Options options, Now now);
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// To be set up before run().
  Engine& engine() { return engine_; }
  boost::asio::io_context& loop() { return loop_; }

  /// Serves until stop() or SHUTDOWN.
  void run();
  /// Ends run(); a script that is running, at its busy-reply-threshold. From any thread.
  void stop();

 private:
  struct Connection;
  using Socket = boost::asio::ip::tcp::socket;

  void accept();
  void admit(Socket socket);
  Connection* find(SessionId id);

  void await_bytes(Connection& connection);
  void await_room(Connection& connection);
  void read(Connection& connection);
  void write(Connection& connection);

  void serve(Connection& connection);
  void execute(Connection& connection);
  void reject(Connection& connection);
  void end_turn(Connection& connection);
  void distribute();
  void settle_others();
  void settle(Connection& connection);
  void end(Connection& connection);
  void limit_output(Connection& connection);
  void drop(Connection& connection);

  void tick();
  void await_tick(WallTime at);
  void drop_idle();
  Engine::SlowScript while_script_runs();

  Now now_;
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_{loop_};
  // tidy: allow clock - it wakes the loop; what time it is then, now_ says
  boost::asio::steady_timer timer_{loop_};
  WallTime next_tick_{};
  std::uint16_t port_ = 0;
  bool accepting_ = false;
  bool stopping_ = false;
  bool busy_ = false;  ///< a script runs, and the loop is run from within
  WallTime command_began_{};
  std::map<SessionId, std::unique_ptr<Connection>> connections_;
  std::vector<SessionId> unsettled_;  ///< got something out of turn
  std::string spare_;                 ///< a buffer that the next replies may use
  Engine engine_;
};

}  // namespace firedrill::sim::redis
