#include "sim/world/wall_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace firedrill::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
  return Instant(since_start);
}
Duration error(const WallClock& clock, Instant now) {
  return clock.at(now) - (kWorldBegan + now.time_since_epoch());
}

TEST(WallClock, IsRightAtFirst) {
  const WallClock clock;
  EXPECT_EQ(clock.at(at({})), kWorldBegan);
  EXPECT_EQ(clock.at(at(seconds(5))), kWorldBegan + seconds(5));
}

TEST(WallClock, CountsItsReadings) {
  const WallClock clock;
  static_cast<void>(clock.at(at({})));
  static_cast<void>(clock.at(at({})));
  EXPECT_EQ(clock.readings(), 2U);
}

TEST(WallClock, Jumps) {
  WallClock clock;
  clock.jump(seconds(3));
  clock.jump(-seconds(5));
  EXPECT_EQ(error(clock, at(seconds(7))), -seconds(2));
}

TEST(WallClock, DriftsByMicrosecondsASecond) {
  WallClock clock;
  clock.drift(at(seconds(10)), 200);
  EXPECT_EQ(error(clock, at(seconds(10))), Duration::zero());
  EXPECT_EQ(error(clock, at(seconds(15))), microseconds(1000));
  clock.drift(at(seconds(15)), -300);  // -100 from here on
  EXPECT_EQ(error(clock, at(seconds(15))), microseconds(1000));
  EXPECT_EQ(error(clock, at(seconds(25))), Duration::zero());
}

TEST(WallClock, DriftsWithoutStepping) {
  for (const std::int64_t ppm : {-20'000, 20'000}) {
    WallClock clock;
    clock.drift(at({}), ppm);
    WallTime last = clock.at(at({}));
    for (std::int64_t ns = 1; ns < 3'000'000; ns += 997) {
      const WallTime now = clock.at(at(Duration(ns)));
      EXPECT_GT(now, last) << "after " << ns << " ns";
      EXPECT_LT(now - last, Duration(2'000));
      last = now;
    }
  }
}

TEST(WallClock, TakesADriftBackWithAllThatItGained) {
  WallClock clock;
  clock.jump(seconds(1));
  clock.drift(at(seconds(1)), 20'000);
  clock.drift(at(seconds(2)), -500);
  clock.drift(at(seconds(1)), -20'000);
  EXPECT_EQ(error(clock, at(seconds(12))), seconds(1) - microseconds(5'000));
}

TEST(WallClock, DoesNotOverflow) {
  WallClock clock;
  const auto century = std::chrono::hours(24 * 365 * 100);
  clock.drift(at({}), 900'000);
  EXPECT_EQ(error(clock, at(century)), century / 10 * 9);
  clock.drift(at({}), -900'000 - 999'999);
  EXPECT_EQ(error(clock, at(seconds(1'000'000))), -seconds(999'999));
}

/// Faults come and go in any order: whatever is begun and ended leaves a right clock.
TEST(WallClock, IsRightAgainOnceAllIsTakenBack) {
  EXPECT_TRUE(rc::check([] {
    struct Wrong {
      bool drifts;
      std::int64_t amount;
      Instant since;
    };
    const auto amounts =
        *rc::gen::container<std::vector<std::pair<bool, std::int64_t>>>(rc::gen::pair(
            rc::gen::arbitrary<bool>(), rc::gen::inRange<std::int64_t>(-400'000'000, 400'000'000)));
    WallClock clock;
    std::vector<Wrong> wrongs;
    std::int64_t now = 0;
    for (const auto& [drifts, amount] : amounts) {
      now += std::abs(amount) + 1;
      const Wrong wrong{drifts, drifts ? amount / 10'000 : amount, at(Duration(now))};
      if (drifts) {
        clock.drift(wrong.since, wrong.amount);
      } else {
        clock.jump(Duration(wrong.amount));
      }
      wrongs.push_back(wrong);
    }
    while (!wrongs.empty()) {
      const auto which = *rc::gen::inRange<std::size_t>(0, wrongs.size());
      const Wrong wrong = wrongs[which];
      wrongs.erase(wrongs.begin() + static_cast<std::ptrdiff_t>(which));
      if (wrong.drifts) {
        clock.drift(wrong.since, -wrong.amount);
      } else {
        clock.jump(-Duration(wrong.amount));
      }
    }
    RC_ASSERT(error(clock, at(Duration(now))) == Duration::zero());
    RC_ASSERT(error(clock, at(Duration(now) + seconds(77))) == Duration::zero());
  }));
}

}  // namespace
}  // namespace firedrill::sim
