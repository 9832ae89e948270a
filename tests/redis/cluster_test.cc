#include "sim/redis/cluster.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

// Slots: 15495 of a and {a}..., 3300 of b, 12182 of foo.

/// Node 0 of two, which has the upper half of the slots.
struct Node : Sessions {
  Node() {
    ClusterView view({std::string(40, '1'), "10.0.0.1", 6379, "", 1});
    view.add({std::string(40, '2'), "10.0.0.2", 6380, "", 2});
    for (std::uint16_t slot = 0; slot < kSlots; ++slot) {
      view.set_owner(slot, slot >= kSlots / 2 ? 0 : 1);
    }
    join_cluster(state(), std::move(view));
    one = connect();
  }
  std::string ask(const std::string& line) { return Sessions::ask(one, line); }
  ClusterView& view() { return *state().cluster; }

  SessionId one = 0;
};

TEST(RedisCluster, SlotsOfKeys) {
  EXPECT_EQ(slot_of("a"), 15495);
  EXPECT_EQ(slot_of("{a}b"), 15495);
  EXPECT_EQ(slot_of("x{a}{b}"), 15495);
  EXPECT_EQ(slot_of("123456789"), 12739);
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_NE(slot_of("{}a"), slot_of("a"));
  EXPECT_NE(slot_of("{a"), slot_of("a"));
}

TEST(RedisCluster, EachKeyHasItsNode) {
  Node node;
  EXPECT_EQ(node.ask("SET a 1"), "+OK");
  EXPECT_EQ(node.ask("SET b 1"), "-MOVED 3300 10.0.0.2:6380");
  EXPECT_EQ(node.ask("MSET a 1 b 2"), "-CROSSSLOT Keys in request don't hash to the same slot");
  EXPECT_EQ(node.ask("MSET {a}1 1 {a}2 2"), "+OK");
  EXPECT_EQ(node.ask("EVAL return{} 2 a b"),
            "-CROSSSLOT Keys in request don't hash to the same slot");
  EXPECT_EQ(node.ask("PING"), "+PONG");
  EXPECT_EQ(node.ask("SELECT 1"), "-ERR SELECT is not allowed in cluster mode");
  EXPECT_EQ(node.ask("REPLICAOF a 1"), "-ERR REPLICAOF not allowed in cluster mode.");
}

TEST(RedisCluster, ATransactionIsOfOneSlot) {
  Node node;
  node.ask("MULTI");
  EXPECT_EQ(node.ask("SET b 1"), "-MOVED 3300 10.0.0.2:6380");
  EXPECT_EQ(node.ask("EXEC"), "-EXECABORT Transaction discarded because of previous errors.");
  node.ask("MULTI");
  EXPECT_EQ(node.ask("SET a 1"), "+QUEUED");
  EXPECT_EQ(node.ask("SET foo 1"), "+QUEUED");
  EXPECT_EQ(node.ask("EXEC"), "-CROSSSLOT Keys in request don't hash to the same slot");
  EXPECT_EQ(node.ask("EXEC"), "-ERR EXEC without MULTI");
  EXPECT_EQ(node.engine.key_count(), 0U);
}

TEST(RedisCluster, AScriptStaysAtItsNode) {
  Node node;
  const auto eval = [&](const std::string& body) {
    const std::string reply = node.run(node.one, {"EVAL", body, "0"});
    return reply.substr(0, reply.find(" script: "));
  };
  EXPECT_EQ(eval("return redis.call('GET', 'a')"), "nil");
  EXPECT_EQ(eval("return redis.call('GET', 'b')"),
            "-ERR Script attempted to access a non local key in a cluster node");
  EXPECT_EQ(eval("return redis.call('MGET', 'a', 'foo')"),
            "-ERR Script attempted to access a non local key in a cluster node");
  node.view().set_owner(1, ClusterView::kNobody);
  EXPECT_EQ(eval("return redis.call('GET', 'a')"),
            "-ERR Script attempted to execute a command while the cluster is down");
  node.ask("CONFIG SET cluster-allow-reads-when-down yes");
  EXPECT_EQ(eval("return redis.call('GET', 'a')"), "nil");
  EXPECT_EQ(eval("return redis.call('SET', 'a', 1)"),
            "-ERR Script attempted to execute a write command while the cluster is down and "
            "readonly");
}

TEST(RedisCluster, WhileASlotLeaves) {
  Node node;
  node.ask("SET a 1");
  EXPECT_EQ(node.ask("CLUSTER SETSLOT 15495 MIGRATING " + std::string(40, '2')), "+OK");
  EXPECT_EQ(node.ask("GET a"), "\"1\"");
  EXPECT_EQ(node.ask("GET {a}x"), "-ASK 15495 10.0.0.2:6380");
  EXPECT_EQ(node.ask("MGET a {a}x"), "-TRYAGAIN Multiple keys request during rehashing of slot");
  EXPECT_EQ(node.ask("CLUSTER SETSLOT 15495 NODE " + std::string(40, '2')),
            "-ERR Can't assign hashslot 15495 to a different node while I still hold keys for this "
            "hash slot.");
  node.ask("DEL a");
  EXPECT_EQ(node.ask("CLUSTER SETSLOT 15495 NODE " + std::string(40, '2')), "+OK");
  EXPECT_EQ(node.ask("GET a"), "-MOVED 15495 10.0.0.2:6380");
  EXPECT_TRUE(node.view().migrating.empty());
}

TEST(RedisCluster, WhileASlotComes) {
  Node node;
  EXPECT_EQ(node.ask("CLUSTER SETSLOT 3300 IMPORTING " + std::string(40, '2')), "+OK");
  EXPECT_EQ(node.ask("SET b 1"), "-MOVED 3300 10.0.0.2:6380");
  EXPECT_EQ(node.ask("ASKING"), "+OK");
  EXPECT_EQ(node.ask("SET b 1"), "+OK");
  EXPECT_EQ(node.ask("GET b"), "-MOVED 3300 10.0.0.2:6380") << "ASKING is for one command";
  node.ask("ASKING");
  EXPECT_EQ(node.ask("MGET b {b}x"), "-TRYAGAIN Multiple keys request during rehashing of slot");
  EXPECT_EQ(node.ask("CLUSTER SETSLOT 3300 NODE " + std::string(40, '1')), "+OK");
  EXPECT_EQ(node.ask("GET b"), "\"1\"");
}

TEST(RedisCluster, AReplicaReadsForThoseWhoAskForIt) {
  Sessions redis;
  ClusterView view({std::string(40, '1'), "10.0.0.1", 6379, std::string(40, '2'), 1});
  view.add({std::string(40, '2'), "10.0.0.2", 6380, "", 2});
  for (std::uint16_t slot = 0; slot < kSlots; ++slot) view.set_owner(slot, 1);
  join_cluster(redis.state(), std::move(view));
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "GET a"), "-MOVED 15495 10.0.0.2:6380");
  EXPECT_EQ(redis.ask(one, "READONLY"), "+OK");
  EXPECT_EQ(redis.ask(one, "GET a"), "nil");
  EXPECT_EQ(redis.ask(one, "SET a 1"), "-MOVED 15495 10.0.0.2:6380");
  EXPECT_EQ(redis.ask(one, "READWRITE"), "+OK");
  EXPECT_EQ(redis.ask(one, "GET a"), "-MOVED 15495 10.0.0.2:6380");
}

TEST(RedisCluster, SlotsWithoutOwners) {
  Node node;
  EXPECT_EQ(node.ask("CLUSTER DELSLOTS 15495"), "+OK");
  EXPECT_EQ(node.ask("CLUSTER DELSLOTS 15495"), "-ERR Slot 15495 is already unassigned");
  EXPECT_EQ(node.ask("GET a"), "-CLUSTERDOWN Hash slot not served");
  EXPECT_EQ(node.ask("GET foo"), "-CLUSTERDOWN The cluster is down");
  node.ask("CONFIG SET cluster-require-full-coverage no");
  EXPECT_EQ(node.ask("GET foo"), "nil");
  EXPECT_EQ(node.ask("CLUSTER ADDSLOTS 15495 15495"), "-ERR Slot 15495 specified multiple times");
  EXPECT_EQ(node.ask("CLUSTER ADDSLOTS 15495"), "+OK");
  EXPECT_EQ(node.ask("CLUSTER ADDSLOTS 15495"), "-ERR Slot 15495 is already busy");
  EXPECT_EQ(node.ask("CLUSTER ADDSLOTS 16384"), "-ERR Invalid or out of range slot");
}

TEST(RedisCluster, WhatNodesTell) {
  Node node;
  const std::string me(40, '1');
  const std::string other(40, '2');
  EXPECT_EQ(node.ask("CLUSTER MYID"), "\"" + me + "\"");
  EXPECT_EQ(node.ask("CLUSTER KEYSLOT {a}x"), "15495");
  EXPECT_EQ(node.ask("CLUSTER SLOTS"), "[[0, 8191, [\"10.0.0.2\", 6380, \"" + other +
                                           "\", []]], [8192, 16383, "
                                           "[\"10.0.0.1\", 6379, \"" +
                                           me + "\", []]]]");
  EXPECT_EQ(node.ask("CLUSTER NODES"),
            "\"" + me + " 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 8192-16383\\x0a" +
                other + " 10.0.0.2:6380@16380 master - 0 0 2 connected 0-8191\\x0a\"");
  EXPECT_EQ(node.ask("CLUSTER INFO").substr(0, 17), "\"cluster_state:ok");
  EXPECT_EQ(node.ask("CLUSTER FOO"), "-ERR unknown subcommand 'FOO'. Try CLUSTER HELP.");
  node.ask("MSET {a}2 1 {a}1 1");
  EXPECT_EQ(node.ask("CLUSTER COUNTKEYSINSLOT 15495"), "2");
  EXPECT_EQ(node.ask("CLUSTER GETKEYSINSLOT 15495 1"), "[\"{a}1\"]");
  EXPECT_EQ(node.ask("CLUSTER COUNTKEYSINSLOT 16384"), "-ERR Invalid slot");
  Sessions alone;
  EXPECT_EQ(alone.ask(alone.connect(), "CLUSTER MYID"),
            "-ERR This instance has cluster support disabled");
}

}  // namespace
}  // namespace firedrill::sim::redis
