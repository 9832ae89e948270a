#include <gtest/gtest.h>

#include <string>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\\x0d\\x0a") != std::string::npos;
}

TEST(RedisInfo, TellsWhatClientsRead) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "SET a 1");
  redis.ask(one, "SET b 1 EX 100");
  redis.ask(one, "SELECT 2");
  redis.ask(one, "SET c 1");
  redis.now += 90'000s;
  const std::string text = redis.ask(one, "INFO");
  for (const char* line :
       {"# Server", "redis_version:7.0.15", "redis_mode:standalone", "uptime_in_seconds:90000",
        "uptime_in_days:1", "connected_clients:1", "blocked_clients:0", "maxmemory:0",
        "maxmemory_policy:noeviction", "loading:0", "aof_enabled:0", "total_commands_processed:5",
        "evicted_keys:0", "role:master", "connected_slaves:0", "master_repl_offset:0",
        "cluster_enabled:0", "db0:keys=2,expires=1,avg_ttl=0", "db2:keys=1,expires=0,avg_ttl=0"}) {
    EXPECT_TRUE(has(text, line)) << line << " in " << text;
  }
}

TEST(RedisInfo, SectionsAreAskedForByName) {
  Sessions redis;
  const SessionId one = redis.connect();
  const std::string two = redis.ask(one, "INFO keyspace CLIENTS nosuch");
  EXPECT_TRUE(has(two, "# Clients"));
  EXPECT_TRUE(has(two, "# Keyspace"));
  EXPECT_LT(two.find("# Clients"), two.find("# Keyspace"));
  EXPECT_FALSE(has(two, "# Server"));
  EXPECT_FALSE(has(redis.ask(one, "INFO default"), "# Commandstats"));
  EXPECT_TRUE(has(redis.ask(one, "INFO all"), "# Commandstats"));
  EXPECT_EQ(redis.ask(one, "INFO nosuch"), "\"\"");
}

TEST(RedisInfo, APrimaryKnowsItsReplicas) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.state().replication.offset = 40;
  redis.state().replication.replicas[7] = {"10.0.0.2", 6380, 30, redis.state().now_ms()};
  redis.now += 2s;
  redis.state().replication.replicas[7].heard_of_ms = 1'700'000'000'000;
  EXPECT_EQ(redis.ask(one, "ROLE"), "[\"master\", 40, [[\"10.0.0.2\", \"6380\", \"30\"]]]");
  const std::string text = redis.ask(one, "INFO replication");
  EXPECT_TRUE(has(text, "connected_slaves:1"));
  EXPECT_TRUE(has(text, "slave0:ip=10.0.0.2,port=6380,state=online,offset=30,lag=2")) << text;
}

TEST(RedisInfo, AReplicaKnowsItsPrimary) {
  Sessions redis;
  const SessionId one = redis.connect();
  const SessionId two = redis.connect();
  redis.ask(two, "BLPOP list 0");
  EXPECT_EQ(redis.ask(one, "REPLICAOF 10.0.0.1 x"), "-ERR Invalid master port");
  EXPECT_EQ(redis.ask(one, "REPLICAOF 10.0.0.1 6379"), "+OK");
  EXPECT_EQ(redis.state().replication.told, 1U);
  EXPECT_EQ(redis.heard(), (Heard{"2: -UNBLOCKED force unblock from blocking operation, instance "
                                  "state changed (master -> replica?)",
                                  "2: closed"}));
  EXPECT_EQ(redis.ask(one, "REPLICAOF 10.0.0.1 6379"), "+OK Already connected to specified master");
  EXPECT_EQ(redis.ask(one, "ROLE"), "[\"slave\", \"10.0.0.1\", 6379, \"connect\", -1]");
  EXPECT_EQ(redis.ask(one, "SET a 1"), "-READONLY You can't write against a read only replica.");
  redis.state().replication.primary->link_up = true;
  redis.state().replication.offset = 12;
  EXPECT_EQ(redis.ask(one, "ROLE"), "[\"slave\", \"10.0.0.1\", 6379, \"connected\", 12]");
  const std::string text = redis.ask(one, "INFO replication");
  EXPECT_TRUE(has(text, "role:slave"));
  EXPECT_TRUE(has(text, "master_link_status:up"));
  EXPECT_EQ(redis.ask(one, "SLAVEOF NO ONE"), "+OK");
  EXPECT_EQ(redis.state().replication.told, 2U);
  EXPECT_EQ(redis.ask(one, "SET a 1"), "+OK");
}

TEST(RedisInfo, AReplicaHidesWhatHasExpired) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "SET a 1 PX 10");
  redis.ask(one, "REPLICAOF 10.0.0.1 6379");
  redis.now += 11ms;
  EXPECT_EQ(redis.ask(one, "GET a"), "nil");
  EXPECT_EQ(redis.engine.key_count(), 1U) << "it goes when the primary says so";
  redis.ask(one, "REPLICAOF NO ONE");
  redis.ask(one, "GET a");
  EXPECT_EQ(redis.engine.key_count(), 0U);
}

TEST(RedisInfo, TimeMovesOnInAScript) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "TIME"), "[\"1700000000\", \"0\"]");
  EXPECT_EQ(redis.run(one, {"EVAL",
                            "local a = redis.call('TIME') redis.call('GET', 'x') "
                            "local b = redis.call('TIME') return {a[2], b[2]}",
                            "0"}),
            "[\"0\", \"2\"]");
}

TEST(RedisInfo, CommandTellsTheTable) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "COMMAND INFO get nosuch config|get"),
            "[[\"get\", 2, [+readonly, +fast], 1, 1, 1, [], [], [], []], nil, [\"config|get\", -3, "
            "[+admin, +noscript, +loading, +stale], 0, 0, 0, [], [], [], []]]");
  EXPECT_EQ(redis.ask(one, "COMMAND GETKEYS MSET a 1 b 2"), "[\"a\", \"b\"]");
  EXPECT_EQ(redis.ask(one, "COMMAND GETKEYS EVAL x 2 a b c"), "[\"a\", \"b\"]");
  EXPECT_EQ(redis.ask(one, "COMMAND GETKEYS PING x"), "-ERR The command has no key arguments");
  EXPECT_EQ(redis.ask(one, "COMMAND GETKEYS nosuch x"), "-ERR Invalid command specified");
  EXPECT_EQ(redis.ask(one, "COMMAND GETKEYS GET a b"),
            "-ERR Invalid number of arguments specified for command");
  EXPECT_EQ(redis.ask(one, "COMMAND LIST FILTERBY PATTERN client|*ause"),
            "[\"client|pause\", \"client|unpause\"]");
  EXPECT_EQ(redis.ask(one, "COMMAND LIST FILTERBY MODULE x"), "[]");
  EXPECT_EQ(redis.ask(one, "COMMAND LIST FOO"), "-ERR syntax error");
}

TEST(RedisInfo, ShutdownEndsEveryConnection) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.connect();
  EXPECT_EQ(redis.ask(one, "SHUTDOWN SAVE NOSAVE"), "-ERR syntax error");
  EXPECT_EQ(redis.ask(one, "SHUTDOWN ABORT"), "-ERR No shutdown in progress.");
  EXPECT_FALSE(redis.state().shutdown);
  EXPECT_EQ(redis.ask(one, "SHUTDOWN NOSAVE"), "(nothing)");
  EXPECT_EQ(redis.heard(), (Heard{"1: closed", "2: closed"}));
  ASSERT_TRUE(redis.state().shutdown);
  EXPECT_FALSE(redis.state().shutdown->saves);
}

}  // namespace
}  // namespace firedrill::sim::redis
