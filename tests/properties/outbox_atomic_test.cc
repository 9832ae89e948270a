#include <limits>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "outbox-atomic";

TEST(OutboxAtomic, HoldsWhenEachVersionHasItsEvent) {
  Story story;
  story.committed("o-1", 1, "PENDING").committed("o-1", 2, "QUEUED").committed("o-2", 1, "PENDING");
  story.committed("o-1", 3, "CONFIRMED").committed("o-2", 2, "REJECTED").quiet();
  expect_holds(story, kName, 2);
}

TEST(OutboxAtomic, TheLastThatIsSeenCounts) {
  Story story;
  story.event("o-1", 1, "PENDING").seen("o-1", 1, "PENDING").event("o-1", 2, "REJECTED");
  story.quiet();
  EXPECT_EQ(verdict_of(story, kName).signature, "an event without its version");
  story.seen("o-1", 2, "REJECTED");
  expect_holds(story, kName, 1);
  // The states of a row, in whatever order they come, are one row.
  story.event("o-1", 1, "PENDING", Row::published).event("o-1", 2, "REJECTED", Row::dead);
  story.event("o-1", 2, "REJECTED");
  expect_holds(story, kName, 1);
}

TEST(OutboxAtomic, OfTheRecordTheLastVersionAloneNeedsToBeSeen) {
  Story story;
  story.quiet().seen("o-1", 3, "CONFIRMED");
  story.event("o-1", 3, "CONFIRMED").event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED");
  expect_holds(story, kName, 1);
}

TEST(OutboxAtomic, WhatWasLostTogetherIsNotMissing) {
  Story story;
  story.committed("o-1", 1, "PENDING").committed("o-1", 2, "QUEUED").committed("o-2", 1, "PENDING");
  Story half = story;
  half.gone("o-1").seen("o-1", 1, "PENDING").quiet();
  EXPECT_EQ(verdict_of(half, kName).signature, "an event without its version");
  half.gone("o-1", 2);
  expect_holds(half, kName, 2);
  // Written again, as another past.
  half.committed("o-1", 2, "CONFIRMED");
  expect_holds(half, kName, 2);
  story.gone("o-2").gone("o-2", 1).quiet();
  expect_holds(story, kName, 1);
  Story event;
  event.committed("o-1", 1, "PENDING").gone("o-1").quiet();
  EXPECT_EQ(verdict_of(event, kName).signature, "an event without its order");
  Story record;
  record.committed("o-1", 1, "PENDING").gone("o-1", 1).quiet();
  EXPECT_EQ(verdict_of(record, kName).signature, "a version without its event");
}

TEST(OutboxAtomic, AVersionNeedsItsEvent) {
  Story last;
  last.committed("o-1", 1, "PENDING").seen("o-1", 2, "QUEUED").quiet();
  expect_violated(last, kName, "a version without its event",
                  "o-1 version 2 is QUEUED, and there is no event of version 2", last.last());
  Story none;
  none.seen("o-1", 1, "PENDING").quiet();
  expect_violated(none, kName, "a version without its event",
                  "o-1 version 1 is PENDING, and there is no event of version 1", none.last());
  Story middle;
  middle.committed("o-1", 1, "PENDING").seen("o-1", 2, "QUEUED").quiet();
  middle.committed("o-1", 3, "CONFIRMED");
  expect_violated(middle, kName, "a version without its event",
                  "o-1 version 3 is CONFIRMED, and there is no event of version 2",
                  middle.last() - 1);
  Story first;
  first.seen("o-1", 1, "PENDING").committed("o-1", 2, "QUEUED").quiet();
  EXPECT_EQ(verdict_of(first, kName).message,
            "o-1 version 2 is QUEUED, and there is no event of version 1");
}

TEST(OutboxAtomic, AVersionAsLargeAsCanBeTakesNoTime) {
  Story story;
  story.committed("o-1", 1, "PENDING");
  story.seen("o-1", std::numeric_limits<std::int64_t>::max(), "QUEUED").quiet();
  EXPECT_EQ(verdict_of(story, kName).signature, "a version without its event");
}

TEST(OutboxAtomic, AnEventNeedsItsVersion) {
  Story story;
  story.committed("o-1", 1, "PENDING").event("o-1", 2, "QUEUED").quiet();
  expect_violated(story, kName, "an event without its version",
                  "o-1 has an event of version 2 and is at version 1", story.last());
  Story zero;
  zero.committed("o-1", 1, "PENDING").quiet().event("o-1", 0, "PENDING");
  expect_violated(zero, kName, "an event without its version",
                  "o-1 has an event of version 0 and is at version 1", zero.last());
  Story without;
  without.seen("o-1", "QUEUED").event("o-1", 1, "PENDING").quiet();
  expect_violated(without, kName, "an event without its version",
                  "o-1 has an event of version 1 and is at no version", without.last());
}

TEST(OutboxAtomic, AVersionThatIsTakenBackLeavesAnEvent) {
  Story story;
  story.committed("o-1", 1, "PENDING").committed("o-1", 2, "QUEUED").seen("o-1", 1, "PENDING");
  EXPECT_EQ(verdict_of(story.quiet(), kName).signature, "an event without its version");
}

TEST(OutboxAtomic, AnEventNeedsItsOrder) {
  Story story;
  story.committed("o-1", 1, "PENDING").event("o-9", 1, "PENDING").quiet();
  expect_violated(story, kName, "an event without its order",
                  "o-9 has an event of version 1 and does not exist", story.last());
}

TEST(OutboxAtomic, TheEventSaysTheStatusOfTheOrder) {
  Story story;
  story.committed("o-1", 1, "PENDING").seen("o-1", 2, "CONFIRMED").event("o-1", 2, "REJECTED");
  story.quiet();
  expect_violated(story, kName, "an event of another status",
                  "o-1 version 2 is CONFIRMED, its event says REJECTED", story.last());
}

TEST(OutboxAtomic, AVersionHasOneEvent) {
  Story story;
  story.committed("o-1", 1, "PENDING").event("o-1", 1, "PENDING", Row::pending, "[]").quiet();
  expect_violated(story, kName, "a version with two events", "o-1 version 1 has two events",
                  story.last());
}

TEST(OutboxAtomic, ARecordInAnotherStoreSaysNothing) {
  Story story;
  story.committed("o-1", 1, "PENDING").seen("o-1", "QUEUED").quiet();
  expect_holds(story, kName, 1);
}

TEST(OutboxAtomic, IsJudgedWhenQuietAlone) {
  expect_vacuous(Story().seen("o-1", 1, "PENDING").event("o-9", 1, "PENDING"), kName);
}

TEST(OutboxAtomic, IsVacuousWithoutVersionsAndEvents) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", "CONFIRMED").delivered("mail", "o-1", 1).quiet();
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
