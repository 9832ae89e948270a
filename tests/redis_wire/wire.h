#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "sim/redis/tcp_server.h"

namespace firedrill::test {

/// The simulated Redis on a loopback port, served by a thread of its own.
class Wire {
 public:
  Wire();
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  std::uint16_t port() const { return server_.port(); }
  /// Whether it has ended by itself (SHUTDOWN), once it has.
  void await_end() { thread_.join(); }

 private:
  sim::redis::TcpServer server_;
  std::thread thread_;
};

/// A connection that speaks bytes. Throws std::runtime_error where there is none to be had.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  /// False: the server has closed the connection.
  bool send(std::string_view bytes);
  /// Nothing more will be sent.
  void finish();
  /// Reads so many bytes, or up to the end of the connection.
  std::string read(std::size_t bytes);
  /// All up to the end of the connection.
  std::string read_all();

 private:
  int socket_ = -1;
};

/// "*2\r\n..." of words without blanks in them.
std::string command_bytes(std::string_view line);

/// Of this process.
std::size_t resident_bytes();

/// Whether memory can be measured from outside: a sanitizer keeps what was freed.
constexpr bool kMeasuresMemory =
#ifdef __SANITIZE_ADDRESS__
    false;
#else
    true;
#endif

}  // namespace firedrill::test
