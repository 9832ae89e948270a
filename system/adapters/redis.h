#pragma once

#include <utility>

#include "system/adapters/redis_link.h"
#include "system/ports/redis.h"

namespace firedrill::adapters {

/// A real Redis, by hiredis.
class LiveRedis final : public Redis {
 public:
  LiveRedis(boost::asio::any_io_executor executor, Timers& timers, RedisLink::Options options)
      : link_(std::move(executor), timers, std::move(options)) {}

  boost::asio::awaitable<Outcome<RedisReply>> call(std::vector<std::string> command,
                                                   Instant deadline) override {
    return link_.call(std::move(command), deadline);
  }

 private:
  RedisLink link_;
};

}  // namespace firedrill::adapters
