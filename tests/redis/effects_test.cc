#include "tests/redis/effects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

// What an append-only file and the replicas are told of strings, keys, hashes, lists and sets.

namespace firedrill::sim::redis {
namespace {

TEST(Effects, AreWhatHappenedAndNotWhatWasAsked) {
  struct Case {
    const char* before;
    const char* command;
    const char* told;
  };
  constexpr Case kCases[] = {
      {"", "SET a 1 EX 10", "SET a 1 PXAT 1700000010000"},
      {"", "SET a 1 PXAT 1800000000000 NX", "SET a 1 PXAT 1800000000000"},
      {"SET a 0", "SET a 1 GET XX", "SET a 1 XX"},
      {"SET a 0", "SET a 1 NX", ""},
      {"", "SETEX a 5 v", "SET a v PXAT 1700000005000"},
      {"", "PSETEX a 5 v", "SET a v PXAT 1700000000005"},
      {"", "GETSET a v", "SET a v"},
      {"SET a v", "GETDEL a", "DEL a"},
      {"", "GETDEL a", ""},
      {"SET a v", "GETEX a EX 1", "PEXPIREAT a 1700000001000"},
      {"SET a v", "GETEX a EXAT 1", "DEL a"},
      {"SETEX a 9 v", "GETEX a PERSIST", "PERSIST a"},
      {"SET a v", "GETEX a PERSIST", ""},
      {"SET a v", "GETEX a", ""},
      {"SET a 10", "INCRBYFLOAT a 0.5", "SET a 10.5 KEEPTTL"},
      {"SET a v", "EXPIRE a 10", "PEXPIREAT a 1700000010000"},
      {"SET a v", "PEXPIRE a 10 NX", "PEXPIREAT a 1700000000010 NX"},
      {"SET a v", "EXPIRE a -1", "DEL a"},
      {"SET a v", "EXPIREAT a 1", "DEL a"},
      {"SET a v", "COPY a b DB 3", "COPY a b DB 3"},
      {"SET a v", "MOVE a 3", "MOVE a 3"},
      {"", "SWAPDB 3 4", "SWAPDB 3 4"},
      {"", "FLUSHALL", "FLUSHALL"},
      {"", "FLUSHDB ASYNC", "FLUSHDB ASYNC"},
      {"HSET h f 1", "HINCRBYFLOAT h f 0.5", "HSET h f 1.5"},
      {"SADD s m", "SPOP s", "SREM s m"},
      {"SADD s m n", "SPOP s 2", "DEL s"},
      {"RPUSH l 1 2 3", "BLPOP none l 0", "LPOP l"},
      {"RPUSH l 1 2 3", "BRPOP l 0", "RPOP l"},
      {"RPUSH l 1 2 3", "LMPOP 2 none l RIGHT COUNT 9", "RPOP l 3"},
      {"RPUSH l 1 2 3", "BLMPOP 0 1 l LEFT COUNT 2", "LPOP l 2"},
      {"RPUSH l 1 2 3", "BLMOVE l m LEFT right 0", "LMOVE l m LEFT right"},
      {"RPUSH l 1 2 3", "BRPOPLPUSH l m 0", "RPOPLPUSH l m"},
      {"RPUSH l 1 2 3", "LTRIM l 0 -1", ""},
  };
  for (const Case& each : kCases) {
    Twins twins;
    twins.effects_of(each.before);
    EXPECT_EQ(twins.effects_of(each.command), each.told) << each.command;
    EXPECT_EQ(twins.difference(), std::nullopt) << each.command;
  }
}

TEST(Effects, OfSeveralMembersStandInOneTransaction) {
  Twins twins;
  twins.run({"SADD", "s", "a", "b", "c", "d"});
  const RedisReply popped = twins.run({"SPOP", "s", "2"});
  ASSERT_EQ(popped.items.size(), 2U);
  EXPECT_EQ(twins.lines(), "MULTI; SREM s " + popped.items[0].text + "; SREM s " +
                               popped.items[1].text + "; EXEC");
  EXPECT_EQ(twins.difference(), std::nullopt);
}

TEST(Effects, OfAKeyThatExpiresAreItsDeletion) {
  Twins twins;
  twins.run({"SET", "a", "v", "PX", "100"});
  twins.pass(std::chrono::milliseconds(101));
  EXPECT_EQ(twins.lines(), "DEL a");
  EXPECT_EQ(twins.difference(), std::nullopt);
}

TEST(Effects, OfOneThatWaitedAreWhatItGot) {
  Twins twins;
  const SessionId waiting = twins.primary.connect("127.0.0.1:1", twins.now);
  const std::vector<std::string_view> command = {"BLMOVE", "a", "b", "LEFT", "RIGHT", "0"};
  EXPECT_EQ(twins.primary.execute(waiting, command, twins.now), std::nullopt);
  EXPECT_EQ(twins.effects_of("RPUSH a x"), "RPUSH a x; LMOVE a b LEFT RIGHT");
  EXPECT_EQ(twins.difference(), std::nullopt);
}

/// A primary told the key's end before the replica's clock was there, or after: it goes by DEL.
TEST(Effects, OfAnExpiryInThePastWaitForThePrimarysWord) {
  Engine replica;
  const WallTime now{std::chrono::seconds(1'700'000'000)};
  std::string effects = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nv\r\n";
  effects += "*3\r\n$9\r\nPEXPIREAT\r\n$1\r\na\r\n$1\r\n5\r\n";
  replica.apply(effects, now);
  EXPECT_EQ(replica.key_count(), 1U);
  replica.tick(now);
  EXPECT_EQ(replica.key_count(), 0U);
}

std::vector<std::string> patterns() {
  return {"SET $k $v",
          "SET $k $v EX $t",
          "SET $k $v PXAT $T GET",
          "SET $k $v KEEPTTL XX GET",
          "SETNX $k $v",
          "PSETEX $k $t $v",
          "GETSET $k $v",
          "GETDEL $k",
          "GETEX $k PX $t",
          "GETEX $k PERSIST",
          "GETEX $k EXAT $t",
          "APPEND $k $v",
          "SETRANGE $k 3 $v",
          "INCR $k",
          "INCRBYFLOAT $k 0.1",
          "DECRBY $k 7",
          "MSET $k $v $k $v",
          "MSETNX $k $v $k $v",
          "DEL $k $k",
          "UNLINK $k",
          "EXPIRE $k $t",
          "PEXPIRE $k $t XX",
          "EXPIREAT $k $t",
          "PEXPIREAT $k $T",
          "PERSIST $k",
          "RENAME $k $k",
          "RENAMENX $k $k",
          "COPY $k $k REPLACE",
          "COPY $k $k DB 1",
          "MOVE $k 1",
          "SWAPDB 0 1",
          "SWAPDB 1 2",
          "FLUSHDB",
          "SELECT $d",
          "HSET $k $v $v $v $v",
          "HSETNX $k $v $v",
          "HINCRBY $k $v 2",
          "HINCRBYFLOAT $k $v 0.1",
          "HDEL $k $v $v",
          "RPUSH $k $v $v $v",
          "LPUSH $k $v",
          "LPUSHX $k $v",
          "LPOP $k",
          "RPOP $k 2",
          "LSET $k -1 $v",
          "LINSERT $k AFTER $v $v",
          "LREM $k -1 $v",
          "LTRIM $k 1 -1",
          "LMOVE $k $k LEFT RIGHT",
          "RPOPLPUSH $k $k",
          "LMPOP 2 $k $k LEFT COUNT 2",
          "BLPOP $k $k 0",
          "BLMOVE $k $k LEFT LEFT 0",
          "BRPOPLPUSH $k $k 0",
          "BLMPOP 0 1 $k RIGHT COUNT 3",
          "SADD $k $v $v 1 2 3",
          "SREM $k $v",
          "SMOVE $k $k $v",
          "SPOP $k",
          "SPOP $k 3",
          "SPOP $k 9",
          "SINTERSTORE $k $k $k",
          "SUNIONSTORE $k $k $k",
          "SDIFFSTORE $k $k $k",
          "MULTI",
          "EXEC",
          "EXEC",
          "EVAL $s 0",
          "PASS",
          "PASS"};
}

WordsFor words() {
  return {{"$k", {"a", "b", "c", "d"}},
          {"$v", {"1", "x", "", "2.5", "y"}},
          {"$t", {"1", "2", "1000", "-1"}},
          {"$T", {"1700000001000", "1700000000500", "5"}},
          {"$d", {"0", "0", "1"}},
          {"$s", {"redis.call('SPOP','a') redis.call('SET','b',1,'EX',1) return 1"}}};
}

RC_GTEST_PROP(EffectsProperty, MakeAnotherEngineTheSame, ()) {
  effects_hold(*rc::gen::resize(
      60, rc::gen::container<std::vector<DrawnCommand>>(drawn_from(patterns(), words()))));
}

}  // namespace
}  // namespace firedrill::sim::redis
