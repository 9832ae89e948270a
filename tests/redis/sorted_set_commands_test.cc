#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/redis/effects.h"
#include "tests/redis/rig.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

struct Exchange {
  const char* command;
  const char* reply;
};

class SortedSetCommands : public testing::Test {
 protected:
  /// One after the other, on one engine.
  void expect(const std::vector<Exchange>& exchanges) {
    for (const auto& [command, reply] : exchanges) EXPECT_EQ(rig_.ask(command), reply) << command;
  }

  Rig rig_;
};

TEST_F(SortedSetCommands, ZaddHeedsItsConditions) {
  expect(
      {{"ZADD z 1 a 2 b", "2"},
       {"ZADD z NX 5 a 3 c", "1"},
       {"ZADD z XX CH 5 a 9 d", "1"},
       {"ZADD z GT CH 4 a 3 b", "1"},
       {"ZADD z LT INCR 1 a", "nil"},
       {"ZADD z INCR 0.5 a", "\"5.5\""},
       {"ZINCRBY z -inf a", "\"-inf\""},
       {"ZINCRBY z inf a", "-ERR resulting score is not a number (NaN)"},
       {"ZADD z NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible"},
       {"ZADD z nan a", "-ERR value is not a valid float"},
       {"ZRANGE z 0 -1 WITHSCORES", "[\"a\", \"-inf\", \"b\", \"3\", \"c\", \"3\"]"}});
}

TEST_F(SortedSetCommands, RangesGoByRankScoreAndMember) {
  rig_.ask("ZADD z 1 a 2 b 3 c 4 d");
  rig_.ask("ZADD l 0 a 0 b 0 c 0 d");
  expect({{"ZRANGE z 1 2", "[\"b\", \"c\"]"},
          {"ZRANGE z 0 1 REV WITHSCORES", "[\"d\", \"4\", \"c\", \"3\"]"},
          {"ZRANGE z (1 3 BYSCORE", "[\"b\", \"c\"]"},
          {"ZRANGE z inf (2 BYSCORE REV LIMIT 1 1", "[\"c\"]"},
          {"ZRANGE l [b (d BYLEX", "[\"b\", \"c\"]"},
          {"ZRANGE l + (b BYLEX REV LIMIT 0 1", "[\"d\"]"},
          {"ZRANGEBYLEX l - [b", "[\"a\", \"b\"]"},
          {"ZREVRANGEBYLEX l [b -", "[\"b\", \"a\"]"},
          {"ZLEXCOUNT l (a +", "3"},
          {"ZCOUNT z 2 (4", "2"},
          {"ZRANGESTORE to z 2 3 BYSCORE", "2"},
          {"ZREMRANGEBYLEX l [b [c", "2"},
          {"ZRANGE l 0 -1", "[\"a\", \"d\"]"},
          {"ZREMRANGEBYSCORE to 2 2", "1"},
          {"ZREMRANGEBYRANK to 0 0", "1"},
          {"EXISTS to", "0"},
          {"ZRANGE z 0 1 LIMIT 0 1",
           "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or "
           "BYLEX"},
          {"ZRANGE l - + BYLEX WITHSCORES",
           "-ERR syntax error, WITHSCORES not supported in combination with BYLEX"},
          {"ZRANGEBYLEX l a +", "-ERR min or max not valid string range item"},
          {"ZCOUNT z x 1", "-ERR min or max is not a float"}});
}

TEST_F(SortedSetCommands, OperationsAggregateScores) {
  rig_.ask("ZADD x 1 a 2 b 3 c");
  rig_.ask("ZADD y 10 b 20 c 30 d");
  rig_.ask("SADD plain a d");
  expect(
      {{"ZUNION 2 x y WITHSCORES", "[\"a\", \"1\", \"b\", \"12\", \"c\", \"23\", \"d\", \"30\"]"},
       {"ZINTER 2 x y WEIGHTS 2 1 AGGREGATE MIN WITHSCORES", "[\"b\", \"4\", \"c\", \"6\"]"},
       {"ZDIFF 3 x y none WITHSCORES", "[\"a\", \"1\"]"},
       {"ZINTER 2 y plain WITHSCORES", "[\"d\", \"31\"]"},
       {"ZINTERCARD 2 x y LIMIT 1", "1"},
       {"ZUNIONSTORE to 2 x y AGGREGATE MAX", "4"},
       {"ZSCORE to c", "\"20\""},
       {"ZDIFFSTORE to 1 none", "0"},
       {"EXISTS to", "0"},
       {"ZADD inf inf m", "1"},
       {"ZUNION 1 inf WEIGHTS 0 WITHSCORES", "[\"m\", \"0\"]"},
       {"ZUNION 2 inf inf WEIGHTS 1 -1 WITHSCORES", "[\"m\", \"0\"]"},
       {"ZUNION 0 x", "-ERR at least 1 input key is needed for 'zunion' command"},
       {"ZUNION 2 x", "-ERR syntax error"},
       {"ZINTERCARD 1 x LIMIT -1", "-ERR LIMIT can't be negative"},
       {"ZUNION 1 x WEIGHTS x", "-ERR weight value is not a float"}});
}

TEST_F(SortedSetCommands, PopsTakeFromEitherEnd) {
  rig_.ask("ZADD z 1 a 2 b 3 c 4 d 5 e");
  expect({{"ZPOPMIN z", "[\"a\", \"1\"]"},
          {"ZPOPMAX z 2", "[\"e\", \"5\", \"d\", \"4\"]"},
          {"ZPOPMIN z 0", "[]"},
          {"ZMPOP 2 none z MAX COUNT 1", "[\"z\", [[\"c\", \"3\"]]]"},
          {"BZPOPMIN none z 0", "[\"z\", \"b\", \"2\"]"},
          {"EXISTS z", "0"},
          {"ZMPOP 1 z MIN", "nil"},
          {"ZPOPMIN z -1", "-ERR value is out of range, must be positive"},
          {"ZMPOP 0 z MIN", "-ERR numkeys should be greater than 0"}});
}

TEST_F(SortedSetCommands, WhatRedisWouldKeepAsAListpackShows) {
  rig_.ask("ZADD z -0 m");
  EXPECT_EQ(rig_.ask("ZSCORE z m"), "\"0\"");
  EXPECT_EQ(rig_.ask("OBJECT ENCODING z"), "\"listpack\"");
  rig_.run({"ZADD", "z", "1", std::string(65, 'x')});
  EXPECT_EQ(rig_.ask("OBJECT ENCODING z"), "\"skiplist\"");
  rig_.run({"ZREM", "z", std::string(65, 'x')});
  EXPECT_EQ(rig_.ask("OBJECT ENCODING z"), "\"skiplist\"");
  rig_.ask("ZADD z -0 n");
  EXPECT_EQ(rig_.ask("ZSCORE z n"), "\"-0\"");
}

TEST_F(SortedSetCommands, AScanSeesWhatIsThereThroughout) {
  for (int i = 0; i < 200; ++i) {
    rig_.ask("ZADD z " + std::to_string(i) + " m" + std::to_string(i));
  }
  std::set<std::string> seen;
  std::string cursor = "0";
  int step = 0;
  do {
    const RedisReply reply = rig_.run({"ZSCAN", "z", cursor, "COUNT", "7"});
    cursor = reply.items.at(0).text;
    for (std::size_t i = 0; i < reply.items[1].items.size(); i += 2) {
      seen.insert(reply.items[1].items[i].text);
    }
    rig_.ask("ZREM z m" + std::to_string(step++));
    rig_.ask("ZADD z 1 new" + std::to_string(step));
  } while (cursor != "0");
  for (int i = step; i < 200; ++i) EXPECT_TRUE(seen.contains("m" + std::to_string(i))) << i;
}

TEST(SortedSetReplies, ArePairsAndNumbersInResp3) {
  Sessions world;
  const SessionId session = world.connect();
  world.ask(session, "HELLO 3");
  world.ask(session, "ZADD z 1 a 2.5 b");
  const Exchange kCases[] = {
      {"ZRANGE z 0 -1 WITHSCORES", "[[\"a\", ,1], [\"b\", ,2.5]]"},
      {"ZUNION 1 z WITHSCORES", "[[\"a\", ,1], [\"b\", ,2.5]]"},
      {"ZRANDMEMBER z 5 WITHSCORES", "[[\"b\", ,2.5], [\"a\", ,1]]"},
      {"ZSCORE z b", ",2.5"},
      {"ZADD z INCR 1 b", ",3.5"},
      {"ZPOPMIN z", "[\"a\", ,1]"},
      {"ZPOPMIN z 1", "[[\"b\", ,3.5]]"},
  };
  for (const auto& [command, reply] : kCases) EXPECT_EQ(world.ask(session, command), reply);
}

TEST(SortedSetWaiting, TakesFromTheKeyThatChangedFirst) {
  Sessions world;
  const SessionId writer = world.connect();
  const SessionId reader = world.connect();
  EXPECT_EQ(world.ask(reader, "BZPOPMAX a b 0"), "(nothing)");
  for (const char* line : {"MULTI", "ZADD b 1 x 2 y", "ZADD a 3 z", "EXEC"}) {
    world.ask(writer, line);
  }
  EXPECT_EQ(world.heard(), Heard{"2: [\"b\", \"y\", \"2\"]"});
}

TEST(SortedSetWaiting, DoesNotNoticeAKeyThatIsOverwritten) {
  Sessions world;
  const SessionId writer = world.connect();
  const SessionId reader = world.connect();
  world.ask(writer, "ZADD from 1 m");
  world.ask(reader, "BZMPOP 0 1 z MIN COUNT 2");
  world.ask(writer, "SADD z wrong");
  world.ask(writer, "ZUNIONSTORE z 1 from");
  EXPECT_EQ(world.heard(), Heard{});
  world.ask(writer, "RENAME z w");
  world.ask(writer, "RENAME w z");
  EXPECT_EQ(world.heard(), Heard{"2: [\"z\", [[\"m\", \"1\"]]]"});
}

TEST(SortedSetEffects, AreWhatHappenedAndNotWhatWasAsked) {
  const Exchange kCases[] = {
      {"BZPOPMIN none z 0", "ZPOPMIN z"},
      {"BZPOPMAX z 0", "ZPOPMAX z"},
      {"ZMPOP 2 none z MAX COUNT 9", "ZPOPMAX z 3"},
      {"BZMPOP 0 1 z MIN COUNT 2", "ZPOPMIN z 2"},
      {"ZPOPMIN z 2", "ZPOPMIN z 2"},
      {"ZADD z 1 a", ""},
      {"ZADD z XX 1 new", ""},
      {"ZINCRBY z 1 a", "ZINCRBY z 1 a"},
      {"ZUNIONSTORE to 1 z", "ZUNIONSTORE to 1 z"},
      {"ZUNIONSTORE to 1 none", ""},
  };
  for (const auto& [command, told] : kCases) {
    Twins twins;
    twins.effects_of("ZADD z 1 a 2 b 3 c");
    EXPECT_EQ(twins.effects_of(command), told) << command;
    EXPECT_EQ(twins.difference(), std::nullopt) << command;
  }
}

RC_GTEST_PROP(SortedSetEffectsProperty, HoldEverything, ()) {
  const WordsFor words = {{"$k", {"x", "y", "z"}},
                          {"$m", {"a", "b", "c", "d"}},
                          {"$s", {"0", "1", "-2.5", "inf", "-0", "0.1"}},
                          {"$n", {"0", "1", "2"}}};
  effects_hold(*rc::gen::container<std::vector<DrawnCommand>>(drawn_from(
      {"ZADD $k $s $m $s $m", "ZADD $k CH GT $s $m", "ZADD $k NX INCR $s $m", "ZINCRBY $k $s $m",
       "ZREM $k $m $m", "ZPOPMIN $k $n", "ZMPOP 2 $k $k MAX COUNT 2", "BZPOPMAX $k $k 0",
       "ZREMRANGEBYRANK $k $n $n", "ZREMRANGEBYSCORE $k $s $s", "ZREMRANGEBYLEX $k [$m +",
       "ZRANGESTORE $k $k $n -1", "ZUNIONSTORE $k 2 $k $k WEIGHTS $s 1",
       "ZINTERSTORE $k 2 $k $k AGGREGATE MAX", "ZDIFFSTORE $k 2 $k $k", "SADD $k $m", "DEL $k"},
      words)));
}

}  // namespace
}  // namespace firedrill::sim::redis
