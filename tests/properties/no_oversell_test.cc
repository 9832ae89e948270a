#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "no-oversell";

Story sale_of(std::int64_t initial) {
  Story story;
  story.terms().products = {{"sku-1", initial, 9}};
  return story;
}

TEST(NoOversell, HoldsUpToTheLastUnit) {
  Story story = sale_of(3);
  story.seen("o-1", "QUEUED").seen("o-1", "CONFIRMED").seen("o-2", "CONFIRMED", 2);
  expect_holds(story, kName, 2);
}

TEST(NoOversell, OneMoreBreaksIt) {
  Story story = sale_of(10);
  story.seen("o-1", "CONFIRMED", 9).seen("o-2", "QUEUED", 2).seen("o-2", "CONFIRMED", 2);
  expect_violated(story, kName, "confirmed more than initial", "sold 11 of 10 units of sku-1",
                  story.last());
  story.seen("o-2", "CANCELLED", 2);
  expect_violated(story, kName, "confirmed more than initial", "sold 11 of 10 units of sku-1", 2);
}

TEST(NoOversell, PaidAndCompletedOrdersAreSold) {
  for (const auto* status : {"PAID", "CONFIRMED", "COMPLETED"}) {
    Story story = sale_of(0);
    story.seen("o-1", status);
    expect_violated(story, kName, "confirmed more than initial", "sold 1 of 0 units of sku-1", 0);
  }
  for (const auto* status : {"QUEUED", "RESERVED", "PAYING", "REFUNDED", "CANCELLED", "REJECTED"}) {
    Story story = sale_of(0);
    story.seen("o-1", status);
    expect_vacuous(story, kName);
  }
}

TEST(NoOversell, AnOrderCountsOnceByItsLatestStatus) {
  Story story = sale_of(1);
  story.seen("o-1", "PAID").seen("o-1", "CONFIRMED").seen("o-1", "CONFIRMED");
  story.seen("o-1", "REFUNDED").seen("o-2", "CONFIRMED");
  expect_holds(story, kName, 4);
}

TEST(NoOversell, ProductsAreCountedApart) {
  Story story;
  story.terms().products = {{"sku-1", 1, 9}, {"sku-2", 1, 9}};
  story.seen("o-1", "CONFIRMED").seen("o-2", "CONFIRMED", 1, "u-1", "", "sku-2");
  expect_holds(story, kName, 2);
}

TEST(NoOversell, WhatIsNotOnSaleHasNoUnits) {
  Story story;
  story.seen("o-1", "CONFIRMED", 1, "u-1", "", "sku-9");
  expect_violated(story, kName, "confirmed more than initial", "sold 1 of 0 units of sku-9", 0);
}

TEST(NoOversell, AnOrderOfLessThanNothingMakesNoRoom) {
  Story story = sale_of(1);
  story.seen("o-1", "CONFIRMED", -5).seen("o-2", "CONFIRMED", 2);
  expect_violated(story, kName, "confirmed more than initial, after units were minted",
                  "sold 2 of 1 unit of sku-1", 1);
}

}  // namespace
}  // namespace firedrill::properties
