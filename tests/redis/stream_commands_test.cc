#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/redis/rig.h"
#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

struct Exchange {
  const char* command;
  const char* reply;
};

/// One after the other, on one engine.
void expect_all(Rig& rig, const std::vector<Exchange>& exchanges) {
  for (const auto& [command, reply] : exchanges) EXPECT_EQ(rig.ask(command), reply) << command;
}

class StreamCommands : public testing::Test {
 protected:
  void expect(const std::vector<Exchange>& exchanges) { expect_all(rig_, exchanges); }

  Rig rig_;
};

TEST_F(StreamCommands, XaddChoosesIds) {
  expect({{"XADD s 5-5 f v", "\"5-5\""},
          {"XADD s 5-* f v", "\"5-6\""},
          {"XADD s 6-* f v", "\"6-0\""},
          {"XADD s 7 f v", "\"7-0\""},
          {"XADD s * f v", "\"1700000000000-0\""},
          {"XADD s * f v", "\"1700000000000-1\""},
          {"XADD s 7-1 f v",
           "-ERR The ID specified in XADD is equal or smaller than the target stream top item"},
          {"XADD s 0-0 f v", "-ERR The ID specified in XADD must be greater than 0-0"},
          {"XADD new 0-* f v", "\"0-1\""},
          {"XADD none NOMKSTREAM * f v", "nil"},
          {"EXISTS none", "0"},
          {"XADD s * f", "-ERR wrong number of arguments for 'xadd' command"},
          {"XADD s x f v", "-ERR Invalid stream ID specified as stream command argument"}});
}

TEST_F(StreamCommands, XaddTrims) {
  expect({{"XADD s MAXLEN 2 1-1 f v", "\"1-1\""},
          {"XADD s MAXLEN 2 1-2 f v", "\"1-2\""},
          {"XADD s MAXLEN = 2 1-3 f v", "\"1-3\""},
          {"XRANGE s - + COUNT 1", "[[\"1-2\", [\"f\", \"v\"]]]"},
          {"XADD s MINID 1-3 1-4 f v", "\"1-4\""},
          {"XLEN s", "2"},
          {"XADD s MAXLEN ~ 0 1-5 f v", "\"1-5\""},
          {"XLEN s", "0"},
          {"XADD s MAXLEN 1 MINID 1 * f v",
           "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible"},
          {"XADD s MAXLEN 1 LIMIT 1 * f v",
           "-ERR syntax error, LIMIT cannot be used without the special ~ option"},
          {"XADD s LIMIT 1 * f v",
           "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"},
          {"XTRIM s LIMIT 0", "-ERR syntax error, XTRIM must be called with a trimming strategy"}});
}

TEST_F(StreamCommands, XtrimGoesByWholeNodes) {
  for (int i = 1; i <= 250; ++i) rig_.ask("XADD s " + std::to_string(i) + "-0 f v");
  expect({{"XTRIM s MAXLEN ~ 200", "0"},
          {"XTRIM s MAXLEN ~ 100", "100"},
          {"XTRIM s MAXLEN ~ 0 LIMIT 99", "0"},
          {"XTRIM s MINID ~ 250-0 LIMIT 100", "100"},
          {"XTRIM s MINID 250-0", "49"},
          {"XRANGE s - +", "[[\"250-0\", [\"f\", \"v\"]]]"}});
}

TEST_F(StreamCommands, XsetidKeepsTheStreamInOrder) {
  rig_.ask("XADD s 5-5 f v");
  expect({{"XSETID none 1-1", "-ERR no such key"},
          {"XSETID s 5-4",
           "-ERR The ID specified in XSETID is smaller than the target stream top item"},
          {"XSETID s 9-0 ENTRIESADDED 0",
           "-ERR The entries_added specified in XSETID is smaller than the target stream length"},
          {"XSETID s 9-0 MAXDELETEDID 9-1",
           "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"},
          {"XSETID s 9-0 ENTRIESADDED 7 MAXDELETEDID 4-0", "+OK"},
          {"XADD s 9-* f v", "\"9-1\""},
          {"XINFO STREAM s",
           "[\"length\", 2, \"radix-tree-keys\", 1, \"radix-tree-nodes\", 2, "
           "\"last-generated-id\", \"9-1\", \"max-deleted-entry-id\", \"4-0\", "
           "\"entries-added\", 8, \"recorded-first-entry-id\", \"5-5\", \"groups\", 0, "
           "\"first-entry\", [\"5-5\", [\"f\", \"v\"]], \"last-entry\", [\"9-1\", [\"f\", "
           "\"v\"]]]"}});
}

TEST_F(StreamCommands, XreadReadsWhatComesAfter) {
  rig_.ask("XADD a 1-1 f 1");
  rig_.ask("XADD a 2-1 f 2");
  rig_.ask("XADD b 5-1 f 3");
  expect({{"XREAD STREAMS a b 1-1 5-1", "[[\"a\", [[\"2-1\", [\"f\", \"2\"]]]]]"},
          {"XREAD COUNT 1 STREAMS a b 0 0",
           "[[\"a\", [[\"1-1\", [\"f\", \"1\"]]]], [\"b\", [[\"5-1\", [\"f\", \"3\"]]]]]"},
          {"XREAD STREAMS a $", "nil"},
          {"XREAD BLOCK 10 STREAMS a $", "nil"},  // this session cannot wait
          {"XREAD STREAMS a", "-ERR wrong number of arguments for 'xread' command"},
          {"XREAD STREAMS a b 0",
           "-ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be "
           "specified."},
          {"XREAD BLOCK -1 STREAMS a 0", "-ERR timeout is negative"},
          {"XREAD NOACK STREAMS a 0",
           "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."}});
  EXPECT_TRUE(rig_.eval("return redis.pcall('xread', 'BLOCK', '0', 'STREAMS', 'a', '0')")
                  .starts_with("-ERR xread command is not allowed with BLOCK option from scripts"));
}

// --- Groups --------------------------------------------------------------------------------------

class StreamGroups : public StreamCommands {
 protected:
  void SetUp() override {
    for (int i = 1; i <= 4; ++i) rig_.ask("XADD s " + std::to_string(i) + "-0 f v");
  }
};

TEST_F(StreamGroups, EachEntryGoesToOneConsumer) {
  expect(
      {{"XGROUP CREATE s g 1-0", "+OK"},
       {"XGROUP CREATE s g 0", "-BUSYGROUP Consumer Group name already exists"},
       {"XREADGROUP GROUP g alice COUNT 1 STREAMS s >", "[[\"s\", [[\"2-0\", [\"f\", \"v\"]]]]]"},
       {"XREADGROUP GROUP g bob STREAMS s >",
        "[[\"s\", [[\"3-0\", [\"f\", \"v\"]], [\"4-0\", [\"f\", \"v\"]]]]]"},
       {"XREADGROUP GROUP g bob STREAMS s >", "nil"},
       {"XPENDING s g", "[3, \"2-0\", \"4-0\", [[\"alice\", \"1\"], [\"bob\", \"2\"]]]"},
       {"XACK s g 2-0 2-0 9-9", "1"},
       {"XREADGROUP GROUP g alice STREAMS s 0", "[[\"s\", []]]"},
       {"XDEL s 3-0", "1"},
       {"XREADGROUP GROUP g bob STREAMS s 0",
        "[[\"s\", [[\"3-0\", nil], [\"4-0\", [\"f\", \"v\"]]]]]"},
       {"XPENDING s g - + 10", "[[\"3-0\", \"bob\", 0, 1], [\"4-0\", \"bob\", 0, 2]]"},
       {"XGROUP DELCONSUMER s g bob", "2"},
       {"XPENDING s g", "[0, nil, nil, nil]"},
       {"XGROUP DESTROY s g", "1"},
       {"XREADGROUP GROUP g bob STREAMS s >",
        "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option"}});
}

TEST_F(StreamGroups, ClaimsTakeWhatHasWaitedLongEnough) {
  rig_.ask("XGROUP CREATE s g 0");
  rig_.ask("XREADGROUP GROUP g alice STREAMS s >");
  rig_.now += std::chrono::milliseconds(500);
  expect(
      {{"XCLAIM s g bob 501 1-0", "[]"},
       {"XCLAIM s g bob 500 1-0 9-9", "[[\"1-0\", [\"f\", \"v\"]]]"},
       {"XCLAIM s g bob 0 2-0 JUSTID", "[\"2-0\"]"},
       {"XPENDING s g - + 10 bob", "[[\"1-0\", \"bob\", 0, 2], [\"2-0\", \"bob\", 0, 1]]"},
       {"XCLAIM s g bob 0 1-0 IDLE 100 RETRYCOUNT 7 JUSTID", "[\"1-0\"]"},
       {"XPENDING s g IDLE 100 - 2 10 bob", "[[\"1-0\", \"bob\", 100, 7]]"},
       {"XDEL s 3-0", "1"},
       {"XAUTOCLAIM s g carol 500 0 COUNT 2", "[\"0-0\", [[\"4-0\", [\"f\", \"v\"]]], [\"3-0\"]]"},
       {"XAUTOCLAIM s g carol 0 2-0 COUNT 1 JUSTID", "[\"4-0\", [\"2-0\"], []]"},
       {"XCLAIM s g carol 0 1-0 foo", "-ERR Unrecognized XCLAIM option 'foo'"},
       {"XAUTOCLAIM s g carol 0 0 COUNT 0", "-ERR COUNT must be > 0"}});
}

TEST_F(StreamGroups, TheLagIsKnownUntilDeletionsHideIt) {
  const auto lag = [this] {
    const auto facts = rig_.run({"XINFO", "GROUPS", "s"}).items.at(0);
    return test::text_of(facts.items.at(9)) + " " + test::text_of(facts.items.at(11));
  };
  rig_.ask("XGROUP CREATE s g 0");
  EXPECT_EQ(lag(), "nil 4");
  rig_.ask("XREADGROUP GROUP g c COUNT 1 STREAMS s >");
  EXPECT_EQ(lag(), "1 3");
  rig_.ask("XDEL s 3-0");
  EXPECT_EQ(lag(), "1 nil");
  rig_.ask("XREADGROUP GROUP g c STREAMS s >");
  EXPECT_EQ(lag(), "4 0");
  rig_.ask("XGROUP SETID s g 2-0");
  EXPECT_EQ(lag(), "nil nil");
  rig_.ask("XGROUP SETID s g 2-0 ENTRIESREAD 2");
  EXPECT_EQ(lag(), "2 nil");
}

// --- Waiting -------------------------------------------------------------------------------------

struct StreamWaiting : testing::Test {
  Sessions world;
  SessionId writer = world.connect();
  SessionId reader = world.connect();
};

TEST_F(StreamWaiting, XreadGetsWhatIsAddedAfterItsCall) {
  world.ask(writer, "XADD a 5-0 f old");
  EXPECT_EQ(world.ask(reader, "XREAD BLOCK 0 STREAMS a b $ 0"), "(nothing)");
  world.ask(writer, "SET b wrong");
  world.ask(writer, "DEL b");
  EXPECT_EQ(world.heard(), Heard{});
  world.ask(writer, "XADD a 6-0 f new");
  EXPECT_EQ(world.heard(), Heard{"2: [[\"a\", [[\"6-0\", [\"f\", \"new\"]]]]]"});
}

TEST_F(StreamWaiting, OfTwoKeysTheOneThatChangedFirstCounts) {
  world.ask(reader, "XREAD BLOCK 0 STREAMS a b 0 0");
  for (const char* line : {"MULTI", "XADD b 1-1 f v", "XADD a 2-2 f v", "EXEC"}) {
    world.ask(writer, line);
  }
  EXPECT_EQ(world.heard(), Heard{"2: [[\"b\", [[\"1-1\", [\"f\", \"v\"]]]]]"});
}

TEST_F(StreamWaiting, AnEntryThatIsGoneAtOnceWakesWithNothing) {
  world.ask(reader, "XREAD BLOCK 0 STREAMS a $");
  world.ask(writer, "XADD a MAXLEN 0 1-1 f v");
  EXPECT_EQ(world.heard(), Heard{"2: [[\"a\", []]]"});
}

TEST_F(StreamWaiting, ConsumersAreServedInTurn) {
  world.ask(writer, "XGROUP CREATE s g $ MKSTREAM");
  const SessionId second = world.connect();
  world.ask(reader, "XREADGROUP GROUP g alice BLOCK 0 COUNT 1 STREAMS s >");
  world.ask(second, "XREADGROUP GROUP g bob BLOCK 0 STREAMS s >");
  world.ask(writer, "XADD s 1-0 f v");
  EXPECT_EQ(world.heard(), Heard{"2: [[\"s\", [[\"1-0\", [\"f\", \"v\"]]]]]"});
  world.ask(writer, "XADD s 2-0 f v");
  EXPECT_EQ(world.heard(), Heard{"3: [[\"s\", [[\"2-0\", [\"f\", \"v\"]]]]]"});
  EXPECT_EQ(world.ask(writer, "XPENDING s g"),
            "[2, \"1-0\", \"2-0\", [[\"alice\", \"1\"], [\"bob\", \"1\"]]]");
}

TEST_F(StreamWaiting, WhoWaitsOnAGroupHearsThatItIsGone) {
  constexpr const char* kUnblocked = "-UNBLOCKED the stream key no longer exists";
  constexpr const char* kNoGroup =
      "-NOGROUP the consumer group this client was blocked on no longer exists";
  const std::pair<const char*, const char*> kCases[] = {
      {"XGROUP DESTROY s g", kNoGroup}, {"DEL s", kUnblocked},    {"SET s x", kUnblocked},
      {"RENAME s t", kUnblocked},       {"FLUSHALL", kUnblocked},
  };
  for (const auto& [command, expected] : kCases) {
    world.ask(writer, "FLUSHALL");
    world.ask(writer, "XGROUP CREATE s g $ MKSTREAM");
    world.ask(reader, "XREADGROUP GROUP g alice BLOCK 0 STREAMS s >");
    world.ask(writer, command);
    EXPECT_EQ(world.heard(), Heard{std::string("2: ") + expected}) << command;
  }
}

TEST_F(StreamWaiting, EndsAtItsTime) {
  world.ask(reader, "XREAD BLOCK 50 STREAMS s $");
  world.pass(std::chrono::milliseconds(49));
  EXPECT_EQ(world.heard(), Heard{});
  world.pass(std::chrono::milliseconds(1));
  EXPECT_EQ(world.heard(), Heard{"2: nil"});
}

TEST_F(StreamWaiting, AGroupsChangesAreNoneToThoseWhoWatchTheKey) {
  world.ask(writer, "XADD s 1-0 f v");
  world.ask(reader, "WATCH s");
  for (const char* command : {"XGROUP CREATE s g 0", "XREADGROUP GROUP g c STREAMS s >",
                              "XACK s g 1-0", "XSETID s 5-0", "XGROUP DESTROY s g"}) {
    world.ask(writer, command);
  }
  world.ask(reader, "MULTI");
  EXPECT_EQ(world.ask(reader, "EXEC"), "[]");
  world.ask(reader, "WATCH s");
  world.ask(writer, "XDEL s 1-0");
  world.ask(reader, "MULTI");
  EXPECT_EQ(world.ask(reader, "EXEC"), "nil");
}

}  // namespace
}  // namespace firedrill::sim::redis
