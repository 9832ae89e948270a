#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "published-is-durable";

TEST(PublishedIsDurable, HoldsWhenEachGroupReceivedIt) {
  Story story;
  story.event("o-1", 1, "PENDING").delivered("mail", "o-1", 1).delivered("mail", "o-1", 1);
  story.event("o-1", 1, "PENDING", Row::published).event("o-2", 1, "PENDING").quiet();
  story.delivered("audit", "o-1", 1);
  expect_holds(story, kName, 1);
}

TEST(PublishedIsDurable, OneGroupIsNotEach) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED").delivered("mail", "o-1", 1);
  story.delivered("audit", "o-1", 1).delivered("mail", "o-1", 2).delivered("mail", "o-1", 2);
  story.event("o-1", 1, "PENDING", Row::published).event("o-1", 2, "QUEUED", Row::published);
  story.quiet();
  expect_violated(story, kName, "a published event missed a group",
                  "o-1 version 2 was published and did not reach audit", story.last());
}

TEST(PublishedIsDurable, PublishedToNobodyIsLost) {
  Story story;
  story.delivered("mail", "o-2", 1).quiet().event("o-1", 1, "PENDING", Row::published);
  expect_violated(story, kName, "a published event reached nobody",
                  "o-1 version 1 was published and did not reach anybody", story.last());
}

TEST(PublishedIsDurable, TheLastStateCounts) {
  Story story;
  story.delivered("mail", "o-2", 1).event("o-1", 1, "PENDING", Row::published);
  story.event("o-1", 1, "PENDING").event("o-2", 1, "PENDING", Row::dead).quiet();
  expect_vacuous(story, kName);
}

TEST(PublishedIsDurable, WhatWasLostIsNotPublished) {
  Story story;
  story.delivered("mail", "o-2", 1).event("o-1", 1, "PENDING", Row::published).quiet();
  EXPECT_EQ(verdict_of(story, kName).judgement, Judgement::violated);
  story.gone("o-1", 1);
  expect_vacuous(story, kName);
}

TEST(PublishedIsDurable, IsVacuousWithoutGroups) {
  expect_vacuous(Story().event("o-1", 1, "PENDING", Row::published).quiet(), kName);
}

TEST(PublishedIsDurable, IsJudgedWhenQuietAlone) {
  Story story;
  story.delivered("mail", "o-2", 1).event("o-1", 1, "PENDING", Row::published);
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
