#include <gtest/gtest.h>

#include <string>

#include "sim/postgres/storage/locks.h"
#include "tests/postgres/fibers.h"

namespace firedrill::sim::postgres {
namespace {

using enum LockMode;

LockTag tag(std::uint64_t number) {
  return {LockTag::Kind::relation, number, 0};
}

struct DeadlockTest : testing::Test {
  Fibers fibers;
  Locks locks{fibers};

  ~DeadlockTest() override { fibers.stop(); }

  void take(BackendId backend, std::uint64_t what, LockMode mode) {
    fibers.run(backend, [this, backend, what, mode] {
      locks.acquire(backend, tag(what), mode, WaitPolicy::block);
      fibers.log.push_back(std::to_string(backend) + " has " + std::to_string(what));
    });
  }
  /// "1>2 2>1": who waits for whom.
  std::string circle(BackendId backend) {
    std::string text;
    for (const LockWait& wait : locks.find_deadlock(backend))
      text += (text.empty() ? "" : " ") + std::to_string(wait.waiter) + ">" +
              std::to_string(wait.blocker) + "@" + std::to_string(wait.tag.first);
    fibers.run_woken();
    return text;
  }
};

TEST_F(DeadlockTest, NobodyWaitsInNoCircle) {
  take(1, 1, exclusive);
  take(2, 1, exclusive);
  EXPECT_EQ(circle(2), "");
  EXPECT_EQ(circle(1), "");
}

TEST_F(DeadlockTest, TwoWaitForEachOther) {
  take(1, 1, exclusive);
  take(2, 2, exclusive);
  take(1, 2, exclusive);
  take(2, 1, exclusive);
  EXPECT_EQ(circle(1), "1>2@2 2>1@1");
  EXPECT_EQ(circle(2), "2>1@1 1>2@2");
  fibers.take_log();
  fibers.cancel(2, "40P01");
  EXPECT_EQ(fibers.take_log(), "2 40P01");
  locks.release_transaction(2);
  fibers.run_woken();
  EXPECT_EQ(fibers.take_log(), "1 has 2");
}

TEST_F(DeadlockTest, ThreeInACircleAndOneWhoWaitsForIt) {
  for (BackendId backend = 1; backend <= 3; ++backend) take(backend, backend, exclusive);
  take(1, 2, exclusive);
  take(2, 3, exclusive);
  take(4, 1, row_share);
  take(3, 1, share);
  EXPECT_EQ(circle(4), "") << "not within the circle";
  EXPECT_EQ(circle(3), "3>1@1 1>2@2 2>3@3");
}

TEST_F(DeadlockTest, AQueueIsTurnedAround) {
  // 3 waits behind 2, which waits for 1, which waits for 3: 3 could go ahead of 2.
  take(1, 1, access_share);
  take(3, 3, exclusive);
  take(2, 1, access_exclusive);
  take(3, 1, access_share);
  take(1, 3, exclusive);
  EXPECT_EQ(fibers.take_log(), "1 has 1, 3 has 3, 2 waits, 3 waits, 1 waits");
  EXPECT_EQ(circle(1), "");
  EXPECT_EQ(fibers.take_log(), "3 has 1");
  EXPECT_TRUE(fibers.is_waiting(2));
  locks.release_transaction(3);
  fibers.run_woken();
  EXPECT_EQ(fibers.take_log(), "1 has 3");
}

TEST_F(DeadlockTest, ASoftEdgeThatCannotBeTurned) {
  // 2 waits for 3, too: no order helps.
  take(1, 1, access_share);
  take(3, 3, exclusive);
  take(2, 2, exclusive);
  take(3, 2, exclusive);
  take(2, 3, exclusive);
  EXPECT_EQ(circle(2), "2>3@3 3>2@2");
}

}  // namespace
}  // namespace firedrill::sim::postgres
