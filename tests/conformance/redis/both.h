#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {

/// The simulated Redis beside a real one, which is given the same commands.
///
/// The real one's clock runs on, while the model's is what the real one said at the last
/// read_clock(), and a microsecond more for each command.
class BothRedises {
 public:
  BothRedises();

  using Words = std::vector<std::string>;

  /// Empties both: keys, scripts, and by `resets` (commands) what else there is. Starts the real
  /// one again, should it be gone.
  void clear(std::span<const Words> resets = {});

  /// The answers to one command, as text.
  struct Answers {
    std::string model;
    std::string real;
  };
  Answers ask(const Words& command);

  /// The real server is killed and started anew, without its keys; the model likewise.
  void restart();
  /// The same, and nothing of the model is left: something was thrown out of it.
  void replace();

  // For those who give commands to sessions.

  /// The model's answer, on its built-in session.
  RedisReply ask_model(const Words& command);
  /// The connection to the real one that ask() uses.
  RedisClient& control() { return *client_; }
  std::uint16_t port() const { return server_.port(); }
  sim::redis::Engine& engine() { return engine_; }
  /// The model's time, a microsecond later: so that times order entries here as they do there.
  WallTime next_moment();
  /// The model's time becomes the real server's.
  void read_clock();
  std::int64_t now_ms() const;

 private:
  RedisServer server_;
  std::optional<RedisClient> client_;
  sim::redis::Engine engine_;
  WallTime now_{};
};

}  // namespace firedrill::test
