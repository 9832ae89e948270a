#include <limits>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "legal-transitions";

/// One order, from version 1 on.
Story path(std::initializer_list<const char*> statuses) {
  Story story;
  std::int64_t version = 0;
  for (const char* status : statuses) story.committed("o-1", ++version, status);
  return story;
}

TEST(LegalTransitions, HoldsForEachPathOfTheMachine) {
  expect_holds(path({"PENDING"}), kName, 1);
  expect_holds(path({"PENDING", "QUEUED"}), kName, 2);
  expect_holds(path({"PENDING", "REJECTED"}), kName, 2);
  expect_holds(path({"PENDING", "CONFIRMED"}), kName, 2);
  expect_holds(path({"PENDING", "QUEUED", "CONFIRMED"}), kName, 3);
  expect_holds(path({"PENDING", "QUEUED", "REJECTED"}), kName, 3);
}

TEST(LegalTransitions, ALostPastMayBeWrittenAnew) {
  Story story = path({"PENDING", "QUEUED", "REJECTED"});
  story.gone("o-1").gone("o-1", 2).gone("o-1", 3).committed("o-1", 1, "PENDING");
  story.committed("o-1", 2, "CONFIRMED");
  expect_holds(story, kName, 2);
  story.seen("o-1", 2, "QUEUED");
  EXPECT_EQ(verdict_of(story, kName).signature, "two statuses for one version");
}

TEST(LegalTransitions, EachOtherStepIsIllegal) {
  const auto statuses = {"PENDING", "QUEUED", "CONFIRMED", "REJECTED"};
  for (const char* to : statuses) {
    Story early = path({"PENDING", to});
    if (to == std::string("PENDING")) {
      expect_violated(early, kName, "from PENDING to PENDING",
                      "o-1 version 2 is PENDING, version 1 was PENDING", early.last() - 1);
    }
    const Story late = path({"PENDING", "QUEUED", to});
    const bool ends = to == std::string("CONFIRMED") || to == std::string("REJECTED");
    EXPECT_EQ(verdict_of(late, kName).signature, ends ? "" : "from QUEUED to " + std::string(to));
    for (const char* end : {"CONFIRMED", "REJECTED"}) {
      const Story final = path({"PENDING", end, to});
      EXPECT_EQ(verdict_of(final, kName).signature, "from " + std::string(end) + " to " + to);
      const Story longer = path({"PENDING", "QUEUED", end, to});
      EXPECT_EQ(verdict_of(longer, kName).signature, "from " + std::string(end) + " to " + to);
    }
  }
}

TEST(LegalTransitions, AnOrderBeginsPending) {
  const Story story = path({"QUEUED"});
  expect_violated(story, kName, "begins as QUEUED", "o-1 version 1 is QUEUED", 0);
  EXPECT_EQ(verdict_of(path({"CONFIRMED"}), kName).signature, "begins as CONFIRMED");
}

TEST(LegalTransitions, NoOtherStatusHasAPlace) {
  EXPECT_EQ(verdict_of(path({"PENDING", "RESERVED"}), kName).signature, "from PENDING to RESERVED");
  const Story story = path({"PENDING", "DONE"});
  expect_violated(story, kName, "an order in an unknown status",
                  "o-1 version 2 is in an unknown status, version 1 was PENDING", 2);
}

TEST(LegalTransitions, RepetitionsAreNothing) {
  Story story = path({"PENDING", "QUEUED"});
  story.seen("o-1", 2, "QUEUED").event("o-1", 1, "PENDING", Row::published);
  story.seen("o-1", 1, "PENDING").seen("o-1", "RESERVED");
  expect_holds(story, kName, 2);
}

TEST(LegalTransitions, OrdersAreApart) {
  Story story;
  story.committed("o-1", 1, "PENDING").committed("o-2", 1, "PENDING").committed("o-1", 2, "QUEUED");
  story.committed("o-2", 2, "REJECTED").committed("o-1", 3, "CONFIRMED");
  expect_holds(story, kName, 5);
}

TEST(LegalTransitions, AVersionHasOneStatus) {
  Story records;
  records.seen("o-1", 1, "PENDING").seen("o-1", 2, "CONFIRMED").seen("o-1", 2, "REJECTED");
  expect_violated(records, kName, "two statuses for one version",
                  "o-1 version 2 is CONFIRMED and REJECTED", records.last());
  Story events;
  events.event("o-1", 1, "PENDING").event("o-1", 2, "REJECTED").event("o-1", 2, "QUEUED");
  expect_violated(events, kName, "two statuses for one version",
                  "o-1 version 2 is REJECTED and QUEUED", events.last());
  Story both;
  both.committed("o-1", 1, "PENDING").seen("o-1", 2, "QUEUED").event("o-1", 2, "REJECTED");
  expect_violated(both, kName, "two statuses for one version",
                  "o-1 version 2 is QUEUED and REJECTED", both.last());
}

TEST(LegalTransitions, NoVersionIsSkippedInTheEvents) {
  Story story = path({"PENDING"});
  story.seen("o-1", 2, "QUEUED").committed("o-1", 3, "CONFIRMED");
  expect_violated(story, kName, "a version is skipped in the events",
                  "o-1 version 3 has an event, version 2 has none", story.last());
  Story first;
  first.event("o-1", 2, "REJECTED");
  expect_violated(first, kName, "a version is skipped in the events",
                  "o-1 version 2 has an event, version 1 has none", first.last());
}

TEST(LegalTransitions, EventsMayBeSeenInAnyOrder) {
  Story story;
  story.quiet().seen("o-1", 3, "CONFIRMED");
  story.event("o-1", 3, "CONFIRMED").event("o-1", 1, "PENDING").event("o-1", 2, "QUEUED");
  expect_holds(story, kName, 3);
}

TEST(LegalTransitions, RecordsMayBeSeenNowAndThen) {
  expect_holds(Story().seen("o-1", 1, "PENDING").seen("o-1", 3, "REJECTED"), kName, 2);
  expect_holds(Story().seen("o-1", 3, "CONFIRMED").seen("o-2", 2, "CONFIRMED"), kName, 2);
}

TEST(LegalTransitions, WhatWasNotSeenMustHaveBeenLegal) {
  Story story;
  story.seen("o-1", 1, "PENDING").seen("o-1", 3, "QUEUED");
  expect_violated(story, kName, "no way from PENDING to QUEUED",
                  "o-1 version 3 is QUEUED, version 1 was PENDING", story.last());
  EXPECT_EQ(verdict_of(Story().seen("o-1", 2, "PENDING"), kName).signature,
            "no way leads to PENDING");
  const auto far = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(verdict_of(Story().seen("o-1", far, "CONFIRMED"), kName).signature,
            "no way leads to CONFIRMED");
}

TEST(LegalTransitions, NoVersionIsBelowOne) {
  Story story = path({"PENDING"});
  story.event("o-1", 0, "PENDING");
  expect_violated(story, kName, "a version below one", "o-1 version 0", story.last());
}

TEST(LegalTransitions, WhatShowsFirstIsTold) {
  Story story;
  story.committed("o-1", 1, "PENDING").committed("o-2", 1, "QUEUED").committed("o-1", 2, "PENDING");
  expect_violated(story, kName, "begins as QUEUED", "o-2 version 1 is QUEUED", 2);
}

TEST(LegalTransitions, IsVacuousWithoutVersions) {
  Story story;
  story.seen("o-1", "CONFIRMED").seen("o-1", "PENDING").delivered("mail", "o-1", 1).quiet();
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
