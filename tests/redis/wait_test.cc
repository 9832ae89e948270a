#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

/// A primary with two replicas, whose host feeds them what it is given.
struct Primary : Sessions {
  Primary() {
    engine.keep_effects(true);
    for (const std::uint64_t number : {1, 2}) {
      state().replication.replicas[number] = {"10.0.0." + std::to_string(number), 6379, 0, 0};
    }
  }
  void feed() { state().replication.offset += engine.take_effects().size(); }
  std::string write(SessionId session, const std::string& line) {
    const std::string reply = ask(session, line);
    feed();
    return reply;
  }
};

TEST(RedisWait, IsOverWhenEnoughReplicasHaveTheWrite) {
  Primary redis;
  const SessionId one = redis.connect();
  redis.write(one, "SET a 1");
  const std::uint64_t offset = redis.state().replication.offset;
  ASSERT_GT(offset, 0U);
  EXPECT_EQ(redis.ask(one, "WAIT 0 0"), "0");
  EXPECT_EQ(redis.ask(one, "WAIT 1 0"), "(nothing)");
  EXPECT_TRUE(redis.engine.blocked(one));
  EXPECT_EQ(redis.state().replication.acknowledgements_wanted, 1U);
  redis.engine.replica_acknowledged(1, offset - 1, redis.now);
  EXPECT_TRUE(redis.heard().empty());
  redis.engine.replica_acknowledged(2, offset, redis.now);
  EXPECT_EQ(redis.heard(), Heard{"1: 1"});
  EXPECT_EQ(redis.ask(one, "WAIT 1 0"), "1");
}

TEST(RedisWait, AtItsTimeoutItCountsWhoIsThere) {
  Primary redis;
  const SessionId one = redis.connect();
  redis.write(one, "SET a 1");
  EXPECT_EQ(redis.ask(one, "WAIT 2 100"), "(nothing)");
  EXPECT_EQ(redis.engine.next_timeout(), redis.now + 100ms);
  redis.engine.replica_acknowledged(1, redis.state().replication.offset, redis.now);
  EXPECT_TRUE(redis.heard().empty());
  redis.pass(100ms);
  EXPECT_EQ(redis.heard(), Heard{"1: 1"});
  EXPECT_FALSE(redis.engine.blocked(one));
}

TEST(RedisWait, TheLongestTimeoutIsForEver) {
  Primary redis;
  const SessionId one = redis.connect();
  redis.write(one, "SET a 1");
  const std::uint64_t offset = redis.state().replication.offset;
  for (const WallTime now : {redis.now, WallTime{}, WallTime::max()}) {
    redis.now = now;
    redis.state().replication.replicas[1].offset = 0;
    EXPECT_EQ(redis.ask(one, "WAIT 1 9223372036854775807"), "(nothing)");
    EXPECT_EQ(redis.engine.next_timeout(), std::nullopt);
    redis.engine.tick(WallTime::max());
    EXPECT_TRUE(redis.heard().empty());
    redis.engine.replica_acknowledged(1, offset, redis.now);
    EXPECT_EQ(redis.heard(), Heard{"1: 1"});
  }
  EXPECT_EQ(redis.ask(one, "WAIT 2 9223372036854775808"),
            "-ERR timeout is not an integer or out of range");
}

TEST(RedisWait, IsAboutWhatTheConnectionHasSeen) {
  Primary redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.write(one, "SET a 1");
  EXPECT_EQ(redis.ask(two, "WAIT 2 0"), "2") << "it has done nothing that could be missing";
  redis.ask(two, "GET a");
  EXPECT_EQ(redis.ask(two, "WAIT 2 50"), "(nothing)") << "what it has read may be lost";
}

TEST(RedisWait, NeverWaitsInATransactionAndNotInScripts) {
  Primary redis;
  const SessionId one = redis.connect();
  redis.write(one, "SET a 1");
  redis.ask(one, "MULTI");
  redis.ask(one, "WAIT 1 0");
  EXPECT_EQ(redis.ask(one, "EXEC"), "[0]");
  EXPECT_EQ(redis.run(one, {"EVAL", "return redis.pcall('WAIT', 0, 0)", "0"}).substr(0, 42),
            "-ERR This Redis command is not allowed fro");
  EXPECT_EQ(redis.ask(one, "WAIT x 0"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(redis.ask(one, "WAIT 1 x"), "-ERR timeout is not an integer or out of range");
  EXPECT_EQ(redis.ask(one, "WAIT 1 -1"), "-ERR timeout is negative");
}

}  // namespace
}  // namespace firedrill::sim::redis
