#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "system/adapters/timers.h"
#include "system/domain/redis_reply.h"
#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill::adapters {

struct RedisUrl {
  std::string host;
  std::uint16_t port = 6379;
  int database = 0;

  /// redis://host[:port][/database], an IPv6 address in brackets. Throws std::invalid_argument,
  /// which says what was expected.
  static RedisUrl parse(std::string_view text);
};

/// One multiplexed connection to a Redis server, which comes back by itself.
///
/// Commands are written in the order of the calls, and answered in that order. While there is no
/// connection they wait, up to their deadlines. Nothing is ever written twice: what was written
/// when the connection broke ends as Unknown. The object may be destroyed at any time, from one of
/// its own callers too; callers that are still parked then stay parked.
class RedisLink {
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
  };

  RedisLink(boost::asio::any_io_executor executor, Timers& timers, Options options);
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  /// See Redis::call().
  boost::asio::awaitable<Outcome<RedisReply>> call(std::vector<std::string> command,
                                                   Instant deadline);

  /// Whether nothing waits to be written or answered, late replies included.
  bool idle() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace firedrill::adapters
