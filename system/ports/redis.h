#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"
#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill {

/// A Lua script of lua/redis: constants of the program.
struct RedisScript {
  std::string_view name;
  std::string_view source;
  std::string_view sha1;  ///< 40 lower-case hex digits
};

/// One Redis, through one connection that reconnects by itself.
///
/// Ownership: arguments are moved in, the reply is moved out; the port outlives every coroutine
/// that uses it. Ordering: commands of one port are executed in the order of the calls, as long as
/// the connection stays; across a reconnection nothing is ordered. What may be lost: the command,
/// or its reply: Unknown. Refused: the command was never written to a connection. The port never
/// sends a command twice. An acknowledged write may be lost by the server later (see its
/// persistence and replication); this port cannot know.
class Redis {
 public:
  virtual ~Redis() = default;

  /// Any reply, an error reply too, is a value: the server has seen the command. Whether an error
  /// left effects depends on the error (a script's earlier writes stay).
  virtual boost::asio::awaitable<Outcome<RedisReply>> call(std::vector<std::string> command,
                                                           Instant deadline) = 0;

  /// EVALSHA, and EVAL where the server does not know the script (after a restart or a failover).
  /// `script` must be a constant of the program.
  boost::asio::awaitable<Outcome<RedisReply>> eval(const RedisScript& script,
                                                   std::vector<std::string> keys,
                                                   std::vector<std::string> args, Instant deadline);
};

}  // namespace firedrill
