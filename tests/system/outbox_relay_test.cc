#include "system/order/outbox_relay.h"

#include "system/domain/order.h"
#include "tests/system/service_world.h"

namespace firedrill::order {
namespace {

struct Outbox : sim::ServiceWorld {
  void note(const std::string& order, int version) {
    const std::string sql =
        "INSERT INTO orders.outbox (aggregate, version, status, payload) VALUES ('" + order +
        "', " + std::to_string(version) + ", 'PENDING', '" + order + "." + std::to_string(version) +
        "')";
    ask(sql);
  }
  std::string states() {
    return ask("SELECT string_agg(state, ' ' ORDER BY seq) FROM orders.outbox");
  }
  /// Bodies in the order in which the broker stored them, over all partitions.
  std::vector<std::string> published() {
    sim::queue::Engine& engine = queue_disk.engine;
    const auto topic = engine.topic(kOrderEventsTopic);
    const auto group = engine.group(topic, "reader");
    const auto reader = engine.consumer(group, "reader");
    std::vector<std::string> bodies;
    for (const auto& handed : engine.fetch(group, reader, 100, world.now())) {
      bodies.push_back(handed.message->body);
    }
    return bodies;
  }
};

TEST(OutboxRelay, PublishesAndMarks) {
  Outbox outbox;
  for (int version = 1; version <= 3; ++version) outbox.note("o-1", version);
  outbox.note("o-2", 1);
  OutboxRelay relay(outbox.at_one(), "relay", {});
  outbox.at_one().tasks.spawn(relay.run());
  outbox.run_for(from_ms(3000));
  EXPECT_EQ(outbox.states(), "PUBLISHED PUBLISHED PUBLISHED PUBLISHED");
  std::vector<std::string> of_one = outbox.published();
  std::erase(of_one, "o-2.1");
  EXPECT_EQ(of_one, (std::vector<std::string>{"o-1.1", "o-1.2", "o-1.3"}));
  outbox.one.kill(sim::Connection::Farewell::close);
}

/// The broker's answer never comes: the event waits, and is published again; its successor waits,
/// and another order's event does not.
TEST(OutboxRelay, WhatFailsHoldsUpItsOwnOrderAlone) {
  Outbox outbox;
  outbox.note("o-1", 1);
  outbox.note("o-1", 2);
  outbox.queue_disk.levers.losing_confirms = 1;
  OutboxRelay relay(outbox.at_one(), "relay", {});
  outbox.at_one().tasks.spawn(relay.run());
  outbox.run_for(from_ms(450));
  outbox.queue_disk.levers.losing_confirms = 0;
  outbox.run_for(from_ms(5000));
  EXPECT_EQ(outbox.states(), "PUBLISHED PUBLISHED");
  EXPECT_EQ(outbox.published(), (std::vector<std::string>{"o-1.1", "o-1.1", "o-1.2"}));
  outbox.one.kill(sim::Connection::Farewell::close);
}

/// More events than fit into a batch fail, as their partition has no leader: those of the others go
/// out meanwhile, the oldest first.
TEST(OutboxRelay, WhatFailsHoldsUpNobodyElse) {
  Outbox outbox;
  sim::queue::Engine& engine = outbox.queue_disk.engine;
  const auto topic = engine.create_topic(kOrderEventsTopic, 2);
  engine.lose_leader(topic, 0);
  std::vector<std::string> failing;
  std::vector<std::string> fine;
  for (int order = 1; fine.size() < 20 || failing.size() < 20; ++order) {
    const std::string name = "o-" + std::to_string(order);
    (engine.partition_of(topic, name) == 0 ? failing : fine).push_back(name);
  }
  for (const std::string& order : failing) outbox.note(order, 1);
  OutboxRelay relay(outbox.at_one(), "relay", {});
  outbox.at_one().tasks.spawn(relay.run());
  outbox.run_for(from_ms(3000));
  std::vector<std::string> bodies;
  for (const std::string& order : fine) {
    outbox.note(order, 1);
    bodies.push_back(order + ".1");
  }
  outbox.run_for(from_ms(500));
  EXPECT_EQ(outbox.published(), bodies);
  EXPECT_GT(
      std::stoi(outbox.ask("SELECT min(attempts) FROM orders.outbox WHERE state = 'PENDING'")), 2);
  engine.find_leader(topic, 0);
  outbox.run_for(from_ms(6000));
  EXPECT_EQ(outbox.ask("SELECT count(*) FROM orders.outbox WHERE state = 'PUBLISHED'"),
            std::to_string(fine.size() + failing.size()));
  outbox.one.kill(sim::Connection::Farewell::close);
}

TEST(OutboxRelay, WhatKeepsFailingIsDeadAndStaysInTheWay) {
  Outbox outbox;
  outbox.note("o-1", 1);
  outbox.note("o-1", 2);
  outbox.broker.kill(sim::Connection::Farewell::close);
  OutboxRelay relay(outbox.at_one(), "relay", {.attempts = 3});
  outbox.at_one().tasks.spawn(relay.run());
  outbox.run_for(from_ms(10'000));
  EXPECT_EQ(outbox.states(), "DEAD PENDING");
  outbox.broker.start();
  outbox.run_for(from_ms(5000));
  EXPECT_EQ(outbox.states(), "DEAD PENDING");
  outbox.ask("UPDATE orders.outbox SET state = 'PENDING', attempts = 0 WHERE state = 'DEAD'");
  outbox.run_for(from_ms(5000));
  EXPECT_EQ(outbox.states(), "PUBLISHED PUBLISHED");
  outbox.one.kill(sim::Connection::Farewell::close);
}

/// One claims and is not heard of any more; the other takes over when the lease has run out.
TEST(OutboxRelay, AClaimRunsOut) {
  Outbox outbox;
  outbox.note("o-1", 1);
  outbox.ask(
      "UPDATE orders.outbox SET state = 'CLAIMED', owner = 'gone', "
      "lease_until = now() + interval '2 s'");
  OutboxRelay relay(outbox.at_one(), "relay", {});
  outbox.at_one().tasks.spawn(relay.run());
  outbox.run_for(from_ms(1900));
  EXPECT_EQ(outbox.states(), "CLAIMED");
  outbox.run_for(from_ms(1500));
  EXPECT_EQ(outbox.states(), "PUBLISHED");
  outbox.one.kill(sim::Connection::Farewell::close);
}

TEST(OutboxRelay, TwoRelaysPublishEachOnce) {
  Outbox outbox;
  for (int order = 1; order <= 20; ++order) {
    for (int version = 1; version <= 2; ++version) {
      outbox.note("o-" + std::to_string(order), version);
    }
  }
  OutboxRelay first(outbox.at_one(), "relay-1", {});
  OutboxRelay second(outbox.at_two(), "relay-2", {});
  outbox.at_one().tasks.spawn(first.run());
  outbox.at_two().tasks.spawn(second.run());
  outbox.run_for(from_ms(3000));
  EXPECT_EQ(outbox.published().size(), 40U);
  EXPECT_EQ(outbox.ask("SELECT count(*) FROM orders.outbox WHERE state = 'PUBLISHED'"), "40");
  EXPECT_EQ(outbox.ask("SELECT max(attempts) FROM orders.outbox"), "1");
  outbox.one.kill(sim::Connection::Farewell::close);
  outbox.two.kill(sim::Connection::Farewell::close);
}

}  // namespace
}  // namespace firedrill::order
