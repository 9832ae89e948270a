#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "system/domain/redis_reply.h"
#include "tests/support/redis_reader.h"

namespace firedrill::test {

/// A blocking connection to a Redis on loopback, for tests: RESP2, and RESP3 after HELLO 3 (which
/// Debian's hiredis does not read). Throws std::runtime_error when the connection fails or breaks.
class RedisClient {
 public:
  explicit RedisClient(std::uint16_t port);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  RedisReply command(const std::vector<std::string>& words);
  /// Sends all, then reads all replies.
  std::vector<RedisReply> pipeline(const std::vector<std::vector<std::string>>& commands);

  /// Commands to be sent by the next flush(), or with the next that waits for a reply.
  void send(const std::vector<std::string>& words);
  void flush();
  /// The next reply, whatever it is a reply to.
  RedisReply receive();
  /// The next reply, if it comes within the time; 0: if it is there.
  std::optional<RedisReply> receive_within(int milliseconds);
  /// Whether the server closes the connection within the time, having sent nothing more.
  bool closes_within(int milliseconds);

 private:
  /// False: nothing came within the time (-1: however long that takes).
  bool read_some(int milliseconds);
  [[noreturn]] void broken(const char* how) const;

  int socket_ = -1;
  std::uint16_t port_;
  std::string unsent_;
  RedisReader reader_;
};

}  // namespace firedrill::test
