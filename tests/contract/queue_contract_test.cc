#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/rig.h"

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;
using Fetched = Outcome<std::vector<Delivery>>;

Subscription reader(std::string consumer, std::string group = "group") {
  return Subscription{
      .topic = "orders", .group = std::move(group), .consumer = std::move(consumer)};
}

awaitable<Outcome<Published>> publish(Ports ports, std::string key, std::string body,
                                      Duration limit = from_ms(3000)) {
  co_return co_await ports.queue.publish("orders", std::move(key), std::move(body),
                                         within(ports, limit));
}

awaitable<Fetched> fetch(Ports ports, Subscription who, std::size_t max, Duration limit) {
  co_return co_await ports.queue.fetch(std::move(who), max, within(ports, limit));
}

/// Fetches and acknowledges until `count` messages came or nothing comes for a while.
awaitable<std::vector<Delivery>> consume(Ports ports, Subscription who, std::size_t count) {
  std::vector<Delivery> all;
  for (int empty = 0; all.size() < count && empty < 5;) {
    const Fetched some = co_await fetch(ports, who, 5, from_ms(200));
    if (!some.has_value() || some.value().empty()) {
      ++empty;
      continue;
    }
    EXPECT_LE(some.value().size(), 5U);
    for (const Delivery& delivery : some.value()) {
      const Outcome<Acked> acked =
          co_await ports.queue.ack(who, delivery, within(ports, from_ms(1000)));
      EXPECT_TRUE(acked.has_value());
      all.push_back(delivery);
    }
  }
  co_return all;
}

std::multiset<std::string> bodies(const std::vector<Delivery>& deliveries) {
  std::multiset<std::string> found;
  for (const Delivery& delivery : deliveries) found.insert(delivery.body);
  return found;
}

awaitable<void> delivers_what_was_published(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> published = co_await publish(ports, "user-1", "{\"a\":\"\\r\\n\"}");
  CONTRACT_REQUIRE(published.has_value());
  const Fetched fetched = co_await fetch(rig->two(), reader("c1"), 10, from_ms(2000));
  CONTRACT_REQUIRE(fetched.has_value());
  CONTRACT_REQUIRE(fetched.value().size() == 1);
  const Delivery& delivery = fetched.value().front();
  EXPECT_EQ(delivery.topic, "orders");
  EXPECT_EQ(delivery.key, "user-1");
  EXPECT_EQ(delivery.body, "{\"a\":\"\\r\\n\"}");
  EXPECT_EQ(delivery.id, published.value().id);
  EXPECT_EQ(delivery.partition, published.value().partition);
  EXPECT_EQ(delivery.attempt, 1U);
  const Subscription who = reader("c1");
  const Outcome<Acked> acked =
      co_await ports.queue.ack(who, delivery, within(ports, from_ms(1000)));
  EXPECT_TRUE(acked.has_value());
  const Fetched again = co_await fetch(rig->two(), reader("c1"), 10, rig->redelivery_after() * 2);
  CONTRACT_REQUIRE(again.has_value());
  EXPECT_TRUE(again.value().empty()) << "acknowledged messages stay away";
}

awaitable<void> redelivers_what_was_not_acknowledged(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> published = co_await publish(ports, "k", "m");
  CONTRACT_REQUIRE(published.has_value());
  const Fetched first = co_await fetch(ports, reader("c1"), 1, from_ms(2000));
  CONTRACT_REQUIRE(first.has_value() && first.value().size() == 1);
  const Instant delivered = ports.clock.now();
  for (std::uint32_t attempt = 2; attempt <= 3; ++attempt) {
    const Fetched next =
        co_await fetch(rig->two(), reader("c2"), 1, rig->redelivery_after() * 3 + from_ms(1000));
    CONTRACT_REQUIRE(next.has_value() && next.value().size() == 1);
    EXPECT_EQ(next.value().front().id, published.value().id);
    EXPECT_EQ(next.value().front().body, "m");
    EXPECT_EQ(next.value().front().attempt, attempt);
    // A millisecond is the grain of the broker's idle times.
    EXPECT_GE(ports.clock.now() - delivered,
              rig->redelivery_after() * (attempt - 1) - from_ms(10) * attempt);
  }
}

awaitable<void> a_broken_consumer_gives_back_what_it_holds(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> published = co_await publish(ports, "k", "m");
  CONTRACT_REQUIRE(published.has_value());
  const Fetched first = co_await fetch(ports, reader("c1"), 1, from_ms(2000));
  CONTRACT_REQUIRE(first.has_value() && first.value().size() == 1);
  const Instant delivered = ports.clock.now();
  co_await rig->break_connections();
  std::vector<Delivery> again;
  for (int i = 0; i < 10 && again.empty(); ++i) {  // the first may find the broken connection
    Fetched next = co_await fetch(rig->two(), reader("c2"), 1, from_ms(500));
    if (next.has_value()) again = std::move(next).value();
  }
  CONTRACT_REQUIRE(again.size() == 1);
  EXPECT_EQ(again.front().id, published.value().id);
  EXPECT_EQ(again.front().attempt, 2U);
  const Duration took = ports.clock.now() - delivered;
  if (rig->redelivers_on_break()) {
    EXPECT_LT(took, rig->redelivery_after() / 2);
  } else {
    EXPECT_GE(took, rig->redelivery_after() - from_ms(20));
  }
}

awaitable<void> consumers_share(Rig* rig) {
  const Ports ports = rig->one();
  for (int i = 0; i < 40; ++i) {
    const Outcome<Published> published =
        co_await publish(ports, "key-" + std::to_string(i), std::to_string(i));
    CONTRACT_REQUIRE(published.has_value());
  }
  std::vector<Delivery> of_one;
  std::vector<Delivery> of_two;
  while (of_one.size() + of_two.size() < 40) {
    const std::size_t before = of_one.size() + of_two.size();
    const std::vector<Delivery> some = co_await consume(ports, reader("c1"), 1);
    of_one.insert(of_one.end(), some.begin(), some.end());
    const std::vector<Delivery> others = co_await consume(rig->two(), reader("c2"), 1);
    of_two.insert(of_two.end(), others.begin(), others.end());
    CONTRACT_REQUIRE(of_one.size() + of_two.size() > before);
  }
  EXPECT_FALSE(of_one.empty());
  EXPECT_FALSE(of_two.empty());
  of_one.insert(of_one.end(), of_two.begin(), of_two.end());
  std::multiset<std::string> expected;
  for (int i = 0; i < 40; ++i) expected.insert(std::to_string(i));
  EXPECT_EQ(bodies(of_one), expected) << "each message once";
}

awaitable<void> groups_do_not_share(Rig* rig) {
  const Ports ports = rig->one();
  for (int i = 0; i < 10; ++i) {
    const Outcome<Published> published = co_await publish(ports, "k", std::to_string(i));
    CONTRACT_REQUIRE(published.has_value());
  }
  const std::vector<Delivery> first = co_await consume(ports, reader("c", "billing"), 10);
  const std::vector<Delivery> second = co_await consume(ports, reader("c", "mailing"), 10);
  EXPECT_EQ(first.size(), 10U);
  EXPECT_EQ(bodies(first), bodies(second));
}

awaitable<void> a_key_keeps_its_order(Rig* rig) {
  const Ports ports = rig->one();
  for (int i = 0; i < 60; ++i) {
    const Outcome<Published> published =
        co_await publish(ports, "key-" + std::to_string(i % 6), std::to_string(i));
    CONTRACT_REQUIRE(published.has_value());
  }
  const std::vector<Delivery> all = co_await consume(ports, reader("c"), 60);
  EXPECT_EQ(all.size(), 60U);
  std::map<std::string, int> last;
  std::map<std::string, std::set<std::uint32_t>> partitions;
  for (const Delivery& delivery : all) {
    const int number = std::stoi(delivery.body);
    const auto [found, is_first] = last.emplace(delivery.key, number);
    EXPECT_TRUE(is_first || found->second < number);
    found->second = number;
    partitions[delivery.key].insert(delivery.partition);
  }
  EXPECT_EQ(partitions.size(), 6U);
  for (const auto& [key, used] : partitions) EXPECT_EQ(used.size(), 1U) << key;
}

awaitable<void> a_fetch_is_empty_at_its_deadline(Rig* rig) {
  const Ports ports = rig->one();
  for (const Duration limit : {from_ms(3), from_ms(300)}) {
    const Instant began = ports.clock.now();
    const Fetched fetched = co_await fetch(ports, reader("c"), 10, limit);
    // Over a connection that is only being made three milliseconds may be too short.
    EXPECT_TRUE(fetched.has_value() || limit < from_ms(100));
    if (fetched.has_value()) {
      EXPECT_TRUE(fetched.value().empty());
      EXPECT_GE(ports.clock.now() - began, limit);
    }
    EXPECT_LT(ports.clock.now() - began, limit + from_ms(500));
  }
}

awaitable<void> fetch_into(Ports ports, Subscription who, Duration limit,
                           std::vector<Fetched>* to) {
  Fetched fetched = co_await fetch(ports, std::move(who), 10, limit);
  to->push_back(std::move(fetched));
}

awaitable<void> a_fetch_waits_for_messages(Rig* rig) {
  const Ports ports = rig->one();
  std::vector<Fetched> fetched;
  ports.tasks.spawn(fetch_into(ports, reader("c"), from_ms(10'000), &fetched));
  co_await ports.clock.sleep_for(from_ms(300));
  EXPECT_TRUE(fetched.empty());
  const Instant began = ports.clock.now();
  const Outcome<Published> published = co_await publish(ports, "k", "m");
  EXPECT_TRUE(published.has_value()) << "a fetch that waits blocks nobody";
  EXPECT_TRUE(co_await eventually(&ports.clock, [&fetched] { return !fetched.empty(); }));
  EXPECT_LT(ports.clock.now() - began, from_ms(1000));
  CONTRACT_REQUIRE(fetched.front().has_value());
  EXPECT_EQ(fetched.front().value().size(), 1U);
}

awaitable<void> never_more_than_asked_for(Rig* rig) {
  const Ports ports = rig->one();
  for (int i = 0; i < 12; ++i) {
    const Outcome<Published> published =
        co_await publish(ports, "key-" + std::to_string(i), std::to_string(i));
    CONTRACT_REQUIRE(published.has_value());
  }
  std::vector<Delivery> all;
  for (int i = 0; i < 12; ++i) {
    const Fetched one = co_await fetch(ports, reader("c"), 1, from_ms(1000));
    CONTRACT_REQUIRE(one.has_value());
    EXPECT_EQ(one.value().size(), 1U);
    all.insert(all.end(), one.value().begin(), one.value().end());
  }
  const std::multiset<std::string> found = bodies(all);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 12U);
}

awaitable<void> a_silent_broker_is_unknown(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> warm = co_await publish(ports, "k", "first");
  CONTRACT_REQUIRE(warm.has_value());
  co_await rig->pause_server();
  const Outcome<Published> published = co_await publish(ports, "k", "second", from_ms(200));
  EXPECT_TRUE(published.is_unknown());
  co_await rig->resume_server();
  const std::vector<Delivery> all = co_await consume(ports, reader("c"), 3);
  const std::multiset<std::string> found = bodies(all);
  EXPECT_EQ(found.count("first"), 1U);
  EXPECT_LE(found.count("second"), 1U) << "never published twice";
  EXPECT_EQ(found.size(), all.size());
}

awaitable<void> no_broker_is_refused(Rig* rig) {
  const Ports ports = rig->one();
  co_await rig->kill_server();
  bool refused = false;
  for (int i = 0; i < 20 && !refused; ++i) {
    const Outcome<Published> published = co_await publish(ports, "k", "m", from_ms(100));
    EXPECT_FALSE(published.has_value());
    refused = published.is_refused();
  }
  EXPECT_TRUE(refused);
  const Fetched fetched = co_await fetch(ports, reader("c"), 1, from_ms(200));
  EXPECT_FALSE(fetched.has_value());
}

awaitable<void> works_again_with_an_empty_broker(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> lost = co_await publish(ports, "k", "lost");
  EXPECT_TRUE(lost.has_value());
  const std::vector<Delivery> before = co_await consume(ports, reader("c"), 1);
  EXPECT_EQ(before.size(), 1U);
  co_await rig->kill_server();
  co_await rig->start_server();
  bool published = false;
  for (int i = 0; i < 20 && !published; ++i) {
    const Outcome<Published> again = co_await publish(ports, "k", "new", from_ms(500));
    published = again.has_value();
  }
  EXPECT_TRUE(published);
  const std::vector<Delivery> after = co_await consume(ports, reader("c"), 1);
  CONTRACT_REQUIRE(!after.empty());
  EXPECT_EQ(after.front().body, "new");
}

awaitable<void> acking_what_is_not_pending_is_no_error(Rig* rig) {
  const Ports ports = rig->one();
  const Outcome<Published> published = co_await publish(ports, "k", "m");
  CONTRACT_REQUIRE(published.has_value());
  const Fetched fetched = co_await fetch(ports, reader("c"), 1, from_ms(2000));
  CONTRACT_REQUIRE(fetched.has_value() && fetched.value().size() == 1);
  const Delivery delivery = fetched.value().front();
  const Subscription who = reader("c");
  for (int i = 0; i < 2; ++i) {
    const Outcome<Acked> acked =
        co_await ports.queue.ack(who, delivery, within(ports, from_ms(1000)));
    EXPECT_TRUE(acked.has_value());
  }
}

}  // namespace

TEST_P(QueueContract, DeliversWhatWasPublished) {
  run(delivers_what_was_published);
}
TEST_P(QueueContract, RedeliversWhatWasNotAcknowledged) {
  run(redelivers_what_was_not_acknowledged);
}
TEST_P(QueueContract, ABrokenConsumerGivesBackWhatItHolds) {
  run(a_broken_consumer_gives_back_what_it_holds);
}
TEST_P(QueueContract, ConsumersShare) {
  run(consumers_share);
}
TEST_P(QueueContract, GroupsDoNotShare) {
  run(groups_do_not_share);
}
TEST_P(QueueContract, AKeyKeepsItsOrder) {
  run(a_key_keeps_its_order);
}
TEST_P(QueueContract, AFetchIsEmptyAtItsDeadline) {
  run(a_fetch_is_empty_at_its_deadline);
}
TEST_P(QueueContract, AFetchWaitsForMessages) {
  run(a_fetch_waits_for_messages);
}
TEST_P(QueueContract, NeverMoreThanAskedFor) {
  run(never_more_than_asked_for);
}
TEST_P(QueueContract, ASilentBrokerIsUnknown) {
  run(a_silent_broker_is_unknown);
}
TEST_P(QueueContract, NoBrokerIsRefused) {
  run(no_broker_is_refused);
}
TEST_P(QueueContract, WorksAgainWithAnEmptyBroker) {
  run(works_again_with_an_empty_broker);
}
TEST_P(QueueContract, AckingWhatIsNotPendingIsNoError) {
  run(acking_what_is_not_pending_is_no_error);
}

}  // namespace firedrill::contract
