#include "tests/sim_ports/drive.h"

// What only a simulated broker can be made to do.

namespace firedrill::sim {

namespace {

awaitable<void> confirms_lost(SmallWorld* small) {
  const Ports ports = small->at_one();
  queue::Levers& levers = small->queue_disk.levers;
  ++levers.losing_confirms;
  const Instant began = ports.clock.now();
  const auto lost = co_await publish(ports, "m", from_ms(300));
  EXPECT_TRUE(is_unknown(lost, Why::timed_out));
  EXPECT_EQ(ports.clock.now() - began, from_ms(300));
  --levers.losing_confirms;
  EXPECT_EQ(levers.confirms_lost, 1U);
  const Fetched fetched = co_await fetch(small->at_two(), reader("c"));
  CO_REQUIRE(fetched.has_value());
  CO_REQUIRE(fetched.value().size() == 1);
  EXPECT_EQ(fetched.value().front().body, "m") << "it was stored, once";
}

awaitable<void> confirms_late(SmallWorld* small) {
  const Ports ports = small->at_one();
  queue::Levers& levers = small->queue_disk.levers;
  levers.confirm_delay = from_ms(200);
  const auto impatient = co_await publish(ports, "first", from_ms(100));
  EXPECT_TRUE(is_unknown(impatient, Why::timed_out));
  const Instant began = ports.clock.now();
  const auto patient = co_await publish(ports, "second", from_ms(1000));
  EXPECT_TRUE(patient.has_value());
  EXPECT_GE(ports.clock.now() - began, from_ms(200));
  EXPECT_LE(ports.clock.now() - began, from_ms(202));
  EXPECT_EQ(levers.confirms_late, 2U);
  levers.confirm_delay = {};
  const auto third = co_await publish(ports, "third", from_ms(1000));
  CO_REQUIRE(patient.has_value() && third.has_value());
  EXPECT_EQ(patient.value().id, "2") << "the late confirm of the first is not taken for its own";
  EXPECT_EQ(third.value().id, "3");
}

/// A confirm that is late must not outlive the broker, or answer for the next one.
awaitable<void> killed_before_the_confirm(SmallWorld* small) {
  const Ports ports = small->at_one();
  small->queue_disk.levers.confirm_delay = from_ms(200);
  small->world.at(small->world.now() + from_ms(100), [small] { small->broker.kill(); });
  small->world.at(small->world.now() + from_ms(150), [small] { small->broker.start(); });
  const auto lost = co_await publish(ports, "m", from_ms(1000));
  EXPECT_TRUE(is_unknown(lost, Why::reset));
  co_await ports.clock.sleep_for(from_ms(200));
  const Fetched fetched = co_await fetch(ports, reader("c"), from_ms(1000));
  CO_REQUIRE(fetched.has_value());
  EXPECT_EQ(fetched.value().size(), 1U) << "a broker keeps what it stored";
}

awaitable<void> publish_one(Ports ports) {
  const auto published = co_await publish(ports, "m");
  EXPECT_TRUE(published.has_value());
}

awaitable<void> a_long_poll(SmallWorld* small) {
  const Ports ports = small->at_one();
  std::vector<Fetched> fetched;
  ports.tasks.spawn(fetch_into(ports, reader("c"), from_ms(10'000), &fetched));
  co_await ports.clock.sleep_for(from_ms(3000));
  EXPECT_TRUE(fetched.empty());
  small->at_two().tasks.spawn(publish_one(small->at_two()));
  // SYN, SYN and ACK, the publish, the delivery: half a millisecond each.
  co_await ports.clock.sleep_for(std::chrono::microseconds(2001));
  CO_REQUIRE(fetched.size() == 1);
  CO_REQUIRE(fetched.front().has_value());
  EXPECT_EQ(fetched.front().value().size(), 1U);
}

/// `count` messages of what `c1`, on process one, held go to `c2`, on process two, at once.
awaitable<void> take_over(SmallWorld* small, std::size_t count) {
  const Ports ports = small->at_two();
  const Instant began = ports.clock.now();
  const Fetched again = co_await fetch(ports, reader("c2"), from_ms(200));
  CO_REQUIRE(again.has_value());
  EXPECT_EQ(again.value().size(), count);
  for (const Delivery& delivery : again.value()) EXPECT_EQ(delivery.attempt, 2U);
  if (count > 0) {
    EXPECT_LT(ports.clock.now() - began, from_ms(5));
  }
}

awaitable<void> hold_two(SmallWorld* small) {
  const Ports ports = small->at_one();
  for (const char* body : {"a", "b"}) {
    const auto published = co_await publish(ports, body);
    EXPECT_TRUE(published.has_value());
  }
  const Fetched held = co_await fetch(ports, reader("c1"));
  CO_REQUIRE(held.has_value());
  EXPECT_EQ(held.value().size(), 2U);
}

/// Reads on a connection whose loss only the client has noticed, and on its successor.
awaitable<void> a_stale_connection(SmallWorld* small) {
  const Ports one = small->at_one();
  const Ports two = small->at_two();
  std::vector<Fetched> broken;
  one.tasks.spawn(fetch_into(one, reader("c1"), from_ms(5000), &broken));
  one.tasks.spawn(fetch_into(one, reader("c1", "other"), from_ms(5000), &broken));
  co_await one.clock.sleep_for(from_ms(10));
  // The delivery of "a" breaks the connection; the broker never hears of it.
  Loss loss(1);
  small->link(small->broker, small->one).lose_next(loss);
  small->link(small->one, small->broker).cut();
  const auto a = co_await publish(two, "a");
  EXPECT_TRUE(a.has_value());
  co_await one.clock.sleep_for(from_ms(10));
  CO_REQUIRE(broken.size() == 2);
  EXPECT_TRUE(is_unknown(broken[0], Why::reset));
  small->link(small->one, small->broker).heal();

  std::vector<Fetched> fresh;
  one.tasks.spawn(fetch_into(one, reader("c1"), from_ms(5000), &fresh));
  co_await one.clock.sleep_for(from_ms(10));
  const auto b = co_await publish(two, "b");
  EXPECT_TRUE(b.has_value());
  co_await one.clock.sleep_for(from_ms(10));
  CO_REQUIRE(fresh.size() == 1 && fresh[0].has_value() && fresh[0].value().size() == 1);
  EXPECT_EQ(fresh[0].value().front().body, "b");

  // A message for the fetch that still waits on the old connection: the broker learns.
  const auto other = co_await publish(two, "x", from_ms(500), "other");
  EXPECT_TRUE(other.has_value());
  const Fetched again = co_await fetch(two, reader("c2"), from_ms(100));
  CO_REQUIRE(again.has_value());
  CO_REQUIRE(again.value().size() == 1);
  EXPECT_EQ(again.value().front().body, "a") << "b is held over a connection that lives";
}

/// A client that gave up connecting for long asks the broker to wait for what is left, no longer.
awaitable<void> connected_late(SmallWorld* small) {
  const Ports one = small->at_one();
  const Ports two = small->at_two();
  Link& link = small->link(small->one, small->broker);
  link.cut();
  small->world.at(small->world.now() + from_ms(500), [&link] { link.heal(); });
  const Fetched late = co_await fetch(one, reader("c1"), from_ms(1000));
  CO_REQUIRE(late.has_value());
  EXPECT_TRUE(late.value().empty());
  const auto published = co_await publish(two, "m");
  EXPECT_TRUE(published.has_value());
  const Fetched next = co_await fetch(two, reader("c2"), from_ms(100));
  CO_REQUIRE(next.has_value());
  EXPECT_EQ(next.value().size(), 1U) << "it was not handed to a fetch that had ended";
}

}  // namespace

TEST(SimQueue, ALostConfirmIsUnknownAndStored) {
  SmallWorld small;
  EXPECT_TRUE(small.run(confirms_lost(&small)));
}

TEST(SimQueue, ALateConfirmIsItsOwn) {
  SmallWorld small(1, {}, {}, 1);
  EXPECT_TRUE(small.run(confirms_late(&small)));
}

TEST(SimQueue, ABrokerKilledBeforeItsConfirm) {
  SmallWorld small;
  EXPECT_TRUE(small.run(killed_before_the_confirm(&small)));
}

TEST(SimQueue, ALongPollAnswersAtOnce) {
  SmallWorld small;
  EXPECT_TRUE(small.run(a_long_poll(&small)));
}

TEST(SimQueue, ABrokenConnectionRedelivers) {
  SmallWorld small;
  EXPECT_TRUE(small.run(hold_two(&small)));
  small.one.reset_connections();
  EXPECT_TRUE(small.run(take_over(&small, 2)));
}

TEST(SimQueue, AKilledConsumerRedelivers) {
  SmallWorld small;
  EXPECT_TRUE(small.run(hold_two(&small)));
  small.one.kill();
  small.one.start();
  EXPECT_TRUE(small.run(take_over(&small, 2)));
}

TEST(SimQueue, ASilentConsumerRedeliversLater) {
  SmallWorld small;
  EXPECT_TRUE(small.run(hold_two(&small)));
  small.world.cut_power(small.one.host());
  small.world.restore_power(small.one.host());
  EXPECT_TRUE(small.run(take_over(&small, 0))) << "half open: the broker waits";
  small.run_for(SmallWorld::kRedeliveryAfter);
  EXPECT_TRUE(small.run(take_over(&small, 2)));
}

TEST(SimQueue, AStaleConnectionTakesOnlyItsOwn) {
  SmallWorld small;
  EXPECT_TRUE(small.run(a_stale_connection(&small)));
}

TEST(SimQueue, AFetchThatConnectedLateEndsInTime) {
  SmallWorld small;
  EXPECT_TRUE(small.run(connected_late(&small)));
}

}  // namespace firedrill::sim
