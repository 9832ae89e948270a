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

/// One Redis, through one connection that reconnects by itself; or one Redis Cluster, through one
/// such connection to each node.
///
/// Ownership: arguments are moved in, the reply is moved out; the port outlives every coroutine
/// that uses it. Ordering: commands of one port are executed in the order of the calls, as long as
/// the connection stays; across a reconnection nothing is ordered. On a cluster that holds among
/// the commands of one slot while it stays on a node that the port knows: a command that had to be
/// redirected may be overtaken by later ones. Between slots nothing is ordered. What may
/// be lost: the command, or its reply: Unknown. Refused: the command was never written to a
/// connection, or each node to which it was written sent it elsewhere. The port never sends a
/// command twice, unless the first answer was that it was not executed there, but would be
/// elsewhere (MOVED, ASK). An acknowledged write may be lost by the server later (see its
/// persistence and replication); this port cannot know.
///
/// On a cluster the keys of one command are of one slot (else it is answered CROSSSLOT), and a
/// command without keys (SCAN, FLUSHALL) goes to one node, whichever.
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
