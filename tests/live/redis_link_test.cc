#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/live/one_process.h"
#include "tests/support/redis_server.h"

namespace firedrill::adapters {

namespace {

using boost::asio::awaitable;

class RedisLinkTest : public OneProcess {
 public:
  test::RedisServer server;
};

/// The connection kills itself in the middle of what was written at once: the server executed what
/// stood before, surely not what stood behind, and nothing of it is sent again.
awaitable<void> killed_in_the_middle(RedisLinkTest* test) {
  const Ports ports = test->ports();
  std::vector<Reply> before;
  std::vector<Reply> behind;
  std::vector<Reply> kill;
  const Reply warm = co_await call(ports, words("PING"));
  EXPECT_TRUE(warm.has_value());
  for (int i = 0; i < 10; ++i) ports.tasks.spawn(call_into(ports, words("INCR", "n"), &before));
  ports.tasks.spawn(
      call_into(ports, words("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), &kill));
  for (int i = 0; i < 10; ++i) ports.tasks.spawn(call_into(ports, words("INCR", "n"), &behind));
  while (before.size() + kill.size() + behind.size() < 21) {
    co_await ports.clock.sleep_for(from_ms(5));
  }
  for (const Reply& reply : before) EXPECT_TRUE(reply.has_value());
  for (const Reply& reply : behind) EXPECT_TRUE(reply.is_unknown() && reply.why() == Why::reset);
  const Reply count = co_await call(ports, words("GET", "n"));
  EXPECT_TRUE(count.has_value() && count.value() == RedisReply::bulk("10"));
}

TEST_F(RedisLinkTest, NothingWrittenIsWrittenAgain) {
  run(server.url(), killed_in_the_middle);
}

/// A server that has been silent for too long is given up: the next command goes over a new
/// connection, and the old one's are unknown.
awaitable<void> silence_gives_up_the_connection(RedisLinkTest* test) {
  const Ports ports = test->ports();
  const Reply before = co_await call(ports, words("CLIENT", "ID"));
  EXPECT_TRUE(before.has_value());
  test->server.pause();
  const Reply silent = co_await call(ports, words("INCR", "n"), from_ms(400));
  EXPECT_TRUE(silent.is_unknown() && silent.why() == Why::timed_out);
  test->server.resume();
  const Reply after = co_await call(ports, words("CLIENT", "ID"));
  EXPECT_TRUE(after.has_value());
  EXPECT_NE(before.value().integer, after.value().integer);
}

TEST_F(RedisLinkTest, SilenceGivesUpTheConnection) {
  run(server.url(), silence_gives_up_the_connection);
}

/// More than the kernel's buffers hold, so that writing must be continued.
awaitable<void> large_values(RedisLinkTest* test) {
  const Ports ports = test->ports();
  const std::string large(3'000'000, 'v');
  std::vector<Reply> replies;
  for (int i = 0; i < 8; ++i) {
    ports.tasks.spawn(call_into(ports, words("SET", "k" + std::to_string(i), large), &replies));
  }
  while (replies.size() < 8) co_await ports.clock.sleep_for(from_ms(5));
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(replies[static_cast<std::size_t>(i)].has_value());
    const Reply got = co_await call(ports, words("GET", "k" + std::to_string(i)));
    EXPECT_TRUE(got.has_value() && got.value().text == large);
  }
}

TEST_F(RedisLinkTest, CarriesLargeValues) {
  run(server.url(), large_values);
}

awaitable<void> name_the_database(RedisLinkTest* test) {
  const Ports ports = test->ports();
  for (int i = 0; i < 2; ++i) {
    const Reply info = co_await call(ports, words("CLIENT", "INFO"));
    EXPECT_TRUE(info.has_value() && info.value().text.find(" db=3 ") != std::string::npos);
    std::vector<Reply> kill;
    ports.tasks.spawn(
        call_into(ports, words("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), &kill));
    while (kill.empty()) co_await ports.clock.sleep_for(from_ms(5));
    co_await ports.clock.sleep_for(from_ms(20));
  }
}

TEST_F(RedisLinkTest, SelectsItsDatabaseOnEachConnection) {
  run(server.url() + "/3", name_the_database);
}

awaitable<void> by_name(RedisLinkTest* test) {
  const Ports ports = test->ports();
  const Reply reply = co_await call(ports, words("PING"));
  EXPECT_TRUE(reply.has_value());
}

TEST_F(RedisLinkTest, FindsTheServerByName) {
  run("redis://localhost:" + std::to_string(server.port()), by_name);
}

/// A primary that was demoted under its clients: they hear it, and come back, since its address may
/// lead to another one by then. What it was sent meanwhile it answers.
awaitable<void> demoted(RedisLinkTest* test) {
  const Ports ports = test->ports();
  const Reply before = co_await call(ports, words("CLIENT", "ID"));
  EXPECT_TRUE(before.has_value());
  const Reply replica = co_await call(ports, words("REPLICAOF", "127.0.0.1", "1"));
  EXPECT_TRUE(replica.has_value() && !replica.value().is_error());
  std::vector<Reply> writes;
  std::vector<Reply> reads;
  ports.tasks.spawn(call_into(ports, words("SET", "k", "v"), &writes));
  ports.tasks.spawn(call_into(ports, words("PING"), &reads));
  while (writes.empty() || reads.empty()) co_await ports.clock.sleep_for(from_ms(1));
  EXPECT_TRUE(writes[0].has_value() && writes[0].value().text.starts_with("READONLY"));
  EXPECT_TRUE(reads[0].has_value() && reads[0].value().text == "PONG");
  const Reply after = co_await call(ports, words("CLIENT", "ID"));
  EXPECT_TRUE(after.has_value());
  EXPECT_NE(before.value().integer, after.value().integer);
  const Reply primary = co_await call(ports, words("REPLICAOF", "NO", "ONE"));
  const Reply written = co_await call(ports, words("SET", "k", "v"));
  EXPECT_TRUE(primary.has_value() && written.has_value() && written.value().text == "OK");
}

TEST_F(RedisLinkTest, ConnectsAnewToAPrimaryThatWasDemoted) {
  run(server.url(), demoted);
}

using RedisQueueTest = RedisLinkTest;

awaitable<Outcome<std::vector<Delivery>>> fetch(Ports ports, Duration limit) {
  Subscription who{.topic = "t", .group = "g", .consumer = "c"};
  co_return co_await ports.queue.fetch(std::move(who), 8, ports.clock.now() + limit);
}

/// The server, when it wakes, finds the read of somebody who has left. It must not deliver to him.
awaitable<void> leave_a_read_behind(RedisLinkTest* test) {
  const Ports ports = test->ports();
  const auto nothing = co_await fetch(ports, from_ms(300));
  EXPECT_TRUE(nothing.has_value() && nothing.value().empty());
  test->server.pause();
  const auto silent = co_await fetch(ports, from_ms(600));
  EXPECT_TRUE(silent.is_unknown() && silent.why() == Why::timed_out);
  test->server.resume();
  co_await ports.clock.sleep_for(from_ms(50));
  const auto published =
      co_await ports.queue.publish("t", "k", "m", ports.clock.now() + from_ms(1000));
  EXPECT_TRUE(published.has_value());
  const auto fetched = co_await fetch(ports, from_ms(2000));
  EXPECT_TRUE(fetched.has_value() && fetched.value().size() == 1 &&
              fetched.value().front().attempt == 1);
}

TEST_F(RedisQueueTest, ATimedOutFetchTakesNothingAway) {
  run(server.url(), leave_a_read_behind);
}

TEST(RedisUrl, Parses) {
  const RedisUrl full = RedisUrl::parse("redis://redis.example:7000/5");
  EXPECT_EQ(full.host, "redis.example");
  EXPECT_EQ(full.port, 7000);
  EXPECT_EQ(full.database, 5);
  const RedisUrl short_one = RedisUrl::parse("redis://127.0.0.1/");
  EXPECT_EQ(short_one.port, 6379);
  EXPECT_EQ(short_one.database, 0);
  EXPECT_EQ(RedisUrl::parse("redis://[::1]:7000").host, "::1");
  EXPECT_EQ(RedisUrl::parse("redis://[::1]").port, 6379);
  for (const char* wrong :
       {"", "127.0.0.1:6379", "http://h:1", "redis://", "redis://:1", "redis://h:0",
        "redis://h:65536", "redis://h:x", "redis://h:1/x", "redis://h:1/-1", "redis://user@h:1"}) {
    EXPECT_THROW(RedisUrl::parse(wrong), std::invalid_argument) << wrong;
  }
}

}  // namespace

}  // namespace firedrill::adapters
