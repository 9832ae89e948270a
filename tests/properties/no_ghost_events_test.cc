#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "no-ghost-events";

TEST(NoGhostEvents, HoldsWhenWhatIsDeliveredWasCommitted) {
  Story story;
  story.event("o-1", 1, "PENDING").delivered("mail", "o-1", 1).delivered("audit", "o-1", 1);
  story.event("o-1", 2, "QUEUED", Row::dead, "[]").delivered("mail", "o-1", 2, "[]");
  story.delivered("mail", "o-1", 1);
  expect_holds(story, kName, 4);
}

TEST(NoGhostEvents, TheRowMayBeNotedLater) {
  Story story;
  story.delivered("mail", "o-1", 1).quiet();
  EXPECT_EQ(verdict_of(story, kName).judgement, Judgement::violated);
  story.event("o-1", 1, "PENDING", Row::published);
  expect_holds(story, kName, 1);
}

TEST(NoGhostEvents, WhatWasNeverCommittedIsAGhost) {
  Story order;
  order.event("o-1", 1, "PENDING").delivered("mail", "o-1", 1).delivered("mail", "o-2", 1);
  expect_violated(order, kName, "delivered what was never committed",
                  "mail received o-2 version 1, which was never committed", order.last());
  Story version;
  version.event("o-1", 1, "PENDING").delivered("mail", "o-1", 2);
  expect_violated(version, kName, "delivered what was never committed",
                  "mail received o-1 version 2, which was never committed", version.last());
  Story record;
  record.seen("o-1", 1, "PENDING").delivered("mail", "o-1", 1).quiet();
  EXPECT_EQ(verdict_of(record, kName).signature, "delivered what was never committed")
      << "a record is no event";
}

TEST(NoGhostEvents, ThePayloadIsTheSame) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-2", 1, "PENDING", Row::pending, "[]");
  story.delivered("mail", "o-1", 1, "[]").delivered("mail", "o-1", 1);
  expect_violated(story, kName, "delivered with another payload",
                  "mail received o-1 version 1 with another payload", story.last() - 1);
}

TEST(NoGhostEvents, WhatItsStoreHasLostIsAGhost) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED").delivered("mail", "o-1", 2);
  const std::size_t delivery = story.last();
  story.gone("o-1", 2).gone("o-1");
  expect_violated(story, kName, "delivered what was lost",
                  "mail received o-1 version 2, which its store has lost", delivery + 1);
  story.event("o-1", 2, "CONFIRMED", Row::pending, "[]");
  expect_violated(story, kName, "delivered what was lost",
                  "mail received o-1 version 2, which its store has lost", delivery + 1);
  story.event("o-1", 2, "QUEUED");
  expect_holds(story, kName, 1);
}

TEST(NoGhostEvents, AnOrderThatIsGoneTakesNoEventAlong) {
  Story story;
  story.event("o-1", 1, "PENDING").delivered("mail", "o-1", 1).gone("o-1");
  expect_holds(story, kName, 1);
}

TEST(NoGhostEvents, IsVacuousWithoutDeliveries) {
  expect_vacuous(Story().committed("o-1", 1, "PENDING").quiet(), kName);
}

}  // namespace
}  // namespace firedrill::properties
