#include <vector>

#include "tests/postgres_server/database_world.h"

namespace firedrill::sim {
namespace {

using Log = std::vector<std::string>;

class PostgresStandby : public DatabaseWorld {
 protected:
  PostgresStandby() {
    second_.follows = &small_.postgres.host();
    small_.postgres_disk.standbys.push_back(&second_);
    standby_ = &small_.add_server<postgres::Server>("postgres-2", second_);
    small_.run_for(from_ms(100));
  }
  ~PostgresStandby() override { standby_->kill(); }

  void cut() {
    small_.link(small_.postgres, *standby_).cut();
    small_.link(*standby_, small_.postgres).cut();
  }
  /// Whoever connects from now on finds the second one.
  void fail_over() {
    second_.server->promote();
    small_.postgres_at.host = &standby_->host();
  }

  postgres::Disk second_;
  Process* standby_ = nullptr;
};

TEST_F(PostgresStandby, TakesNoClients) {
  small_.postgres.reset_connections();
  small_.run_for(from_ms(10));
  small_.postgres_at.host = &standby_->host();
  one("SELECT 1");
  EXPECT_EQ(take(), (Log{"57P03"}));
}

TEST_F(PostgresStandby, PromotedItHasWhatItReceivedAndLacksTheRest) {
  one("UPDATE t SET v = 1");
  small_.run_for(from_ms(100));
  cut();
  one("UPDATE t SET v = 2");
  one("INSERT INTO t VALUES (2, 2)");
  EXPECT_EQ(take(), (Log{"1 rows", "1 rows", "1 rows"}));
  small_.postgres.kill();
  small_.run_for(from_ms(10));
  fail_over();
  one("SELECT v FROM t");
  one("UPDATE t SET v = v + 10");
  EXPECT_EQ(take(), (Log{"1 rows 1", "1 rows"}));
}

TEST_F(PostgresStandby, TwoPrimariesGoTheirOwnWaysUntilTheOldOneFollows) {
  cut();
  one("UPDATE t SET v = 2");
  fail_over();
  two("UPDATE t SET v = 3");
  small_.run_for(from_ms(100));
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"1 rows", "1 rows", "1 rows 2"}));
  small_.link(small_.postgres, *standby_).heal();
  small_.link(*standby_, small_.postgres).heal();
  second_.standbys.push_back(&small_.postgres_disk);
  small_.postgres_disk.server->follow(standby_->host());
  small_.run_for(from_ms(2'000));
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"1 rows 3"}));
  EXPECT_EQ(small_.postgres_disk.received.engine, second_.engine);
}

TEST_F(PostgresStandby, ASynchronousOneThatIsAwayHoldsCommitsUp) {
  small_.postgres_disk.engine->require_standby(true, 0);
  one("UPDATE t SET v = 1");
  cut();
  one("UPDATE t SET v = 2", from_ms(500));
  EXPECT_EQ(take(), (Log{"1 rows", "unknown: timed out"}));
  // Cancelled with the deadline, it is committed here, and nowhere else.
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(stored("SELECT v FROM t"), "2");
  small_.postgres.kill();
  small_.run_for(from_ms(10));
  fail_over();
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"1 rows 1"}));
}

/// Its power was gone for so short that the standby heard nothing.
TEST_F(PostgresStandby, NoticesThatAPrimaryHasForgottenIt) {
  small_.postgres_disk.settings.needs_standby = true;
  small_.world.cut_power(small_.postgres.host());
  small_.world.restore_power(small_.postgres.host());
  small_.run_for(from_ms(3'000));
  one("SELECT 1");  // so does the client
  one("UPDATE t SET v = 5");
  EXPECT_EQ(take(), (Log{"unknown: connection reset", "1 rows"}));
  EXPECT_EQ(second_.received.engine, small_.postgres_disk.engine);
}

/// A standby that hears late of a primary that came back may be promoted all the same.
TEST_F(PostgresStandby, TheLogIsKeptForOneThatIsOnItsWay) {
  small_.postgres.kill();
  small_.run_for(from_ms(500));
  small_.postgres.start();
  Link& slow = small_.link(small_.postgres, *standby_);
  slow.slow_down(from_ms(1'000));
  small_.run_for(from_ms(1'500));  // it has asked, and waits
  one("UPDATE t SET v = 5");
  one("UPDATE t SET v = 6");
  one("UPDATE t SET v = 7");
  take();
  while (second_.received.engine != small_.postgres_disk.engine) small_.run_for(from_ms(1));
  small_.world.cut_power(small_.postgres.host());
  fail_over();
  one("SELECT v FROM t", from_ms(500));
  one("SELECT v FROM t");
  EXPECT_EQ(take().back().substr(0, 6), "1 rows");
}

TEST_F(PostgresStandby, WhatChangesNothingWaitsForNobody) {
  small_.postgres_disk.engine->require_standby(true, 0);
  cut();
  const postgres::Lsn end = small_.postgres_disk.engine->log_end();
  one("UPDATE t SET v = 1 WHERE k = 99", from_ms(500));
  one("INSERT INTO t VALUES (1, 5) ON CONFLICT DO NOTHING", from_ms(500));
  EXPECT_EQ(take(), (Log{"0 rows", "0 rows"}));
  EXPECT_EQ(small_.postgres_disk.engine->log_end(), end);
  one("SELECT v FROM t FOR UPDATE", from_ms(500));  // a lock is written to the row
  EXPECT_EQ(take(), (Log{"unknown: timed out"}));
}

TEST_F(PostgresStandby, ReconnectsToAPrimaryThatCameBack) {
  small_.postgres.kill();
  small_.run_for(from_ms(500));  // the standby notices
  small_.postgres.start();
  small_.run_for(from_ms(3'000));
  one("UPDATE t SET v = 5");
  small_.run_for(from_ms(100));
  small_.postgres.kill();
  small_.run_for(from_ms(10));
  fail_over();
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"1 rows", "1 rows 5"}));
}

}  // namespace
}  // namespace firedrill::sim
