#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "read-after-accept";

TEST(ReadAfterAccept, HoldsWhenTheOrderIsFound) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").read("o-1", 200, "QUEUED").read("o-1", 0).read("o-1", 503);
  expect_holds(story, kName, 1);
}

TEST(ReadAfterAccept, NotFoundAfterAcceptedBreaksIt) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").read("o-1", 200, "QUEUED").read("o-1", 404);
  expect_violated(story, kName, "an accepted order is not found",
                  "o-1 was accepted, then reading it said 404", story.last());
}

TEST(ReadAfterAccept, AReadThatBeganBeforeTheAnswerMayMiss) {
  Story story;
  const auto op = story.invoke("u-1", "k-1");
  const auto early = story.ask("o-1");
  story.answer(op, 202, "o-1").answer(early, 404);
  expect_vacuous(story, kName);
}

TEST(ReadAfterAccept, WhatWasNeverAcceptedMayBeMissing) {
  Story story;
  story.call("u-1", "k-1", 409, "o-1").read("o-1", 404).read("o-9", 404);
  expect_vacuous(story, kName);
}

TEST(ReadAfterAccept, TheFirstToReturnIsTold) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-2", 202, "o-2");
  const auto slow = story.ask("o-1");
  story.read("o-2", 404).answer(slow, 404);
  expect_violated(story, kName, "an accepted order is not found",
                  "o-2 was accepted, then reading it said 404", story.last() - 1);
}

}  // namespace
}  // namespace firedrill::properties
