#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "no-starvation";

/// A story in which events fail, so often each.
struct Failing : Story {
  Failing& tried(const std::string& order, std::int64_t attempts, std::int64_t version = 1) {
    event(order, version, "PENDING", Row::pending, "{}", attempts);
    return *this;
  }
  Failing& tried_upto(const std::string& order, std::int64_t attempts) {
    for (std::int64_t attempt = 0; attempt <= attempts; ++attempt) tried(order, attempt);
    return *this;
  }
};

TEST(NoStarvation, HoldsWhereFreshEventsComeFirst) {
  Failing story;
  story.tried_upto("o-1", 9).tried("o-2", 0).tried("o-2", 1).tried("o-1", 10);
  expect_holds(story, kName, 2);
}

TEST(NoStarvation, WhoFailsMayPassOverAFewTimes) {
  Failing story;
  story.tried_upto("o-1", 1).tried("o-2", 0);
  for (std::int64_t attempt = 2; attempt <= 5; ++attempt) story.tried("o-1", attempt);
  expect_holds(story, kName, 2);
  story.tried("o-1", 6);
  expect_violated(
      story, kName, "an event starves",
      "o-2 version 1 was never attempted, says its row, while o-1 version 1 is attempted for "
      "the 6. time",
      story.last());
}

TEST(NoStarvation, ManyWhoFailOnceEachDelayNobody) {
  Failing story;
  story.tried("o-1", 0);
  for (int other = 2; other < 30; ++other) {
    story.tried("o-" + std::to_string(other), 1).tried("o-" + std::to_string(other), 2);
  }
  expect_holds(story, kName, 1);
}

TEST(NoStarvation, SuccessorsWaitForWhatFails) {
  Failing story;
  story.tried_upto("o-1", 1).tried("o-1", 0, 2);
  for (std::int64_t attempt = 2; attempt <= 9; ++attempt) story.tried("o-1", attempt);
  expect_holds(story, kName, 1);
}

TEST(NoStarvation, TheTurnOfASuccessorCounts) {
  Failing story;
  story.tried_upto("o-1", 1).tried("o-2", 0).tried("o-2", 0, 2).tried("o-2", 1);
  for (std::int64_t attempt = 2; attempt <= 9; ++attempt) story.tried("o-1", attempt);
  expect_holds(story, kName, 2);
  story.event("o-2", 1, "PENDING", Row::published, "{}", 1);
  for (std::int64_t attempt = 10; attempt <= 14; ++attempt) story.tried("o-1", attempt);
  expect_violated(
      story, kName, "an event starves",
      "o-2 version 2 was never attempted, says its row, while o-1 version 1 is attempted for "
      "the 14. time",
      story.last());
}

TEST(NoStarvation, WhatIsDeadOrLostWaitsForNothing) {
  Failing story;
  story.tried_upto("o-1", 1).tried("o-2", 0).tried("o-3", 0);
  story.event("o-2", 1, "PENDING", Row::dead).gone("o-3", 1);
  for (std::int64_t attempt = 2; attempt <= 9; ++attempt) story.tried("o-1", attempt);
  expect_holds(story, kName, 2);
}

TEST(NoStarvation, IsVacuousWithoutAnEventWhoseTurnItIs) {
  Failing story;
  story.tried("o-1", 1).tried("o-2", 0, 2).delivered("mail", "o-1", 1).quiet();
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
