#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "system/adapters/parked.h"
#include "system/adapters/redis_url.h"
#include "system/adapters/timers.h"
#include "system/domain/redis_reply.h"
#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill::adapters {

/// A command on its way through a RedisNode, and who waits for it.
struct RedisCommand {
  explicit RedisCommand(std::vector<std::string> command, bool after_asking = false)
      : words(std::move(command)), asking(after_asking) {}

  std::vector<std::string> words;
  bool asking;  ///< ASKING stands directly before it on the connection
  Parked parked;
  std::optional<Outcome<RedisReply>> outcome;
  Timers::Entry deadline;
  Instant written_at{};
  bool written = false;

  /// The last thing that a caller of finish() does: the coroutine runs on inside it.
  void finish(Outcome<RedisReply> with) {
    if (outcome) return;
    deadline.cancel();
    if (!with.has_value()) words = {};  // only a reply can ask for them once more
    outcome.emplace(std::move(with));
    parked.resume();
  }
};

/// One multiplexed connection to a Redis server, which comes back by itself.
///
/// Commands are written in the order in which they were submitted, and answered in that order.
/// While there is no connection they wait, up to their deadlines. Nothing is ever written twice:
/// what was written when the connection broke ends as Unknown.
///
/// A server that answers READONLY has become a replica. It answers what it was sent; then the
/// connection is made anew, for the address may lead to the new primary by now.
class RedisNode {
 public:
  struct Options {
    RedisUrl url;
    Duration connect_timeout = from_ms(2000);
    /// A server that has answered nothing for this long, and lets a command time out, is taken for
    /// gone: the connection is given up, since a half-open one never reports an error.
    Duration silence = from_ms(3000);
    Duration first_backoff = from_ms(10);
    Duration longest_backoff = from_ms(1000);
    std::size_t longest_queue = 100'000;  ///< commands that wait to be written; more are refused
    /// A further node of a cluster that cannot be reached for this long, and for which nobody
    /// waits, is forgotten.
    Duration forget_after = from_ms(30'000);
  };

  RedisNode(boost::asio::any_io_executor executor, Timers& timers, Options options);
  /// Nobody is resumed any more.
  ~RedisNode();
  RedisNode(const RedisNode&) = delete;
  RedisNode& operator=(const RedisNode&) = delete;

  /// The outcome may be there at once.
  void submit(const std::shared_ptr<RedisCommand>& command, Instant deadline);

  const RedisUrl& url() const;
  /// Whether the connection was lost, or could not be made, and is not there again. Not so before
  /// the first attempt has failed.
  bool failing() const;
  /// Whether it has been failing for longer than `forget_after`, and is idle.
  bool gone() const;
  /// Whether nothing waits to be written or answered, late replies included.
  bool idle() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace firedrill::adapters
