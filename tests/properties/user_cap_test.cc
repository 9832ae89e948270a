#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "user-cap";  // of 2 units

TEST(UserCap, HoldsAtTheCapAndForEachUserAndProductApart) {
  Story story;
  story.terms().products.push_back({"sku-2", 10, 2});
  story.seen("o-1", "CONFIRMED", 2).seen("o-2", "CONFIRMED", 2, "u-2");
  story.seen("o-3", "CONFIRMED", 2, "u-1", "", "sku-2").seen("o-4", "REJECTED", 2);
  expect_holds(story, kName, 3);
}

TEST(UserCap, OneUnitMoreBreaksIt) {
  Story story;
  story.seen("o-1", "CONFIRMED", 2).seen("o-2", "CONFIRMED", 1);
  expect_violated(story, kName, "a user holds more than the cap",
                  "u-1 holds 3 units of sku-1, the cap is 2", 1);
}

TEST(UserCap, WhatWasRefundedIsNotHeld) {
  Story story;
  story.seen("o-1", "CONFIRMED", 2).seen("o-1", "REFUNDED", 2).seen("o-2", "CONFIRMED", 2);
  expect_holds(story, kName, 2);
}

TEST(UserCap, NothingConfirmedIsVacuous) {
  Story story;
  story.seen("o-1", "RESERVED", 5);
  expect_vacuous(story, kName);
}

}  // namespace
}  // namespace firedrill::properties
