#include "sim/postgres/storage/locks.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/postgres/fibers.h"

namespace firedrill::sim::postgres {
namespace {

using enum LockMode;

constexpr LockTag kTable{LockTag::Kind::relation, 1, 0};
constexpr LockTag kOther{LockTag::Kind::relation, 2, 0};
constexpr LockTag kAdvisory{LockTag::Kind::advisory, 42, 0};

struct LocksTest : testing::Test {
  Fibers fibers;
  Locks locks{fibers};

  ~LocksTest() override { fibers.stop(); }

  /// In the backend's fiber; "1 has" in the log once it has it.
  void take(BackendId backend, LockMode mode, LockTag tag = kTable,
            LockOwner owner = kTransactionOwner) {
    fibers.run(backend, [this, backend, mode, tag, owner] {
      locks.acquire(backend, tag, mode, WaitPolicy::block, owner);
      fibers.log.push_back(std::to_string(backend) + " has");
    });
  }
  /// As COMMIT does, from outside.
  void end(BackendId backend) {
    locks.release_transaction(backend);
    fibers.run_woken();
  }
};

TEST_F(LocksTest, ConflictsAreTheManuals) {
  // Table 13.2: a row for each mode, a column for each that is held.
  constexpr std::array<std::string_view, 8> kExpected{".......X", "......XX", "....XXXX",
                                                      "...XXXXX", "..XX.XXX", "..XXXXXX",
                                                      ".XXXXXXX", "XXXXXXXX"};
  for (unsigned asked = 0; asked < 8; ++asked)
    for (unsigned held = 0; held < 8; ++held)
      EXPECT_EQ(conflict(static_cast<LockMode>(asked), static_cast<LockMode>(held)),
                kExpected[asked][held] == 'X')
          << asked << " " << held;
  // Table 13.3.
  constexpr std::array<std::string_view, 4> kRows{"...X", "..XX", ".XXX", "XXXX"};
  for (unsigned asked = 0; asked < 4; ++asked)
    for (unsigned held = 0; held < 4; ++held)
      EXPECT_EQ(conflict(static_cast<RowLockMode>(asked), static_cast<RowLockMode>(held)),
                kRows[asked][held] == 'X');
}

TEST_F(LocksTest, WaitersGoInTheirOrder) {
  take(1, access_exclusive);
  take(2, access_share);
  take(3, access_exclusive);
  take(4, access_share);
  EXPECT_EQ(fibers.take_log(), "1 has, 2 waits, 3 waits, 4 waits");
  EXPECT_EQ(locks.blockers_of(4), (std::vector<BackendId>{1, 3}));
  end(1);
  EXPECT_EQ(fibers.take_log(), "2 has");
  end(2);
  EXPECT_EQ(fibers.take_log(), "3 has");
  end(3);
  EXPECT_EQ(fibers.take_log(), "4 has");
}

TEST_F(LocksTest, WhoDoesNotConflictWithThoseAheadIsWokenWithThem) {
  take(1, access_exclusive);
  take(2, row_share);
  take(3, exclusive);
  take(4, access_share);
  fibers.take_log();
  end(1);
  EXPECT_EQ(fibers.take_log(), "2 has, 4 has");
}

TEST_F(LocksTest, NobodyOvertakesAWaiter) {
  take(1, access_share);
  take(2, access_exclusive);
  EXPECT_FALSE(locks.acquire(3, kTable, access_share, WaitPolicy::error));
  EXPECT_TRUE(locks.acquire(1, kTable, access_share, WaitPolicy::error)) << "held already";
}

TEST_F(LocksTest, WhoHoldsWhatOthersWaitForStandsBeforeThem) {
  take(1, access_share);
  take(4, row_share);
  take(2, access_exclusive);
  take(1, exclusive);  // waits for 4, before 2
  EXPECT_EQ(fibers.take_log(), "1 has, 4 has, 2 waits, 1 waits");
  end(4);
  EXPECT_EQ(fibers.take_log(), "1 has");
  // and is not to wait at all where only they stand in its way
  take(1, row_exclusive);
  EXPECT_EQ(fibers.take_log(), "1 has");
  end(1);
  EXPECT_EQ(fibers.take_log(), "2 has");
}

TEST_F(LocksTest, TwoWhoUpgradeMeetAtOnce) {
  take(1, share);
  take(2, share);
  take(1, exclusive);
  take(2, exclusive);
  EXPECT_EQ(fibers.take_log(), "1 has, 2 has, 1 waits, 2 40P01");
  ASSERT_EQ(fibers.early.size(), 2U);
  EXPECT_EQ(fibers.early[0].waiter, 2U);
  EXPECT_EQ(fibers.early[0].blocker, 1U);
  end(2);
  EXPECT_EQ(fibers.take_log(), "1 has");
}

TEST_F(LocksTest, WhoIsCancelledLeavesTheQueue) {
  take(1, share);
  take(2, exclusive);
  take(3, share);
  fibers.take_log();
  fibers.cancel(2);
  EXPECT_EQ(fibers.take_log(), "2 57014, 3 has");
  end(1);
  end(3);
  EXPECT_TRUE(locks.all().empty());
}

TEST_F(LocksTest, WhoIsDestroyedLeavesTheQueue) {
  take(1, share);
  take(2, exclusive);
  take(3, share);
  fibers.take_log();
  fibers.run(2, [] {});
  EXPECT_EQ(fibers.take_log(), "3 has");
}

TEST_F(LocksTest, HoldsAreCounted) {
  take(1, exclusive, kAdvisory, kSessionOwner);
  take(1, exclusive, kAdvisory, kSessionOwner);
  take(1, exclusive, kAdvisory);
  end(1);
  EXPECT_FALSE(locks.release(1, kAdvisory, share, kSessionOwner));
  EXPECT_TRUE(locks.release(1, kAdvisory, exclusive, kSessionOwner));
  EXPECT_TRUE(locks.holds(1, kAdvisory, exclusive));
  EXPECT_TRUE(locks.release(1, kAdvisory, exclusive, kSessionOwner));
  EXPECT_FALSE(locks.holds(1, kAdvisory, exclusive));
  EXPECT_FALSE(locks.release(1, kAdvisory, exclusive, kSessionOwner));
}

TEST_F(LocksTest, SavepointsOwnWhatIsTakenAfterThem) {
  take(1, share, kTable, 1);
  take(1, share, kOther, 2);
  take(1, exclusive, kTable, 3);
  locks.release_since(1, 3);
  EXPECT_FALSE(locks.holds(1, kTable, exclusive));
  EXPECT_TRUE(locks.holds(1, kTable, share));
  locks.give_to_parent(1, 2);
  locks.release_since(1, 2);
  EXPECT_TRUE(locks.holds(1, kOther, share));
  locks.release_since(1, 1);
  EXPECT_FALSE(locks.holds(1, kOther, share));
  take(1, exclusive, kAdvisory, kSessionOwner);
  locks.release_advisory(1);
  EXPECT_TRUE(locks.all().empty());
}

TEST_F(LocksTest, TheEndOfASessionReleasesAll) {
  take(1, exclusive, kAdvisory, kSessionOwner);
  take(1, share);
  take(2, exclusive, kAdvisory);
  fibers.take_log();
  locks.release_all(1);
  fibers.run_woken();
  EXPECT_EQ(fibers.take_log(), "2 has");
  ASSERT_EQ(locks.all().size(), 1U);
  EXPECT_TRUE(locks.all()[0].granted);
}

}  // namespace
}  // namespace firedrill::sim::postgres
