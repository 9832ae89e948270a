#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "tests/kernel/marks.h"

namespace firedrill::sim {
namespace {

class Pause : public testing::TestWithParam<PickPolicy::Kind> {
 protected:
  Pause() {
    for (int i = 0; i < 4; ++i) {
      marks_.push_back(std::make_unique<Mark>(seen_, i));
      scheduler_.at(*marks_.back(), lane_, at_ms(i + 1));
    }
  }

  Scheduler scheduler_{7, {GetParam(), 1, 10}};
  Lane lane_{scheduler_, 1};
  Lane other_{scheduler_, 2};
  std::vector<int> seen_;
  std::vector<std::unique_ptr<Mark>> marks_;
};

TEST_P(Pause, HoldsBackWhatIsDueAndNothingElse) {
  lane_.pause();
  Mark other(seen_, 9);
  scheduler_.at(other, other_, at_ms(2));
  scheduler_.run_until(at_ms(2));
  EXPECT_EQ(seen_, (std::vector<int>{9}));
  EXPECT_EQ(lane_.held_back(), 2U);
  EXPECT_EQ(scheduler_.steps(), 1U);
  EXPECT_TRUE(marks_[0]->scheduled());
}

TEST_P(Pause, TakesBackWhatIsHeld) {
  lane_.pause();
  scheduler_.run_until(at_ms(3));
  marks_[1]->cancel();
  EXPECT_FALSE(marks_[1]->scheduled());
  marks_[2].reset();
  scheduler_.soon(*marks_[1], lane_);  // again, at the end
  scheduler_.run_until(at_ms(3));
  marks_[1]->cancel();
  lane_.resume();
  scheduler_.run_until(at_ms(9));
  EXPECT_EQ(seen_, (std::vector<int>{0, 3}));
}

TEST_P(Pause, NestsAndForgivesOneResumeTooMany) {
  lane_.resume();
  lane_.pause();
  lane_.pause();
  scheduler_.run_until(at_ms(9));
  lane_.resume();
  scheduler_.run_until(at_ms(9));
  EXPECT_TRUE(seen_.empty());
  EXPECT_TRUE(lane_.paused());
  lane_.resume();
  scheduler_.run_until(at_ms(9));
  EXPECT_EQ(seen_.size(), 4U);
}

TEST_P(Pause, EndsWhenTheLaneIsDropped) {
  int posted = 0;
  lane_.pause();
  lane_.pause();
  lane_.post([&posted] { ++posted; });
  scheduler_.run_until(at_ms(9));
  lane_.drop();
  EXPECT_FALSE(lane_.paused());
  scheduler_.run_until(at_ms(9));
  EXPECT_EQ(seen_.size(), 4U) << "events are not the lane's: a message on its way has an owner";
  EXPECT_EQ(posted, 0) << "handlers are the lane's";
}

TEST_P(Pause, MayBeginAndEndWithinAnEvent) {
  Mark pauses(seen_, 10, [this] { lane_.pause(); });
  Mark resumes(seen_, 11, [this] { lane_.resume(); });
  scheduler_.at(pauses, other_, at_ms(1) + Duration(1));
  scheduler_.at(resumes, other_, at_ms(3) + Duration(1));
  scheduler_.run_until(at_ms(9));
  ASSERT_EQ(seen_.size(), 6U);
  EXPECT_EQ(seen_[0], 0);
  EXPECT_EQ(seen_[1], 10);
  EXPECT_EQ(seen_[2], 11);
  EXPECT_EQ(seen_[5], 3);
}

INSTANTIATE_TEST_SUITE_P(EveryPolicy, Pause,
                         testing::Values(PickPolicy::Kind::first_come, PickPolicy::Kind::random,
                                         PickPolicy::Kind::pct));

class PauseInOrder : public Pause {};

TEST_P(PauseInOrder, ResumeKeepsTheOrder) {
  lane_.pause();
  scheduler_.run_until(at_ms(3));
  lane_.resume();
  scheduler_.run_until(at_ms(9));
  EXPECT_EQ(seen_, (std::vector<int>{0, 1, 2, 3}));
}

INSTANTIATE_TEST_SUITE_P(OrderedPolicies, PauseInOrder,
                         testing::Values(PickPolicy::Kind::first_come, PickPolicy::Kind::pct));

}  // namespace
}  // namespace firedrill::sim
