#include <gtest/gtest.h>

#include "tests/postgres/stored_table.h"

namespace firedrill::sim::postgres {
namespace {

using enum RowLockMode;

struct RowLocksTest : StoredTable {
  RowLocksTest() {
    for (BackendId backend = 1; backend <= 4; ++backend) begin(backend);
  }
};

TEST_F(RowLocksTest, EachModeAgainstEach) {
  constexpr std::array<std::string_view, 4> kExpected{"...X", "..XX", ".XXX", "XXXX"};
  for (unsigned held = 0; held < 4; ++held)
    for (unsigned asked = 0; asked < 4; ++asked) {
      Version& version = row(held * 4 + asked);
      lock(1, version, static_cast<RowLockMode>(held));
      lock(2, version, static_cast<RowLockMode>(asked), WaitPolicy::skip);
      EXPECT_EQ(fibers.take_log(),
                kExpected[held][asked] == 'X' ? "1 done, 2 would_block" : "1 done, 2 done")
          << held << " " << asked;
    }
}

TEST_F(RowLocksTest, AnUpdateWaitsAndMeetsTheNewVersion) {
  Version& version = row(1);
  update(1, version);
  update(2, version);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits");
  commit(1);
  EXPECT_EQ(fibers.take_log(), "2 updated");
  update(2, *version.newer);
  EXPECT_EQ(fibers.take_log(), "2 done");
  remove(3, version);
  EXPECT_EQ(fibers.take_log(), "3 updated");
}

TEST_F(RowLocksTest, AnUpdateGoesOnWhereTheOtherIsUndone) {
  Version& version = row(1);
  remove(1, version);
  update(2, version);
  abort(1);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits, 2 done");
  remove(3, version);
  commit(2);
  EXPECT_EQ(fibers.take_log(), "3 waits, 3 updated");
}

TEST_F(RowLocksTest, ADeletionIsTold) {
  Version& version = row(1);
  remove(1, version);
  lock(2, version, key_share);
  commit(1);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits, 2 deleted");
}

TEST_F(RowLocksTest, WaitersQueueByTheLockOnTheRow) {
  Version& version = row(1);
  lock(1, version, RowLockMode::update);
  lock(2, version, share);
  lock(3, version, RowLockMode::update);
  lock(4, version, share);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits, 3 waits, 4 waits");
  EXPECT_TRUE(locks.holds(2, {LockTag::Kind::row, kTable, version.number}, LockMode::row_share));
  commit(1);
  // 2 gets the row, so 3 is the next who waits for it; 4 asks the queue's lock after 3.
  EXPECT_EQ(fibers.take_log(), "2 done, 3 waits");
  EXPECT_TRUE(fibers.is_waiting(4));
  commit(2);
  EXPECT_EQ(fibers.take_log(), "3 done, 4 waits");
  commit(3);
  EXPECT_EQ(fibers.take_log(), "4 done");
}

TEST_F(RowLocksTest, WhoHoldsMoreNeedsNoMore) {
  Version& version = row(1);
  lock(1, version, no_key_update);
  lock(1, version, share);
  lock(1, version, key_share);
  EXPECT_EQ(version.lockers.size(), 1U);
  lock(1, version, RowLockMode::update);
  EXPECT_EQ(version.lockers.size(), 1U);
  EXPECT_EQ(version.lockers[0].mode, RowLockMode::update);
  EXPECT_EQ(fibers.take_log(), "1 done, 1 done, 1 done, 1 done");
}

TEST_F(RowLocksTest, WhoUpgradesDoesNotQueueBehindThoseWhoWaitForHim) {
  Version& version = row(1);
  lock(1, version, share);
  lock(2, version, RowLockMode::update);
  lock(1, version, RowLockMode::update);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits, 1 done");
}

TEST_F(RowLocksTest, TwoWhoUpgradeADeadlock) {
  Version& version = row(1);
  lock(1, version, share);
  lock(2, version, share);
  update(1, version);
  update(2, version);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 done, 1 waits, 2 waits");
  EXPECT_EQ(locks.find_deadlock(2).size(), 2U);
  fibers.cancel(2, "40P01");
  abort(2);
  EXPECT_EQ(fibers.take_log(), "2 40P01, 1 done");
}

TEST_F(RowLocksTest, AKeyShareLockOutlivesUpdatesOfOtherColumns) {
  Version& version = row(1);
  lock(1, version, key_share);
  update(2, version);
  commit(2);
  Version& newer = *version.newer;
  remove(3, newer);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 done, 3 waits");
  update(4, newer);
  // 3 holds the queue's lock on the row.
  EXPECT_EQ(fibers.take_log(), "4 done");
  commit(1);
  EXPECT_EQ(fibers.take_log(), "3 waits");
  commit(4);
  EXPECT_EQ(fibers.take_log(), "3 updated");
}

TEST_F(RowLocksTest, AKeyShareLockOfAnOldVersionLocksTheNewerOnes) {
  Version& version = row(1);
  update(1, version);
  lock(2, version, key_share);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 done");
  Version& newer = *version.newer;
  commit(1);
  remove(3, newer);
  EXPECT_EQ(fibers.take_log(), "3 waits");
  commit(2);
  EXPECT_EQ(fibers.take_log(), "3 done");
}

TEST_F(RowLocksTest, AKeyShareLockWaitsForTheDeletionOfANewerVersion) {
  Version& version = row(1);
  update(1, version);
  commit(1);
  remove(2, *version.newer);
  lock(3, version, key_share);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 done, 3 waits");
  commit(2);
  EXPECT_EQ(fibers.take_log(), "3 deleted");
}

TEST_F(RowLocksTest, AnUpdateAfterForUpdateCountsAsOneOfTheKeys) {
  Version& version = row(1);
  lock(1, version, RowLockMode::update);
  update(1, version);
  lock(2, version, key_share, WaitPolicy::skip);
  EXPECT_EQ(fibers.take_log(), "1 done, 1 done, 2 would_block");
}

TEST_F(RowLocksTest, ASavepointsLocksEndWithIt) {
  Version& version = row(1);
  lock(1, version, key_share);
  savepoint(1);
  lock(1, version, RowLockMode::update);
  lock(2, version, share);
  EXPECT_EQ(fibers.take_log(), "1 done, 1 done, 2 waits");
  rollback_to_savepoint(1);
  EXPECT_EQ(fibers.take_log(), "2 done");
  remove(3, version);
  EXPECT_EQ(fibers.take_log(), "3 waits");
}

TEST_F(RowLocksTest, ASavepointThatIsReleasedGoesOnWithTheTransaction) {
  Version& version = row(1);
  savepoint(1);
  lock(1, version, RowLockMode::update);
  lock(2, version, share);
  fibers.take_log();
  Actor& actor = actors[1];
  storage.release_subtransaction(1, actor.current, actor.owner);
  fibers.run_woken();
  EXPECT_EQ(fibers.take_log(), "2 waits") << "now for the top";
  commit(1);
  EXPECT_EQ(fibers.take_log(), "2 done");
}

TEST_F(RowLocksTest, OwnWork) {
  Version& version = row(1);
  act(1, [&](Actor& actor) {
    const Change first =
        heap.update(actor, version, version.values, no_key_update, WaitPolicy::block);
    const Change again =
        heap.update(actor, version, version.values, no_key_update, WaitPolicy::block);
    const Change new_one = heap.lock(actor, *version.newer, RowLockMode::update, WaitPolicy::block);
    return text(first) + " " + text(again) + " " + text(new_one);
  });
  update(1, version);
  update(1, *version.newer);
  EXPECT_EQ(fibers.take_log(), "1 done self_modified invisible, 1 invisible, 1 done");
}

TEST_F(RowLocksTest, TheNewestVersionIsLocked) {
  Version& version = row(1);
  update(1, version);
  commit(1);
  begin(1);
  update(1, *version.newer);
  act(2, [&](Actor& actor) {
    Version* newest = &version;
    const Change change = heap.lock_newest(actor, newest, RowLockMode::update, WaitPolicy::block);
    return text(change) + " " + std::to_string(newest->number - version.number);
  });
  EXPECT_EQ(fibers.take_log(), "1 done, 1 done, 2 waits");
  commit(1);
  EXPECT_EQ(fibers.take_log(), "2 done 2");
}

}  // namespace
}  // namespace firedrill::sim::postgres
