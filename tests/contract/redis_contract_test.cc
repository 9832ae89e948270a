#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/rig.h"

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;
using Reply = Outcome<RedisReply>;
using Words = std::vector<std::string>;

constexpr RedisScript kAdd = {.name = "add",
                              .source = "return redis.call('INCRBY', KEYS[1], ARGV[1])",
                              .sha1 = "8cd00688c05c46bde4a2e60658ef20a2e5c0b248"};

/// A braced list inside a co_await expression is more than g++ 12 understands.
template <class... Word>
Words words(Word... word) {
  return Words{std::move(word)...};
}

awaitable<Reply> call(Ports ports, Words words, Duration limit = from_ms(3000)) {
  co_return co_await ports.redis.call(std::move(words), within(ports, limit));
}

/// A call that runs beside the caller; its outcome is put into `to`.
awaitable<void> call_into(Ports ports, Words words, Duration limit, std::vector<Reply>* to) {
  Reply outcome = co_await call(ports, std::move(words), limit);
  to->push_back(std::move(outcome));
}

/// After a kill some calls may still find the old connection. Until one is refused.
awaitable<bool> refused_in_the_end(Ports ports) {
  for (int i = 0; i < 50; ++i) {
    const Reply reply = co_await call(ports, words("PING"), from_ms(100));
    if (reply.is_refused()) co_return true;
    EXPECT_FALSE(reply.has_value()) << "nobody is there to answer";
  }
  co_return false;
}

awaitable<bool> answers_in_the_end(Ports ports) {
  for (int i = 0; i < 50; ++i) {
    const Reply reply = co_await call(ports, words("PING"), from_ms(100));
    if (reply.has_value() && !reply.value().is_error()) co_return true;
  }
  co_return false;
}

awaitable<void> answers_are_values(Rig* rig) {
  const Ports ports = rig->one();
  const Reply set = co_await call(ports, words("SET", "k", "a\r\nb"));
  CONTRACT_REQUIRE(set.has_value());
  EXPECT_EQ(set.value(), RedisReply::status("OK"));
  const Reply got = co_await call(ports, words("GET", "k"));
  CONTRACT_REQUIRE(got.has_value());
  EXPECT_EQ(got.value(), RedisReply::bulk("a\r\nb"));
  const Reply none = co_await call(ports, words("GET", "none"));
  CONTRACT_REQUIRE(none.has_value());
  EXPECT_TRUE(none.value().is_nil());
  const Reply many = co_await call(ports, words("MGET", "k", "none"));
  CONTRACT_REQUIRE(many.has_value());
  const std::vector<RedisReply> expected{RedisReply::bulk("a\r\nb"), RedisReply::nil()};
  EXPECT_EQ(many.value(), RedisReply::array(expected));
  const Reply wrong = co_await call(ports, words("INCR", "k"));
  CONTRACT_REQUIRE(wrong.has_value());
  EXPECT_TRUE(wrong.value().is_error()) << "an error reply is a value";
}

/// What calls that run side by side do, in the order in which they were made.
struct Queued {
  std::string words;
  std::vector<Reply> replies;  ///< in order of arrival
};

awaitable<void> append(Ports ports, int number, Queued* queued) {
  const std::string word = std::to_string(number) + ",";
  queued->words += word;
  Reply reply = co_await call(ports, words("APPEND", "list", word));
  queued->replies.push_back(std::move(reply));
}

awaitable<void> order_is_kept(Rig* rig) {
  const Ports ports = rig->one();
  Queued queued;
  for (int i = 0; i < 300; ++i) ports.tasks.spawn(append(ports, i, &queued));
  EXPECT_TRUE(co_await eventually(&ports.clock, [&] { return queued.replies.size() == 300; }));
  const Reply list = co_await call(ports, words("GET", "list"));
  CONTRACT_REQUIRE(list.has_value());
  EXPECT_EQ(list.value().text, queued.words);
  std::int64_t length = 0;
  for (const Reply& reply : queued.replies) {
    CONTRACT_REQUIRE(reply.has_value());
    EXPECT_GT(reply.value().integer, length);
    length = reply.value().integer;
  }
}

awaitable<void> refused_without_a_server(Rig* rig) {
  const Ports ports = rig->one();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  co_await rig->kill_server();
  EXPECT_TRUE(co_await refused_in_the_end(ports));
  const Instant began = ports.clock.now();
  const Reply reply = co_await call(ports, words("PING"), from_ms(200));
  EXPECT_TRUE(reply.is_refused());
  EXPECT_LT(ports.clock.now() - began, from_ms(700));
  co_await rig->start_server();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
}

awaitable<void> refused_after_its_deadline(Rig* rig) {
  const Ports ports = rig->one();
  EXPECT_TRUE(co_await answers_in_the_end(ports)) << "there is a connection to write to";
  const Reply reply = co_await call(ports, words("INCR", "n"), from_ms(0));
  EXPECT_TRUE(reply.is_refused());
  const Reply count = co_await call(ports, words("GET", "n"));
  CONTRACT_REQUIRE(count.has_value());
  EXPECT_TRUE(count.value().is_nil());
}

awaitable<void> silence_is_unknown(Rig* rig) {
  const Ports ports = rig->one();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  co_await rig->pause_server();
  const Instant began = ports.clock.now();
  const Reply silent = co_await call(ports, words("INCR", "n"), from_ms(200));
  EXPECT_TRUE(silent.is_unknown());
  EXPECT_TRUE(silent.is_unknown() && silent.why() == Why::timed_out);
  EXPECT_GE(ports.clock.now() - began, from_ms(200));
  EXPECT_LT(ports.clock.now() - began, from_ms(700));
  co_await rig->resume_server();
  // The late reply belongs to nobody: each later answer is that of its own command.
  for (int i = 0; i < 20; ++i) {
    const std::string text = "echo-" + std::to_string(i);
    const Reply echo = co_await call(ports, words("ECHO", text));
    CONTRACT_REQUIRE(echo.has_value());
    EXPECT_EQ(echo.value().text, text);
  }
  const Reply count = co_await call(ports, words("GET", "n"));
  CONTRACT_REQUIRE(count.has_value());
  EXPECT_EQ(count.value(), RedisReply::bulk("1")) << "it was executed later, once";
}

awaitable<void> kill_is_unknown(Rig* rig) {
  const Ports ports = rig->one();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  co_await rig->pause_server();
  std::vector<Reply> replies;
  for (int i = 0; i < 10; ++i) {
    ports.tasks.spawn(call_into(ports, words("INCR", "n"), from_ms(20'000), &replies));
  }
  co_await ports.clock.sleep_for(from_ms(50));
  EXPECT_TRUE(replies.empty());
  const Instant began = ports.clock.now();
  co_await rig->kill_server();
  EXPECT_TRUE(co_await eventually(&ports.clock, [&replies] { return replies.size() == 10; }));
  EXPECT_LT(ports.clock.now() - began, from_ms(4000)) << "a reset is an error at once";
  for (const Reply& reply : replies) EXPECT_TRUE(reply.is_unknown());
  co_await rig->start_server();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  const Reply count = co_await call(ports, words("GET", "n"));
  CONTRACT_REQUIRE(count.has_value());
  EXPECT_TRUE(count.value().is_nil()) << "nothing is sent again to the new server";
}

/// Calls, one after another, until told to stop.
struct Tally {
  bool stop = false;
  int running = 0;
  std::int64_t ok = 0;
  std::int64_t unknown = 0;
  std::int64_t refused = 0;
};

awaitable<void> count_up(Ports ports, Tally* tally) {
  ++tally->running;
  while (!tally->stop) {
    const Reply reply = co_await call(ports, words("INCR", "n"), from_ms(1000));
    tally->ok += reply.has_value();
    tally->unknown += reply.is_unknown();
    tally->refused += reply.is_refused();
  }
  --tally->running;
}

awaitable<void> nothing_is_sent_twice(Rig* rig) {
  const Ports ports = rig->one();
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  Tally tally;
  for (int i = 0; i < 16; ++i) ports.tasks.spawn(count_up(ports, &tally));
  for (int i = 0; i < 10; ++i) {
    co_await ports.clock.sleep_for(from_ms(40));
    co_await rig->break_connections();
  }
  tally.stop = true;
  EXPECT_TRUE(co_await eventually(&ports.clock, [&tally] { return tally.running == 0; }));
  EXPECT_TRUE(co_await answers_in_the_end(ports));
  const Reply reply = co_await call(ports, words("GET", "n"));
  CONTRACT_REQUIRE(reply.has_value());
  const std::int64_t count = std::stoll(reply.value().text);
  EXPECT_GT(tally.ok, 0);
  EXPECT_GT(tally.unknown, 0) << "a break that hits no call shows nothing";
  EXPECT_GE(count, tally.ok);
  EXPECT_LE(count, tally.ok + tally.unknown);
}

awaitable<void> eval_knows_forgotten_scripts(Rig* rig) {
  const Ports ports = rig->one();
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 2; ++i) {
      const Words keys = words("n");
      const Words args = words("5");
      const Reply reply = co_await ports.redis.eval(kAdd, keys, args, within(ports, from_ms(3000)));
      CONTRACT_REQUIRE(reply.has_value());
      EXPECT_EQ(reply.value(), RedisReply::of(5 * i));
    }
    co_await rig->kill_server();
    EXPECT_TRUE(co_await refused_in_the_end(ports));
    co_await rig->start_server();
    EXPECT_TRUE(co_await answers_in_the_end(ports));
  }
}

awaitable<void> processes_share_one_server(Rig* rig) {
  const Ports one = rig->one();
  const Ports two = rig->two();
  const Reply set = co_await call(one, words("SET", "k", "v"));
  EXPECT_TRUE(set.has_value());
  const Reply got = co_await call(two, words("GET", "k"));
  CONTRACT_REQUIRE(got.has_value());
  EXPECT_EQ(got.value(), RedisReply::bulk("v"));
}

}  // namespace

TEST_P(RedisContract, AnswersAreValues) {
  run(answers_are_values);
}
TEST_P(RedisContract, OrderIsKept) {
  run(order_is_kept);
}
TEST_P(RedisContract, RefusedWithoutAServer) {
  run(refused_without_a_server);
}
TEST_P(RedisContract, RefusedAfterItsDeadline) {
  run(refused_after_its_deadline);
}
TEST_P(RedisContract, SilenceIsUnknown) {
  run(silence_is_unknown);
}
TEST_P(RedisContract, KillIsUnknown) {
  run(kill_is_unknown);
}
TEST_P(RedisContract, NothingIsSentTwice) {
  run(nothing_is_sent_twice);
}
TEST_P(RedisContract, EvalKnowsForgottenScripts) {
  run(eval_knows_forgotten_scripts);
}
TEST_P(RedisContract, ProcessesShareOneServer) {
  run(processes_share_one_server);
}

}  // namespace firedrill::contract
