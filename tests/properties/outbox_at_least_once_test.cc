#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "outbox-at-least-once";

TEST(OutboxAtLeastOnce, HoldsWhenEachGroupReceivedEach) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED").delivered("mail", "o-1", 1);
  story.delivered("mail", "o-1", 2).event("o-1", 1, "PENDING", Row::published).quiet();
  expect_holds(story, kName, 2);
}

TEST(OutboxAtLeastOnce, APendingEventMayNotStayBehind) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-2", 1, "PENDING").delivered("mail", "o-1", 1).quiet();
  expect_violated(story, kName, "a pending event reached nobody",
                  "o-2 version 1 is pending and did not reach anybody", story.last());
}

TEST(OutboxAtLeastOnce, NothingIsOwedOfWhatWasLost) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-2", 1, "PENDING").delivered("mail", "o-1", 1);
  story.gone("o-2", 1).quiet();
  expect_holds(story, kName, 1);
  story.event("o-2", 1, "PENDING");
  EXPECT_EQ(verdict_of(story, kName).signature, "a pending event reached nobody");
}

TEST(OutboxAtLeastOnce, APublishedEventMayNotGetLost) {
  Story story;
  story.delivered("mail", "o-1", 1).event("o-1", 1, "PENDING", Row::published);
  story.event("o-2", 1, "PENDING", Row::published).quiet();
  expect_violated(story, kName, "a published event reached nobody",
                  "o-2 version 1 is published and did not reach anybody", story.last());
}

TEST(OutboxAtLeastOnce, OneGroupIsNotEach) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED").delivered("audit", "o-1", 1);
  story.delivered("mail", "o-1", 1).delivered("audit", "o-1", 2).quiet();
  expect_violated(story, kName, "a pending event missed a group",
                  "o-1 version 2 is pending and did not reach mail", story.last());
}

TEST(OutboxAtLeastOnce, NothingAtAllIsTooLittle) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED", Row::dead).quiet();
  expect_violated(story, kName, "nothing was delivered",
                  "events were committed and nothing was delivered to anybody", story.last());
}

TEST(OutboxAtLeastOnce, ADeadEventIsListedNotLost) {
  Story story;
  story.event("o-1", 1, "PENDING").event("o-1", 1, "PENDING", Row::dead).quiet();
  expect_vacuous(story, kName);
  story.delivered("mail", "o-2", 1).event("o-2", 1, "PENDING");
  expect_holds(story, kName, 1);
  story.event("o-1", 1, "PENDING");  // an operator asked for it again
  EXPECT_EQ(verdict_of(story, kName).signature, "a pending event reached nobody");
}

TEST(OutboxAtLeastOnce, IsVacuousWithoutEvents) {
  expect_vacuous(Story().seen("o-1", 1, "PENDING").delivered("mail", "o-1", 1).quiet(), kName);
}

TEST(OutboxAtLeastOnce, IsJudgedWhenQuietAlone) {
  expect_vacuous(Story().event("o-1", 1, "PENDING"), kName);
}

}  // namespace
}  // namespace firedrill::properties
