#include "sim/redis/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/redis/rig.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> changed(const Engine& engine) {
  const auto keys = engine.changed_keys();
  return {keys.begin(), keys.end()};
}

using Keys = std::vector<std::string>;

TEST(RedisEngine, NamesAreInAnyCase) {
  Rig rig;
  EXPECT_EQ(rig.ask("sEt a 1"), "+OK");
  EXPECT_EQ(rig.ask("GeT a"), "\"1\"");
  EXPECT_EQ(rig.ask("nosuch x y"),
            "-ERR unknown command 'nosuch', with args beginning with: 'x' 'y' ");
  EXPECT_EQ(test::text_of(rig.run({})), "-ERR unknown command '', with args beginning with: ");
  EXPECT_EQ(rig.ask("get"), "-ERR wrong number of arguments for 'get' command");
}

TEST(RedisEngine, ManyWordsInOneCommand) {
  Rig rig;
  std::vector<std::string> words = {"MSET"};
  for (int i = 0; i < 500; ++i) words.insert(words.end(), {"k" + std::to_string(i), "v"});
  EXPECT_EQ(test::text_of(rig.run(words)), "+OK");
  EXPECT_EQ(rig.engine.key_count(), 500U);
}

TEST(RedisEngine, TellsWhichKeysACommandChanged) {
  Rig rig;
  rig.ask("SET a 1");
  EXPECT_EQ(changed(rig.engine), Keys{"a"});
  rig.ask("GET a");
  EXPECT_EQ(changed(rig.engine), Keys{});
  rig.ask("MSET b 1 c 2 b 3");
  EXPECT_EQ(changed(rig.engine), (Keys{"b", "c"}));
  rig.ask("SET a 2 NX");
  EXPECT_EQ(changed(rig.engine), Keys{});
  rig.ask("DEL a none b");
  EXPECT_EQ(changed(rig.engine), (Keys{"a", "b"}));
  rig.ask("HDEL c f");
  EXPECT_EQ(changed(rig.engine), Keys{});
  rig.ask("FLUSHALL");
  EXPECT_EQ(changed(rig.engine), Keys{"c"});
}

TEST(RedisEngine, AScriptsKeysAreListedOnce) {
  Rig rig;
  rig.eval(
      "redis.call('SET', 'a', 1) redis.call('DEL', 'a') redis.call('SET', 'a', 2) "
      "redis.call('SET', 'b', 1) return redis.call('INCR', 'a')");
  EXPECT_EQ(changed(rig.engine), (Keys{"a", "b"}));
}

TEST(RedisEngine, KeysExpireByTheTimeGiven) {
  Rig rig;
  rig.ask("SET a 1 PX 100");
  rig.now += 100ms;
  EXPECT_EQ(rig.ask("GET a"), "\"1\"");  // gone once the clock is past it
  EXPECT_EQ(rig.ask("PTTL a"), "0");
  rig.now += 1ms;
  EXPECT_EQ(rig.ask("GET a"), "nil");
  EXPECT_EQ(changed(rig.engine), Keys{"a"});
  EXPECT_EQ(rig.engine.key_count(), 0U);
}

TEST(RedisEngine, AClockThatJumpsExpiresEarly) {
  Rig rig;
  rig.ask("SET a 1 EX 100");
  rig.now -= 1h;
  EXPECT_EQ(rig.ask("TTL a"), "3700");
  rig.now += 2h;
  EXPECT_EQ(rig.ask("TTL a"), "-2");
}

TEST(RedisEngine, ExpiresActively) {
  Rig rig;
  rig.ask("SET a 1 PX 10");
  rig.ask("SET b 1 PX 1000");
  rig.ask("SET c 1");
  rig.engine.tick(rig.now + 5ms);
  EXPECT_EQ(changed(rig.engine), Keys{});
  rig.engine.tick(rig.now + 11ms);
  EXPECT_EQ(changed(rig.engine), Keys{"a"});
  rig.engine.tick(rig.now + 2s);
  EXPECT_EQ(changed(rig.engine), Keys{"b"});
  EXPECT_EQ(rig.engine.key_count(), 1U);
}

TEST(RedisEngine, TicksAtTheEndsOfTime) {
  Rig rig;
  rig.ask("SET last 1 PXAT 9223372036854775807");
  EXPECT_EQ(rig.engine.next_expiry(), std::nullopt) << "no WallTime is that late";
  rig.ask("SET a 1 PX 1000");
  EXPECT_EQ(rig.engine.next_expiry(), rig.now + 1s);
  rig.engine.tick(WallTime::min());
  EXPECT_EQ(changed(rig.engine), Keys{});
  rig.engine.tick(WallTime::max());
  EXPECT_EQ(changed(rig.engine), Keys{"a"});
  EXPECT_EQ(rig.engine.next_expiry(), std::nullopt);
  EXPECT_EQ(rig.ask("PEXPIRETIME last"), "9223372036854775807");
}

TEST(RedisEngine, NothingExpiresInsideAScript) {
  Rig rig;
  EXPECT_EQ(rig.eval("redis.call('SET', 'a', 1, 'PX', 1) local t = redis.call('TIME') "
                     "return {redis.call('EXISTS', 'a'), t[1], t[2]}"),
            "[1, \"1700000000\", \"1\"]");
}

TEST(RedisEngine, RestartKeepsKeysAndForgetsScripts) {
  Rig rig;
  rig.ask("SET a 1");
  const std::string random = rig.eval("return tostring(math.random())");
  EXPECT_NE(rig.eval("return tostring(math.random())"), random);
  const std::string sha = rig.run({"SCRIPT", "LOAD", "return 1"}).text;
  rig.engine.restart();
  EXPECT_EQ(rig.ask("GET a"), "\"1\"");
  EXPECT_EQ(rig.ask("EVALSHA " + sha + " 0"), "-NOSCRIPT No matching script. Please use EVAL.");
  EXPECT_EQ(rig.eval("return tostring(math.random())"), random);
}

TEST(RedisEngine, ClearComesBackEmpty) {
  Rig rig;
  rig.ask("SET a 1");
  rig.engine.clear();
  EXPECT_EQ(rig.ask("DBSIZE"), "0");
}

TEST(RedisEngine, Moves) {
  Rig rig;
  rig.ask("SET a 1");
  rig.eval("return 1");
  Engine moved = std::move(rig.engine);
  EXPECT_EQ(test::text_of(moved.execute(
                std::vector<std::string>{"EVAL", "return redis.call('GET','a')", "0"}, rig.now)),
            "\"1\"");
}

TEST(RedisEngine, ASharedScriptCacheChangesNoAnswer) {
  Engine::Options sharing;
  sharing.script_cache = make_script_cache();
  for (const std::string body :
       {"return KEYS and 1 .. 'x'", "local x = {}\n\nreturn 'a' .. x.b", "error('here')",
        "local x = {} return x.y % 2", "while true do end", "return redis.call('GET')", "x = "}) {
    Rig alone;
    const std::string answer = alone.eval(body);
    for (int i = 0; i < 3; ++i) {
      Rig rig{Engine(sharing)};
      EXPECT_EQ(rig.eval(body), answer);
      EXPECT_EQ(rig.eval(body), answer);
    }
  }
}

TEST(RedisEngine, ScanMeetsEveryKeyThatStays) {
  Rig rig;
  for (int i = 0; i < 200; ++i) rig.ask("SET k" + std::to_string(i) + " v");
  std::set<std::string> seen;
  std::string cursor = "0";
  int round = 0;
  do {
    const RedisReply reply = rig.run({"SCAN", cursor, "COUNT", "7"});
    cursor = reply.items[0].text;
    for (const RedisReply& key : reply.items[1].items) seen.insert(key.text);
    rig.ask("DEL k" + std::to_string(round * 3));  // others come and go meanwhile
    rig.ask("SET new" + std::to_string(round++) + " v");
  } while (cursor != "0");
  for (int i = 0; i < 200; ++i) {
    const bool stayed = i % 3 != 0 || i / 3 >= round;
    if (stayed) {
      EXPECT_TRUE(seen.contains("k" + std::to_string(i))) << i;
    }
  }
}

TEST(RedisEngine, StreamIdsGrowThoughTheClockStepsBack) {
  Rig rig;
  EXPECT_EQ(rig.ask("XADD s * f v"), "\"1700000000000-0\"");
  rig.now -= 1s;
  EXPECT_EQ(rig.ask("XADD s * f v"), "\"1700000000000-1\"");
  rig.now += 2s;
  EXPECT_EQ(rig.ask("XADD s * f v"), "\"1700000001000-0\"");
}

}  // namespace
}  // namespace firedrill::sim::redis
