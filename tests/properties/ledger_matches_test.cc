#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "ledger-matches";

/// Ten units, of which one is sold and one is given back.
Story sale() {
  Story story;
  story.effect(Effect::seed, "", 10).stock(10, 0, 0).ledger(0);
  story.effect(Effect::reserve, "a").effect(Effect::reserve, "b").effect(Effect::confirm, "a");
  story.effect(Effect::expire, "b").stock(9, 0, 1).ledger(1);
  return story;
}

TEST(LedgerMatches, HoldsWhereBothStoresAndTheLogAgree) {
  expect_holds(sale().quiet(), kName, 1);
}

TEST(LedgerMatches, IsJudgedInTheEnd) {
  expect_vacuous(sale(), kName);
  expect_vacuous(Story().bare_stock(9).quiet(), kName);  // as-written has no ledger
}

TEST(LedgerMatches, TheStoresHaveSoldTheSame) {
  Story story = sale();
  story.ledger(2).quiet();
  expect_violated(story, kName, "the stores have sold different numbers",
                  "Redis has sold 1 of sku-1, the ledger 2", story.last());
}

TEST(LedgerMatches, TheLogFoldsToTheCounters) {
  Story story = sale();
  story.effect(Effect::reserve, "c").quiet();
  expect_violated(story, kName, "the log tells of other counters",
                  "sku-1: 9 available, 0 reserved, 1 sold; its log tells of 8 available, 1 "
                  "reserved, 1 sold",
                  story.last());
}

TEST(LedgerMatches, WhatIsMadeAnewCountsFromThere) {
  Story story = sale();
  story.effect(Effect::reserve, "c").effect(Effect::rebuild, "", 9).stock(9, 0, 1);
  expect_holds(story.quiet(), kName, 1);
}

TEST(LedgerMatches, ALogThatWasForgottenTellsNothing) {
  Story story = sale();
  story.redis_forgot().effect(Effect::reserve, "c").stock(9, 0, 1);
  expect_holds(Story(story).quiet(), kName, 1);
  story.ledger(3).quiet();  // but the stores still have to agree
  expect_violated(story, kName, "the stores have sold different numbers",
                  "Redis has sold 1 of sku-1, the ledger 3", story.last());
}

}  // namespace
}  // namespace firedrill::properties
