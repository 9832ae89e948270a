#include "properties/shrink.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace firedrill::properties {
namespace {

using traces::Case;

/// A case of many orders and faults, none of which is like another, and nothing at its plainest.
Case large_case(int orders, int faults) {
  Case run;
  run.seed = 5;
  run.topology = {2, 2, 4};
  run.terms.products = {{"sku-1", 40, 2}, {"sku-2", 7, 2}};
  run.network = {from_us(300), from_us(900), 3, from_ms(20)};
  run.schedule = {Case::Pick::pct, 3};
  for (int i = 0; i < orders; ++i) {
    traces::PlannedOrder order;
    order.at = from_ms(i);
    order.call = {"u-" + std::to_string(i), "k-" + std::to_string(i), "sale-1", "sku-1", 2};
    order.retries = 2;
    run.orders.push_back(std::move(order));
  }
  for (int i = 0; i < faults; ++i) {
    run.faults.push_back(
        {"kind-" + std::to_string(i), from_ms(10 * i), from_ms(1'000), "a", "b", 1});
  }
  run.faults_until = from_ms(5'000);
  run.length = from_ms(10'000);
  return run;
}

std::set<std::string> keys(const Case& run) {
  std::set<std::string> found;
  for (const auto& order : run.orders) found.insert(order.call.key);
  return found;
}

std::set<std::string> kinds(const Case& run) {
  std::set<std::string> found;
  for (const auto& fault : run.faults) found.insert(fault.kind);
  return found;
}

bool contains(const std::set<std::string>& all, const std::set<std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

std::int64_t stock(const Case& run, const std::string& product) {
  for (const auto& candidate : run.terms.products) {
    if (candidate.id == product) return candidate.initial;
  }
  return 0;
}

TEST(Shrink, KeepsOnlyWhatTheFailureNeeds) {
  const Case failing = large_case(96, 14);
  const Shrunk shrunk = shrink(
      failing,
      [](const Case& run) {
        return contains(keys(run), {"k-17", "k-80"}) && contains(kinds(run), {"kind-9"});
      },
      2'000);
  EXPECT_EQ(keys(shrunk.smallest), (std::set<std::string>{"k-17", "k-80"}));
  EXPECT_EQ(kinds(shrunk.smallest), (std::set<std::string>{"kind-9"}));
  EXPECT_LT(shrunk.runs, 300U);
  EXPECT_GT(shrunk.runs, 0U);
}

TEST(Shrink, MakesWhatIsLeftPlain) {
  const Shrunk shrunk = shrink(
      large_case(10, 3), [](const Case& run) { return contains(keys(run), {"k-3"}); }, 2'000);
  const Case& smallest = shrunk.smallest;
  ASSERT_EQ(smallest.orders.size(), 1U);
  EXPECT_EQ(smallest.orders[0].call.quantity, 1);
  EXPECT_EQ(smallest.orders[0].retries, 0U);
  EXPECT_EQ(smallest.orders[0].at, from_ms(3)) << "it is the same order still";
  EXPECT_TRUE(smallest.faults.empty());
  EXPECT_EQ(smallest.schedule, Case::Schedule{});
  EXPECT_EQ(smallest.network.jitter, Duration::zero());
  EXPECT_EQ(smallest.network.tail_percent, 0U);
  EXPECT_EQ(smallest.topology.consumers, 1U);
  EXPECT_EQ(smallest.topology.partitions, 1U);
  ASSERT_EQ(smallest.terms.products.size(), 1U) << "nobody asks for sku-2";
  EXPECT_EQ(smallest.terms.products[0].initial, 1);
  EXPECT_EQ(smallest.seed, 5U);
  EXPECT_EQ(smallest.length, from_ms(10'000));
}

TEST(Shrink, LeavesAloneWhatTheFailureNeedsToBeSo) {
  const Case failing = large_case(5, 2);
  const auto needs = [&](const Case& run) {
    return run.schedule == failing.schedule && run.network == failing.network &&
           run.topology == failing.topology && run.terms == failing.terms &&
           run.faults == failing.faults && run.orders == failing.orders;
  };
  EXPECT_EQ(shrink(failing, needs, 2'000).smallest, failing);
}

TEST(Shrink, TakesTheStockOfTheOrdersThatGo) {
  // More is asked for than there is: fewer orders fail only with less stock.
  const Shrunk shrunk = shrink(
      large_case(40, 0),
      [](const Case& run) {
        std::int64_t asked = 0;
        for (const auto& order : run.orders) asked += order.call.quantity;
        return asked > stock(run, "sku-1") && stock(run, "sku-1") > 0;
      },
      2'000);
  EXPECT_LE(shrunk.smallest.orders.size(), 2U);
  EXPECT_EQ(stock(shrunk.smallest, "sku-1"), 1);
}

TEST(Shrink, FindsTheLeastStock) {
  for (const std::int64_t least : {1, 2, 3, 17, 39, 40}) {
    const Shrunk shrunk = shrink(
        large_case(3, 0), [least](const Case& run) { return stock(run, "sku-1") >= least; }, 2'000);
    EXPECT_EQ(stock(shrunk.smallest, "sku-1"), least);
  }
}

TEST(Shrink, ShortensFaults) {
  const Shrunk shrunk = shrink(
      large_case(1, 1),
      [](const Case& run) {
        return run.faults.size() == 1 && run.faults[0].duration >= from_ms(100);
      },
      2'000);
  EXPECT_GE(shrunk.smallest.faults[0].duration, from_ms(100));
  EXPECT_LT(shrunk.smallest.faults[0].duration, from_ms(200));
}

TEST(Shrink, TriesNoMoreThanItMay) {
  const Case failing = large_case(50, 10);
  for (const std::uint32_t most : {0U, 1U, 7U, 50U}) {
    std::uint32_t tried = 0;
    const Shrunk shrunk = shrink(
        failing,
        [&](const Case& run) {
          ++tried;
          return contains(keys(run), {"k-1", "k-20", "k-40"});
        },
        most);
    EXPECT_LE(tried, most);
    EXPECT_EQ(shrunk.runs, tried);
    EXPECT_TRUE(contains(keys(shrunk.smallest), {"k-1", "k-20", "k-40"}));
  }
}

TEST(Shrink, NeverTriesTheSameAsItHas) {
  const Case failing = large_case(6, 2);
  Case best = failing;
  static_cast<void>(shrink(
      failing,
      [&](const Case& run) {
        EXPECT_NE(run, best);
        const bool fails = contains(keys(run), {"k-2"});
        if (fails) best = run;
        return fails;
      },
      2'000));
}

/// Any sets of orders and faults that the failure needs: nothing else is left, whatever they are.
TEST(Shrink, ReachesTheLeastCaseForAnySubset) {
  EXPECT_TRUE(rc::check([] {
    const auto orders = *rc::gen::inRange(1, 60);
    const auto faults = *rc::gen::inRange(0, 20);
    const Case failing = large_case(orders, faults);
    const auto few = [](int count) {
      return *rc::gen::resize(6, rc::gen::container<std::set<int>>(rc::gen::inRange(0, count)));
    };
    std::set<std::string> needed_keys;
    std::set<std::string> needed_kinds;
    for (const int i : few(orders)) needed_keys.insert("k-" + std::to_string(i));
    if (faults > 0) {
      for (const int i : few(faults)) needed_kinds.insert("kind-" + std::to_string(i));
    }
    const auto still_fails = [&](const Case& run) {
      return contains(keys(run), needed_keys) && contains(kinds(run), needed_kinds);
    };
    const Shrunk shrunk = shrink(failing, still_fails, 5'000);
    RC_ASSERT(still_fails(shrunk.smallest));
    RC_ASSERT(keys(shrunk.smallest) == needed_keys);
    RC_ASSERT(kinds(shrunk.smallest) == needed_kinds);
    RC_ASSERT(std::is_sorted(shrunk.smallest.orders.begin(), shrunk.smallest.orders.end(),
                             [](const auto& a, const auto& b) { return a.at < b.at; }));
    RC_ASSERT(shrink(failing, still_fails, 5'000).smallest == shrunk.smallest);
  }));
}

/// Where dropping one thing needs another to stay or to go, the least may not be reached, but what
/// is left fails, and nothing of it can go alone.
TEST(Shrink, LeavesNothingThatCouldGoAlone) {
  EXPECT_TRUE(rc::check([](std::uint64_t salt) {
    const Case failing = large_case(*rc::gen::inRange(1, 16), *rc::gen::inRange(0, 6));
    const auto still_fails = [&](const Case& run) {
      std::uint64_t hash = salt;
      for (const std::string& key : keys(run)) hash = hash * 31 + key.back();
      for (const std::string& kind : kinds(run)) hash = hash * 37 + kind.back();
      return run.orders == failing.orders || hash % 3 == 0;
    };
    const Shrunk shrunk = shrink(failing, still_fails, 20'000);
    RC_ASSERT(still_fails(shrunk.smallest));
    for (std::size_t i = 0; i < shrunk.smallest.orders.size(); ++i) {
      Case without = shrunk.smallest;
      without.orders.erase(without.orders.begin() + static_cast<std::ptrdiff_t>(i));
      RC_ASSERT(!still_fails(without));
    }
    for (std::size_t i = 0; i < shrunk.smallest.faults.size(); ++i) {
      Case without = shrunk.smallest;
      without.faults.erase(without.faults.begin() + static_cast<std::ptrdiff_t>(i));
      RC_ASSERT(!still_fails(without));
    }
  }));
}

}  // namespace
}  // namespace firedrill::properties
