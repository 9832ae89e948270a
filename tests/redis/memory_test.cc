#include <gtest/gtest.h>

#include <string>

#include "sim/redis/eviction.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

void limit(Sessions& redis, SessionId session, const std::string& policy) {
  redis.ask(session, "CONFIG SET maxmemory-policy " + policy + " maxmemory " +
                         std::to_string(used_memory(redis.state()) + 200));
}

// What redis-server 7.0.15 answers.
TEST(RedisMemory, UsageOfSmallThingsIsThatOfTheServer) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "SET k abc");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE k"), "64");
  redis.ask(one, "SET k 12");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE k"), "48");
  redis.ask(one, "HSET h a b");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE h"), "64");
  redis.ask(one, "SADD s a");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE s"), "168");
  redis.ask(one, "SADD s2 1 2 3");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE s2"), "64");
  redis.ask(one, "ZADD z 1 a 2 b");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE z"), "80");
  redis.ask(one, "RPUSH l a b c");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE l"), "144");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE nosuch"), "nil");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE k SAMPLES"), "-ERR syntax error");
  EXPECT_EQ(redis.ask(one, "MEMORY USAGE k SAMPLES x"),
            "-ERR value is not an integer or out of range");
}

TEST(RedisMemory, UsageOfLargeThingsIsAboutThatOfTheServer) {
  Sessions redis;
  const SessionId one = redis.connect();
  for (int i = 1; i <= 1000; ++i) {
    const std::string v = "value:" + std::to_string(i);
    redis.ask(one, "HSET h " + v + " " + v);
    redis.ask(one, "SADD s " + v);
    redis.ask(one, "ZADD z " + std::to_string(i) + " " + v);
    redis.ask(one, "RPUSH l " + v);
  }
  const auto usage = [&](const char* key) {
    return std::stoi(redis.ask(one, std::string("MEMORY USAGE ") + key + " SAMPLES 0"));
  };
  EXPECT_EQ(usage("h"), 64'296);
  EXPECT_EQ(usage("s"), 48'296);
  EXPECT_NEAR(usage("z"), 101'784, 2'000);
  EXPECT_NEAR(usage("l"), 11'432, 1'200);
}

TEST(RedisMemory, TheCountIsTheSumOfAllKeys) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "CONFIG SET maxmemory 1gb");
  redis.ask(one, "SET a 1");
  for (const char* line :
       {"SET b text", "APPEND b more", "SELECT 3", "HSET h f v", "SELECT 0", "DEL a",
        "SET e 1 PX 10", "RENAME b c", "MOVE c 3", "SWAPDB 0 3", "SADD s 1 2 x"}) {
    redis.ask(one, line);
    EXPECT_EQ(redis.state().memory->bytes() + kMemoryAtStart, used_memory(redis.state())) << line;
  }
  redis.pass(100ms);
  EXPECT_EQ(redis.state().memory->bytes() + kMemoryAtStart, used_memory(redis.state()));
  redis.ask(one, "FLUSHALL");
  EXPECT_EQ(redis.state().memory->bytes(), 0);
}

TEST(RedisMemory, NoEvictionRefuses) {
  Sessions redis;
  const SessionId one = redis.connect();
  limit(redis, one, "noeviction");
  EXPECT_EQ(redis.ask(one, "SET a " + std::string(500, 'x')), "+OK");
  EXPECT_EQ(redis.ask(one, "SET b 1"), "-OOM command not allowed when used memory > 'maxmemory'.");
  EXPECT_EQ(redis.ask(one, "DEL a"), "1");
  EXPECT_EQ(redis.ask(one, "SET b 1"), "+OK");
}

TEST(RedisMemory, TheLeastRecentlyUsedGo) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "CONFIG SET maxmemory-samples 64");
  for (const char* key : {"a", "b", "c", "d"}) {
    redis.ask(one, std::string("SET ") + key + " " + std::string(100, 'x'));
    redis.now += 1s;
  }
  redis.ask(one, "GET a");
  limit(redis, one, "allkeys-lru");
  redis.engine.keep_effects(true);
  redis.now += 1s;
  redis.ask(one, "SET e " + std::string(300, 'x'));
  redis.ask(one, "PING");
  EXPECT_EQ(redis.ask(one, "EXISTS b"), "0");
  EXPECT_EQ(redis.ask(one, "EXISTS a"), "1");
  EXPECT_EQ(redis.ask(one, "EXISTS e"), "1");
  EXPECT_EQ(redis.engine.take_effects().find("MULTI"), std::string::npos)
      << "each eviction is told on its own";
  EXPECT_GE(redis.state().keys_evicted, 1U);
}

TEST(RedisMemory, TheShortestLivedGo) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "CONFIG SET maxmemory-samples 64");
  redis.ask(one, "SET late x EX 1000");
  redis.ask(one, "SET soon " + std::string(400, 'x') + " EX 10");
  redis.ask(one, "SET ever x");
  limit(redis, one, "volatile-ttl");
  redis.ask(one, "SET big " + std::string(300, 'x'));
  redis.ask(one, "PING");
  EXPECT_EQ(redis.ask(one, "EXISTS soon"), "0");
  EXPECT_EQ(redis.ask(one, "EXISTS late ever big"), "3");
}

TEST(RedisMemory, WhereNothingMayGoItIsFull) {
  Sessions redis;
  const SessionId one = redis.connect();
  limit(redis, one, "volatile-lru");
  redis.ask(one, "SET a " + std::string(500, 'x'));
  EXPECT_EQ(redis.ask(one, "SET b 1"), "-OOM command not allowed when used memory > 'maxmemory'.");
  redis.ask(one, "REPLICAOF 10.0.0.1 6379");
  EXPECT_EQ(redis.ask(one, "SET b 1"), "-READONLY You can't write against a read only replica.")
      << "a replica leaves it to its primary";
}

TEST(RedisMemory, EvictionIsTheSameInEveryRun) {
  const auto left = [] {
    Sessions redis;
    const SessionId one = redis.connect();
    redis.ask(one, "CONFIG SET maxmemory-policy allkeys-random maxmemory " +
                       std::to_string(kMemoryAtStart + 3000));
    for (int i = 0; i < 100; ++i) redis.ask(one, "SET k" + std::to_string(i) + " 1");
    return redis.engine.snapshot();
  };
  const std::string snapshot = left();
  EXPECT_LT(snapshot.size(), 100U * 28);
  EXPECT_EQ(snapshot, left());
}

}  // namespace
}  // namespace firedrill::sim::redis
