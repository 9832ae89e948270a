#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/redis_reader.h"

namespace firedrill::test {

/// Listens to what a real Redis tells its replicas. Throws std::runtime_error where the connection
/// fails or breaks.
class RedisReplica {
 public:
  /// Returns when the server has sent what it held so far, which is skipped.
  explicit RedisReplica(std::uint16_t port);
  ~RedisReplica();
  RedisReplica(const RedisReplica&) = delete;
  RedisReplica& operator=(const RedisReplica&) = delete;

  /// The next command of the stream; waits for it.
  std::vector<std::string> next();

 private:
  std::string read_some() const;
  void skip_snapshot();

  int socket_;
  RedisReader reader_;
};

}  // namespace firedrill::test
