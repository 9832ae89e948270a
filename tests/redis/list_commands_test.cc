#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/redis/rig.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

constexpr const char* kWrongType =
    "-WRONGTYPE Operation against a key holding the wrong kind of value";

TEST(ListCommands, PushAndPopAtBothEnds) {
  answers({
      {"LPUSHX l a", "0"},
      {"RPUSH l b c", "2"},
      {"LPUSH l a z", "4"},
      {"LRANGE l 0 -1", "[\"z\", \"a\", \"b\", \"c\"]"},
      {"LPOP l", "\"z\""},
      {"RPOP l 2", "[\"c\", \"b\"]"},
      {"LPOP l 0", "[]"},
      {"LPOP l -1", "-ERR value is out of range, must be positive"},
      {"LPOP l 1 1", "-ERR wrong number of arguments for 'lpop' command"},
      {"LPOP l 5", "[\"a\"]"},
      {"EXISTS l", "0"},
      {"LPOP l", "nil"},
      {"SET s v", "+OK"},
      {"LPUSH s a", kWrongType},
  });
}

TEST(ListCommands, PositionsCountFromBothEnds) {
  answers({
      {"RPUSH l a b c d e", "5"},
      {"LINDEX l -1", "\"e\""},
      {"LINDEX l 5", "nil"},
      {"LSET l -5 A", "+OK"},
      {"LSET l 5 x", "-ERR index out of range"},
      {"LSET none 0 x", "-ERR no such key"},
      {"LRANGE l -100 1", "[\"A\", \"b\"]"},
      {"LRANGE l 3 1", "[]"},
      {"LTRIM l 1 -2", "+OK"},
      {"LRANGE l 0 -1", "[\"b\", \"c\", \"d\"]"},
      {"LTRIM l 5 9", "+OK"},
      {"EXISTS l", "0"},
  });
}

TEST(ListCommands, FindItemsByValue) {
  answers({
      {"RPUSH l a b a c a", "5"},
      {"LPOS l a", "0"},
      {"LPOS l a RANK -1", "4"},
      {"LPOS l a RANK 2", "2"},
      {"LPOS l a COUNT 0", "[0, 2, 4]"},
      {"LPOS l a RANK -1 COUNT 2", "[4, 2]"},
      {"LPOS l a COUNT 0 MAXLEN 3", "[0, 2]"},
      {"LPOS l x", "nil"},
      {"LPOS l x COUNT 1", "[]"},
      {"LPOS l a COUNT -1", "-ERR COUNT can't be negative"},
      {"LPOS l a RANK 0",
       "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "
       "negative to start from the end of the list"},
      {"LINSERT l BEFORE c x", "6"},
      {"LINSERT l AFTER none y", "-1"},
      {"LINSERT none AFTER c y", "0"},
      {"LREM l -2 a", "2"},
      {"LRANGE l 0 -1", "[\"a\", \"b\", \"x\", \"c\"]"},
      {"LREM l 0 a", "1"},
      {"OBJECT ENCODING l", "\"quicklist\""},
  });
}

TEST(ListCommands, MoveFromListToList) {
  answers({
      {"RPUSH l a b", "2"},
      {"LMOVE l m LEFT RIGHT", "\"a\""},
      {"RPOPLPUSH l m", "\"b\""},
      {"LRANGE m 0 -1", "[\"b\", \"a\"]"},
      {"RPOPLPUSH m m", "\"a\""},
      {"LRANGE m 0 -1", "[\"a\", \"b\"]"},
      {"RPUSH one x", "1"},
      {"RPOPLPUSH one one", "\"x\""},
      {"LLEN one", "1"},
      {"LMOVE l m UP RIGHT", "-ERR syntax error"},
      {"LMPOP 2 l m LEFT COUNT 9", "[\"m\", [\"a\", \"b\"]]"},
      {"LMPOP 1 m LEFT", "nil"},
      {"LMPOP 0 m LEFT", "-ERR numkeys should be greater than 0"},
      {"LMPOP 2 m LEFT", "-ERR syntax error"},
      {"LMPOP 1 m LEFT COUNT 0", "-ERR count should be greater than 0"},
  });
}

TEST(ListCommands, TimeoutsAreReadAsRedisReadsThem) {
  answers({
      {"BLPOP l -1", "-ERR timeout is negative"},
      {"BLPOP l x", "-ERR timeout is not a float or out of range"},
      {"BLPOP l 9223372036854776", "-ERR timeout is negative"},
      {"BLPOP l inf", "-ERR timeout is negative"},
      {"BLPOP l -0.0001", "nil"},
      {"BLMOVE l m LEFT UP 0", "-ERR syntax error"},
      {"BLMPOP 0 0 l LEFT", "-ERR numkeys should be greater than 0"},
  });
}

TEST(BlockingLists, WhoWaitsLongestIsServedFirst) {
  Sessions sessions;
  const SessionId first = sessions.connect();
  const SessionId second = sessions.connect();
  const SessionId pusher = sessions.connect();
  EXPECT_EQ(sessions.ask(first, "BLPOP a b 0"), "(nothing)");
  EXPECT_EQ(sessions.ask(second, "BRPOP b 0"), "(nothing)");
  EXPECT_EQ(sessions.ask(pusher, "RPUSH b x y z"), "3");
  EXPECT_EQ(sessions.heard(), (Heard{"1: [\"b\", \"x\"]", "2: [\"b\", \"z\"]"}));
  EXPECT_EQ(sessions.ask(pusher, "LRANGE b 0 -1"), "[\"y\"]");
}

/// Of a transaction that fills both keys, the one filled first is what woke it.
TEST(BlockingLists, ItIsServedFromTheKeyThatWokeIt) {
  Sessions sessions;
  const SessionId waiting = sessions.connect();
  const SessionId pusher = sessions.connect();
  sessions.ask(waiting, "BLPOP a b 0");
  sessions.ask(pusher, "MULTI");
  sessions.ask(pusher, "RPUSH b x");
  sessions.ask(pusher, "RPUSH a y");
  sessions.ask(pusher, "EXEC");
  EXPECT_EQ(sessions.heard(), Heard{"1: [\"b\", \"x\"]"});
  EXPECT_EQ(sessions.ask(pusher, "LLEN a"), "1");
}

TEST(BlockingLists, OneThatIsServedMayServeTheNext) {
  Sessions sessions;
  const SessionId last = sessions.connect();
  const SessionId middle = sessions.connect();
  const SessionId first = sessions.connect();
  const SessionId pusher = sessions.connect();
  sessions.ask(last, "BLPOP c 0");
  sessions.ask(middle, "BRPOPLPUSH b c 0");
  sessions.ask(first, "BLMOVE a b LEFT RIGHT 0");
  sessions.ask(pusher, "RPUSH a x");
  EXPECT_EQ(sessions.heard(), (Heard{"3: \"x\"", "2: \"x\"", "1: [\"c\", \"x\"]"}));
  EXPECT_EQ(sessions.ask(pusher, "DBSIZE"), "0");
}

TEST(BlockingLists, AWrongTypeIsWaitedForAsATargetItIsAnError) {
  Sessions sessions;
  const SessionId waiting = sessions.connect();
  const SessionId other = sessions.connect();
  sessions.ask(other, "SET m v");
  EXPECT_EQ(sessions.ask(waiting, "BLMOVE l m LEFT RIGHT 0"), "(nothing)");
  sessions.ask(other, "SET l v");
  EXPECT_EQ(sessions.heard(), Heard{});
  sessions.ask(other, "DEL l");
  sessions.ask(other, "RPUSH l x");
  EXPECT_EQ(sessions.heard(), Heard{std::string("1: ") + kWrongType});
  EXPECT_EQ(sessions.ask(other, "LLEN l"), "1");
}

TEST(BlockingLists, ATimeoutIsANilArray) {
  Sessions sessions;
  const std::vector<std::string> commands = {"BLPOP l 0.25", "BLMOVE l m LEFT LEFT 0.25",
                                             "BRPOPLPUSH l m 0.25", "BLMPOP 0.25 1 l LEFT"};
  for (const std::string& command : commands) {
    EXPECT_EQ(sessions.ask(sessions.connect(), command), "(nothing)");
  }
  sessions.pass(249ms);
  EXPECT_TRUE(sessions.engine.take_deliveries().empty());
  sessions.pass(1ms);
  const auto deliveries = sessions.engine.take_deliveries();
  ASSERT_EQ(deliveries.size(), commands.size());
  for (const auto& delivery : deliveries) EXPECT_EQ(delivery.reply, RedisReply::nil_array());
}

TEST(BlockingLists, NobodyWaitsInATransaction) {
  Sessions sessions;
  const SessionId client = sessions.connect();
  sessions.ask(client, "MULTI");
  sessions.ask(client, "BLPOP l 0");
  sessions.ask(client, "BLMOVE l m LEFT LEFT 0");
  const std::vector<std::string_view> exec = {"EXEC"};
  const auto replies = sessions.engine.execute(client, exec, sessions.now);
  ASSERT_TRUE(replies);
  EXPECT_EQ(replies->items, (std::vector<RedisReply>{RedisReply::nil_array(), RedisReply::nil()}));
  EXPECT_EQ(sessions.ask(client, "EVAL return(redis.call('blmpop',0,1,'l','LEFT')) 0"), "nil");
  EXPECT_TRUE(sessions.ask(client, "EVAL return(redis.call('blpop','l',0)) 0")
                  .starts_with("-ERR This Redis command is not allowed from script"));
}

TEST(ListCommands, LongQueuesAreQuick) {
  Rig rig;
  for (int i = 0; i < 100'000; ++i) rig.run({"RPUSH", "q", "x"});
  for (int i = 0; i < 99'999; ++i) rig.run({"LPOP", "q"});
  EXPECT_EQ(rig.ask("LLEN q"), "1");
}

}  // namespace
}  // namespace firedrill::sim::redis
