#include "system/adapters/redis_cluster.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lua/redis/scripts.h"
#include "system/inventory/redis_inventory.h"
#include "tests/live/one_process.h"
#include "tests/support/redis_cluster.h"
#include "tests/support/redis_text.h"

namespace firedrill::adapters {

namespace {

using boost::asio::awaitable;
using test::RedisCluster;
using Deliveries = std::vector<Delivery>;

TEST(RedisSlots, OfKeys) {
  EXPECT_EQ(slot_of_key("123456789"), 0x31C3);
  EXPECT_EQ(slot_of_key(""), 0);
  EXPECT_EQ(slot_of_key("{user1000}.following"), slot_of_key("user1000"));
  EXPECT_EQ(slot_of_key("a{b}{c}"), slot_of_key("b"));
  EXPECT_EQ(slot_of_key("a{{b}}c"), slot_of_key("{b"));
  EXPECT_NE(slot_of_key("a{}{b}"), slot_of_key("b"));
  EXPECT_NE(slot_of_key("a{b"), slot_of_key("b"));
}

TEST(RedisSlots, OfCommands) {
  const auto slot = slot_of_key("k");
  EXPECT_EQ(slot_of(words("GET", "k")), slot);
  EXPECT_EQ(slot_of(words("evalsha", "sha", "2", "k", "{k}2", "other")), slot);
  EXPECT_EQ(slot_of(words("EVAL", "return 1", "0", "other")), std::nullopt);
  EXPECT_EQ(slot_of(words("XGROUP", "CREATE", "k", "g", "0")), slot);
  EXPECT_EQ(slot_of(words("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "Streams", "k", ">")),
            slot);
  EXPECT_EQ(slot_of(words("XREAD", "STREAMS", "k", "0")), slot);
  EXPECT_EQ(slot_of(words("XREAD", "k")), std::nullopt);
  EXPECT_EQ(slot_of(words("PING")), std::nullopt);
}

TEST(RedisSlots, OfRedirections) {
  const auto in = [](const char* text) { return redirection_in(RedisReply::error(text)); };
  EXPECT_EQ(in("MOVED 3999 10.0.0.2:6381"), (Redirection{false, 3999, "10.0.0.2", 6381}));
  EXPECT_EQ(in("ASK 16383 ::1:6381"), (Redirection{true, 16383, "::1", 6381}));
  EXPECT_EQ(in("MOVED 0 :6381"), (Redirection{false, 0, "", 6381}));
  for (const char* other : {"MOVED", "MOVED ", "MOVED 1", "MOVED 1 h", "MOVED 1 h:", "MOVED 1 h:0",
                            "MOVED 1 h:65536", "MOVED 16384 h:1", "MOVED x h:1", "MOVED 1 ?:6379",
                            "ASKED 1 h:1", "TRYAGAIN Multiple keys request", "ERR MOVED 1 h:1"}) {
    EXPECT_EQ(in(other), std::nullopt) << other;
  }
  EXPECT_EQ(redirection_in(RedisReply::bulk("MOVED 3999 10.0.0.2:6381")), std::nullopt);
}

class RedisClusterTest : public OneProcess {
 public:
  static void SetUpTestSuite() { nodes_ = std::make_unique<RedisCluster>(); }
  static void TearDownTestSuite() { nodes_.reset(); }

  RedisCluster& nodes() { return *nodes_; }

  /// The first of PREFIX0, PREFIX1... that one node has from the beginning.
  static std::string key_on(std::size_t node, const std::string& prefix) {
    for (int i = 0;; ++i) {
      const std::string key = prefix + std::to_string(i);
      if (RedisCluster::first_owner(slot_of_key(key)) == node) return key;
    }
  }

 private:
  inline static std::unique_ptr<RedisCluster> nodes_;  ///< takes seconds to make: one for all
};

bool is(const Reply& reply, const RedisReply& expected) {
  return reply.has_value() && reply.value() == expected;
}

awaitable<void> every_node(RedisClusterTest* test) {
  const Ports ports = test->ports();
  std::uint64_t moved = test->nodes().errors("MOVED");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 60; ++i) {
      const std::string key = "every:" + std::to_string(i);
      const auto slot = RedisReply::of(slot_of_key(key));
      EXPECT_EQ(test->nodes().command(0, {"CLUSTER", "KEYSLOT", key}), slot);
      const Reply count = co_await call(ports, words("INCR", key));
      EXPECT_TRUE(is(count, RedisReply::of(round + 1))) << key;
    }
    const std::uint64_t moved_now = test->nodes().errors("MOVED");
    EXPECT_EQ(moved_now > moved, round == 0) << "what was learned is known";
    moved = moved_now;
  }
  for (std::size_t node = 0; node < RedisCluster::kNodes; ++node) {
    EXPECT_GT(test->nodes().command(node, {"DBSIZE"}).integer, 0);
  }
}

TEST_F(RedisClusterTest, OneLinkReachesEveryNode) {
  run(nodes().server(0).url(), every_node);
}

struct Counting {
  bool stop = false;
  int running = 0;
  std::vector<std::int64_t> counted;  ///< of each key
};

std::string moving_key(std::size_t i) {
  return "{moving}:" + std::to_string(i);
}

awaitable<void> count_up(Ports ports, std::size_t i, Counting* counting) {
  while (!counting->stop) {
    const Reply reply = co_await call(ports, words("INCR", moving_key(i)));
    EXPECT_TRUE(is(reply, RedisReply::of(++counting->counted[i])));
  }
  --counting->running;
}

/// Each command is executed once, wherever its slot is at that moment.
awaitable<void> a_slot_moves(RedisClusterTest* test) {
  const Ports ports = test->ports();
  RedisCluster& nodes = test->nodes();
  const std::uint16_t slot = slot_of_key("moving");
  const std::size_t from = RedisCluster::first_owner(slot);
  const std::size_t to = (from + 1) % RedisCluster::kNodes;
  Counting counting;
  counting.counted.resize(6);
  for (std::size_t i = 0; i < counting.counted.size(); ++i) {
    ++counting.running;
    ports.tasks.spawn(count_up(ports, i, &counting));
  }
  co_await ports.clock.sleep_for(from_ms(50));
  const std::uint64_t moved = nodes.errors("MOVED");
  nodes.begin_move(slot, from, to);
  for (std::size_t i = 0; i < counting.counted.size(); ++i) {
    co_await ports.clock.sleep_for(from_ms(20));
    nodes.move_key(moving_key(i), from, to);
  }
  co_await ports.clock.sleep_for(from_ms(20));
  EXPECT_EQ(nodes.errors("MOVED"), moved) << "an ASK teaches nothing";
  const std::uint64_t asked = nodes.errors("ASK");
  for (int i = 0; i < 5; ++i) {
    const Reply nothing = co_await call(ports, words("GET", "{moving}:new"));
    EXPECT_TRUE(is(nothing, RedisReply::nil()));
  }
  EXPECT_GE(nodes.errors("ASK"), asked + 5);
  nodes.end_move(slot, from, to);
  co_await ports.clock.sleep_for(from_ms(50));
  EXPECT_GT(nodes.errors("MOVED"), moved);
  counting.stop = true;
  while (counting.running > 0) co_await ports.clock.sleep_for(from_ms(1));
  for (std::size_t i = 0; i < counting.counted.size(); ++i) {
    EXPECT_EQ(nodes.command(to, {"GET", moving_key(i)}),
              RedisReply::bulk(std::to_string(counting.counted[i])));
    EXPECT_GT(counting.counted[i], 20);
  }
}

TEST_F(RedisClusterTest, ASlotMovesUnderItsCommands) {
  run(nodes().server(0).url(), a_slot_moves);
}

/// Of two nodes each says that the other one has the slot.
awaitable<void> to_and_fro(RedisClusterTest* test) {
  const Ports ports = test->ports();
  RedisCluster& nodes = test->nodes();
  const std::string key = RedisClusterTest::key_on(1, "to-and-fro:");
  const std::string slot = std::to_string(slot_of_key(key));
  const std::string other = nodes.command(2, {"CLUSTER", "MYID"}).text;
  EXPECT_FALSE(nodes.command(1, {"CLUSTER", "SETSLOT", slot, "MIGRATING", other}).is_error());
  const std::uint64_t before = nodes.errors("MOVED") + nodes.errors("ASK");
  const Reply reply = co_await call(ports, words("SET", key, "v"));
  EXPECT_TRUE(reply.has_value() && redirection_in(reply.value()).has_value());
  EXPECT_EQ(nodes.errors("MOVED") + nodes.errors("ASK") - before, 6U);
  EXPECT_FALSE(nodes.command(1, {"CLUSTER", "SETSLOT", slot, "STABLE"}).is_error());
  const Reply after = co_await call(ports, words("SET", key, "v"));
  EXPECT_TRUE(is(after, RedisReply::status("OK")));
}

TEST_F(RedisClusterTest, NodesThatDisagreeAreNotAskedForEver) {
  run(nodes().server(0).url(), to_and_fro);
}

awaitable<void> sell(Ports ports, std::string product) {
  inventory::RedisInventory stock(ports.redis);
  const Instant deadline = ports.clock.now() + from_ms(3000);
  const Outcome<bool> seeded = co_await stock.seed(product, 10, 1, deadline);
  EXPECT_TRUE(seeded.has_value() && seeded.value());
  for (int i = 0; i < 2; ++i) {
    inventory::Hold hold;
    hold.product = product;
    hold.reservation = "r-1";
    hold.user = "u-1";
    hold.quantity = 2;
    hold.ttl = from_ms(60'000);
    hold.cap = 2;
    const auto reserved = co_await stock.reserve(hold, 1, deadline);
    const auto expected = i == 0 ? inventory::Reserved::now : inventory::Reserved::before;
    EXPECT_TRUE(reserved.has_value() && reserved.value() == expected);
  }
  const auto confirmed = co_await stock.confirm(product, "r-1", deadline);
  EXPECT_TRUE(confirmed.has_value() && confirmed.value() == inventory::Moved::now);
  const Reply counters =
      co_await call(ports, words("HMGET", inventory::stock_key(product), "avail", "sold"));
  EXPECT_TRUE(is(counters, RedisReply::array({RedisReply::bulk("8"), RedisReply::bulk("2")})));
}

awaitable<void> scripts_run(RedisClusterTest* test) {
  const Ports ports = test->ports();
  for (std::size_t node = 0; node < RedisCluster::kNodes; ++node) {
    co_await sell(ports, RedisClusterTest::key_on(node, "sku-"));
    const Words window(1, RedisClusterTest::key_on(node, "rate:sale:u-"));
    for (const char* request : {"1", "2", "3"}) {
      const Words args = words("2", "60000", request);
      const Reply let =
          co_await ports.redis.eval(scripts::rate, window, args, ports.clock.now() + from_ms(3000));
      EXPECT_TRUE(is(let, RedisReply::of(*request == '3' ? 0 : 1)));
    }
  }
}

TEST_F(RedisClusterTest, TheScriptsRunOnEveryNode) {
  run(nodes().server(0).url(), scripts_run);
}

awaitable<Outcome<Deliveries>> fetch(Ports ports, std::string topic, Duration limit) {
  Subscription who{.topic = std::move(topic), .group = "g", .consumer = "c"};
  co_return co_await ports.queue.fetch(std::move(who), 16, ports.clock.now() + limit);
}

awaitable<void> publish(Ports ports, std::string topic, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    const std::string key = "k" + std::to_string(i);
    const auto published =
        co_await ports.queue.publish(topic, key, "m", ports.clock.now() + from_ms(3000));
    EXPECT_TRUE(published.has_value());
  }
}

/// Fetches and acknowledges until `count` have come. A fetch may be refused: while a slot moves,
/// some of its streams are here and some there.
awaitable<void> drain(Ports ports, std::string topic, int count, std::set<std::string>* keys) {
  const Instant end = ports.clock.now() + from_ms(8000);
  while (static_cast<int>(keys->size()) < count && ports.clock.now() < end) {
    Outcome<Deliveries> fetched = co_await fetch(ports, topic, from_ms(500));
    if (!fetched.has_value()) {
      EXPECT_TRUE(fetched.is_refused());
      co_await ports.clock.sleep_for(from_ms(5));
      continue;
    }
    for (Delivery& delivery : fetched.value()) {
      EXPECT_TRUE(keys->insert(delivery.key).second) << "delivered and acknowledged before";
      Subscription who{.topic = topic, .group = "g", .consumer = "c"};
      const auto acked = co_await ports.queue.ack(std::move(who), std::move(delivery),
                                                  ports.clock.now() + from_ms(3000));
      EXPECT_TRUE(acked.has_value());
    }
  }
  EXPECT_EQ(static_cast<int>(keys->size()), count);
}

awaitable<void> queue_works(RedisClusterTest* test) {
  const Ports ports = test->ports();
  for (std::size_t node = 0; node < RedisCluster::kNodes; ++node) {
    const std::string topic = RedisClusterTest::key_on(node, "topic-");
    std::set<std::string> keys;
    co_await publish(ports, topic, 0, 12);
    co_await drain(ports, topic, 12, &keys);
    for (int partition = 0; partition < 4; ++partition) {
      const std::string stream = "q:{" + topic + "}:" + std::to_string(partition);
      const RedisReply pending = test->nodes().command(node, {"XPENDING", stream, "g"});
      EXPECT_TRUE(pending.is_array() && pending.items[0] == RedisReply::of(0))
          << test::text_of(pending);
    }
  }
}

TEST_F(RedisClusterTest, TheQueueWorksOnEveryNode) {
  run(nodes().server(0).url(), queue_works);
}

awaitable<void> drain_and_say(Ports ports, std::string topic, int count, bool* done) {
  std::set<std::string> keys;
  co_await drain(ports, std::move(topic), count, &keys);
  *done = true;
}

/// The reader waits in a blocking read when it begins.
awaitable<void> a_topic_moves(RedisClusterTest* test) {
  const Ports ports = test->ports();
  const std::string topic = RedisClusterTest::key_on(2, "moving-topic-");
  const std::uint16_t slot = slot_of_key(topic);
  bool done = false;
  ports.tasks.spawn(drain_and_say(ports, topic, 20, &done));
  co_await publish(ports, topic, 0, 10);
  co_await ports.clock.sleep_for(from_ms(50));
  test->nodes().begin_move(slot, 2, 1);
  for (int partition = 0; partition < 4; ++partition) {
    test->nodes().move_key("q:{" + topic + "}:" + std::to_string(partition), 2, 1);
    co_await publish(ports, topic, 10 + partition, 1);
    co_await ports.clock.sleep_for(from_ms(20));
  }
  test->nodes().end_move(slot, 2, 1);
  co_await publish(ports, topic, 14, 6);
  while (!done) co_await ports.clock.sleep_for(from_ms(5));
}

TEST_F(RedisClusterTest, ATopicMovesUnderItsReader) {
  run(nodes().server(0).url(), a_topic_moves);
}

/// A node that is not the first of the link, when it wakes, finds the read of somebody who has
/// left.
awaitable<void> leave_a_read_behind(RedisClusterTest* test) {
  const Ports ports = test->ports();
  const std::string topic = RedisClusterTest::key_on(1, "silent-topic-");
  const auto nothing = co_await fetch(ports, topic, from_ms(200));
  EXPECT_TRUE(nothing.has_value() && nothing.value().empty());
  test->nodes().server(1).pause();
  // Too short to take the server for gone.
  const auto silent = co_await fetch(ports, topic, from_ms(250));
  EXPECT_TRUE(silent.is_unknown());
  test->nodes().server(1).resume();
  co_await publish(ports, topic, 0, 1);
  const auto fetched = co_await fetch(ports, topic, from_ms(2000));
  EXPECT_TRUE(fetched.has_value() && fetched.value().size() == 1 &&
              fetched.value().front().attempt == 1);
}

TEST_F(RedisClusterTest, ATimedOutFetchTakesNothingAway) {
  run(nodes().server(0).url(), leave_a_read_behind);
}

/// Commands for a dead node end by their deadlines; those for others do not notice. Who has its
/// slots later is found, also by those who came to the cluster through it.
awaitable<void> a_node_dies(RedisClusterTest* test) {
  const Ports ports = test->ports();
  RedisCluster& nodes = test->nodes();
  Timers timers(co_await boost::asio::this_coro::executor);
  RedisLink through_it(co_await boost::asio::this_coro::executor, timers,
                       options_of(nodes.server(2).url()).redis);
  const std::string zero = RedisClusterTest::key_on(0, "dies:");
  const std::string one = RedisClusterTest::key_on(1, "dies:");
  const std::string two = RedisClusterTest::key_on(2, "dies:");
  for (const std::string& key : {zero, one, two}) {
    const Reply set = co_await call(ports, words("SET", key, "v"));
    EXPECT_TRUE(is(set, RedisReply::status("OK")));
  }
  const Reply learned = co_await through_it.call(words("GET", zero), timers.now() + from_ms(3000));
  EXPECT_TRUE(is(learned, RedisReply::bulk("v")));

  nodes.server(2).kill();
  for (int i = 0; i < 3; ++i) {
    const Instant began = ports.clock.now();
    const Reply dead = co_await call(ports, words("GET", two), from_ms(100));
    EXPECT_FALSE(dead.has_value());
    EXPECT_LT(ports.clock.now() - began, from_ms(1000));
  }
  for (const std::string& key : {zero, one}) {
    const Reply got = co_await call(ports, words("GET", key));
    EXPECT_TRUE(is(got, RedisReply::bulk("v")));
    const Reply too = co_await through_it.call(words("GET", key), timers.now() + from_ms(3000));
    EXPECT_TRUE(is(too, RedisReply::bulk("v")));
  }

  nodes.take_over(slot_of_key(two), {0, 1});
  const Reply taken_over = co_await call(ports, words("GET", two));
  EXPECT_TRUE(is(taken_over, RedisReply::nil()));
  const Reply too = co_await through_it.call(words("GET", two), timers.now() + from_ms(3000));
  EXPECT_TRUE(is(too, RedisReply::nil()));

  nodes.server(2).restart();
  nodes.wait_until_ok();
  const Reply back = co_await call(ports, words("SET", RedisClusterTest::key_on(2, "back:"), "v"));
  EXPECT_TRUE(is(back, RedisReply::status("OK")));
}

TEST_F(RedisClusterTest, ANodeDies) {
  run(nodes().server(0).url(), a_node_dies);
}

}  // namespace

}  // namespace firedrill::adapters
