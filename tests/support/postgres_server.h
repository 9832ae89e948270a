#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace firedrill::test {

/// A real PostgreSQL 15 of its own: on a free loopback port, in a temporary directory, gone with
/// this object (and with the test program, should that die first). Locale C, encoding UTF8, time
/// zone UTC; user and database "postgres", without a password. Started by root it runs as the user
/// postgres, for it refuses to run as root. Throws std::runtime_error, saying what to do, where
/// PostgreSQL is not installed or does not start.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// What PQconnectdb() takes.
  std::string connection() const;

  /// All its processes die at once; what they had written stays.
  void kill();
  /// Starts it again, on the same port, with the same data. Nothing where it runs.
  void restart();
  /// All its processes stop where they are: connections stay, and new ones are never answered.
  void pause();
  void resume();

 private:
  void make_cluster();
  bool start();
  /// The program with its arguments, as a user that PostgreSQL accepts.
  std::vector<std::string> words(const std::string& program,
                                 const std::vector<std::string>& arguments) const;
  /// The server's processes but for the first.
  std::vector<pid_t> backends() const;

  TemporaryDirectory directory_;
  std::string data_;
  std::uint16_t port_ = 0;
  bool paused_ = false;
  std::optional<ChildProcess> process_;  ///< gone before its directory
};

}  // namespace firedrill::test
