#include "tests/sim_ports/drive.h"

// How a call ends when something goes wrong at one exact place, and whether it was executed.

namespace firedrill::sim {

namespace {

awaitable<HttpResponse> count_one(int* begun) {
  ++*begun;
  HttpResponse response;
  response.status = 200;
  co_return response;
}

HttpHandler counting(int* begun) {
  return [begun](HttpRequest) { return count_one(begun); };
}

awaitable<void> redis_loses(SmallWorld* small, bool request) {
  const Ports ports = small->at_one();
  const Reply warm = co_await redis_call(ports, words("SET", "n", "0"));
  CO_REQUIRE(warm.has_value());
  Loss loss(1);
  Link& link =
      request ? small->link(small->one, small->redis) : small->link(small->redis, small->one);
  link.lose_next(loss);
  const Instant began = ports.clock.now();
  const Reply lost = co_await redis_call(ports, words("INCR", "n"));
  EXPECT_EQ(loss.lost, 1U);
  EXPECT_TRUE(is_unknown(lost, Why::reset));
  EXPECT_LE(ports.clock.now() - began, from_ms(1)) << "a reset is no silence";
  const std::string count = co_await redis_get(ports, "n");
  EXPECT_EQ(count, request ? "0" : "1");
}

awaitable<void> network_loses(SmallWorld* small, bool request) {
  const Ports ports = small->at_one();
  int begun = 0;
  const auto listening = small->at_two().network.listen(SmallWorld::kPort, counting(&begun));
  const Response warm = co_await http_call(ports, small->two_at());
  EXPECT_TRUE(warm.has_value());
  Loss loss(1);
  Link& link = request ? small->link(small->one, small->two) : small->link(small->two, small->one);
  link.lose_next(loss);
  const Response lost = co_await http_call(ports, small->two_at());
  EXPECT_EQ(loss.lost, 1U);
  EXPECT_TRUE(is_unknown(lost, Why::reset));
  EXPECT_EQ(begun, request ? 1 : 2);
  const Response after = co_await http_call(ports, small->two_at());
  EXPECT_TRUE(after.has_value());
}

awaitable<void> queue_loses(SmallWorld* small, bool request) {
  const Ports ports = small->at_one();
  const auto warm = co_await publish(ports, "first");
  CO_REQUIRE(warm.has_value());
  Loss loss(1);
  Link& link =
      request ? small->link(small->one, small->broker) : small->link(small->broker, small->one);
  link.lose_next(loss);
  const auto lost = co_await publish(ports, "second");
  EXPECT_EQ(loss.lost, 1U);
  EXPECT_TRUE(is_unknown(lost, Why::reset));
  auto& engine = small->queue_disk.engine;
  EXPECT_EQ(engine.stored(engine.topic("orders")), request ? 1U : 2U);
}

/// A partition before there is a connection: nothing was sent, and that is known.
awaitable<void> cut_off_from_the_start(SmallWorld* small, bool requests) {
  const Ports ports = small->at_one();
  int begun = 0;
  const auto listening = small->at_two().network.listen(SmallWorld::kPort, counting(&begun));
  Link& to_redis =
      requests ? small->link(small->one, small->redis) : small->link(small->redis, small->one);
  Link& to_two =
      requests ? small->link(small->one, small->two) : small->link(small->two, small->one);
  to_redis.cut();
  to_two.cut();
  const Instant began = ports.clock.now();
  const Reply reply = co_await redis_call(ports, words("INCR", "n"), from_ms(300));
  EXPECT_TRUE(is_refused(reply, Why::timed_out));
  EXPECT_EQ(ports.clock.now() - began, from_ms(300)) << "silence until the deadline";
  const Response response = co_await http_call(ports, small->two_at(), from_ms(300));
  EXPECT_TRUE(is_refused(response, Why::timed_out));
  EXPECT_EQ(ports.clock.now() - began, from_ms(600));
  to_redis.heal();
  to_two.heal();
  co_await ports.clock.sleep_for(from_ms(1000));
  const std::string count = co_await redis_get(ports, "n");
  EXPECT_EQ(count, "nil") << "what was refused is never executed";
  EXPECT_EQ(begun, 0);
  const Response after = co_await http_call(ports, small->two_at());
  EXPECT_TRUE(after.has_value());
}

/// A partition under a connection: silence, then it may or may not have been executed.
awaitable<void> cut_off_later(SmallWorld* small, bool requests) {
  const Ports ports = small->at_one();
  const Reply warm = co_await redis_call(ports, words("SET", "n", "0"));
  CO_REQUIRE(warm.has_value());
  Link& link =
      requests ? small->link(small->one, small->redis) : small->link(small->redis, small->one);
  link.cut();
  const Instant began = ports.clock.now();
  const Reply reply = co_await redis_call(ports, words("INCR", "n"), from_ms(300));
  EXPECT_TRUE(is_unknown(reply, Why::timed_out));
  EXPECT_EQ(ports.clock.now() - began, from_ms(300));
  const std::string during = co_await redis_get(small->at_two(), "n");
  EXPECT_EQ(during, requests ? "0" : "1") << "the other half of the world goes on";
  link.heal();
  for (int i = 0; i < 5; ++i) {
    const Reply echo = co_await redis_call(ports, words("ECHO", std::to_string(i)));
    CO_REQUIRE(echo.has_value());
    EXPECT_EQ(echo.value().text, std::to_string(i)) << "a late reply belongs to nobody";
  }
  const std::string after = co_await redis_get(ports, "n");
  EXPECT_EQ(after, "1") << "TCP sends again what the partition swallowed";
}

/// The server's host loses its power: its connections are half open, and say nothing.
awaitable<void> half_open(SmallWorld* small) {
  const Ports ports = small->at_one();
  const Reply warm = co_await redis_call(ports, words("SET", "n", "0"));
  CO_REQUIRE(warm.has_value());
  small->world.cut_power(small->redis.host());
  for (int i = 0; i < 2; ++i) {
    const Reply silent = co_await redis_call(ports, words("INCR", "n"), from_ms(200));
    EXPECT_TRUE(is_unknown(silent, Why::timed_out));
  }
  const Reply fresh = co_await redis_call(small->at_two(), words("INCR", "n"), from_ms(200));
  EXPECT_TRUE(is_refused(fresh, Why::timed_out)) << "no connection came about";
  small->world.restore_power(small->redis.host());
  const Reply reset = co_await redis_call(ports, words("INCR", "n"), from_ms(2000));
  EXPECT_TRUE(is_unknown(reset, Why::reset)) << "the new kernel does not know the connection";
  const std::string count = co_await redis_get(ports, "n");
  EXPECT_EQ(count, "0") << "nothing of it reached the new server";
}

/// The answer to a SYN dies with the power, or with a reset that a partition swallows: the client's
/// kernel asks again, and nobody is stuck for ever.
awaitable<void> gone_while_connecting(SmallWorld* small, bool by_power) {
  const Ports ports = small->at_one();
  Host& host = small->redis.host();
  Link& back = small->link(small->redis, small->one);
  // A SYN takes half a millisecond; its answer is on its way then.
  small->world.at(small->world.now() + std::chrono::microseconds(700), [&, by_power] {
    if (by_power) return small->world.cut_power(host);
    back.cut();
    small->redis.kill(Connection::Farewell::reset);
  });
  small->world.at(small->world.now() + from_ms(50), [&, by_power] {
    if (by_power) return small->world.restore_power(host);
    back.heal();
    small->redis.start();
  });
  const Reply reply = co_await redis_call(ports, words("INCR", "n"), from_ms(2000));
  CO_REQUIRE(reply.has_value());
  EXPECT_EQ(reply.value().integer, 1);
}

/// The server's process died and came back while the client was not looking.
awaitable<void> back_without_a_word(SmallWorld* small) {
  const Ports ports = small->at_one();
  const Reply warm = co_await redis_call(ports, words("SET", "n", "0"));
  CO_REQUIRE(warm.has_value());
  small->redis.kill(Connection::Farewell::silence);
  small->redis.start();
  const Reply reset = co_await redis_call(ports, words("INCR", "n"));
  EXPECT_TRUE(is_unknown(reset, Why::reset));
  const std::string count = co_await redis_get(ports, "n");
  EXPECT_EQ(count, "0") << "what was stored is there, what was sent is not";
}

/// Two hosts tell different times of day; their monotonic clocks agree; Redis believes its own.
awaitable<void> two_clocks(SmallWorld* small) {
  const Ports one = small->at_one();
  const Ports two = small->at_two();
  EXPECT_EQ(one.clock.wall(), two.clock.wall());
  small->one.host().clock().jump(from_ms(-700));
  EXPECT_EQ(two.clock.wall() - one.clock.wall(), from_ms(700));
  small->two.host().clock().drift(small->world.now(), 1000);
  const Instant began = one.clock.now();
  co_await one.clock.sleep_for(from_ms(10'000));
  EXPECT_EQ(two.clock.wall() - one.clock.wall(), from_ms(710));
  EXPECT_EQ(one.clock.now(), two.clock.now());
  EXPECT_EQ(one.clock.now() - began, from_ms(10'000));

  const Reply set = co_await redis_call(one, words("SET", "lease", "one", "PX", "5000"));
  CO_REQUIRE(set.has_value());
  std::string held = co_await redis_get(two, "lease");
  EXPECT_EQ(held, "one") << "nobody's clock but the server's counts";
  small->redis.host().clock().jump(from_ms(6000));
  held = co_await redis_get(two, "lease");
  EXPECT_EQ(held, "nil") << "its clock jumped: the lease ends early";
}

struct Appended {
  std::string words;
  int answered = 0;
};

awaitable<void> append(Ports ports, int number, Appended* appended) {
  const std::string word = std::to_string(number) + ",";
  appended->words += word;
  const Reply reply = co_await redis_call(ports, words("APPEND", "list", word), from_ms(20'000));
  EXPECT_TRUE(reply.has_value());
  ++appended->answered;
}

awaitable<void> a_slow_redis(SmallWorld* small) {
  const Ports ports = small->at_one();
  Duration& extra = small->redis_disk.levers.extra_per_command;
  Appended appended;
  extra = from_ms(5);
  for (int i = 0; i < 20; ++i) ports.tasks.spawn(append(ports, i, &appended));
  co_await ports.clock.sleep_for(from_ms(52));
  EXPECT_GE(appended.answered, 8);
  EXPECT_LE(appended.answered, 10) << "one after another";
  // A pause makes several due at once; then the server is fast again with some still waiting.
  small->redis.pause();
  for (int i = 20; i < 40; ++i) ports.tasks.spawn(append(ports, i, &appended));
  co_await ports.clock.sleep_for(from_ms(100));
  small->redis.resume();
  co_await ports.clock.sleep_for(from_ms(12));
  EXPECT_LE(appended.answered, 13);
  extra = Duration::zero();
  for (int i = 40; i < 60; ++i) ports.tasks.spawn(append(ports, i, &appended));
  co_await ports.clock.sleep_for(from_ms(10));
  EXPECT_EQ(appended.answered, 60) << "what has piled up goes quickly";
  const std::string list = co_await redis_get(ports, "list");
  EXPECT_EQ(list, appended.words);
  EXPECT_GE(small->redis_disk.levers.slowed, 11U);
  EXPECT_LE(small->redis_disk.levers.slowed, 15U);
  EXPECT_EQ(small->redis.work(), 0);
}

}  // namespace

TEST(Faults, ALostRequestIsNotExecuted) {
  SmallWorld small;
  EXPECT_TRUE(small.run(redis_loses(&small, true)));
  EXPECT_TRUE(small.run(network_loses(&small, true)));
  EXPECT_TRUE(small.run(queue_loses(&small, true)));
}

TEST(Faults, ALostReplyIsExecuted) {
  SmallWorld small;
  EXPECT_TRUE(small.run(redis_loses(&small, false)));
  EXPECT_TRUE(small.run(network_loses(&small, false)));
  EXPECT_TRUE(small.run(queue_loses(&small, false)));
}

TEST(Faults, APartitionFromTheStartIsSilenceThenRefused) {
  for (const bool requests : {true, false}) {
    SmallWorld small;
    EXPECT_TRUE(small.run(cut_off_from_the_start(&small, requests)));
  }
}

TEST(Faults, APartitionLaterIsSilenceThenUnknown) {
  for (const bool requests : {true, false}) {
    SmallWorld small;
    EXPECT_TRUE(small.run(cut_off_later(&small, requests)));
  }
}

TEST(Faults, AHalfOpenConnectionIsSilent) {
  SmallWorld small;
  EXPECT_TRUE(small.run(half_open(&small)));
}

TEST(Faults, AConnectionBeingMadeOutlivesTheServer) {
  for (const bool by_power : {true, false}) {
    SmallWorld small;
    EXPECT_TRUE(small.run(gone_while_connecting(&small, by_power))) << by_power;
  }
}

TEST(Faults, AServerThatCameBackResets) {
  SmallWorld small;
  EXPECT_TRUE(small.run(back_without_a_word(&small)));
}

TEST(Faults, TwoServicesOnTwoClocks) {
  SmallWorld small;
  EXPECT_TRUE(small.run(two_clocks(&small)));
}

TEST(Faults, ASlowRedisKeepsTheOrder) {
  for (const auto kind :
       {PickPolicy::Kind::first_come, PickPolicy::Kind::random, PickPolicy::Kind::pct}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      SmallWorld small(seed, {.kind = kind, .change_points = 5, .expected_steps = 1000});
      EXPECT_TRUE(small.run(a_slow_redis(&small)));
    }
  }
}

}  // namespace firedrill::sim
