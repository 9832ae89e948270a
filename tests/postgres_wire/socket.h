#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sim/postgres/tcp_server.h"
#include "tests/postgres_wire/frames.h"

namespace firedrill::test {

/// The simulated PostgreSQL on a loopback port, served by a thread of its own.
class PostgresWire {
 public:
  explicit PostgresWire(sim::postgres::WireServer::Options options = {});
  ~PostgresWire();
  PostgresWire(const PostgresWire&) = delete;
  PostgresWire& operator=(const PostgresWire&) = delete;

  std::uint16_t port() const { return server_.port(); }
  /// What PQconnectdb() takes.
  std::string connection() const;

 private:
  sim::postgres::TcpServer server_;
  std::thread thread_;
};

/// A client that speaks bytes. Throws std::runtime_error where there is no connection to be had, or
/// nothing comes for ten seconds.
class WireSocket {
 public:
  explicit WireSocket(std::uint16_t port);
  ~WireSocket();
  WireSocket(const WireSocket&) = delete;
  WireSocket& operator=(const WireSocket&) = delete;

  /// False: the server has closed the connection.
  bool send(std::string_view bytes);
  /// Nothing more will be sent.
  void finish();
  /// The first byte that comes, outside of all messages: the answer to SSLRequest.
  char byte();
  /// Up to and including so many ReadyForQuery, or the end of the connection.
  std::vector<Frame> read(int ready = 1);
  /// Nothing: the connection has ended.
  std::optional<Frame> next();
  /// All up to the end of the connection.
  std::vector<Frame> read_all();
  /// The same as bytes.
  std::string read_bytes();
  /// Whether anything comes within this time.
  bool hears_within(std::chrono::milliseconds time);

 private:
  bool fill();
  int socket_ = -1;
  std::string bytes_;
  std::vector<Frame> frames_;
  std::size_t at_ = 0;
};

/// With a session.
class WireClient : public WireSocket {
 public:
  explicit WireClient(std::uint16_t port) : WireSocket(port) {
    send(startup());
    started_ = read();
  }
  const std::vector<Frame>& started() const { return started_; }
  /// What it hears on what it says.
  std::string ask(std::string_view bytes, int ready = 1) {
    send(bytes);
    return lines_of(read(ready));
  }

 private:
  std::vector<Frame> started_;
};

/// Of this process.
std::size_t resident_memory();

}  // namespace firedrill::test
