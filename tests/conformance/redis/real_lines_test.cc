#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/redis/both.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {
namespace {

using Words = BothRedises::Words;

/// What a single server does by itself, on the real one and on the model: from several sessions,
/// which are numbered. The numbers in the names are the lines of the list of what real backends do.
class LinesOnBoth : public testing::Test {
 protected:
  /// Both answer this.
  void expect(int session, const Words& command, const std::string& expected) {
    const auto [model, real] = ask(session, command);
    EXPECT_EQ(real, expected) << "the real one, at " << command[0];
    EXPECT_EQ(model, expected) << "the model, at " << command[0];
  }
  void expect(int session, const std::string& command, const std::string& expected) {
    expect(session, words_of(command), expected);
  }
  void expect(const std::string& command, const std::string& expected) {
    expect(0, words_of(command), expected);
  }
  /// Both answer the same.
  std::string same(const std::string& command) {
    const auto [model, real] = ask(0, words_of(command));
    EXPECT_EQ(model, real) << command;
    return real;
  }

  BothRedises::Answers ask(int session, const Words& command) {
    Session& caller = connected(session);
    const auto model = both_.engine().execute(caller.model, command, both_.next_moment());
    return {model ? text_of(*model) : "no reply", text_of(caller.real->command(command))};
  }

  BothRedises both_;

 private:
  struct Session {
    sim::redis::SessionId model = 0;
    std::unique_ptr<RedisClient> real;
  };
  Session& connected(int number) {
    Session& session = sessions_[number];
    if (session.real == nullptr) {
      session.model = both_.engine().connect("127.0.0.1:1", both_.next_moment());
      session.real = std::make_unique<RedisClient>(both_.port());
    }
    return session;
  }

  std::map<int, Session> sessions_;
};

constexpr int kMe = 0;
constexpr int kOther = 1;

TEST_F(LinesOnBoth, Line13_WaitIsAnErrorInAScript) {
  expect("SET k v", "+OK");
  expect("WAIT 0 0", "0");
  expect("WAIT 0 100", "0");
  same("WAIT x 0");
  same("WAIT 0 -1");
  const auto [model, real] = ask(kMe, {"EVAL", "return redis.call('WAIT', 0, 0)", "0"});
  EXPECT_NE(real.find("not allowed from script"), real.npos) << real;
  EXPECT_EQ(model, real);
}

TEST_F(LinesOnBoth, Line14_TimesToLiveAreMomentsOfTheWallClock) {
  expect("SET k v PXAT 4000000000123", "+OK");
  expect("PEXPIRETIME k", "4000000000123");
  expect("EXPIREAT k 4000000001", "1");
  expect("EXPIRETIME k", "4000000001");
  expect("PEXPIREAT k 1000", "1");  // past: it goes at once
  expect("EXISTS k", "0");
}

/// A clock that jumps expires early, or late. (That of a real server is not ours to set.)
TEST(LinesOfTheModel, Line14_AJumpOfTheClockExpiresEarlyOrLate) {
  sim::redis::Engine engine;
  const WallTime start(std::chrono::seconds(1'700'000'000));
  const auto said = [&](const std::string& command, std::chrono::seconds after) {
    return text_of(engine.execute(words_of(command), start + after));
  };
  using std::chrono::seconds;
  EXPECT_EQ(said("SET early v EX 100", seconds(0)), "+OK");
  EXPECT_EQ(said("SET late v EX 100", seconds(0)), "+OK");
  EXPECT_EQ(said("GET early", seconds(101)), "nil");
  EXPECT_EQ(said("TTL late", seconds(-3600)), "3700");
  EXPECT_EQ(said("GET late", seconds(-3600 + 101)), "\"v\"");
}

TEST_F(LinesOnBoth, Line15_AFailureInATransactionStopsNothing) {
  expect("SET s x", "+OK");
  expect("MULTI", "+OK");
  expect("SET a 1", "+QUEUED");
  expect("INCR s", "+QUEUED");
  expect("LPUSH s y", "+QUEUED");
  expect("SET b 2", "+QUEUED");
  expect("EXEC",
         "[+OK, -ERR value is not an integer or out of range, -WRONGTYPE Operation against a key "
         "holding the wrong kind of value, +OK]");
  expect("MGET a s b", "[\"1\", \"x\", \"2\"]");
}

TEST_F(LinesOnBoth, Line15_WhatCannotBeQueuedSpoilsTheTransaction) {
  expect("MULTI", "+OK");
  expect("SET a 1", "+QUEUED");
  expect("NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: ");
  expect("SET b 2", "+QUEUED");
  expect("EXEC", "-EXECABORT Transaction discarded because of previous errors.");
  expect("EXISTS a b", "0");
  expect("MULTI", "+OK");
  expect("SET a 1", "+QUEUED");
  expect("DISCARD", "+OK");
  expect("EXEC", "-ERR EXEC without MULTI");
  expect("EXISTS a", "0");
}

TEST_F(LinesOnBoth, Line15_WatchAbortsExec) {
  const auto try_to_set = [&](const std::string& expected) {
    expect(kMe, "MULTI", "+OK");
    expect(kMe, "SET mine 1", "+QUEUED");
    expect(kMe, "EXEC", expected);
  };
  expect(kMe, "WATCH k", "+OK");
  try_to_set("[+OK]");
  expect(kMe, "WATCH k", "+OK");
  expect(kOther, "SET k changed", "+OK");
  try_to_set("nil");
  try_to_set("[+OK]");  // it watches no more
  expect(kMe, "WATCH k", "+OK");
  expect(kMe, "SET k by-myself", "+OK");
  try_to_set("nil");
  expect(kMe, "WATCH k", "+OK");
  expect(kOther, "SET k changed", "+OK");
  expect(kMe, "UNWATCH", "+OK");
  try_to_set("[+OK]");
  expect(kMe, "WATCH k none", "+OK");
  expect(kOther, "DEL none", "0");  // changes nothing
  try_to_set("[+OK]");
  expect(kMe, "WATCH k", "+OK");
  expect(kOther, "FLUSHALL", "+OK");
  try_to_set("nil");
}

TEST_F(LinesOnBoth, Line16_AFullMemoryRefusesWrites) {
  const std::string oom = "-OOM command not allowed when used memory > 'maxmemory'.";
  expect("SET k v", "+OK");
  expect("CONFIG SET maxmemory-policy noeviction", "+OK");
  expect("CONFIG SET maxmemory 1", "+OK");
  expect("SET l v", oom);
  expect("APPEND k v", oom);
  expect("GET k", "\"v\"");
  expect("EXPIRE k 1000", "1");
  expect("MULTI", "+OK");
  expect("SET l v", oom);
  expect("EXEC", "-EXECABORT Transaction discarded because of previous errors.");
  expect("DEL k", "1");
  const Words script = {"EVAL", "redis.call('SET', 'l', 'v')", "0"};
  const auto [model, real] = ask(kMe, script);
  EXPECT_NE(real.find("OOM"), real.npos) << real;
  EXPECT_EQ(model, real);
  expect("EXISTS l", "0");
  expect("CONFIG SET maxmemory 0", "+OK");
  expect("SET l v", "+OK");
}

std::size_t number_in(const std::string& info, const std::string& field) {
  const std::size_t at = info.find(field + ":");
  return at == info.npos ? 0 : std::stoul(info.substr(at + field.size() + 1));
}

/// They count bytes differently: each is given some more than it has.
TEST_F(LinesOnBoth, Line16_EvictionTakesLiveKeys) {
  constexpr std::size_t kMore = 200'000;
  constexpr std::size_t kValues = 1000;
  const auto fill = [&](const auto& ask_one, const std::string& policy) {
    const auto used = number_in(ask_one({"INFO", "memory"}).text, "used_memory");
    EXPECT_EQ(text_of(ask_one({"CONFIG", "SET", "maxmemory", std::to_string(used + kMore)})),
              "+OK");
    EXPECT_EQ(text_of(ask_one({"CONFIG", "SET", "maxmemory-policy", policy})), "+OK");
    std::size_t refused = 0;
    for (std::size_t i = 0; i < kValues; ++i) {
      const auto reply = ask_one({"SET", "k" + std::to_string(i), std::string(1000, 'x')});
      refused += reply.is_error();
    }
    return std::pair(refused, ask_one({"DBSIZE"}).integer);
  };
  const auto model = [&](const Words& words) { return both_.ask_model(words); };
  const auto real = [&](const Words& words) { return both_.control().command(words); };
  const auto evicts = [&](const auto& ask_one, const std::string& who) {
    const auto [refused, left] = fill(ask_one, "allkeys-lru");
    EXPECT_EQ(refused, 0U) << who;
    EXPECT_GT(left, 0) << who;
    EXPECT_LT(left, 300) << who << ": live keys have gone";
    EXPECT_GE(number_in(ask_one({"INFO", "stats"}).text, "evicted_keys"), kValues - 300) << who;
  };
  evicts(real, "the real one");
  evicts(model, "the model");
  both_.clear();
  const auto refuses = [&](const auto& ask_one, const std::string& who) {
    const auto [refused, left] = fill(ask_one, "volatile-ttl");
    EXPECT_GT(refused, 500U) << who << ": no key may go";
    EXPECT_EQ(refused + static_cast<std::size_t>(left), kValues) << who;
  };
  refuses(real, "the real one");
  refuses(model, "the model");
}

TEST_F(LinesOnBoth, Line17_IdsOfEntriesOnlyGrow) {
  // An id in the clock's future is what a clock that steps back leaves behind.
  expect("XADD s 9999999999999-5 f v", "\"9999999999999-5\"");
  expect("XADD s * f v", "\"9999999999999-6\"");
  expect("XDEL s 9999999999999-6", "1");
  expect("XADD s * f v", "\"9999999999999-7\"");
  expect("XADD s 9999999999999-6 f v",
         "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
}

TEST_F(LinesOnBoth, Line17_EachEntryGoesToOneConsumerUntilItIsAcknowledged) {
  for (const char* id : {"1-1", "2-1", "3-1"}) {
    expect(std::string("XADD s ") + id + " f v", std::string("\"") + id + "\"");
  }
  expect("XGROUP CREATE s g 0", "+OK");
  expect(kMe, "XREADGROUP GROUP g c COUNT 1 STREAMS s >", "[[\"s\", [[\"1-1\", [\"f\", \"v\"]]]]]");
  expect(kOther, "XREADGROUP GROUP g d STREAMS s >",
         "[[\"s\", [[\"2-1\", [\"f\", \"v\"]], [\"3-1\", [\"f\", \"v\"]]]]]");
  expect(kMe, "XREADGROUP GROUP g c STREAMS s >", "nil");
  expect("XPENDING s g", "[3, \"1-1\", \"3-1\", [[\"c\", \"1\"], [\"d\", \"2\"]]]");
  expect("XACK s g 2-1 2-1", "1");
  expect("XPENDING s g", "[2, \"1-1\", \"3-1\", [[\"c\", \"1\"], [\"d\", \"1\"]]]");
  expect("XREADGROUP GROUP g c STREAMS s 0", "[[\"s\", [[\"1-1\", [\"f\", \"v\"]]]]]");
}

TEST_F(LinesOnBoth, Line17_AutoClaimTakesWhatHasBeenIdle) {
  for (const char* id : {"1-1", "2-1", "3-1"})
    expect(std::string("XADD s ") + id + " f v", std::string("\"") + id + "\"");
  expect("XGROUP CREATE s g 0", "+OK");
  same("XREADGROUP GROUP g c STREAMS s >");
  expect("XAUTOCLAIM s g d 60000 0", "[\"0-0\", [], []]");
  // Two of them have been idle; one of these is deleted.
  expect("XCLAIM s g c 0 1-1 2-1 IDLE 100000 JUSTID", "[\"1-1\", \"2-1\"]");
  expect("XDEL s 2-1", "1");
  expect("XAUTOCLAIM s g d 60000 0", "[\"0-0\", [[\"1-1\", [\"f\", \"v\"]]], [\"2-1\"]]");
  expect("XPENDING s g", "[2, \"1-1\", \"3-1\", [[\"c\", \"1\"], [\"d\", \"1\"]]]");
  expect("XAUTOCLAIM s g e 60000 0", "[\"0-0\", [], []]");  // its idle time began anew
  // Delivered to c, and claimed by d: twice.
  const auto [model, real] = ask(kMe, words_of("XPENDING s g 1-1 1-1 10"));
  for (const std::string& pending : {model, real}) {
    EXPECT_TRUE(pending.starts_with("[[\"1-1\", \"d\", ") && pending.ends_with(", 2]]")) << pending;
  }
}

}  // namespace
}  // namespace firedrill::test
