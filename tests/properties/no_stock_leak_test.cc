#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "no-stock-leak";

TEST(NoStockLeak, HoldsWhenTheEndAddsUp) {
  Story story;
  story.stock(8, 2, 0).stock(8, 0, 2).seen("o-1", "CONFIRMED", 2).seen("o-2", "REJECTED", 1);
  story.quiet();
  expect_holds(story, kName, 1);
}

TEST(NoStockLeak, TheStockMayBeSeenAfterTheQuietBegan) {
  Story story;
  story.seen("o-1", "CONFIRMED", 2).quiet().bare_stock(8);
  expect_holds(story, kName, 1);
}

TEST(NoStockLeak, AnOrderThatItsStoreHasLostIsNotConfirmed) {
  Story story;
  story.stock(8, 0, 2).seen("o-1", "CONFIRMED", 2).gone("o-1").quiet();
  expect_violated(story, kName, "more counted as sold than confirmed",
                  "2 units of sku-1 are counted as sold, confirmed orders have 0", story.last());
  story.seen("o-1", "CONFIRMED", 2);
  expect_holds(story, kName, 1);
}

TEST(NoStockLeak, HoldsReservationsForEver) {
  Story story;
  story.stock(10, 0, 0).stock(8, 2, 0).quiet();
  expect_violated(story, kName, "units stay reserved", "2 units of sku-1 stay reserved for ever",
                  story.last());
}

TEST(NoStockLeak, TheSoldCounterMustMatchTheOrders) {
  Story more;
  more.stock(8, 0, 2).seen("o-1", "CONFIRMED", 1).quiet();
  expect_violated(more, kName, "more counted as sold than confirmed",
                  "2 units of sku-1 are counted as sold, confirmed orders have 1", more.last());
  Story less;
  less.stock(9, 0, 1).seen("o-1", "CONFIRMED", 1).seen("o-2", "CONFIRMED", 1).quiet();
  expect_violated(less, kName, "less counted as sold than confirmed",
                  "1 unit of sku-1 are counted as sold, confirmed orders have 2", less.last());
}

TEST(NoStockLeak, UnitsMayNotVanish) {
  Story story;
  story.bare_stock(10).bare_stock(8).seen("o-1", "CONFIRMED", 1).quiet();
  expect_violated(story, kName, "units vanished",
                  "8 units of sku-1 are left, 10 minus 1 in confirmed orders are 9", story.last());
}

TEST(NoStockLeak, UnitsMayNotAppear) {
  Story story;
  story.seen("o-1", "CONFIRMED", 1).quiet().bare_stock(10);
  expect_violated(story, kName, "units appeared",
                  "10 units of sku-1 are left, 10 minus 1 in confirmed orders are 9", story.last());
}

TEST(NoStockLeak, AnOrderOfLessThanNothingMintsUnits) {
  Story story;
  story.bare_stock(10).bare_stock(13).seen("o-1", "CONFIRMED", -3).quiet();
  EXPECT_EQ(verdict_of(story, kName).signature, "units appeared");
}

TEST(NoStockLeak, IsJudgedWhenQuietAlone) {
  Story story;
  story.stock(10, 0, 0).stock(8, 2, 0);
  expect_vacuous(story, kName);
}

TEST(NoStockLeak, AProductThatNobodyTouchedIsVacuous) {
  Story story;
  story.effect(Effect::seed, "", 10).stock(10, 0, 0).quiet();
  expect_vacuous(story, kName);
  Story touched;
  touched.effect(Effect::deduct, "").quiet().bare_stock(9);
  EXPECT_EQ(verdict_of(touched, kName).signature, "units vanished");
}

}  // namespace
}  // namespace firedrill::properties
