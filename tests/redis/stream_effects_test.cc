#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/redis/effects.h"

// What an append-only file and the replicas are told of streams.

namespace firedrill::sim::redis {
namespace {

struct Case {
  std::vector<const char*> before;
  const char* command;
  const char* told;
};

TEST(StreamEffects, AreWhatHappenedAndNotWhatWasAsked) {
  const Case kCases[] = {
      {{}, "XADD s * f v", "XADD s 1700000000000-0 f v"},
      {{}, "XADD s 5-* f v", "XADD s 5-0 f v"},
      {{}, "XADD s 5-1 f v", "XADD s 5-1 f v"},
      {{"XADD s 1-1 f v"}, "XADD s MAXLEN ~ 0 * f v", "XADD s MAXLEN = 0 1700000000000-0 f v"},
      {{"XADD s 1-1 f v"},
       "XADD s MAXLEN ~ 1 LIMIT 5 2-1 f v",
       "XADD s MAXLEN = 2 LIMIT 5 2-1 f v"},
      {{"XADD s 1-1 f v"}, "XADD s MINID ~ 2 2-1 f v", "XADD s MINID = 1-1 2-1 f v"},
      {{"XADD s 1-1 f v", "XADD s 2-1 f v"}, "XTRIM s MAXLEN 1", "XTRIM s MAXLEN 1"},
      {{"XADD s 1-1 f v"}, "XTRIM s MAXLEN ~ 0", "XTRIM s MAXLEN = 0"},
      {{"XADD s 1-1 f v"}, "XTRIM s MAXLEN 1", ""},
      {{"XADD s 1-1 f v"}, "XDEL s 1-1 1-2", "XDEL s 1-1 1-2"},
      {{"XADD s 1-1 f v"}, "XDEL s 1-2", ""},
      {{"XADD s 1-1 f v"}, "XSETID s 5", "XSETID s 5"},
      {{"XADD s 1-1 f v"}, "XGROUP CREATE s g $", "XGROUP CREATE s g $"},
      {{"XGROUP CREATE s g 0 MKSTREAM"}, "XGROUP CREATE s g 0", ""},
      {{"XGROUP CREATE s g 0 MKSTREAM", "XADD s 1-1 f v"},
       "XREADGROUP GROUP g c STREAMS s >",
       "XCLAIM s g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1"},
      {{"XGROUP CREATE s g 0 MKSTREAM", "XADD s 1-1 f v"},
       "XREADGROUP GROUP g c NOACK STREAMS s >",
       "MULTI; XGROUP CREATECONSUMER s g c; XGROUP SETID s g 1-1 ENTRIESREAD 1; EXEC"},
      {{"XGROUP CREATE s g 0 MKSTREAM"}, "XREADGROUP GROUP g c STREAMS s >", ""},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0"},
       "XCLAIM s g c 0 1-1 FORCE",
       "XCLAIM s g c 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 0-0"},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0"}, "XCLAIM s g c 0 1-1", ""},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0"},
       "XCLAIM s g c 0 1-1 LASTID 1-1",
       "XGROUP SETID s g 1-1 ENTRIESREAD -1"},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0", "XCLAIM s g c 0 1-1 FORCE", "XDEL s 1-1"},
       "XAUTOCLAIM s g d 0 0",
       "XCLAIM s g c 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 0-0"},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0", "XCLAIM s g c 0 1-1 FORCE"},
       "XACK s g 1-1",
       "XACK s g 1-1"},
      {{"XADD s 1-1 f v", "XGROUP CREATE s g 0"}, "XACK s g 1-1", ""},
      {{"XGROUP CREATE s g 0 MKSTREAM"},
       "XGROUP CREATECONSUMER s g c",
       "XGROUP CREATECONSUMER s g c"},
      {{"XGROUP CREATE s g 0 MKSTREAM"}, "XGROUP DELCONSUMER s g c", ""},
      {{"XGROUP CREATE s g 0 MKSTREAM"}, "XGROUP DESTROY s g", "XGROUP DESTROY s g"},
  };
  for (const Case& each : kCases) {
    Twins twins;
    for (const char* line : each.before) twins.effects_of(line);
    EXPECT_EQ(twins.effects_of(each.command), each.told) << each.command;
  }
}

/// Replicas of 7.0 do not hear how many entries a group has read by XREADGROUP without NOACK, nor
/// what of its history a consumer has read again.
TEST(StreamEffects, DoNotTellHowManyEntriesWereRead) {
  Twins twins;
  for (const char* line : {"XADD s 1-1 f v", "XGROUP CREATE s g 0 ENTRIESREAD 0"}) {
    twins.effects_of(line);
  }
  twins.effects_of("XREADGROUP GROUP g c STREAMS s >");
  const auto read = [&twins](Engine& engine) {
    const std::vector<std::string> words = {"XINFO", "GROUPS", "s"};
    return engine.execute(words, twins.now).items.at(0).items.at(9).integer;
  };
  EXPECT_EQ(read(twins.primary), 1);
  EXPECT_EQ(read(twins.replica), 0);
}

TEST(StreamEffects, OfAWaitingConsumerAreThoseOfOneThatWaitsNot) {
  Twins twins;
  twins.effects_of("XGROUP CREATE s g $ MKSTREAM ENTRIESREAD 0");
  const SessionId session = twins.primary.connect("127.0.0.1:1", twins.now);
  const std::vector<std::string_view> read = {"XREADGROUP", "GROUP", "g",       "c", "BLOCK",
                                              "0",          "NOACK", "STREAMS", "s", ">"};
  EXPECT_FALSE(twins.primary.execute(session, read, twins.now));
  EXPECT_EQ(twins.effects_of("XADD s 1-1 f v"),
            "XADD s 1-1 f v; MULTI; XGROUP CREATECONSUMER s g c; XGROUP SETID s g 1-1 ENTRIESREAD "
            "1; EXEC");
  EXPECT_EQ(twins.difference(), std::nullopt);
}

const WordsFor kWords = {
    {"$k", {"s", "t"}},           {"$g", {"g", "h"}},
    {"$c", {"alice", "bob"}},     {"$id", {"1-1", "2-1", "3-1", "4-1", "5-1", "6-1"}},
    {"$n", {"0", "1", "2", "3"}},
};

RC_GTEST_PROP(StreamEffectsProperty, HoldEverything, ()) {
  // Without what replicas of 7.0 are not told: all reading is NOACK, or a claim.
  effects_hold(*rc::gen::container<std::vector<DrawnCommand>>(
      drawn_from({"XADD $k * f v",
                  "XADD $k $id f v",
                  "XADD $k $id f v g w",
                  "XADD $k MAXLEN ~ $n $id f v",
                  "XADD $k MINID $id $id f v",
                  "XTRIM $k MAXLEN $n",
                  "XTRIM $k MINID ~ $id",
                  "XDEL $k $id",
                  "XDEL $k $id $id",
                  "XSETID $k $id",
                  "XSETID $k $id ENTRIESADDED 9 MAXDELETEDID $id",
                  "XGROUP CREATE $k $g $id MKSTREAM",
                  "XGROUP CREATE $k $g 0 ENTRIESREAD $n",
                  "XGROUP SETID $k $g $id",
                  "XGROUP DESTROY $k $g",
                  "XGROUP CREATECONSUMER $k $g $c",
                  "XGROUP DELCONSUMER $k $g $c",
                  "XREADGROUP GROUP $g $c COUNT 1 NOACK STREAMS $k >",
                  "XCLAIM $k $g $c 0 $id $id FORCE",
                  "XCLAIM $k $g $c 500 $id LASTID $id",
                  "XCLAIM $k $g $c 0 $id IDLE $n RETRYCOUNT $n FORCE JUSTID",
                  "XAUTOCLAIM $k $g $c 0 $id",
                  "XAUTOCLAIM $k $g $c 500 0 COUNT 1",
                  "XACK $k $g $id",
                  "COPY $k $k REPLACE",
                  "RENAME $k $k",
                  "PASS"},
                 kWords)));
}

}  // namespace
}  // namespace firedrill::sim::redis
