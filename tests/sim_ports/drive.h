#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim_ports/small_world.h"

// Calls and checks that the tests of this folder share. g++ 12 does not take a braced list inside a
// co_await expression: hence the helpers.

namespace firedrill::sim {

using boost::asio::awaitable;
using Reply = Outcome<RedisReply>;
using Response = Outcome<HttpResponse>;
using Fetched = Outcome<std::vector<Delivery>>;

// Of a coroutine, which cannot ASSERT: an ASSERT returns.
#define CO_REQUIRE(condition)                         \
  if (!(condition)) {                                 \
    ADD_FAILURE() << "does not hold: " << #condition; \
    co_return;                                        \
  }                                                   \
  static_assert(true)

inline Instant within(Ports ports, Duration length) {
  return ports.clock.now() + length;
}

template <class... Word>
std::vector<std::string> words(Word... word) {
  return {std::move(word)...};
}

inline awaitable<Reply> redis_call(Ports ports, std::vector<std::string> command,
                                   Duration limit = from_ms(500)) {
  co_return co_await ports.redis.call(std::move(command), within(ports, limit));
}

/// The text of `key`, or "nil", or how the call ended.
inline awaitable<std::string> redis_get(Ports ports, std::string key) {
  const Reply reply = co_await redis_call(ports, words("GET", key));
  if (!reply.has_value()) co_return std::string(to_string(reply.why()));
  co_return reply.value().is_nil() ? "nil" : reply.value().text;
}

inline awaitable<Response> http_call(Ports ports, Address to, Duration limit = from_ms(500)) {
  HttpRequest request{.method = "POST", .target = "/", .headers = {}, .body = {}};
  co_return co_await ports.network.call(std::move(to), std::move(request), within(ports, limit));
}

inline awaitable<Outcome<Published>> publish(Ports ports, std::string body,
                                             Duration limit = from_ms(500),
                                             std::string topic = "orders") {
  co_return co_await ports.queue.publish(std::move(topic), "key", std::move(body),
                                         within(ports, limit));
}

inline Subscription reader(std::string consumer, std::string topic = "orders") {
  return {.topic = std::move(topic), .group = "group", .consumer = std::move(consumer)};
}

inline awaitable<Fetched> fetch(Ports ports, Subscription who, Duration limit = from_ms(500)) {
  co_return co_await ports.queue.fetch(std::move(who), 10, within(ports, limit));
}

inline awaitable<void> fetch_into(Ports ports, Subscription who, Duration limit,
                                  std::vector<Fetched>* to) {
  Fetched fetched = co_await fetch(ports, std::move(who), limit);
  to->push_back(std::move(fetched));
}

inline awaitable<Outcome<Acked>> ack(Ports ports, Subscription who, Delivery delivery) {
  co_return co_await ports.queue.ack(std::move(who), std::move(delivery),
                                     within(ports, from_ms(500)));
}

template <class T>
bool is_unknown(const Outcome<T>& outcome, Why why) {
  return outcome.is_unknown() && outcome.why() == why;
}
template <class T>
bool is_refused(const Outcome<T>& outcome, Why why) {
  return outcome.is_refused() && outcome.why() == why;
}

}  // namespace firedrill::sim
