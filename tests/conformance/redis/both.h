#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {

/// The simulated Redis beside a real one, which is given the same commands.
///
/// The real one's clock runs on while the model's is what the real one said at the last clear(),
/// and a microsecond a command; replies and states are compared after what depends on that is taken
/// out (see the .cc).
class BothRedises {
 public:
  BothRedises();

  /// Empties both.
  void clear();
  /// What differs between the answers and, at the end, between the two states; nothing where both
  /// agree.
  std::optional<std::string> difference(const std::vector<std::vector<std::string>>& commands);

  /// The answers to one command, as text, before anything is taken out.
  struct Answers {
    std::string model;
    std::string real;
  };
  Answers ask(const std::vector<std::string>& command);

  /// The real server is killed and started anew, without its keys; the model likewise.
  void restart();

 private:
  RedisReply ask_model(const std::vector<std::string>& command);
  std::optional<std::string> state_difference();

  RedisServer server_;
  std::optional<RedisClient> client_;
  sim::redis::Engine engine_;
  WallTime now_{};
};

}  // namespace firedrill::test
