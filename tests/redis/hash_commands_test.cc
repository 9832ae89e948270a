#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/redis/rig.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

TEST(HashCommands, NumbersInFields) {
  answers({
      {"HINCRBY h n 5", "5"},
      {"HINCRBYFLOAT h n 0.25", "\"5.25\""},
      {"HINCRBY h n 1", "-ERR hash value is not an integer"},
      {"HINCRBYFLOAT h n x", "-ERR value is not a valid float"},
      {"HINCRBYFLOAT h n inf", "-ERR value is NaN or Infinity"},
      {"HSET h t text", "1"},
      {"HINCRBYFLOAT h t 1", "-ERR hash value is not a float"},
      {"HSET h big 9223372036854775807", "1"},
      {"HINCRBY h big 1", "-ERR increment or decrement would overflow"},
  });
}

TEST(HashCommands, SmallOnesKeepTheirOrder) {
  answers({
      {"HSET h c 1 a 2 b 3", "3"},
      {"HSET h a 4", "0"},
      {"HDEL h c", "1"},
      {"HSET h c 5", "1"},
      {"HGETALL h", "[\"a\", \"4\", \"b\", \"3\", \"c\", \"5\"]"},
      {"HSCAN h 0 COUNT 1", "[\"0\", [\"a\", \"4\", \"b\", \"3\", \"c\", \"5\"]]"},
      {"HSCAN h 0 MATCH [ac]", "[\"0\", [\"a\", \"4\", \"c\", \"5\"]]"},
  });
}

TEST(HashCommands, OnceATableAlwaysATable) {
  Rig rig;
  const std::string longest(64, 'x');
  rig.run({"HSET", "h", longest, longest});
  EXPECT_EQ(rig.ask("OBJECT ENCODING h"), "\"listpack\"");
  rig.run({"HSET", "h", "f", longest + "x"});
  EXPECT_EQ(rig.ask("OBJECT ENCODING h"), "\"hashtable\"");
  rig.ask("HDEL h f");
  EXPECT_EQ(rig.ask("OBJECT ENCODING h"), "\"hashtable\"");
  for (int i = 0; i < 512; ++i) rig.ask("HSET many " + std::to_string(i) + " v");
  EXPECT_EQ(rig.ask("OBJECT ENCODING many"), "\"listpack\"");
  rig.ask("HINCRBY many 512 1");
  EXPECT_EQ(rig.ask("OBJECT ENCODING many"), "\"hashtable\"");
}

TEST(HashCommands, AScanOfALargeOneComesInPieces) {
  Rig rig;
  for (int i = 0; i < 600; ++i) rig.ask("HSET h " + std::to_string(i) + " v");
  std::set<std::string> seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const RedisReply reply = rig.run({"HSCAN", "h", cursor, "COUNT", "100"});
    cursor = reply.items[0].text;
    EXPECT_LE(reply.items[1].items.size(), 200U);
    for (std::size_t i = 0; i < reply.items[1].items.size(); i += 2) {
      seen.insert(reply.items[1].items[i].text);
    }
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 600U);
  EXPECT_EQ(calls, 6);
}

TEST(HashCommands, DrawsFields) {
  Rig rig;
  rig.ask("HSET h a 1 b 2 c 3");
  EXPECT_EQ(rig.ask("HRANDFIELD none"), "nil");
  EXPECT_EQ(rig.ask("HRANDFIELD none 5"), "[]");
  EXPECT_EQ(rig.ask("HRANDFIELD h 0"), "[]");
  EXPECT_EQ(rig.ask("HRANDFIELD h 5 WITHVALUES"), "[\"a\", \"1\", \"b\", \"2\", \"c\", \"3\"]");
  EXPECT_EQ(rig.run({"HRANDFIELD", "h", "-7"}).items.size(), 7U);
  const RedisReply two = rig.run({"HRANDFIELD", "h", "2"});
  ASSERT_EQ(two.items.size(), 2U);
  EXPECT_NE(two.items[0], two.items[1]);
  EXPECT_EQ(rig.ask("HRANDFIELD h x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(rig.ask("HRANDFIELD h 1 foo"), "-ERR syntax error");
  EXPECT_EQ(rig.ask("HRANDFIELD h -9223372036854775808"),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807");
  EXPECT_EQ(rig.ask("HRANDFIELD h 9223372036854775807 WITHVALUES"), "-ERR value is out of range");
}

TEST(HashCommands, AMapForWhoSpeaksResp3) {
  Sessions sessions;
  const SessionId client = sessions.connect();
  sessions.ask(client, "HELLO 3");
  sessions.ask(client, "HSET h f 1");
  const auto kind_of = [&](const std::vector<std::string_view>& words) {
    return sessions.engine.execute(client, words, sessions.now)->kind;
  };
  EXPECT_EQ(kind_of({"HGETALL", "h"}), RedisReply::Kind::map);
  EXPECT_EQ(kind_of({"HGETALL", "none"}), RedisReply::Kind::map);
  EXPECT_EQ(kind_of({"HINCRBYFLOAT", "h", "f", "1"}), RedisReply::Kind::bulk);
  const std::vector<std::string_view> draw = {"HRANDFIELD", "h", "1", "WITHVALUES"};
  const auto drawn = sessions.engine.execute(client, draw, sessions.now);
  EXPECT_EQ(test::text_of(*drawn), "[[\"f\", \"2\"]]");
}

}  // namespace
}  // namespace firedrill::sim::redis
