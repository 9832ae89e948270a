#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "tests/kernel/marks.h"

namespace firedrill::sim {
namespace {

constexpr int kEvents = 24;

/// The order in which `lanes` lanes, in turn given events of equal time, run them.
std::vector<int> order(std::uint64_t seed, PickPolicy policy, int lanes,
                       std::uint64_t* digest = nullptr) {
  Scheduler scheduler(seed, policy);
  std::vector<std::unique_ptr<Lane>> owned;
  for (int i = 0; i < lanes; ++i) {
    owned.push_back(std::make_unique<Lane>(scheduler, static_cast<std::uint32_t>(i)));
  }
  std::vector<int> seen;
  std::vector<std::unique_ptr<Mark>> marks;
  for (int i = 0; i < kEvents; ++i) {
    marks.push_back(std::make_unique<Mark>(seen, i));
    scheduler.at(*marks.back(), *owned[static_cast<std::size_t>(i % lanes)], at_ms(1));
  }
  scheduler.run_until(at_ms(1));
  if (digest != nullptr) *digest = scheduler.digest().value();
  return seen;
}

std::vector<int> counted() {
  std::vector<int> numbers(kEvents);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

PickPolicy random_policy() {
  return {PickPolicy::Kind::random, 0, 0};
}
PickPolicy pct(std::uint32_t change_points, std::uint64_t steps = kEvents) {
  return {PickPolicy::Kind::pct, change_points, steps};
}

TEST(PickPolicy, FirstComeKeepsTheOrderForEverySeed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(order(seed, {}, 6), counted());
}

void is_a_permutation_that_the_seed_decides(PickPolicy policy) {
  std::set<std::vector<int>> orders;
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::uint64_t digest = 0;
    std::uint64_t again = 0;
    std::vector<int> seen = order(seed, policy, 6, &digest);
    EXPECT_EQ(order(seed, policy, 6, &again), seen);
    EXPECT_EQ(digest, again);
    orders.insert(seen);
    digests.insert(digest);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, counted());
  }
  EXPECT_GT(orders.size(), 40U);
  EXPECT_EQ(digests.size(), 50U);
}

TEST(PickPolicy, RandomIsAPermutationThatTheSeedDecides) {
  is_a_permutation_that_the_seed_decides(random_policy());
}

TEST(PickPolicy, PctIsAPermutationThatTheSeedDecides) {
  is_a_permutation_that_the_seed_decides(pct(2));
}

TEST(PickPolicy, RandomGivesEveryEventAChanceToComeFirst) {
  std::set<int> first;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    first.insert(order(seed, random_policy(), 1).front());
  }
  EXPECT_EQ(first.size(), static_cast<std::size_t>(kEvents));
}

TEST(PickPolicy, PctKeepsTheOrderWithinALane) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(order(seed, pct(3), 1), counted());
    const std::vector<int> seen = order(seed, pct(3), 4);
    for (int lane = 0; lane < 4; ++lane) {
      std::vector<int> own;
      std::copy_if(seen.begin(), seen.end(), std::back_inserter(own),
                   [&](int number) { return number % 4 == lane; });
      EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    }
  }
}

int switches(const std::vector<int>& seen, int lanes) {
  int count = 0;
  for (std::size_t i = 1; i < seen.size(); ++i) count += seen[i] % lanes != seen[i - 1] % lanes;
  return count;
}

TEST(PickPolicy, PctRunsOneLaneAfterTheOtherWithoutChangePoints) {
  std::set<int> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<int> seen = order(seed, pct(0), 3);
    EXPECT_EQ(switches(seen, 3), 2);
    first.insert(seen.front());
  }
  EXPECT_EQ(first.size(), 3U);
}

TEST(PickPolicy, PctLeavesTheRunningLaneAtAChangePoint) {
  int preempted = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const int count = switches(order(seed, pct(1), 2), 2);
    EXPECT_LE(count, 2);  // one for the end of a lane, one for the change point
    preempted += count == 2;
  }
  EXPECT_GT(preempted, 20);
}

TEST(PickPolicy, PctSpreadsItsChangePointsOverTheExpectedSteps) {
  int preempted = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    preempted += switches(order(seed, pct(1, 1'000'000), 2), 2) == 2;
  }
  EXPECT_EQ(preempted, 0);
}

TEST(PickPolicy, ALaneMoreDoesNotChangeTheOrderOfTheOthersUnderPct) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto lanes_in_order = [seed](int lanes) {
      Scheduler scheduler(seed, pct(0));
      std::vector<std::unique_ptr<Lane>> owned;
      std::vector<int> seen;
      for (int i = 0; i < lanes; ++i) {
        owned.push_back(std::make_unique<Lane>(scheduler, static_cast<std::uint32_t>(i)));
        owned.back()->post([&seen, i] { seen.push_back(i); });
      }
      scheduler.run_until(at_ms(0));
      return seen;
    };
    std::vector<int> with_more = lanes_in_order(6);
    std::erase(with_more, 5);
    EXPECT_EQ(with_more, lanes_in_order(5));
  }
}

TEST(PickPolicy, TimeComesBeforeEveryPick) {
  for (const PickPolicy policy : {random_policy(), pct(3)}) {
    EXPECT_TRUE(rc::check([policy](std::uint64_t seed) {
      const auto delays = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10));
      Scheduler scheduler(seed, policy);
      Lane lanes[2] = {{scheduler, 0}, {scheduler, 1}};
      std::vector<int> seen;
      std::vector<std::unique_ptr<Mark>> marks;
      for (const int delay : delays) {
        marks.push_back(std::make_unique<Mark>(seen, delay));
        scheduler.at(*marks.back(), lanes[marks.size() % 2], at_ms(delay));
      }
      // Every third is taken back.
      std::vector<int> expected;
      for (std::size_t i = 0; i < marks.size(); ++i) {
        if (i % 3 == 0) {
          marks[i]->cancel();
        } else {
          expected.push_back(delays[i]);
        }
      }
      scheduler.run_until(at_ms(20));
      std::sort(expected.begin(), expected.end());
      RC_ASSERT(seen == expected);
    }));
  }
}

TEST(PickPolicy, AnEventMayTakeBackAnotherThatIsReady) {
  for (const PickPolicy policy : {PickPolicy{}, random_policy(), pct(1)}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Scheduler scheduler(seed, policy);
      Lane lane(scheduler, 0);
      std::vector<int> seen;
      std::vector<std::unique_ptr<Mark>> marks;
      for (int i = 0; i < 4; ++i) {
        marks.push_back(std::make_unique<Mark>(seen, i, [&] {
          for (auto& mark : marks) mark->cancel();
        }));
        scheduler.at(*marks.back(), lane, at_ms(i < 2 ? 1 : 0));
      }
      scheduler.run_until(at_ms(2));
      EXPECT_EQ(seen.size(), 1U);
    }
  }
}

}  // namespace
}  // namespace firedrill::sim
