#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "per-key-order";

TEST(PerKeyOrder, HoldsForEachGroupAndOrderApart) {
  Story story;
  story.delivered("mail", "o-1", 1).delivered("mail", "o-2", 1).delivered("mail", "o-1", 2);
  story.delivered("audit", "o-1", 1).delivered("mail", "o-2", 2).delivered("audit", "o-1", 2);
  expect_holds(story, kName, 6);
}

TEST(PerKeyOrder, ARepeatedDeliveryIsNothing) {
  Story story;
  story.delivered("mail", "o-1", 1).delivered("mail", "o-1", 1).delivered("mail", "o-1", 2);
  story.delivered("mail", "o-1", 1).delivered("mail", "o-1", 2).delivered("mail", "o-1", 3);
  expect_holds(story, kName, 3);
}

TEST(PerKeyOrder, AVersionMayNotComeAfterTheOneBehindIt) {
  Story story;
  story.delivered("mail", "o-1", 1).delivered("mail", "o-1", 3).delivered("mail", "o-1", 2);
  expect_violated(story, kName, "out of order", "mail received o-1 version 2 after version 3",
                  story.last());
}

TEST(PerKeyOrder, WhatIsSentAgainMayHaveBeenSentInItsTurn) {
  Story story;
  story.delivered("mail", "o-1", 1)
      .delivered("mail", "o-1", 3)
      .delivered("mail", "o-1", 2, "{}", 2);
  expect_holds(story.quiet(), kName, 3);
}

TEST(PerKeyOrder, NoGapStays) {
  Story story;
  story.delivered("audit", "o-1", 1).delivered("mail", "o-1", 2);
  expect_holds(story, kName, 2);
  story.quiet();
  expect_violated(story, kName, "a gap", "mail received o-1 version 2 and not all before it",
                  story.last());
}

TEST(PerKeyOrder, NoVersionIsBelowOne) {
  Story story;
  story.delivered("mail", "o-1", 1).delivered("mail", "o-1", 0);
  expect_violated(story, kName, "out of order", "mail received o-1 version 0 after version 1",
                  story.last());
  EXPECT_EQ(verdict_of(Story().delivered("mail", "o-1", -1), kName).signature, "out of order");
}

TEST(PerKeyOrder, IsVacuousWithoutDeliveries) {
  expect_vacuous(Story().committed("o-1", 2, "QUEUED").quiet(), kName);
}

}  // namespace
}  // namespace firedrill::properties
