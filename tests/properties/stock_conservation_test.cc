#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "stock-conservation";

TEST(StockConservation, HoldsWhileTheCountersAddUp) {
  Story story;
  story.stock(10, 0, 0).stock(8, 2, 0).stock(8, 0, 2).stock(0, 0, 10);
  expect_holds(story, kName, 4);
}

TEST(StockConservation, HoldsForBareStockWithinBounds) {
  Story story;
  story.bare_stock(10).bare_stock(0).bare_stock(7);
  expect_holds(story, kName, 3);
}

TEST(StockConservation, UnitsMayNotDisappear) {
  Story story;
  story.stock(10, 0, 0).stock(9, 0, 0);
  expect_violated(story, kName, "the counters add up to less than initial",
                  "sku-1: 9 available, 0 reserved, 0 sold of 10 units", 1);
}

TEST(StockConservation, UnitsMayNotAppear) {
  Story story;
  story.stock(10, 1, 0);
  expect_violated(story, kName, "the counters add up to more than initial",
                  "sku-1: 10 available, 1 reserved, 0 sold of 10 units", 0);
}

TEST(StockConservation, NoCounterIsNegative) {
  Story available;
  available.stock(-1, 1, 10);
  expect_violated(available, kName, "less than nothing available",
                  "sku-1: -1 available, 1 reserved, 10 sold of 10 units", 0);
  Story reserved;
  reserved.stock(11, -1, 0);
  expect_violated(reserved, kName, "a counter below zero",
                  "sku-1: 11 available, -1 reserved, 0 sold of 10 units", 0);
  Story sold;
  sold.stock(10, 1, -1);
  expect_violated(sold, kName, "a counter below zero",
                  "sku-1: 10 available, 1 reserved, -1 sold of 10 units", 0);
}

TEST(StockConservation, BareStockHasBounds) {
  Story more;
  more.bare_stock(10).bare_stock(12);
  expect_violated(more, kName, "more available than initial", "sku-1: 12 available of 10 units", 1);
  Story less;
  less.bare_stock(-1);
  expect_violated(less, kName, "less than nothing available", "sku-1: -1 available of 10 units", 0);
}

// Restoring into a missing key creates stock (A11).
TEST(StockConservation, WhatIsNotOnSaleHasNoStock) {
  Story story;
  story.bare_stock(1, "sku-9");
  expect_violated(story, kName, "more available than initial", "sku-9: 1 available of 0 units", 0);
}

TEST(StockConservation, NothingSeenIsVacuous) {
  expect_vacuous(Story(), kName);
}

}  // namespace
}  // namespace firedrill::properties
