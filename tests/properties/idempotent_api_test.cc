#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "idempotent-api";

TEST(IdempotentApi, HoldsWhenEqualRequestsGiveOneOrderAndOthersAreRefused) {
  Story story;
  story.call("u-1", "k-1", 0).call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-1");
  story.call("u-1", "k-1", 422, "", 2).call("u-1", "k-1", 429, "", 2).call("u-1", "k-1", 503);
  story.seen("o-1", "CONFIRMED");
  expect_holds(story, kName, 5);
}

TEST(IdempotentApi, OneRequestGivesOneOrder) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2");
  expect_violated(story, kName, "two order ids for one request", "key k-1 of u-1 gave o-1 and o-2",
                  story.last());
}

TEST(IdempotentApi, KeysOfTwoUsersAreTwo) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-2", "k-1", 202, "o-2");
  expect_vacuous(story, kName);
}

TEST(IdempotentApi, AnotherBodyUnderAUsedKeyIsRefused) {
  Story quantity;
  quantity.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-1", 2);
  expect_violated(quantity, kName, "another body accepted under a used key",
                  "key k-1 of u-1 gave o-1 and o-1", quantity.last());
  Story product;
  product.call("u-1", "k-1", 202, "o-1").call("u-1", "k-1", 202, "o-2", 1, "sku-2");
  expect_violated(product, kName, "another body accepted under a used key",
                  "key k-1 of u-1 gave o-1 and o-2", product.last());
  Story sale;
  sale.call("u-1", "k-1", 202, "o-1");
  sale.answer(sale.invoke("u-1", "k-1", 1, "sku-1", "sale-2"), 202, "o-2");
  EXPECT_EQ(verdict_of(sale, kName).signature, "another body accepted under a used key");
}

TEST(IdempotentApi, TheKeyIsUsedOnlyOnceItWasAccepted) {
  Story story;
  story.call("u-1", "k-1", 422, "", 0).call("u-1", "k-1", 202, "o-1", 2);
  expect_holds(story, kName, 1);
}

TEST(IdempotentApi, OfTwoBodiesAtOnceOneIsRefused) {
  Story story;
  const auto one = story.invoke("u-1", "k-1", 1);
  const auto two = story.invoke("u-1", "k-1", 2);
  story.answer(two, 202, "o-2");
  Story good = story;
  good.answer(one, 422);
  expect_holds(good, kName, 1);
  story.answer(one, 202, "o-1");
  expect_violated(story, kName, "two bodies accepted at once under one key",
                  "key k-1 of u-1 gave o-2 and o-1", story.last());
}

// A3: the first answer was lost, so the client cannot see that its retry became a second order.
TEST(IdempotentApi, ThereAreNoMoreOrdersThanRequests) {
  Story story;
  story.call("u-1", "k-1", 0).call("u-1", "k-1", 202, "o-2").call("u-1", "k-2", 202, "o-3", 2);
  story.seen("o-1", "QUEUED").seen("o-1", "CONFIRMED").seen("o-3", "QUEUED", 2);
  expect_holds(story, kName, 1);
  story.seen("o-2", "QUEUED");
  expect_violated(story, kName, "more orders than requests",
                  "o-2 of u-1 for sku-1 is one more than was asked for", story.last());
}

TEST(IdempotentApi, AnOrderThatNobodyAskedForIsOneTooMany) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").seen("o-1", "QUEUED", 1, "u-2");
  EXPECT_EQ(verdict_of(story, kName).signature, "more orders than requests");
}

TEST(IdempotentApi, WithoutARepetitionItIsVacuous) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-1", "k-2", 202, "o-2");
  story.seen("o-1", "QUEUED").seen("o-2", "QUEUED");
  expect_vacuous(story, kName);
}

TEST(IdempotentApi, WhatShowsFirstIsTold) {
  Story story;
  story.call("u-1", "k-1", 202, "o-1").call("u-2", "k-1", 202, "o-2");
  const auto late = story.invoke("u-1", "k-1");
  story.call("u-2", "k-1", 202, "o-4").answer(late, 202, "o-3");
  expect_violated(story, kName, "two order ids for one request", "key k-1 of u-2 gave o-2 and o-4",
                  story.last() - 1);
}

}  // namespace
}  // namespace firedrill::properties
