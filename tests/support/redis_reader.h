#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "system/domain/redis_reply.h"

namespace firedrill::test {

/// Takes a server's replies out of the bytes that a connection gave: RESP2 and RESP3. A reading of
/// the protocol that shares nothing with sim/redis, so that it can be held against that one.
class RedisReader {
 public:
  void feed(std::string_view bytes) { bytes_.append(bytes); }
  /// The next reply; nothing where it is not all there. Throws std::runtime_error where the bytes
  /// are no reply.
  std::optional<RedisReply> next();
  /// Whether nothing is left over.
  bool empty() const { return at_ == bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;  ///< what stands before it has been taken
};

}  // namespace firedrill::test
