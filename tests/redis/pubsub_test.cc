#include <gtest/gtest.h>

#include <string>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

TEST(RedisPubsub, SubscribersHearMessagesOnceForEachSubscription) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  EXPECT_EQ(redis.ask(one, "SUBSCRIBE news news"), "(nothing)");
  EXPECT_EQ(redis.heard(),
            (Heard{"1: [\"subscribe\", \"news\", 1]", "1: [\"subscribe\", \"news\", 1]"}));
  redis.ask(one, "PSUBSCRIBE n*");
  redis.heard();
  EXPECT_EQ(redis.ask(two, "PUBLISH news hello"), "2");
  EXPECT_EQ(redis.heard(), (Heard{"1: [\"message\", \"news\", \"hello\"]",
                                  "1: [\"pmessage\", \"n*\", \"news\", \"hello\"]"}));
  EXPECT_EQ(redis.ask(two, "SPUBLISH news hello"), "0") << "shards have channels of their own";
  EXPECT_EQ(
      redis.ask(one, "GET a"),
      "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET "
      "are allowed in this context");
  EXPECT_EQ(redis.ask(one, "PING"), "[\"pong\", \"\"]");
  redis.ask(one, "UNSUBSCRIBE");
  redis.ask(one, "PUNSUBSCRIBE x n*");
  EXPECT_EQ(redis.heard(),
            (Heard{"1: [\"unsubscribe\", \"news\", 1]", "1: [\"punsubscribe\", \"x\", 1]",
                   "1: [\"punsubscribe\", \"n*\", 0]"}));
  EXPECT_EQ(redis.ask(one, "GET a"), "nil");
  redis.ask(one, "UNSUBSCRIBE");
  EXPECT_EQ(redis.heard(), Heard{"1: [\"unsubscribe\", nil, 0]"});
}

TEST(RedisPubsub, WhoIsGoneIsNotCounted) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.ask(one, "SUBSCRIBE a b");
  redis.ask(one, "SSUBSCRIBE s");
  redis.ask(one, "PSUBSCRIBE p*");
  EXPECT_EQ(redis.ask(two, "PUBSUB CHANNELS"), "[\"a\", \"b\"]");
  EXPECT_EQ(redis.ask(two, "PUBSUB CHANNELS b*"), "[\"b\"]");
  EXPECT_EQ(redis.ask(two, "PUBSUB NUMSUB a s"), "[\"a\", 1, \"s\", 0]");
  EXPECT_EQ(redis.ask(two, "PUBSUB SHARDCHANNELS"), "[\"s\"]");
  EXPECT_EQ(redis.ask(two, "PUBSUB SHARDNUMSUB s"), "[\"s\", 1]");
  EXPECT_EQ(redis.ask(two, "PUBSUB NUMPAT"), "1");
  redis.engine.disconnect(one);
  EXPECT_EQ(redis.ask(two, "PUBSUB CHANNELS"), "[]");
  EXPECT_EQ(redis.ask(two, "PUBSUB NUMPAT"), "0");
  EXPECT_EQ(redis.ask(two, "PUBLISH a x"), "0");
}

TEST(RedisPubsub, InVersion3ASubscriberMayDoAnything) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "HELLO 3");
  redis.ask(one, "SUBSCRIBE a");
  redis.heard();
  EXPECT_EQ(redis.ask(one, "SET k v"), "+OK");
  // What one tells oneself comes before the reply.
  EXPECT_EQ(redis.ask(one, "PUBLISH a me"), "(nothing)");
  const auto deliveries = redis.engine.take_deliveries();
  ASSERT_EQ(deliveries.size(), 2U);
  EXPECT_EQ(deliveries[0].reply->kind, RedisReply::Kind::push);
  EXPECT_EQ(deliveries[1].reply, RedisReply::of(1));
}

TEST(RedisPubsub, ExecAnswersAsOftenAsItHasCommands) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "MULTI");
  redis.ask(one, "SUBSCRIBE a b");
  redis.ask(one, "PING");
  EXPECT_EQ(redis.ask(one, "EXEC"), "[[\"subscribe\", \"a\", 1], [\"subscribe\", \"b\", 2]]");
  EXPECT_EQ(redis.heard(), Heard{"1: [\"pong\", \"\"]"});
}

TEST(RedisPubsub, ScriptsMayPublishButNotSubscribe) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.ask(one, "SUBSCRIBE a");
  redis.heard();
  EXPECT_EQ(redis.run(two, {"EVAL", "return redis.call('PUBLISH', 'a', 'x')", "0"}), "1");
  EXPECT_EQ(redis.heard(), Heard{"1: [\"message\", \"a\", \"x\"]"});
  EXPECT_EQ(redis.run(two, {"EVAL", "return redis.pcall('SUBSCRIBE', 'a')", "0"}).substr(0, 40),
            "-ERR This Redis command is not allowed f");
  EXPECT_EQ(redis.ask(kBuiltInSession, "SUBSCRIBE a"),
            "-ERR SUBSCRIBE isn't allowed for a DENY BLOCKING client");
}

TEST(RedisPubsub, SilenceIsNotForMessages) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.ask(one, "CLIENT REPLY OFF");
  redis.ask(one, "SUBSCRIBE a");
  redis.ask(two, "PUBLISH a x");
  EXPECT_EQ(redis.heard(),
            (Heard{"1: [\"subscribe\", \"a\", 1]", "1: [\"message\", \"a\", \"x\"]"}));
}

TEST(RedisPubsub, ReplicasHearWhatIsPublished) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.engine.keep_effects(true);
  redis.ask(one, "PUBLISH a x");
  Sessions replica;
  const SessionId listener = replica.connect();
  replica.ask(listener, "SUBSCRIBE a");
  replica.heard();
  replica.engine.apply(redis.engine.take_effects(), replica.now);
  EXPECT_EQ(replica.heard(), Heard{"1: [\"message\", \"a\", \"x\"]"});
}

}  // namespace
}  // namespace firedrill::sim::redis
