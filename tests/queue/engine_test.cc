#include "sim/queue/engine.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace firedrill::sim::queue {
namespace {

constexpr Duration kAfter = from_ms(1000);

Instant at_ms(std::int64_t ms) {
  return Instant(from_ms(ms));
}

std::vector<std::string> bodies(const std::vector<Handed>& handed) {
  std::vector<std::string> out;
  for (const Handed& one : handed) out.push_back(one.message->body);
  return out;
}

using Bodies = std::vector<std::string>;

struct OneGroup {
  Engine engine{{.default_partitions = 1, .redelivery_after = kAfter}};
  TopicId topic = engine.topic("orders");
  GroupId group = engine.group(topic, "makers");
  ConsumerId a = engine.consumer(group, "a");
  ConsumerId b = engine.consumer(group, "b");
};

TEST(QueueEngine, CreatesTopicsOnFirstUseAndKnowsThemAgain) {
  Engine engine({.default_partitions = 3, .redelivery_after = kAfter});
  const TopicId wide = engine.create_topic("wide", 7);
  const TopicId orders = engine.topic("orders");
  EXPECT_EQ(engine.topic("wide"), wide);
  EXPECT_EQ(engine.topic("orders"), orders);
  EXPECT_EQ(engine.partitions(wide), 7u);
  EXPECT_EQ(engine.partitions(orders), 3u);
}

// The partition of a key is part of every digest: these numbers must never change.
TEST(QueueEngine, PlacesKeysByAFixedHash) {
  Engine engine({.default_partitions = 4, .redelivery_after = kAfter});
  const TopicId topic = engine.topic("orders");
  EXPECT_EQ(engine.append(topic, "", "x"), (Place{1, 1}));        // fnv1a("") = cbf29ce484222325
  EXPECT_EQ(engine.append(topic, "a", "x"), (Place{0, 1}));       // fnv1a("a") = af63dc4c8601ec8c
  EXPECT_EQ(engine.append(topic, "foobar", "x"), (Place{0, 2}));  // 85944171f73967e8
  EXPECT_EQ(engine.append(topic, "a", "y"), (Place{0, 3}));
  EXPECT_EQ(engine.message(topic, {0, 3}).body, "y");
}

TEST(QueueEngine, GivesEachMessageToOneConsumerOfAGroupAndToEveryGroup) {
  OneGroup q;
  q.engine.append(q.topic, "k", "1");
  q.engine.append(q.topic, "k", "2");
  EXPECT_EQ(bodies(q.engine.fetch(q.group, q.a, 1, at_ms(0))), Bodies{"1"});
  EXPECT_EQ(bodies(q.engine.fetch(q.group, q.b, 9, at_ms(0))), Bodies{"2"});
  EXPECT_TRUE(q.engine.fetch(q.group, q.a, 9, at_ms(0)).empty());

  const GroupId late = q.engine.group(q.topic, "late");
  const ConsumerId reader = q.engine.consumer(late, "a");
  EXPECT_EQ(bodies(q.engine.fetch(late, reader, 9, at_ms(5))), (Bodies{"1", "2"}));
}

TEST(QueueEngine, TakesNewMessagesFromThePartitionsInTurn) {
  Engine engine({.default_partitions = 2, .redelivery_after = kAfter});
  const TopicId topic = engine.topic("orders");
  const GroupId group = engine.group(topic, "makers");
  const ConsumerId consumer = engine.consumer(group, "a");
  // "b" lies in partition 1, "a" in partition 0.
  for (const auto* body : {"b1", "b2", "b3"})
    EXPECT_EQ(engine.append(topic, "b", body).partition, 1u);
  for (const auto* body : {"a1", "a2"}) EXPECT_EQ(engine.append(topic, "a", body).partition, 0u);
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 3, at_ms(0))), (Bodies{"a1", "b1", "a2"}));
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 3, at_ms(0))), (Bodies{"b2", "b3"}));
  // What is due again comes in the order of storing, not of partitions.
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 9, at_ms(1000))),
            (Bodies{"b1", "b2", "b3", "a1", "a2"}));
}

TEST(QueueEngine, APartitionWithoutALeaderGivesNothing) {
  Engine engine({.default_partitions = 2, .redelivery_after = kAfter});
  const TopicId topic = engine.topic("orders");
  const GroupId group = engine.group(topic, "makers");
  const ConsumerId consumer = engine.consumer(group, "a");
  engine.append(topic, "a", "a1");  // to partition 0
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 9, at_ms(0))), Bodies{"a1"});
  engine.append(topic, "a", "a2");
  engine.append(topic, "b", "b1");  // to partition 1
  for (int faults = 0; faults < 2; ++faults) engine.lose_leader(topic, 0);
  EXPECT_FALSE(engine.has_leader(topic, 0));
  EXPECT_TRUE(engine.has_leader(topic, 1));
  EXPECT_EQ(engine.partition_of(topic, "a"), 0u);
  EXPECT_EQ(engine.next_due(group), std::nullopt);
  EXPECT_TRUE(engine.ready(group, at_ms(1000)));
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 9, at_ms(1000))), Bodies{"b1"});
  EXPECT_FALSE(engine.ready(group, at_ms(1000)));
  EXPECT_EQ(engine.undelivered(group), 1u);

  engine.find_leader(topic, 0);
  EXPECT_FALSE(engine.ready(group, at_ms(1000))) << "one of two faults is over";
  engine.find_leader(topic, 0);
  EXPECT_EQ(engine.next_due(group), at_ms(1000));
  EXPECT_EQ(bodies(engine.fetch(group, consumer, 9, at_ms(1000))), (Bodies{"a1", "a2"}));
}

TEST(QueueEngine, RedeliversWhatWasNotAcknowledgedInTime) {
  OneGroup q;
  q.engine.append(q.topic, "k", "1");
  EXPECT_EQ(q.engine.next_due(q.group), std::nullopt);
  const auto first = q.engine.fetch(q.group, q.a, 9, at_ms(0));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].attempt, 1u);
  EXPECT_EQ(q.engine.next_due(q.group), at_ms(1000));

  EXPECT_FALSE(q.engine.ready(q.group, at_ms(999)));
  EXPECT_TRUE(q.engine.fetch(q.group, q.b, 9, at_ms(999)).empty());
  EXPECT_TRUE(q.engine.ready(q.group, at_ms(1000)));
  const auto second = q.engine.fetch(q.group, q.b, 9, at_ms(1000));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].attempt, 2u);
  EXPECT_EQ(second[0].place, first[0].place);
  EXPECT_EQ(q.engine.next_due(q.group), at_ms(2000));
}

TEST(QueueEngine, GivesWhatIsDueAgainBeforeWhatIsNew) {
  OneGroup q;
  q.engine.append(q.topic, "k", "old");
  q.engine.fetch(q.group, q.a, 1, at_ms(0));
  q.engine.append(q.topic, "k", "new");
  EXPECT_EQ(bodies(q.engine.fetch(q.group, q.b, 1, at_ms(1000))), Bodies{"old"});
  EXPECT_EQ(bodies(q.engine.fetch(q.group, q.b, 9, at_ms(1000))), Bodies{"new"});
}

TEST(QueueEngine, AckIsIdempotentAndUnknownIsNoError) {
  OneGroup q;
  const Place place = q.engine.append(q.topic, "k", "1");
  EXPECT_FALSE(q.engine.ack(q.group, place)) << "not handed out yet";
  q.engine.fetch(q.group, q.a, 1, at_ms(0));
  EXPECT_TRUE(q.engine.ack(q.group, place));
  EXPECT_FALSE(q.engine.ack(q.group, place));
  EXPECT_FALSE(q.engine.ack(q.group, {0, 0}));
  EXPECT_FALSE(q.engine.ack(q.group, {0, 77}));
  EXPECT_FALSE(q.engine.ack(q.group, {5, 1}));
  EXPECT_TRUE(q.engine.fetch(q.group, q.b, 9, at_ms(5000)).empty());
}

// As XACK does: the group's pending list knows messages, not deliveries.
TEST(QueueEngine, ALateAckCountsAlthoughAnotherConsumerHasTheMessage) {
  OneGroup q;
  const Place place = q.engine.append(q.topic, "k", "1");
  q.engine.fetch(q.group, q.a, 1, at_ms(0));
  q.engine.fetch(q.group, q.b, 1, at_ms(1000));
  EXPECT_TRUE(q.engine.ack(q.group, place)) << "a's ack";
  EXPECT_FALSE(q.engine.ack(q.group, place)) << "b's ack";
  EXPECT_EQ(q.engine.depth(q.group), 0u);
}

TEST(QueueEngine, WhatALostConsumerHeldIsDueAtOnce) {
  OneGroup q;
  q.engine.append(q.topic, "k", "1");
  q.engine.append(q.topic, "k", "2");
  q.engine.fetch(q.group, q.a, 1, at_ms(0));
  q.engine.fetch(q.group, q.b, 1, at_ms(0));
  EXPECT_EQ(q.engine.forget_consumer(q.group, q.a, at_ms(10)), 1u);
  EXPECT_EQ(q.engine.forget_consumer(q.group, q.a, at_ms(10)), 0u) << "due already";
  EXPECT_EQ(bodies(q.engine.fetch(q.group, q.b, 9, at_ms(10))), Bodies{"1"});
}

TEST(QueueEngine, ARebalanceMakesEverythingPendingDue) {
  OneGroup q;
  EXPECT_EQ(q.engine.redeliver_all(at_ms(0)), 0u);
  for (const auto* body : {"1", "2", "3"}) q.engine.append(q.topic, "k", body);
  q.engine.fetch(q.group, q.a, 2, at_ms(0));
  EXPECT_EQ(q.engine.redeliver_all(at_ms(10)), 2u);
  const auto again = q.engine.fetch(q.group, q.b, 9, at_ms(10));
  EXPECT_EQ(bodies(again), (Bodies{"1", "2", "3"}));
  EXPECT_EQ(again[0].attempt, 2u);
  EXPECT_EQ(again[2].attempt, 1u);
}

TEST(QueueEngine, Counts) {
  OneGroup q;
  for (const auto* body : {"1", "2", "3"}) q.engine.append(q.topic, "k", body);
  const auto handed = q.engine.fetch(q.group, q.a, 2, at_ms(0));
  q.engine.ack(q.group, handed[0].place);
  EXPECT_EQ(q.engine.stored(q.topic), 3u);
  EXPECT_EQ(q.engine.undelivered(q.group), 1u);
  EXPECT_EQ(q.engine.pending(q.group), 1u);
  EXPECT_EQ(q.engine.depth(q.group), 2u);
}

TEST(QueueEngine, MessagesKeepTheirAddress) {
  OneGroup q;
  q.engine.append(q.topic, "k", "first");
  const auto handed = q.engine.fetch(q.group, q.a, 1, at_ms(0));
  for (int i = 0; i < 1000; ++i) q.engine.append(q.topic, "k", "more");
  EXPECT_EQ(handed[0].message->body, "first");
}

// A model with a map and no cleverness, beside the engine, over random commands.
struct Command {
  int kind = 0;  // 0-1 append, 2-3 fetch, 4 ack, 5 forget, 6 redeliver_all, 7 wait
  int number = 0;
  friend std::ostream& operator<<(std::ostream& out, const Command& c) {
    return out << c.kind << ":" << c.number;
  }
};

struct Model {
  struct Held {
    Instant due;
    std::uint32_t consumer;
    std::uint32_t attempt;
  };
  std::vector<std::vector<std::uint64_t>> partitions;  // sequences
  std::vector<std::size_t> handed;
  std::size_t turn = 0;
  std::map<std::uint64_t, Held> held;  // by sequence

  std::vector<std::pair<std::uint64_t, std::uint32_t>> fetch(std::uint32_t who, std::size_t max,
                                                             Instant now) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> out;
    for (auto& [sequence, one] : held) {
      if (one.due > now || out.size() >= max) continue;
      one = {now + kAfter, who, one.attempt + 1};
      out.emplace_back(sequence, one.attempt);
    }
    const auto left = [&] {
      std::size_t count = 0;
      for (std::size_t p = 0; p < partitions.size(); ++p) count += partitions[p].size() - handed[p];
      return count;
    };
    while (out.size() < max && left() > 0) {
      const std::size_t p = turn++ % partitions.size();
      if (handed[p] == partitions[p].size()) continue;
      const auto sequence = partitions[p][handed[p]++];
      held[sequence] = {now + kAfter, who, 1};
      out.emplace_back(sequence, 1);
    }
    return out;
  }
};

TEST(QueueEngine, AgreesWithASimpleModel) {
  const auto command =
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::inRange(0, 40)),
                   [](std::pair<int, int> p) { return Command{p.first, p.second}; });
  const auto input =
      rc::gen::pair(rc::gen::inRange<std::uint32_t>(1, 4),
                    rc::gen::resize(120, rc::gen::container<std::vector<Command>>(command)));
  const bool passed = rc::check("engine == model", [&] {
    const auto [partition_count, commands] = *input;
    Engine engine({.default_partitions = partition_count, .redelivery_after = kAfter});
    const TopicId topic = engine.topic("t");
    const GroupId group = engine.group(topic, "g");
    const ConsumerId consumers[] = {engine.consumer(group, "a"), engine.consumer(group, "b")};
    Model model;
    model.partitions.resize(partition_count);
    model.handed.resize(partition_count);
    std::vector<Place> places;  // by sequence - 1
    Instant now = at_ms(0);

    for (const Command& c : commands) {
      const std::uint32_t who = c.number % 2 == 0 ? 0 : 1;
      if (c.kind <= 1) {
        const Place place = engine.append(topic, "k" + std::to_string(c.number), "b");
        places.push_back(place);
        model.partitions[place.partition].push_back(places.size());
        RC_ASSERT(model.partitions[place.partition].size() == place.id);
      } else if (c.kind <= 3) {
        const auto max = static_cast<std::size_t>(c.number % 7);
        const bool ready = engine.ready(group, now);
        const auto got = engine.fetch(group, consumers[who], max, now);
        const auto wanted = model.fetch(who, max, now);
        RC_ASSERT(got.size() == wanted.size());
        if (max > 0) RC_ASSERT(ready == !got.empty());
        for (std::size_t i = 0; i < got.size(); ++i) {
          RC_ASSERT(got[i].place == places[wanted[i].first - 1]);
          RC_ASSERT(got[i].attempt == wanted[i].second);
        }
      } else if (c.kind == 4) {
        const auto sequence = static_cast<std::uint64_t>(c.number);
        if (sequence >= 1 && sequence <= places.size()) {
          RC_ASSERT(engine.ack(group, places[sequence - 1]) == (model.held.erase(sequence) == 1));
        }
      } else if (c.kind <= 6) {
        std::size_t moved = 0;
        for (auto& [sequence, one] : model.held) {
          if (one.due <= now || (c.kind == 5 && one.consumer != who)) continue;
          one.due = now;
          ++moved;
        }
        RC_ASSERT(moved == (c.kind == 5 ? engine.forget_consumer(group, consumers[who], now)
                                        : engine.redeliver_all(now)));
      } else {
        now += from_ms(c.number * 50);
      }
      RC_ASSERT(engine.pending(group) == model.held.size());
      const auto earliest =
          std::ranges::min_element(model.held, {}, [](const auto& one) { return one.second.due; });
      RC_ASSERT(engine.next_due(group).has_value() == (earliest != model.held.end()));
      if (earliest != model.held.end()) RC_ASSERT(*engine.next_due(group) == earliest->second.due);
    }
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace firedrill::sim::queue
