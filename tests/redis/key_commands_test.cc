#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/redis/rig.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

TEST(KeyCommands, ConditionsOfExpire) {
  answers({
      {"SET a v", "+OK"},
      {"EXPIRE a 10 XX", "0"},
      {"EXPIRE a 10 GT", "0"},
      {"EXPIRE a 10 LT", "1"},
      {"EXPIRE a 20 NX", "0"},
      {"EXPIRE a 20 LT", "0"},
      {"EXPIRE a 20 GT", "1"},
      {"EXPIRETIME a", "1700000020"},
      {"PEXPIRETIME a", "1700000020000"},
      {"EXPIRE a 20 NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible"},
      {"EXPIRE a 20 GT LT", "-ERR GT and LT options at the same time are not compatible"},
      {"EXPIRE a 20 foo", "-ERR Unsupported option foo"},
      {"EXPIRE a 9223372036854775807", "-ERR invalid expire time in 'expire' command"},
      {"PEXPIRE a -9223372036854775808", "1"},
      {"EXISTS a", "0"},
      {"TTL a", "-2"},
  });
}

TEST(KeyCommands, RenamingTakesTheExpiryAlong) {
  answers({
      {"RENAME a b", "-ERR no such key"},
      {"SET a v EX 10", "+OK"},
      {"SET b w", "+OK"},
      {"RENAMENX a b", "0"},
      {"RENAME a b", "+OK"},
      {"TTL b", "10"},
      {"EXISTS a", "0"},
      {"RENAME b b", "+OK"},
      {"RENAMENX b b", "0"},
      {"GET b", "\"v\""},
  });
}

TEST(KeyCommands, CopiesShareNothing) {
  answers({
      {"RPUSH a 1 2", "2"},
      {"COPY a b", "1"},
      {"COPY a b", "0"},
      {"RPUSH b 3", "3"},
      {"LRANGE a 0 -1", "[\"1\", \"2\"]"},
      {"COPY a b REPLACE", "1"},
      {"LRANGE b 0 -1", "[\"1\", \"2\"]"},
      {"COPY a a", "-ERR source and destination objects are the same"},
      {"COPY a a DB 1", "1"},
      {"COPY a b DB 16", "-ERR DB index is out of range"},
      {"COPY a b DB x", "-ERR value is not an integer or out of range"},
      {"COPY a b DB", "-ERR syntax error"},
      {"COPY none c", "0"},
  });
}

TEST(KeyCommands, KeysMoveBetweenDatabases) {
  answers({
      {"SET a v EX 10", "+OK"},
      {"MOVE a 0", "-ERR source and destination objects are the same"},
      {"MOVE a 16", "-ERR DB index is out of range"},
      {"MOVE a 3", "1"},
      {"MOVE a 3", "0"},
      {"EXISTS a", "0"},
      {"SET b w", "+OK"},
      {"SWAPDB 0 3", "+OK"},
      {"TTL a", "10"},
      {"EXISTS b", "0"},
      {"SWAPDB x 3", "-ERR invalid first DB index"},
      {"SWAPDB 0 x", "-ERR invalid second DB index"},
      {"SWAPDB 0 16", "-ERR DB index is out of range"},
      {"FLUSHDB", "+OK"},
      {"DBSIZE", "0"},
      {"SELECT 3", "+OK"},
      {"DBSIZE", "1"},
      {"FLUSHALL SYNC", "+OK"},
      {"FLUSHALL now", "-ERR syntax error"},
      {"DBSIZE", "0"},
  });
}

TEST(KeyCommands, CursorsAreReadAsStrtoulDoes) {
  answers({
      {"SCAN x", "-ERR invalid cursor"},
      {"SCAN 18446744073709551616", "-ERR invalid cursor"},
      {"SCAN +0", "[\"0\", []]"},
      {"SCAN -1", "[\"0\", []]"},
      {"SCAN 0 COUNT 0", "-ERR syntax error"},
      {"SCAN 0 COUNT x", "-ERR value is not an integer or out of range"},
      {"SCAN 0 MATCH", "-ERR syntax error"},
      {"HSCAN none x", "-ERR invalid cursor"},
      {"HSCAN none 0 COUNT", "[\"0\", []]"},
      {"SADD s a", "1"},
      {"SSCAN s 0 TYPE set", "-ERR syntax error"},
  });
  Rig rig;
  EXPECT_EQ(test::text_of(rig.run({"SCAN", " 0"})), "-ERR invalid cursor");
  EXPECT_EQ(test::text_of(rig.run({"SCAN", ""})), "[\"0\", []]");
}

/// Keys that are there throughout are seen, whatever else comes and goes.
TEST(KeyCommands, AScanMissesNothingThatStays) {
  Rig rig;
  for (int i = 0; i < 200; ++i) rig.ask("SET k" + std::to_string(i) + " v");
  std::set<std::string> seen;
  std::string cursor = "0";
  int step = 0;
  do {
    const RedisReply reply = rig.run({"SCAN", cursor, "COUNT", "7"});
    cursor = reply.items[0].text;
    for (const RedisReply& key : reply.items[1].items) seen.insert(key.text);
    rig.ask("DEL k" + std::to_string(3 * step) + " k" + std::to_string(199 - 3 * step));
    rig.ask("SET new" + std::to_string(step++) + " v");
  } while (cursor != "0");
  for (int i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i);
    const bool stayed = rig.ask("EXISTS " + key) == "1";
    EXPECT_TRUE(!stayed || seen.contains(key)) << key;
  }
}

TEST(KeyCommands, AskingAboutAKeyIsNoUseOfIt) {
  Rig rig;
  rig.ask("SET a v");
  rig.now += 90s;
  for (const char* command : {"EXISTS a", "TYPE a", "TTL a", "OBJECT ENCODING a"}) {
    rig.ask(command);
    EXPECT_EQ(rig.ask("OBJECT IDLETIME a"), "90") << command;
  }
  rig.ask("TOUCH a");
  EXPECT_EQ(rig.ask("OBJECT IDLETIME a"), "0");
}

TEST(KeyCommands, ObjectHelpsAndRefuses) {
  Rig rig;
  EXPECT_EQ(rig.run({"OBJECT", "HELP"}).items.size(), 15U);
  EXPECT_EQ(rig.ask("OBJECT FREQ none"), "nil");
  rig.ask("SET a v");
  EXPECT_TRUE(rig.ask("OBJECT FREQ a").starts_with("-ERR An LFU maxmemory policy is not selected"));
}

TEST(KeyCommands, ARandomKeyIsDrawnFromThoseThere) {
  Rig rig;
  EXPECT_EQ(rig.ask("RANDOMKEY"), "nil");
  rig.ask("MSET a 1 b 1 c 1");
  rig.ask("SET gone 1 PX 1");
  rig.now += 2ms;
  std::set<std::string> drawn;
  for (int i = 0; i < 60; ++i) drawn.insert(rig.ask("RANDOMKEY"));
  EXPECT_EQ(drawn, (std::set<std::string>{"\"a\"", "\"b\"", "\"c\""}));
}

}  // namespace
}  // namespace firedrill::sim::redis
