#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace firedrill::test {

/// A port of 127.0.0.1 that is free at this moment.
std::uint16_t free_port();

/// A real redis-server of its own: on a free loopback port, in a temporary directory, gone with
/// this object (and with the test program, should that die first). Throws std::runtime_error,
/// saying what to do, where redis-server is not installed or does not start.
class RedisServer {
 public:
  struct Options {
    bool appendonly = false;
    std::string appendfsync = "everysec";
    std::vector<std::string> more;  ///< further arguments: "--maxmemory", "1mb", ...
  };

  RedisServer();
  explicit RedisServer(Options options);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// redis://127.0.0.1:PORT
  std::string url() const;

  /// SIGKILL, as a crash of the process; returns when it is gone.
  void kill();
  /// Starts it again, on the same port and with the same files; returns when it answers.
  void restart();
  /// The same, with further arguments, and returns at once: it may take its time to load.
  void begin_restart(const std::vector<std::string>& more);
  /// Where its files are.
  const std::filesystem::path& directory() const { return directory_.path(); }
  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();

 private:
  void launch(const std::vector<std::string>& more);
  bool start();

  Options options_;
  TemporaryDirectory directory_;
  std::uint16_t port_ = 0;
  std::optional<ChildProcess> process_;  ///< gone before its directory
};

}  // namespace firedrill::test
