#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "tests/sim_ports/small_world.h"
#include "tests/support/redis_text.h"

// Connections of a simulated server: who waits, who comes after, who is sent away.

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

/// Asks, and writes down what came, with the name of who asked.
asio::awaitable<void> ask(Ports ports, std::string who, std::string line, Duration patience,
                          std::vector<std::string>* log) {
  std::vector<std::string> words = test::words_of(line);
  const Instant deadline = ports.clock.now() + patience;
  const Outcome<RedisReply> outcome = co_await ports.redis.call(std::move(words), deadline);
  log->push_back(who + ": " + (outcome.has_value() ? test::text_of(outcome.value()) : "nothing"));
}

class Clients : public testing::Test {
 protected:
  void one(const std::string& line, Duration patience = from_ms(5'000)) {
    small_.at_one().tasks.spawn(ask(small_.at_one(), "one", line, patience, &log_));
  }
  void two(const std::string& line, Duration patience = from_ms(5'000)) {
    small_.at_two().tasks.spawn(ask(small_.at_two(), "two", line, patience, &log_));
  }
  using Log = std::vector<std::string>;
  /// Replies on different connections overtake each other.
  static Log sorted(Log log) {
    std::sort(log.begin(), log.end());
    return log;
  }

  SmallWorld small_;
  Log log_;
};

TEST_F(Clients, WhoWaitsIsServedWhenItsKeyComes) {
  one("BLPOP q 0");
  small_.run_for(from_ms(100));
  EXPECT_TRUE(log_.empty());
  two("RPUSH q a");
  small_.run_for(from_ms(100));
  EXPECT_EQ(sorted(log_), (Log{"one: [\"q\", \"a\"]", "two: 1"}));
}

TEST_F(Clients, WhatComesAfterAWaitingCommandIsHeldBack) {
  one("BLPOP q 0");
  one("SET held 1");
  small_.run_for(from_ms(100));
  two("GET held");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_, (Log{"two: nil"}));
  two("RPUSH q a");
  small_.run_for(from_ms(100));
  EXPECT_EQ(sorted(log_), (Log{"one: +OK", "one: [\"q\", \"a\"]", "two: 1", "two: nil"}));
  EXPECT_EQ(log_.back(), "one: +OK");
}

TEST_F(Clients, AWaitEndsAtItsTime) {
  one("BLPOP q 0.3");
  small_.run_for(from_ms(290));
  EXPECT_TRUE(log_.empty());
  small_.run_for(from_ms(20));
  EXPECT_EQ(log_, (Log{"one: nil"}));
}

TEST_F(Clients, WhoHasGoneTakesNothing) {
  one("BLPOP q 0");
  small_.run_for(from_ms(100));
  small_.one.kill();
  small_.run_for(from_ms(100));
  two("RPUSH q a");
  two("LLEN q");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_, (Log{"two: 1", "two: 1"}));
}

TEST_F(Clients, TransactionsOfTwoDoNotMix) {
  for (const char* line : {"MULTI", "INCR n"}) one(line);
  two("INCR n");
  small_.run_for(from_ms(100));
  one("EXEC");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_.back(), "one: [2]");
}

TEST_F(Clients, AKilledOneLosesItsConnectionAndMayComeAgain) {
  one("BLPOP q 0");
  small_.run_for(from_ms(100));
  two("CLIENT KILL TYPE normal SKIPME yes");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_, (Log{"two: 1", "one: nothing"}));
  one("PING");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_.back(), "one: +PONG");
}

TEST_F(Clients, ASnapshotIsWhatAKillLeaves) {
  redis::Settings settings;
  settings.persistence = redis::Store::Persistence::snapshots;
  settings.keeps_effects = true;
  small_.redis.kill();
  small_.redis_disk = redis::Disk(redis::Engine(), settings);
  small_.redis.start();
  one("SET a 1");
  small_.run_for(from_ms(6'000));
  one("SET b 1");
  small_.run_for(from_ms(100));
  small_.redis.kill();
  small_.redis.start();
  small_.run_for(from_ms(100));
  one("EXISTS a b");
  small_.run_for(from_ms(100));
  EXPECT_EQ(log_.back(), "one: 1") << "it is five seconds since the last one";
}

TEST_F(Clients, KeysGoWhenTheirTimeHasComeThoughNobodyLooks) {
  one("SET k v PX 150");
  small_.run_for(from_ms(100));
  EXPECT_EQ(small_.redis_disk.engine.key_count(), 1U);
  small_.run_for(from_ms(200));
  EXPECT_EQ(small_.redis_disk.engine.key_count(), 0U);
}

}  // namespace
}  // namespace firedrill::sim
