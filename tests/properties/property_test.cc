#include "properties/property.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

TEST(Properties, AreAllThere) {
  std::vector<std::string_view> names;
  for (const Property& property : all()) names.push_back(property.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{
                       "no-oversell", "stock-conservation", "no-stock-leak", "ledger-matches",
                       "one-effect-per-token", "rate-limit", "user-cap", "idempotent-api",
                       "no-lost-order", "read-after-accept", "outbox-atomic", "no-ghost-events",
                       "per-key-order", "published-is-durable", "outbox-at-least-once",
                       "no-starvation", "legal-transitions"}));
  for (const Property& property : all()) {
    EXPECT_EQ(find(property.name), &property);
    EXPECT_FALSE(property.holds_when.empty());
  }
  EXPECT_EQ(find("no-such-promise"), nullptr);
}

TEST(Properties, NothingHappenedIsVacuousForEveryOne) {
  const auto verdicts = judge_all(Story().history());
  ASSERT_EQ(verdicts.size(), all().size());
  for (const Verdict& verdict : verdicts) EXPECT_EQ(verdict.judgement, Judgement::vacuous);
}

// One whole small sale of the hardened kind: everything is judged, everything holds.
Story good_sale() {
  Story story;
  story.terms().rate_limit = 1;
  story.effect(Effect::seed, "", 10).stock(10, 0, 0);
  const auto first = story.invoke("u-1", "k-1");
  story.effect(Effect::reserve, "r-1").stock(9, 1, 0).seen("o-1", "RESERVED", 1, "u-1", "k-1");
  story.answer(first, 202, "o-1", "RESERVED");
  story.call("u-1", "k-2", 429);
  story.at(2000).call("u-1", "k-1", 202, "o-1");
  story.effect(Effect::confirm, "r-1").stock(9, 0, 1).seen("o-1", "CONFIRMED", 1, "u-1", "k-1");
  story.read("o-1", 200, "CONFIRMED");
  return story;
}

TEST(Properties, AGoodSaleKeepsEveryPromise) {
  Story story = good_sale();
  story.ledger(1);
  story.seen("o-1", "PENDING", 1, "u-1", "k-1", "sku-1", 1).event("o-1", 1, "PENDING");
  story.seen("o-1", "CONFIRMED", 1, "u-1", "k-1", "sku-1", 2).event("o-1", 2, "CONFIRMED");
  story.delivered("mail", "o-1", 1).event("o-1", 1, "PENDING", Row::published);
  for (const std::int64_t attempts : {1, 2}) {
    story.event("o-1", 2, "CONFIRMED", Row::pending, "{}", attempts);
  }
  story.delivered("mail", "o-1", 2).event("o-1", 2, "CONFIRMED", Row::published, "{}", 2);
  const auto verdicts = judge_all(story.quiet().history());
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i].judgement, Judgement::holds)
        << all()[i].name << ": " << verdicts[i].message;
    EXPECT_EQ(verdicts[i].judged, verdict_of(story, all()[i].name).judged);
  }
}

}  // namespace
}  // namespace firedrill::properties
