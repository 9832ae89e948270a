#include "faults/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "faults/kinds.h"
#include "faults/validate.h"
#include "traces/scenario.h"
#include "workload/generate.h"

namespace firedrill::faults {
namespace {

using traces::Case;
using traces::Fault;
using traces::Scenario;

constexpr std::uint64_t kSeeds = 400;

Scenario flash_sale() {
  return traces::read_scenario(FIREDRILL_SOURCE_DIR "/traces/scenarios/flash-sale.json",
                               kind_names());
}

Case case_of(const Scenario& scenario, std::uint64_t seed) {
  Case run = workload::generate(scenario, seed);
  run.faults = generate(scenario, run);
  return run;
}

bool within(std::int64_t value, const traces::Range& range) {
  return value >= range.low && value <= range.high;
}

TEST(Generate, StaysWithinTheScenario) {
  const Scenario scenario = flash_sale();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Case run = case_of(scenario, seed);
    EXPECT_EQ(validate(run), "");
    std::map<std::string, std::int64_t> counts;
    for (const Fault& fault : run.faults) {
      const auto allowed =
          std::find_if(scenario.faults.begin(), scenario.faults.end(),
                       [&](const auto& candidate) { return candidate.kind == fault.kind; });
      ASSERT_NE(allowed, scenario.faults.end());
      ++counts[fault.kind];
      EXPECT_GE(fault.at, from_ms(scenario.faults_from_ms));
      EXPECT_LT(fault.at, from_ms(scenario.faults_until_ms));
      EXPECT_TRUE(within(fault.amount, allowed->amount));
      if (find_kind(fault.kind)->lasts) {
        EXPECT_TRUE(within(to_ms(fault.duration), allowed->duration_ms));
      } else {
        EXPECT_EQ(fault.duration, Duration::zero());
      }
    }
    for (const auto& allowed : scenario.faults) {
      const std::int64_t count = counts[allowed.kind];
      EXPECT_TRUE(count == 0 || within(count, allowed.count)) << allowed.kind;
    }
    EXPECT_TRUE(std::is_sorted(run.faults.begin(), run.faults.end(),
                               [](const Fault& a, const Fault& b) { return a.at < b.at; }));
  }
}

TEST(Generate, DependsOnTheSeedAlone) {
  const Scenario scenario = flash_sale();
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(case_of(scenario, seed), case_of(scenario, seed));
    EXPECT_NE(case_of(scenario, seed).faults, case_of(scenario, seed + 1).faults);
    sizes.insert(case_of(scenario, seed).faults.size());
  }
  EXPECT_GT(sizes.size(), 5U);
}

TEST(Generate, LeavesKindsOutByACoin) {
  const Scenario scenario = flash_sale();
  std::map<std::string, std::uint64_t> on;
  std::set<std::set<std::string>> sets;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::set<std::string> kinds;
    for (const Fault& fault : case_of(scenario, seed).faults) kinds.insert(fault.kind);
    for (const std::string& kind : kinds) ++on[kind];
    sets.insert(std::move(kinds));
  }
  for (const auto& allowed : scenario.faults) {
    EXPECT_GT(on[allowed.kind], kSeeds * 4 / 10) << allowed.kind;
    EXPECT_LT(on[allowed.kind], kSeeds * 6 / 10) << allowed.kind;
  }
  EXPECT_GT(sets.size(), kSeeds / 2) << "each kind has its own coin";
}

TEST(Generate, AKindMoreOrLessDoesNotChangeTheOthers) {
  const Scenario whole = flash_sale();
  for (std::size_t left_out = 0; left_out < whole.faults.size(); ++left_out) {
    Scenario less = whole;
    less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(left_out));
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::vector<Fault> expected = case_of(whole, seed).faults;
      std::erase_if(expected,
                    [&](const Fault& fault) { return fault.kind == whole.faults[left_out].kind; });
      EXPECT_EQ(case_of(less, seed).faults, expected);
    }
  }
}

TEST(Generate, StrikesEverybodyThatAKindMayStrike) {
  const Scenario scenario = flash_sale();
  std::map<std::string, std::set<std::string>> struck;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const Fault& fault : case_of(scenario, seed).faults) {
      struck[fault.kind].insert(fault.subject + ">" + fault.object);
    }
  }
  const auto& killed = struck["kill"];
  for (const char* name : {"order-1>", "order-2>", "consumer-1>", "consumer-2>", "inventory-1>",
                           "redis>", "queue>", "postgres>", "postgres-2>"}) {
    EXPECT_TRUE(killed.contains(name)) << name;
  }
  EXPECT_FALSE(killed.contains("clients>")) << "they are who judges";
  const auto& replies = struck["reply-lost"];
  EXPECT_TRUE(replies.contains("order-1>clients"));
  EXPECT_TRUE(replies.contains("queue>consumer-1"));
  EXPECT_FALSE(replies.contains("clients>order-1"));
  const auto& requests = struck["request-lost"];
  EXPECT_TRUE(requests.contains("clients>order-1"));
  EXPECT_FALSE(requests.contains("order-1>clients"));
  const auto& partitions = struck["partition"];
  EXPECT_TRUE(partitions.contains("clients>order-1"));
  EXPECT_TRUE(partitions.contains("order-1>clients"));
  EXPECT_EQ(struck["clock-jump"], (std::set<std::string>{"order-1>", "order-2>"}));
}

TEST(Generate, AimsAboutHalfAtAnOrder) {
  const Scenario scenario = flash_sale();
  std::size_t near = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Case run = case_of(scenario, seed);
    run.orders = {run.orders[run.orders.size() /
                             2]};  // by chance, next to nothing lies within 22 ms of a single order
    const std::vector<Fault> plan = generate(scenario, run);
    for (const Fault& fault : plan) {
      const Duration since = fault.at - run.orders[0].at;
      near += since >= from_ms(-2) && since <= from_ms(20);
      ++all;
    }
  }
  EXPECT_GT(near, all * 4 / 10);
  EXPECT_LT(near, all * 6 / 10);
}

TEST(Generate, WorksWithoutOrders) {
  Case run = workload::generate(flash_sale(), 3);
  run.orders.clear();
  run.faults = generate(flash_sale(), run);
  EXPECT_EQ(validate(run), "");
}

TEST(Generate, HasNothingToDoWhereThereIsNoTime) {
  Scenario scenario = flash_sale();
  scenario.faults_until_ms = scenario.faults_from_ms;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    EXPECT_TRUE(case_of(scenario, seed).faults.empty());
  }
}

class Validate : public testing::Test {
 protected:
  Validate() : run_(case_of(flash_sale(), 1)) {
    run_.faults = {{"kill", from_ms(600), from_ms(100), "order-1", "", 0},
                   {"partition", from_ms(600), from_ms(100), "order-1", "redis", 0}};
  }
  Case run_;
};

TEST_F(Validate, AcceptsWhatCanRun) {
  EXPECT_EQ(validate(run_), "");
}

TEST_F(Validate, NamesTheFaultAndTheField) {
  const auto problem = [this](auto change) {
    Case changed = run_;
    change(changed.faults[1]);
    return validate(changed);
  };
  EXPECT_EQ(problem([](Fault& fault) { fault.kind = "flood"; }),
            "/run/faults/1/kind: there is no fault flood");
  EXPECT_EQ(problem([](Fault& fault) { fault.subject = "order-9"; }),
            "/run/faults/1/subject: there is no host order-9");
  EXPECT_EQ(problem([](Fault& fault) { fault.object = ""; }),
            "/run/faults/1/object: there is no host ");
  EXPECT_EQ(problem([this](Fault& fault) { fault.at = run_.faults_until; }),
            "/run/faults/1/at_ns: expected a time before faults_until_ns");
}

TEST_F(Validate, KnowsHowManyInstancesThereAre) {
  run_.topology = {1, 1, 1};
  EXPECT_EQ(validate(run_), "");
  run_.faults[0].subject = "order-2";
  EXPECT_NE(validate(run_), "");
  run_.topology.order_services = 2;
  EXPECT_EQ(validate(run_), "");
}

}  // namespace
}  // namespace firedrill::faults
