#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

TEST(RedisConnection, APasswordIsAskedOfThoseWhoComeAfterIt) {
  Sessions redis;
  const SessionId before = redis.connect();
  EXPECT_EQ(redis.ask(before, "AUTH secret"),
            "-ERR AUTH <password> called without any password configured for the default user. Are "
            "you sure your configuration is correct?");
  EXPECT_EQ(redis.ask(before, "AUTH default anything"), "+OK");
  EXPECT_EQ(redis.ask(before, "CONFIG SET requirepass secret"), "+OK");
  EXPECT_EQ(redis.ask(before, "PING"), "+PONG");
  const SessionId after = redis.connect();
  EXPECT_EQ(redis.ask(after, "PING"), "-NOAUTH Authentication required.");
  EXPECT_EQ(redis.ask(after, "AUTH wrong"),
            "-WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(redis.ask(after, "AUTH somebody secret"),
            "-WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(redis.ask(after, "AUTH a b c"), "-ERR syntax error");
  EXPECT_EQ(redis.ask(after, "HELLO 3").substr(0, 20), "-NOAUTH HELLO must b");
  EXPECT_EQ(redis.engine.protocol(after), 2);
  EXPECT_EQ(redis.ask(after, "AUTH secret"), "+OK");
  EXPECT_EQ(redis.ask(after, "PING"), "+PONG");
  EXPECT_EQ(redis.ask(after, "RESET"), "+RESET");
  EXPECT_EQ(redis.ask(after, "PING"), "-NOAUTH Authentication required.");
  EXPECT_EQ(redis.ask(before, "CONFIG SET requirepass no"), "+OK");
  redis.run(before, {"CONFIG", "SET", "requirepass", ""});
  EXPECT_EQ(redis.ask(after, "PING"), "+PONG");
}

TEST(RedisConnection, HelloChoosesTheProtocol) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "HELLO 4"), "-NOPROTO unsupported protocol version");
  EXPECT_EQ(redis.ask(one, "HELLO x"), "-ERR Protocol version is not an integer or out of range");
  EXPECT_EQ(redis.ask(one, "HELLO 3 FOO"), "-ERR Syntax error in HELLO option 'FOO'");
  EXPECT_EQ(redis.engine.protocol(one), 2);
  EXPECT_NE(redis.ask(one, "HELLO 3 AUTH default x SETNAME me").find("\"proto\""),
            std::string::npos);
  EXPECT_EQ(redis.engine.protocol(one), 3);
  EXPECT_EQ(redis.ask(one, "CLIENT GETNAME"), "\"me\"");
  EXPECT_EQ(redis.ask(one, "RESET"), "+RESET");
  EXPECT_EQ(redis.engine.protocol(one), 2);
  EXPECT_EQ(redis.ask(one, "CLIENT GETNAME"), "nil");
}

TEST(RedisConnection, AfterQuitNothingIsHeard) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "MULTI");
  EXPECT_EQ(redis.ask(one, "QUIT"), "+OK");
  EXPECT_EQ(redis.heard(), Heard{"1: closed"});
  EXPECT_EQ(redis.ask(one, "SET a 1"), "(nothing)");
  EXPECT_EQ(redis.engine.key_count(), 0U);
}

TEST(RedisConnection, RepliesCanBeSwitchedOff) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "CLIENT REPLY SKIP"), "(nothing)");
  EXPECT_EQ(redis.ask(one, "SET a 1"), "(nothing)");
  EXPECT_EQ(redis.ask(one, "GET a"), "\"1\"");
  EXPECT_EQ(redis.ask(one, "CLIENT REPLY OFF"), "(nothing)");
  EXPECT_EQ(redis.ask(one, "CLIENT REPLY SKIP"), "(nothing)");
  EXPECT_EQ(redis.ask(one, "GET a"), "(nothing)");
  EXPECT_EQ(redis.ask(one, "CLIENT REPLY ON"), "+OK");
  EXPECT_EQ(redis.ask(one, "GET a"), "\"1\"");
}

TEST(RedisConnection, AClientMayKillAnother) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  const SessionId three = redis.connect();
  redis.ask(two, "SUBSCRIBE a");
  EXPECT_EQ(redis.ask(three, "BLPOP list 0"), "(nothing)");
  redis.heard();
  EXPECT_EQ(redis.ask(one, "CLIENT KILL 127.0.0.1:1"), "-ERR No such client");
  EXPECT_EQ(redis.ask(one, "CLIENT KILL TYPE pubsub"), "1");
  EXPECT_EQ(redis.ask(one, "CLIENT KILL ID 3"), "1");
  EXPECT_EQ(redis.heard(), (Heard{"2: closed", "3: closed"}));
  EXPECT_EQ(redis.ask(one, "PUBLISH a x"), "0");
  EXPECT_EQ(redis.ask(one, "RPUSH list x"), "1");
  EXPECT_EQ(redis.ask(one, "LLEN list"), "1") << "who is gone takes nothing";
  EXPECT_EQ(redis.ask(one, "CLIENT KILL USER default"), "0") << "by default one spares oneself";
  EXPECT_EQ(redis.ask(one, "CLIENT KILL USER default SKIPME no"), "1");
  EXPECT_EQ(redis.heard(), Heard{"1: closed"});
}

TEST(RedisConnection, TheListShowsWhoIsThere) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.ask(two, "SUBSCRIBE a b");
  redis.ask(one, "SELECT 3");
  redis.ask(one, "CLIENT SETNAME me");
  redis.now += 5s;
  const std::string list = redis.ask(one, "CLIENT LIST");
  EXPECT_NE(list.find("id=1 addr=127.0.0.1:50001"), std::string::npos) << list;
  EXPECT_NE(list.find("name=me age=5 idle=0 flags=N db=3"), std::string::npos) << list;
  EXPECT_NE(list.find("id=2 addr=127.0.0.1:50002"), std::string::npos) << list;
  EXPECT_NE(list.find("idle=5 flags=P db=0 sub=2"), std::string::npos) << list;
  EXPECT_EQ(redis.ask(one, "CLIENT LIST TYPE normal").find("id=2"), std::string::npos);
  EXPECT_EQ(redis.ask(one, "CLIENT LIST ID 2 99").find("id=1 "), std::string::npos);
}

TEST(RedisConnection, AWaitMayBeEnded) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  EXPECT_EQ(redis.ask(two, "CLIENT UNBLOCK 1"), "0");
  redis.ask(one, "BLPOP list 0");
  EXPECT_EQ(redis.ask(two, "CLIENT UNBLOCK 1"), "1");
  EXPECT_EQ(redis.heard(), Heard{"1: nil"});
  redis.ask(one, "BLPOP list 0");
  EXPECT_EQ(redis.ask(two, "CLIENT UNBLOCK 1 ERROR"), "1");
  EXPECT_EQ(redis.heard(), Heard{"1: -UNBLOCKED client unblocked via CLIENT UNBLOCK"});
  EXPECT_FALSE(redis.engine.blocked(one));
}

TEST(RedisConnection, APauseHoldsWritesUp) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  EXPECT_EQ(redis.ask(one, "CLIENT PAUSE 100 WRITE"), "+OK");
  EXPECT_EQ(redis.ask(one, "GET a"), "nil");
  EXPECT_EQ(redis.ask(one, "SET a 1"), "(nothing)");
  EXPECT_TRUE(redis.engine.blocked(one));
  EXPECT_EQ(redis.ask(two, "GET a"), "nil");
  EXPECT_EQ(redis.engine.next_timeout(), redis.now + 100ms);
  redis.pass(99ms);
  EXPECT_TRUE(redis.heard().empty());
  redis.pass(1ms);
  EXPECT_EQ(redis.heard(), Heard{"1: +OK"});
  EXPECT_EQ(redis.ask(two, "GET a"), "\"1\"");
  redis.ask(two, "CLIENT PAUSE 100 WRITE");
  redis.ask(one, "INCR a");
  EXPECT_EQ(redis.ask(two, "CLIENT UNPAUSE"), "+OK");
  EXPECT_EQ(redis.heard(), Heard{"1: 2"});
}

TEST(RedisConnection, TheLongestPauseIsForEver) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  for (const WallTime now : {redis.now, WallTime{}, WallTime::max()}) {
    redis.now = now;
    EXPECT_EQ(redis.ask(two, "CLIENT PAUSE 9223372036854775807 WRITE"), "+OK");
    EXPECT_EQ(redis.ask(one, "SET a 1"), "(nothing)");
    EXPECT_EQ(redis.engine.next_timeout(), std::nullopt);
    redis.engine.tick(WallTime::max());
    EXPECT_TRUE(redis.heard().empty());
    EXPECT_EQ(redis.ask(two, "CLIENT UNPAUSE"), "+OK");
    EXPECT_EQ(redis.heard(), Heard{"1: +OK"});
  }
  EXPECT_EQ(redis.ask(two, "CLIENT PAUSE 9223372036854775808"),
            "-ERR timeout is not an integer or out of range");
}

}  // namespace
}  // namespace firedrill::sim::redis
