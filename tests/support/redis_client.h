#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "system/domain/redis_reply.h"

struct redisContext;

namespace firedrill::test {

/// A blocking connection to a Redis on loopback, for tests. Throws std::runtime_error when the
/// connection fails or breaks.
class RedisClient {
 public:
  explicit RedisClient(std::uint16_t port);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  RedisReply command(const std::vector<std::string>& words);
  /// Sends all, then reads all replies.
  std::vector<RedisReply> pipeline(const std::vector<std::vector<std::string>>& commands);

 private:
  void send(const std::vector<std::string>& words);
  RedisReply receive();

  redisContext* context_;
};

}  // namespace firedrill::test
