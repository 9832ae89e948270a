#include "sim/kernel/wait.h"

#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/executor.h"
#include "tests/kernel/marks.h"

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

class WaitTest : public testing::Test {
 protected:
  void spawn(asio::awaitable<void> task) {
    asio::co_spawn(asio::any_io_executor(Executor(lane_)), std::move(task),
                   [this](std::exception_ptr error) { (error == nullptr ? returned_ : threw_)++; });
  }

  /// Awaits `wait` until `deadline`, then notes the value and the time.
  asio::awaitable<void> take(Wait<std::string>* wait, Instant deadline) {
    std::optional<std::string> value = co_await wait->until(deadline);
    values_.push_back(value.value_or("nothing"));
    times_.push_back(scheduler_.now());
  }

  void expect(const std::string& value, Instant when) {
    EXPECT_EQ(values_, (std::vector<std::string>{value}));
    EXPECT_EQ(times_, (std::vector<Instant>{when}));
    EXPECT_EQ(returned_, 1);
    EXPECT_EQ(threw_, 0);
  }

  Scheduler scheduler_{1};
  Lane lane_{scheduler_, 0};
  Lane other_{scheduler_, 1};
  Wait<std::string> wait_{lane_};
  std::vector<std::string> values_;
  std::vector<Instant> times_;
  int returned_ = 0;
  int threw_ = 0;
};

TEST_F(WaitTest, GivesTheValueWhenItComes) {
  spawn(take(&wait_, at_ms(9)));
  other_.post_at(at_ms(3), [this] { wait_.complete("value"); });
  scheduler_.run_until(at_ms(20));
  expect("value", at_ms(3));
}

TEST_F(WaitTest, GivesNothingAtTheDeadline) {
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(8));
  EXPECT_TRUE(values_.empty());
  scheduler_.run_until(at_ms(20));
  expect("nothing", at_ms(9));
  EXPECT_TRUE(wait_.done());
  wait_.complete("late");  // nobody listens any more
  scheduler_.run_until(at_ms(30));
  expect("nothing", at_ms(9));
}

TEST_F(WaitTest, GivesTheValueThatCameBeforeItWasAwaited) {
  wait_.complete("early");
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(20));
  expect("early", at_ms(0));
}

TEST_F(WaitTest, KeepsTheFirstOfTwoValues) {
  spawn(take(&wait_, at_ms(9)));
  other_.post_at(at_ms(3), [this] {
    wait_.complete("first");
    wait_.complete("second");
    wait_.complete_now("third");
  });
  other_.post_at(at_ms(4), [this] { wait_.complete("fourth"); });
  scheduler_.run_until(at_ms(20));
  expect("first", at_ms(3));
}

TEST_F(WaitTest, DoesNotReturnBeforeItsCallerSuspends) {
  spawn(take(&wait_, at_ms(-5)));  // in the past
  EXPECT_TRUE(values_.empty());
  scheduler_.run_until(at_ms(0));
  expect("nothing", at_ms(0));
}

TEST_F(WaitTest, TheValueWinsAtTheInstantOfTheDeadlineWhereItCameFirst) {
  other_.post_at(at_ms(9), [this] { wait_.complete("value"); });  // scheduled before the deadline
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(20));
  expect("value", at_ms(9));
}

TEST_F(WaitTest, TheDeadlineWinsWhereItCameFirst) {
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(1));
  other_.post_at(at_ms(9), [this] { wait_.complete("value"); });
  scheduler_.run_until(at_ms(20));
  expect("nothing", at_ms(9));
}

TEST_F(WaitTest, CompleteNowResumesInsideTheCall) {
  spawn(take(&wait_, at_ms(9)));
  bool inside = false;
  lane_.post_at(at_ms(3), [&] {
    wait_.complete_now("value");
    inside = !values_.empty();
  });
  scheduler_.run_until(at_ms(20));
  EXPECT_TRUE(inside);
  expect("value", at_ms(3));
}

TEST_F(WaitTest, CompleteNowBeforeItIsAwaitedKeepsTheValue) {
  wait_.complete_now("early");
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(20));
  expect("early", at_ms(0));
}

TEST_F(WaitTest, ForeverHasNoDeadline) {
  spawn(take(&wait_, Instant::max()));
  scheduler_.run_until(at_ms(1'000'000'000));
  EXPECT_TRUE(values_.empty());
  wait_.complete("value");
  scheduler_.run_until(at_ms(1'000'000'000));
  expect("value", at_ms(1'000'000'000));
}

TEST_F(WaitTest, IsHeldBackByAPause) {
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(1));
  lane_.pause();
  other_.post_at(at_ms(3), [this] { wait_.complete("value"); });
  scheduler_.run_until(at_ms(15));
  EXPECT_TRUE(values_.empty());
  lane_.resume();
  scheduler_.run_until(at_ms(20));
  expect("value", at_ms(15));
}

TEST_F(WaitTest, AValueThatComesWhileItsDeadlineIsHeldBackWins) {
  spawn(take(&wait_, at_ms(5)));
  scheduler_.run_until(at_ms(1));
  lane_.pause();
  scheduler_.run_until(at_ms(6));
  wait_.complete("value");
  lane_.resume();
  scheduler_.run_until(at_ms(20));
  expect("value", at_ms(6));
}

TEST_F(WaitTest, AnAbandonedWaitEndsItsCoroutineWithoutRunningIt) {
  spawn(take(&wait_, at_ms(9)));
  scheduler_.run_until(at_ms(1));
  lane_.drop();
  EXPECT_FALSE(wait_.scheduled());
  wait_.complete("value");
  scheduler_.run_until(at_ms(20));
  EXPECT_TRUE(values_.empty());
  EXPECT_EQ(returned_, 0);
}

asio::awaitable<int> inner(Wait<int>* wait) {
  std::optional<int> value = co_await wait->forever();
  if (!value.has_value()) throw std::runtime_error("nothing");
  co_return *value + 1;
}

asio::awaitable<int> outer(Wait<int>* first, Wait<int>* second) {
  const int one = co_await inner(first);
  const int two = co_await inner(second);
  co_return one + two;
}

asio::awaitable<void> outermost(Wait<int>* first, Wait<int>* second, int* sum) {
  *sum = co_await outer(first, second);
}

TEST_F(WaitTest, WorksThroughNestedAwaits) {
  Wait<int> first(lane_);
  Wait<int> second(lane_);
  int sum = 0;
  spawn(outermost(&first, &second, &sum));
  other_.post_at(at_ms(1), [&] { second.complete(20); });
  other_.post_at(at_ms(2), [&] { first.complete(10); });
  scheduler_.run_until(at_ms(9));
  EXPECT_EQ(sum, 32);
  EXPECT_EQ(returned_, 1);
}

asio::awaitable<void> throws(Wait<int>* wait) {
  static_cast<void>(co_await wait->forever());
  throw std::runtime_error("bug");
}

TEST_F(WaitTest, HandsExceptionsToTheOneWhoSpawned) {
  Wait<int> wait(lane_);
  spawn(throws(&wait));
  wait.complete(1);
  scheduler_.run_until(at_ms(1));
  EXPECT_EQ(threw_, 1);
}

asio::awaitable<void> take_twice(Wait<int>* wait) {
  static_cast<void>(co_await wait->forever());
}

using WaitDeathTest = WaitTest;

TEST_F(WaitDeathTest, IsAwaitedByOneOnly) {
  Wait<int> wait(lane_);
  spawn(take_twice(&wait));
  spawn(take_twice(&wait));
  EXPECT_DEATH(scheduler_.run_until(at_ms(1)), "awaited once");
}

/// A coroutine that can be told to stop: it is destroyed where it waits.
class StopTest : public WaitTest {
 protected:
  StopTest() {
    asio::co_spawn(
        asio::any_io_executor(Executor(lane_)), wait_for_two(held_),
        asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { ++returned_; }));
    scheduler_.run_until(at_ms(1));
  }

  void stop() {
    stop_.emit(asio::cancellation_type::terminal);
    scheduler_.run_until(scheduler_.now() + from_ms(1));
  }
  bool alive() const { return held_.use_count() > 1; }

  asio::awaitable<void> wait_for_two(std::shared_ptr<int> held) {
    Wait<int> first(lane_);
    waiting_ = &first;
    *held += (co_await first.until(at_ms(50))).has_value();
    Wait<int> second(lane_);
    waiting_ = &second;
    *held += (co_await second.until(at_ms(100))).has_value();
    waiting_ = nullptr;
  }

  asio::cancellation_signal stop_;
  std::shared_ptr<int> held_ = std::make_shared<int>(0);
  Wait<int>* waiting_ = nullptr;
};

TEST_F(StopTest, DestroysACoroutineThatWaits) {
  EXPECT_TRUE(alive());
  stop();
  EXPECT_FALSE(alive());
  EXPECT_EQ(returned_, 0);
}

TEST_F(StopTest, DestroysItInALaterWait) {
  waiting_->complete(1);
  scheduler_.run_until(at_ms(2));
  EXPECT_EQ(*held_, 1);
  stop();
  EXPECT_FALSE(alive());
  EXPECT_EQ(*held_, 1);
}

TEST_F(StopTest, DoesNothingAfterItReturned) {
  waiting_->complete(1);
  scheduler_.run_until(at_ms(2));
  waiting_->complete(1);
  scheduler_.run_until(at_ms(3));
  EXPECT_EQ(returned_, 1);
  stop();
  EXPECT_EQ(returned_, 1);
  EXPECT_EQ(*held_, 2);
}

TEST_F(StopTest, DoesNothingAfterADeadlineHasPassed) {
  scheduler_.run_until(at_ms(200));
  EXPECT_EQ(returned_, 1);
  stop();
  EXPECT_EQ(*held_, 0);
}

TEST_F(StopTest, MayBeSaidTwice) {
  stop_.emit(asio::cancellation_type::terminal);
  stop_.emit(asio::cancellation_type::terminal);
  stop();
  EXPECT_FALSE(alive());
  stop();  // long after it is gone
}

TEST_F(StopTest, MayBeSaidWhileTheValueIsOnItsWay) {
  waiting_->complete(1);
  stop();
  EXPECT_FALSE(alive());
  EXPECT_EQ(returned_, 0);
}

TEST_F(StopTest, DoesNothingToTheDropped) {
  lane_.drop();
  EXPECT_FALSE(alive());
  stop();
}

TEST_F(StopTest, MayBeSaidJustBeforeTheDrop) {
  stop_.emit(asio::cancellation_type::terminal);
  lane_.drop();
  EXPECT_FALSE(alive());
}

TEST_F(WaitTest, AsioPostsThroughTheExecutor) {
  std::vector<int> seen;
  const asio::any_io_executor executor{Executor(lane_)};
  EXPECT_EQ(executor, asio::any_io_executor{Executor(lane_)});
  EXPECT_NE(executor, asio::any_io_executor{Executor(other_)});
  asio::post(executor, [&] {
    seen.push_back(1);
    asio::post(executor, [&] { seen.push_back(2); });
    EXPECT_EQ(seen.size(), 1U) << "never inside the call";
  });
  EXPECT_TRUE(seen.empty());
  scheduler_.run_until(at_ms(0));
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace firedrill::sim
