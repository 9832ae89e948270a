#include "properties/facts.h"

#include <gtest/gtest.h>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

TEST(Facts, PutsCallAndAnswerTogether) {
  Story story;
  const auto first = story.at(10).invoke("u-1", "k-1", 2);
  const auto second = story.at(20).invoke("u-2", "k-1");
  story.at(30).answer(second, 202, "o-2");
  story.at(40).answer(first, 429);
  const auto lost = story.at(50).invoke("u-1", "k-1", 2);
  (void)lost;
  const Facts facts(story.history());

  ASSERT_EQ(facts.order_ops().size(), 3u);
  const OrderOp& one = facts.order_ops()[0];
  const OrderOp& two = facts.order_ops()[1];
  const OrderOp& three = facts.order_ops()[2];
  EXPECT_EQ(one.invoked, 0u);
  EXPECT_EQ(one.returned, 3u);
  EXPECT_EQ(one.from, from_ms(10));
  EXPECT_EQ(one.until, from_ms(40));
  EXPECT_EQ(one.status, 429);
  EXPECT_EQ(one.order, kNoId);
  EXPECT_EQ(facts.order_name(two.order), "o-2");
  EXPECT_EQ(facts.accepted(two.order), 2u);
  EXPECT_EQ(three.returned, kNever);
  EXPECT_EQ(three.ended, Ended::info);
  EXPECT_EQ(three.until, traces::At::max());

  EXPECT_EQ(one.request, three.request);
  EXPECT_NE(one.request, two.request) << "the same key, but another user";
  EXPECT_EQ(one.ask, three.ask);
  EXPECT_NE(one.ask, two.ask);
  EXPECT_EQ(facts.ops_of_request().size(), 2u);
  ASSERT_EQ(facts.ops_of_request()[one.request].size(), 2u);
  EXPECT_EQ(facts.ops_of_request()[one.request][1], 2u);
  EXPECT_EQ(facts.ops_of_buyer()[two.buyer].size(), 1u);
}

TEST(Facts, KnowsTheStatuses) {
  for (const auto* word :
       {"QUEUED", "PENDING", "RESERVED", "PAYING", "PAID", "CONFIRMED", "COMPLETED", "REJECTED",
        "CANCELLING", "CANCELLED", "REFUNDING", "REFUNDED"}) {
    EXPECT_EQ(to_string(status_of(word)), word);
  }
  EXPECT_EQ(status_of("confirmed"), Status::unknown);
  EXPECT_EQ(status_of(""), Status::unknown);
}

TEST(Facts, MinusSomeUnitsAreNone) {
  Story story;
  story.seen("o-1", "CONFIRMED", -3);
  EXPECT_EQ(Facts(story.history()).seen_orders()[0].units, 0);
}

TEST(Facts, ARecordMayLearnItsKeyLater) {
  Story story;
  story.seen("o-1", "QUEUED").seen("o-1", "QUEUED", 1, "u-1", "k-1").seen("o-1", "CONFIRMED", 2);
  const Facts facts(story.history());
  const auto& seen = facts.seen_orders();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].request, kNoId);
  ASSERT_NE(seen[1].request, kNoId);
  EXPECT_EQ(facts.key_of_request(seen[1].request), "k-1");
  EXPECT_EQ(seen[2].request, kNoId);
  EXPECT_EQ(seen[2].units, 2);
  EXPECT_EQ(seen[2].status, Status::confirmed);
  EXPECT_EQ(seen[2].entry, 2u);
}

TEST(Facts, EventsAreNumberedByOrderVersionAndPayload) {
  Story story;
  story.seen("o-1", 1, "PENDING").event("o-1", 1, "PENDING").event("o-2", 1, "PENDING");
  story.event("o-1", 1, "PENDING", Row::published).event("o-1", 1, "REJECTED", Row::dead, "[]");
  story.delivered("mail", "o-1", 1, "[]").delivered("audit", "o-1", 1LL << 32 | 1);
  const Facts facts(story.history());
  EXPECT_EQ(facts.seen_orders()[0].version, 1);
  const auto& seen = facts.seen_events();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].event, seen[2].event);
  EXPECT_EQ(seen[0].content, seen[2].content);
  EXPECT_EQ(seen[0].event, seen[3].event);
  EXPECT_NE(seen[0].content, seen[3].content);
  EXPECT_NE(seen[0].event, seen[1].event) << "of another order";
  EXPECT_NE(seen[0].content, seen[1].content) << "the same payload, but another event";
  EXPECT_EQ(seen[3].status, Status::rejected);
  EXPECT_EQ(seen[3].state, Row::dead);
  EXPECT_EQ(seen[3].entry, 4u);

  const auto& deliveries = facts.deliveries();
  ASSERT_EQ(deliveries.size(), 2u);
  EXPECT_EQ(deliveries[0].content, seen[3].content);
  EXPECT_EQ(deliveries[1].order, seen[0].order);
  EXPECT_NE(deliveries[1].event, seen[0].event) << "versions are not cut to 32 bits";
  EXPECT_EQ(facts.consumer_groups(), 2u);
  EXPECT_EQ(facts.consumer_group_name(deliveries[1].group), "audit");
  EXPECT_EQ(facts.events(), 3u);
  EXPECT_EQ(facts.contents(), 4u);
  EXPECT_EQ(facts.events_of_order()[seen[0].order].size(), 3u);
  EXPECT_EQ(facts.deliveries_of_event()[seen[0].event].size(), 1u);
}

TEST(Facts, ARecordKeepsItsVersionApart) {
  Story story;
  story.seen("o-1", 1, "PENDING").seen("o-1", 2, "QUEUED").seen("o-1", "QUEUED");
  const Facts facts(story.history());
  EXPECT_EQ(facts.seen_orders()[0].version, 1);
  EXPECT_EQ(facts.seen_orders()[1].version, 2);
  EXPECT_EQ(facts.seen_orders()[2].version, 0);
  EXPECT_TRUE(facts.tells_versions());
  EXPECT_FALSE(Facts(Story().seen("o-1", "QUEUED").history()).tells_versions());
}

TEST(Facts, TheFirstQuietCounts) {
  Story story;
  story.quiet().quiet();
  EXPECT_EQ(Facts(story.history()).quiet(), 1u);
}

TEST(FactsDeath, AHistoryThatCannotBeIsABug) {
  Story twice;
  const auto op = twice.invoke("u-1", "k-1");
  twice.answer(op, 202, "o-1").answer(op, 202, "o-1");
  EXPECT_DEATH(Facts(twice.history()), "returns once");

  Story never;
  never.answer(7, 202, "o-1");
  EXPECT_DEATH(Facts(never.history()), "after it was invoked");

  traces::History history;
  history.add({}, traces::Invoke{1, traces::ReadCall{"o-1"}});
  history.add({}, traces::Invoke{1, traces::ReadCall{"o-1"}});
  EXPECT_DEATH(Facts{history}, "invoked once");
}

}  // namespace
}  // namespace firedrill::properties
