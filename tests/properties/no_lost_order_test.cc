#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "no-lost-order";

TEST(NoLostOrder, HoldsInEveryFinalState) {
  Story story;
  int number = 0;
  for (const auto* status : {"CONFIRMED", "COMPLETED", "REJECTED", "CANCELLED", "REFUNDED"}) {
    const std::string order = "o-" + std::to_string(++number);
    story.call("u-1", order, 202, order).seen(order, "QUEUED").seen(order, status);
  }
  story.quiet();
  expect_holds(story, kName, 5);
}

TEST(NoLostOrder, AnOrderMayNotStayOnTheWay) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", "CONFIRMED");
  story.call("u-1", "k-2", 202, "o-2").seen("o-2", "QUEUED").seen("o-2", "RESERVED").quiet();
  expect_violated(story, kName, "an accepted order stays RESERVED",
                  "o-2 was accepted and stays RESERVED", story.last());
}

TEST(NoLostOrder, AWordThatNobodyKnowsIsNotFinal) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", "DONE").quiet();
  EXPECT_EQ(verdict_of(story, kName).signature, "an accepted order stays in an unknown status");
}

TEST(NoLostOrder, AnOrderMayNotVanish) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").read("o-1", 200, "CONFIRMED").quiet();
  expect_violated(story, kName, "an accepted order is nowhere", "o-1 was accepted and is nowhere",
                  story.last());
}

TEST(NoLostOrder, WhatTheStoreHasLostCountsNoMore) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", 1, "PENDING").seen("o-1", 2, "CONFIRMED");
  story.gone("o-1");
  Story back = story;
  back.seen("o-1", 1, "PENDING").quiet();
  expect_violated(back, kName, "an accepted order stays PENDING",
                  "o-1 was accepted and stays PENDING", back.last());
  back.seen("o-1", 2, "CONFIRMED");
  expect_holds(back, kName, 1);
  story.quiet();
  expect_violated(story, kName, "an accepted order is gone",
                  "o-1 was accepted, and its store has lost it", story.last());
}

TEST(NoLostOrder, AReadWhenQuietTellsAsWell) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").quiet().read("o-1", 500).read("o-1", 200, "CONFIRMED");
  expect_holds(story, kName, 1);
  story.read("o-1", 200, "QUEUED");
  expect_violated(story, kName, "an accepted order stays QUEUED",
                  "o-1 was accepted and stays QUEUED", story.last());
}

TEST(NoLostOrder, OfRecordAndReadTheLaterCounts) {
  Story read_first;
  read_first.call("u-1", "k-1", 202, "o-1").quiet().read("o-1", 200, "QUEUED");
  read_first.seen("o-1", "CONFIRMED");
  expect_holds(read_first, kName, 1);
  Story read_last;
  read_last.call("u-1", "k-1", 202, "o-1").seen("o-1", "QUEUED").quiet();
  read_last.read("o-1", 200, "CONFIRMED");
  expect_holds(read_last, kName, 1);
}

TEST(NoLostOrder, OnlyAcceptedOrdersCount) {
  Story story;
  story.call("u-1", "k-1", 409, "o-1").call("u-1", "k-2", 0).seen("o-1", "QUEUED").quiet();
  expect_vacuous(story, kName);
}

TEST(NoLostOrder, IsJudgedWhenQuietAlone) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", "QUEUED");
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
