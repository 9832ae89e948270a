#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sim/kernel/executor.h"
#include "sim/kernel/wait.h"
#include "tests/kernel/marks.h"

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

/// How many of its kind there are.
class Counted {
 public:
  explicit Counted(int* alive) : alive_(alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

asio::awaitable<void> park(Lane* lane, Counted argument, int depth, bool timed) {
  Counted local(argument);
  auto heap = std::make_unique<Counted>(argument);
  if (depth > 0) {
    co_await park(lane, local, depth - 1, timed);
  } else {
    Wait<std::string> wait(*lane);
    static_cast<void>(co_await wait.until(timed ? at_ms(1'000) : Instant::max()));
  }
  ADD_FAILURE() << "a dropped coroutine went on";
}

void spawn(Lane& lane, asio::awaitable<void> task) {
  asio::co_spawn(asio::any_io_executor(Executor(lane)), std::move(task),
                 [](std::exception_ptr) { ADD_FAILURE() << "a dropped coroutine ended"; });
}

/// Posts, and spawns, when destroyed, and so do those that it leaves behind, so many times.
class Testament {
 public:
  Testament(Lane* lane, int* alive, int heirs) : lane_(lane), alive_(alive), heirs_(heirs) {
    ++*alive_;
  }
  Testament(Testament&& other) noexcept
      : lane_(other.lane_), alive_(other.alive_), heirs_(std::exchange(other.heirs_, 0)) {
    ++*alive_;
  }
  Testament& operator=(Testament&&) = delete;
  ~Testament() {
    --*alive_;
    if (heirs_ == 0) return;
    lane_->post([heir = Testament(lane_, alive_, heirs_ - 1)] {
      ADD_FAILURE() << "a dropped lane ran a handler";
    });
    spawn(*lane_, park(lane_, Counted(alive_), 1, true));
  }

 private:
  Lane* lane_;
  int* alive_;
  int heirs_;
};

asio::awaitable<void> park_with(Lane* lane, [[maybe_unused]] Testament testament) {
  Wait<int> wait(*lane);
  static_cast<void>(co_await wait.forever());
  ADD_FAILURE() << "a dropped coroutine went on";
}

class Drop : public testing::TestWithParam<bool> {
 protected:
  void fill(Lane& lane) {
    for (int i = 0; i < 50; ++i) {
      spawn(lane, park(&lane, Counted(&alive_), i % 7, i % 2 == 0));
      spawn(lane, park_with(&lane, Testament(&lane, &alive_, i % 4)));
      lane.post_at(at_ms(500), [held = Counted(&alive_)] { ADD_FAILURE() << "ran"; });
    }
  }

  /// Whether the coroutines wait somewhere, or have not even begun.
  bool begun() const { return GetParam(); }

  Scheduler scheduler_{1};
  int alive_ = 0;
};

TEST_P(Drop, DestroysEverythingThatALaneOwns) {
  Lane lane(scheduler_, 0);
  fill(lane);
  if (begun()) scheduler_.run_until(at_ms(10));
  EXPECT_GE(alive_, begun() ? 500 : 150);
  lane.drop();
  EXPECT_EQ(alive_, 0);
  scheduler_.run_until(at_ms(2'000));
}

TEST_P(Drop, LeavesOtherLanesAlone) {
  Lane lane(scheduler_, 0);
  Lane other(scheduler_, 1);
  fill(lane);
  int ran = 0;
  other.post_at(at_ms(5), [&] { ++ran; });
  if (begun()) scheduler_.run_until(at_ms(1));
  lane.drop();
  scheduler_.run_until(at_ms(10));
  EXPECT_EQ(ran, 1);
}

TEST_P(Drop, DestroysEverythingWhilePaused) {
  Lane lane(scheduler_, 0);
  fill(lane);
  if (begun()) scheduler_.run_until(at_ms(1));
  lane.pause();
  scheduler_.run_until(at_ms(600));  // past the timers of the handlers: they are held back
  lane.drop();
  EXPECT_EQ(alive_, 0);
  scheduler_.run_until(at_ms(2'000));
}

TEST_P(Drop, ComesWithTheEndOfTheLane) {
  auto lane = std::make_unique<Lane>(scheduler_, 0);
  fill(*lane);
  if (begun()) scheduler_.run_until(at_ms(1));
  lane.reset();
  EXPECT_EQ(alive_, 0);
}

TEST_P(Drop, MayBeCalledByAHandlerOfTheLane) {
  Lane lane(scheduler_, 0);
  fill(lane);
  if (begun()) scheduler_.run_until(at_ms(1));
  bool done = false;
  lane.post([&, held = Counted(&alive_)] {
    lane.drop();
    EXPECT_EQ(alive_, 1) << "what runs keeps what it holds";
    done = true;
  });
  while (!done && scheduler_.step(at_ms(10))) {
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(alive_, 0);
}

TEST_P(Drop, LetsTheLaneBeUsedAgain) {
  Lane lane(scheduler_, 0);
  for (int round = 0; round < 3; ++round) {
    fill(lane);
    if (begun()) scheduler_.run_until(scheduler_.now() + from_ms(1));
    lane.drop();
    EXPECT_EQ(alive_, 0);
  }
  int ran = 0;
  lane.post([&] { ++ran; });
  scheduler_.run_until(at_ms(10));
  EXPECT_EQ(ran, 1);
}

INSTANTIATE_TEST_SUITE_P(BegunOrNot, Drop, testing::Bool());

}  // namespace
}  // namespace firedrill::sim
