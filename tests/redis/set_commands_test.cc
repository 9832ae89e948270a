#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/redis/rig.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

TEST(SetCommands, IntegersStandInOrder) {
  answers({
      {"SADD s 10 -3 7", "3"},
      {"SMEMBERS s", "[\"-3\", \"7\", \"10\"]"},
      {"OBJECT ENCODING s", "\"intset\""},
      {"SMISMEMBER s 7 8", "[1, 0]"},
      {"SSCAN s 0 COUNT 1", "[\"0\", [\"-3\", \"7\", \"10\"]]"},
      {"SADD s 007", "1"},
      {"OBJECT ENCODING s", "\"hashtable\""},
      {"SREM s 007", "1"},
      {"OBJECT ENCODING s", "\"hashtable\""},
  });
}

TEST(SetCommands, OperationsOnSeveralSets) {
  answers({
      {"SADD a 1 2 3 4", "4"},
      {"SADD b 3 4 5", "3"},
      {"SINTER a b", "[\"3\", \"4\"]"},
      {"SINTER a none", "[]"},
      {"SUNION a b", "[\"1\", \"2\", \"3\", \"4\", \"5\"]"},
      {"SDIFF a b", "[\"1\", \"2\"]"},
      {"SDIFF a a", "[]"},
      {"SINTERCARD 2 a b", "2"},
      {"SINTERCARD 2 a b LIMIT 1", "1"},
      {"SINTERCARD 0 a b", "-ERR numkeys should be greater than 0"},
      {"SINTERCARD 3 a b", "-ERR Number of keys can't be greater than number of args"},
      {"SINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative"},
      {"SUNIONSTORE a a b", "5"},
      {"SDIFFSTORE b b a", "0"},
      {"EXISTS b", "0"},
      {"SET text v", "+OK"},
      {"SINTER none text", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"SINTERSTORE text a", "5"},
      {"TYPE text", "+set"},
  });
}

TEST(SetCommands, SmoveTakesFromOneAndGivesToTheOther) {
  answers({
      {"SADD a x", "1"},
      {"SMOVE a b none", "0"},
      {"SMOVE a a x", "1"},
      {"SMOVE a b x", "1"},
      {"EXISTS a", "0"},
      {"SMEMBERS b", "[\"x\"]"},
      {"SET text v", "+OK"},
      {"SMOVE none text x", "0"},
      {"SMOVE b text x", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
  });
}

TEST(SetCommands, PopsAndDraws) {
  Rig rig;
  EXPECT_EQ(rig.ask("SPOP s"), "nil");
  EXPECT_EQ(rig.ask("SPOP s 1"), "[]");
  for (int i = 0; i < 20; ++i) rig.ask("SADD s m" + std::to_string(i));
  EXPECT_EQ(rig.ask("SPOP s -1"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(rig.ask("SPOP s 1 1"), "-ERR syntax error");
  std::set<std::string> popped;
  for (const RedisReply& member : rig.run({"SPOP", "s", "12"}).items) popped.insert(member.text);
  EXPECT_EQ(popped.size(), 12U);
  for (const std::string& member : popped) EXPECT_EQ(rig.ask("SISMEMBER s " + member), "0");
  EXPECT_EQ(rig.ask("SCARD s"), "8");
  EXPECT_EQ(rig.run({"SRANDMEMBER", "s", "5"}).items.size(), 5U);
  EXPECT_EQ(rig.run({"SRANDMEMBER", "s", "50"}).items.size(), 8U);
  EXPECT_EQ(rig.run({"SRANDMEMBER", "s", "-50"}).items.size(), 50U);
  EXPECT_EQ(rig.ask("SCARD s"), "8");
  EXPECT_EQ(rig.run({"SPOP", "s", "8"}).items.size(), 8U);
  EXPECT_EQ(rig.ask("EXISTS s"), "0");
}

TEST(SetCommands, ChanceIsTheSameInEveryRun) {
  std::set<std::string> drawn;
  for (int run = 0; run < 3; ++run) {
    Rig rig;
    for (int i = 0; i < 50; ++i) rig.ask("SADD s m" + std::to_string(i));
    drawn.insert(rig.ask("SRANDMEMBER s 5") + rig.ask("SPOP s 5"));
  }
  EXPECT_EQ(drawn.size(), 1U);
}

/// Redis makes a new set of the few that stay.
TEST(SetCommands, PoppingNearlyAllMayLeaveASetOfIntegers) {
  Rig rig;
  for (int i = 0; i < 600; ++i) rig.ask("SADD s " + std::to_string(i));
  EXPECT_EQ(rig.ask("OBJECT ENCODING s"), "\"hashtable\"");
  rig.ask("SPOP s 499");
  EXPECT_EQ(rig.ask("OBJECT ENCODING s"), "\"hashtable\"");
  rig.ask("SPOP s 90");
  EXPECT_EQ(rig.ask("OBJECT ENCODING s"), "\"intset\"");
}

/// Where that is less work, Redis subtracts from a copy, which may be too large for integers.
TEST(SetCommands, ADifferenceMayBeTakenFromACopy) {
  Rig rig;
  for (int i = 0; i < 600; ++i) rig.ask("SADD large " + std::to_string(i));
  for (int i = 1; i < 600; ++i) rig.ask("SADD most " + std::to_string(i));
  rig.ask("SADD few 1 2");
  rig.ask("SDIFFSTORE left large most");
  EXPECT_EQ(rig.ask("OBJECT ENCODING left"), "\"intset\"");
  rig.ask("SDIFFSTORE left large few most few few");
  EXPECT_EQ(rig.ask("OBJECT ENCODING left"), "\"hashtable\"");
  EXPECT_EQ(rig.ask("SMEMBERS left"), "[\"0\"]");
}

TEST(SetCommands, ASetForWhoSpeaksResp3) {
  Sessions sessions;
  const SessionId client = sessions.connect();
  sessions.ask(client, "HELLO 3");
  sessions.ask(client, "SADD s a b");
  const auto kind_of = [&](const std::vector<std::string_view>& words) {
    return sessions.engine.execute(client, words, sessions.now)->kind;
  };
  EXPECT_EQ(kind_of({"SMEMBERS", "s"}), RedisReply::Kind::set);
  EXPECT_EQ(kind_of({"SUNION", "s", "none"}), RedisReply::Kind::set);
  EXPECT_EQ(kind_of({"SRANDMEMBER", "s", "2"}), RedisReply::Kind::array);
  EXPECT_EQ(kind_of({"SPOP", "s", "1"}), RedisReply::Kind::set);
}

}  // namespace
}  // namespace firedrill::sim::redis
