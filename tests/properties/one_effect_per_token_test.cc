#include <vector>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "one-effect-per-token";

TEST(OneEffectPerToken, HoldsForEveryRightLife) {
  Story story;
  story.effect(Effect::reserve, "a").effect(Effect::confirm, "a").effect(Effect::restock, "a");
  story.effect(Effect::reserve, "b").effect(Effect::release, "b");
  story.effect(Effect::reserve, "c").effect(Effect::expire, "c");
  story.effect(Effect::release, "d", 0);  // a tombstone
  expect_holds(story, kName, 8);
}

TEST(OneEffectPerToken, TokensOfTwoProductsAreTwo) {
  Story story;
  story.effect(Effect::reserve, "a").effect(Effect::reserve, "a", 1, "sku-2");
  expect_holds(story, kName, 2);
}

struct Wrong {
  std::vector<Effect> effects;
  std::string signature;
};

class WrongLife : public testing::TestWithParam<Wrong> {};

TEST_P(WrongLife, IsFoundAtItsLastEffect) {
  Story story;
  for (const Effect kind : GetParam().effects) story.effect(kind, "r-1");
  expect_violated(story, kName, GetParam().signature, "reservation r-1: " + GetParam().signature,
                  story.last());
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongLife,
    testing::Values(Wrong{{Effect::reserve, Effect::reserve}, "reserved twice"},
                    Wrong{{Effect::reserve, Effect::release, Effect::reserve}, "reserved twice"},
                    Wrong{{Effect::release, Effect::reserve}, "reserved after the release"},
                    Wrong{{Effect::reserve, Effect::confirm, Effect::confirm}, "confirmed twice"},
                    Wrong{{Effect::reserve, Effect::expire, Effect::confirm},
                          "confirmed after the release"},
                    Wrong{{Effect::confirm}, "confirmed what was not reserved"},
                    Wrong{{Effect::reserve, Effect::release, Effect::expire}, "released twice"},
                    Wrong{{Effect::release, Effect::release}, "released twice"},
                    Wrong{{Effect::reserve, Effect::confirm, Effect::release},
                          "released after the confirmation"},
                    Wrong{{Effect::reserve, Effect::confirm, Effect::expire},
                          "released after the confirmation"},
                    Wrong{{Effect::reserve, Effect::restock}, "restocked what was not confirmed"},
                    Wrong{{Effect::reserve, Effect::confirm, Effect::restock, Effect::restock},
                          "restocked twice"}));

TEST(OneEffectPerToken, WhatRedisForgotMayBeDoneAgainOnce) {
  Story story;
  story.effect(Effect::reserve, "a").effect(Effect::confirm, "a").redis_forgot();
  story.effect(Effect::reserve, "a").effect(Effect::confirm, "a");
  expect_holds(story, kName, 4);
  story.effect(Effect::confirm, "a");
  expect_violated(story, kName, "confirmed twice", "reservation a: confirmed twice", story.last());
}

TEST(OneEffectPerToken, AStockMadeAnewEndsHoldsOfItsProduct) {
  Story story;
  story.effect(Effect::reserve, "a").effect(Effect::reserve, "b", 1, "sku-2");
  story.effect(Effect::rebuild, "", 9).effect(Effect::reserve, "a");
  expect_holds(story, kName, 3);
  story.effect(Effect::reserve, "b", 1, "sku-2");
  expect_violated(story, kName, "reserved twice", "reservation b: reserved twice", story.last());
}

TEST(OneEffectPerToken, EffectsWithoutATokenAreNotJudged) {
  Story story;
  story.effect(Effect::deduct, "").effect(Effect::deduct, "").effect(Effect::restore, "");
  expect_vacuous(story, kName);
}

TEST(OneEffectPerToken, OneOrderOfAKeyMayBeConfirmedHoweverOftenItIsTold) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-1");
  story.seen("o-1", "CONFIRMED", 1, "u-1", "k-1").seen("o-1", "CONFIRMED", 1, "u-1", "k-1");
  expect_holds(story, kName, 1);
}

// C2: the retry became another order. as-written: only the client knows which key it was.
TEST(OneEffectPerToken, TwoOrdersToldForOneKeyMayNotBothBeConfirmed) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2");
  story.seen("o-1", "CONFIRMED").seen("o-2", "CANCELLED");
  expect_holds(story, kName, 1);
  story.seen("o-2", "CONFIRMED");
  expect_violated(story, kName, "two confirmed orders for one key",
                  "o-1 and o-2 are both confirmed for key k-1 of u-1", story.last());
}

TEST(OneEffectPerToken, TwoRecordsOfOneKeyMayNotBothBeConfirmed) {
  Story story;
  story.seen("o-1", "CONFIRMED", 1, "u-1", "k-1").seen("o-2", "CONFIRMED", 1, "u-1", "k-1");
  story.seen("o-2", "CONFIRMED", 1, "u-1", "k-1").seen("o-3", "CONFIRMED", 1, "u-1", "k-1");
  expect_violated(story, kName, "two confirmed orders for one key",
                  "o-1 and o-2 are both confirmed for key k-1 of u-1", 1);
}

TEST(OneEffectPerToken, ItShowsOnlyWhenTheClientIsTold) {
  Story story;
  const auto op = story.invoke("u-1", "k-1");
  story.seen("o-2", "CONFIRMED").seen("o-1", "CONFIRMED");
  story.call("u-1", "k-1", 202, "o-1").answer(op, 202, "o-2");
  expect_violated(story, kName, "two confirmed orders for one key",
                  "o-1 and o-2 are both confirmed for key k-1 of u-1", story.last());
}

TEST(OneEffectPerToken, OfThreeTheTwoThatShowFirstAreTold) {
  Story story;
  const auto slow = story.invoke("u-1", "k-1");
  const auto slower = story.invoke("u-1", "k-1");
  story.call("u-1", "k-1", 202, "o-3").seen("o-1", "CONFIRMED").answer(slow, 202, "o-2");
  story.answer(slower, 202, "o-1").seen("o-3", "CONFIRMED");
  const std::size_t shows = story.last();
  story.seen("o-2", "CONFIRMED");
  expect_violated(story, kName, "two confirmed orders for one key",
                  "o-1 and o-3 are both confirmed for key k-1 of u-1", shows);
  Story late;  // told in another order than sold
  late.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2").call("u-1", "k-1", 202, "o-3");
  late.seen("o-3", "CONFIRMED").seen("o-2", "CONFIRMED").seen("o-1", "CONFIRMED");
  expect_violated(late, kName, "two confirmed orders for one key",
                  "o-3 and o-2 are both confirmed for key k-1 of u-1", late.last() - 1);
}

TEST(OneEffectPerToken, ARefundDoesNotUndoTheSecondSale) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2");
  story.seen("o-1", "CONFIRMED").seen("o-1", "REFUNDED").seen("o-2", "CONFIRMED");
  expect_violated(story, kName, "two confirmed orders for one key",
                  "o-1 and o-2 are both confirmed for key k-1 of u-1", story.last());
}

TEST(OneEffectPerToken, KeysOfTwoUsersAreTwo) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-2", "k-1", 202, "o-2");
  story.seen("o-1", "CONFIRMED").seen("o-2", "CONFIRMED", 1, "u-2");
  expect_holds(story, kName, 2);
}

TEST(OneEffectPerToken, TheEarlierOfTwoViolationsIsTold) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2");
  story.effect(Effect::reserve, "a");
  story.seen("o-1", "CONFIRMED").seen("o-2", "CONFIRMED");
  story.effect(Effect::reserve, "a");
  EXPECT_EQ(verdict_of(story, kName).signature, "two confirmed orders for one key");
}

}  // namespace
}  // namespace firedrill::properties
