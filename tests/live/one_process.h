#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "system/adapters/live_ports.h"

namespace firedrill::adapters {

using Reply = Outcome<RedisReply>;
using Words = std::vector<std::string>;

template <class... Word>
Words words(Word... word) {
  return Words{std::move(word)...};
}

inline LivePortsOptions options_of(const std::string& url) {
  LivePortsOptions options;
  options.process = "test";
  options.redis.url = RedisUrl::parse(url);
  options.redis.silence = from_ms(300);
  options.redis.forget_after = from_ms(100);
  options.queue.server = options.redis;
  return options;
}

inline boost::asio::awaitable<Reply> call(Ports ports, Words command,
                                          Duration limit = from_ms(3000)) {
  co_return co_await ports.redis.call(std::move(command), ports.clock.now() + limit);
}

inline boost::asio::awaitable<void> call_into(Ports ports, Words command, std::vector<Reply>* to) {
  Reply reply = co_await call(ports, std::move(command));
  to->push_back(std::move(reply));
}

/// Coroutines of tests, on the ports of one process that knows one Redis.
class OneProcess : public ::testing::Test {
 public:
  Ports ports() { return live_->ports(); }

 protected:
  template <class Test>
  void run(const std::string& url, boost::asio::awaitable<void> (*body)(Test*)) {
    LivePorts live(loop_, options_of(url));
    live_ = &live;
    bool done = false;
    boost::asio::co_spawn(loop_, body(static_cast<Test*>(this)),
                          [&done](std::exception_ptr exception) {
                            done = true;
                            if (exception) std::rethrow_exception(exception);
                          });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_until(end);
    }
    EXPECT_TRUE(done);
    live.stop();
  }

 private:
  boost::asio::io_context loop_{1};
  LivePorts* live_ = nullptr;
};

}  // namespace firedrill::adapters
