#include <vector>

#include "tests/postgres_server/database_world.h"

namespace firedrill::sim {
namespace {

using PostgresServer = DatabaseWorld;
using Log = std::vector<std::string>;

TEST_F(PostgresServer, AnswersStatementsAndRefusesWithTheirState) {
  one("SELECT v FROM t");
  one("INSERT INTO t VALUES (1, 7)");
  one("UPDATE t SET v = v + 5");
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"1 rows 0", "23505", "1 rows", "1 rows 5"}));
}

TEST_F(PostgresServer, ACommitTakesAsLongAsTheDisk) {
  const Instant before = small_.world.now();
  small_.postgres_disk.levers.fsync_stall = from_ms(700);
  one("UPDATE t SET v = 1");
  EXPECT_EQ(take(), (Log{"1 rows"}));
  EXPECT_GE(small_.world.now() - before, from_ms(700));
  EXPECT_EQ(small_.postgres_disk.levers.fsyncs_stalled, 1u);
}

TEST_F(PostgresServer, WhoseServerDiesDuringTheCommitKnowsNothing) {
  small_.postgres_disk.levers.fsync_stall = from_ms(500);
  two("UPDATE t SET v = 1");
  small_.run_for(from_ms(100));
  small_.postgres.kill();
  small_.run_for(from_ms(100));
  EXPECT_EQ(take(), (Log{"unknown: connection reset"}));
  small_.postgres_disk.levers.fsync_stall = {};
  small_.postgres.start();
  small_.run_for(from_ms(1'000));
  // The record was with the operating system: it is committed, though nobody heard of it.
  EXPECT_EQ(stored("SELECT v FROM t"), "1");
}

TEST_F(PostgresServer, APowerCutTakesWhatWasNotSynced) {
  small_.postgres_disk.levers.fsync_stall = from_ms(500);
  two("UPDATE t SET v = 1");
  small_.run_for(from_ms(100));
  small_.world.cut_power(small_.postgres.host());
  small_.postgres_disk.lose_unsynced();
  small_.world.restore_power(small_.postgres.host());
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(stored("SELECT v FROM t"), "0");
  EXPECT_EQ(small_.postgres_disk.commits_lost, 0u) << "nobody had been told";
}

TEST_F(PostgresServer, WithoutSynchronousCommitAnAcknowledgedOneMayBeLost) {
  small_.postgres_disk.engine->configure("synchronous_commit", "off");
  one("UPDATE t SET v = 1");
  small_.run_for(from_ms(500));
  one("UPDATE t SET v = 2");
  EXPECT_EQ(take(), (Log{"1 rows", "1 rows"}));
  small_.postgres.kill();
  small_.postgres.start();
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(stored("SELECT v FROM t"), "1");
  EXPECT_EQ(small_.postgres_disk.commits_lost, 1u);
}

TEST_F(PostgresServer, WhoComesWhileItRecoversIsTurnedAway) {
  small_.postgres.kill();
  small_.run_for(from_ms(10));
  one("SELECT 1");
  small_.postgres.start();
  one("SELECT 1");
  small_.run_for(from_ms(1'000));
  one("SELECT 1");
  EXPECT_EQ(take(), (Log{"refused: connection refused", "57P03", "1 rows 1"}));
  EXPECT_EQ(small_.postgres_disk.levers.turned_away, 1u);
}

TEST_F(PostgresServer, ADeadlineEndsTheWaitForALockOnTheServerToo) {
  two_holds("UPDATE t SET v = 1", from_ms(2'000));
  small_.run_for(from_ms(100));
  one("UPDATE t SET v = v + 10", from_ms(300));
  EXPECT_EQ(take(), (Log{"has it", "unknown: timed out"}));
  small_.run_for(from_ms(3'000));
  EXPECT_EQ(take(), (Log{"commit ok"}));
  EXPECT_EQ(stored("SELECT v FROM t"), "1");
}

TEST_F(PostgresServer, AClientThatDiesWhileItsStatementWaitsForALockIsNoticedInAWhile) {
  auto begun = std::vector<std::string>();
  small_.at_one().tasks.spawn(
      transaction(small_.at_one(), "UPDATE t SET v = 1", from_ms(500), "", &begun));
  small_.run_for(from_ms(100));
  two("UPDATE t SET v = v + 10");
  small_.run_for(from_ms(100));
  small_.two.kill();
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(stored("SELECT v FROM t"), "1");
}

TEST_F(PostgresServer, WithoutLooksForItItIsNotNoticed) {
  small_.postgres_disk.settings.client_connection_check_interval = {};
  auto begun = std::vector<std::string>();
  small_.at_one().tasks.spawn(
      transaction(small_.at_one(), "UPDATE t SET v = 1", from_ms(500), "", &begun));
  small_.run_for(from_ms(100));
  two("UPDATE t SET v = v + 10");
  small_.run_for(from_ms(100));
  small_.two.kill();
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(stored("SELECT v FROM t"), "11");
}

TEST_F(PostgresServer, WhoWaitedForOneWhoseClientDiedHearsOfItAtOnce) {
  small_.postgres_disk.settings.client_connection_check_interval = {};
  one("INSERT INTO t VALUES (2, 0)");
  take();
  Log first;
  Log last;
  small_.at_one().tasks.spawn(
      transaction(small_.at_one(), "UPDATE t SET v = 1 WHERE k = 2", from_ms(500), "", &first));
  small_.run_for(from_ms(100));
  two_holds("UPDATE t SET v = 2 WHERE k = 1", {}, "UPDATE t SET v = 2 WHERE k = 2");
  small_.run_for(from_ms(100));
  small_.at_one().tasks.spawn(transaction(small_.at_one(), "SELECT v FROM t WHERE k = 1 FOR UPDATE",
                                          from_ms(5'000), "", &last));
  small_.run_for(from_ms(100));
  small_.two.kill();
  small_.run_for(from_ms(100));
  EXPECT_EQ(last, (Log{}));
  // The first commits, which lets the second's statement end, which ends its transaction.
  small_.run_for(from_ms(200));
  EXPECT_EQ(first, (Log{"has it", "commit ok"}));
  EXPECT_EQ(last, (Log{"has it"}));
}

TEST_F(PostgresServer, WhoIsTerminatedLastMayHaveBegunToCommitAndDoesSo) {
  Log first;
  small_.at_one().tasks.spawn(
      transaction(small_.at_one(), "UPDATE t SET v = 1", from_ms(5'000), "", &first));
  small_.run_for(from_ms(100));
  two("UPDATE t SET v = v + 10");
  small_.run_for(from_ms(100));
  small_.postgres_disk.server->terminate_clients();
  small_.run_for(from_ms(10));
  EXPECT_EQ(take(), (Log{"unknown: connection reset"}));
  EXPECT_EQ(stored("SELECT v FROM t"), "10");
}

TEST_F(PostgresServer, ATransactionWhoseClientDiesIsRolledBack) {
  two_holds("UPDATE t SET v = 1", from_ms(2'000));
  small_.run_for(from_ms(100));
  small_.two.kill();
  one("UPDATE t SET v = v + 10", from_ms(300));
  EXPECT_EQ(take(), (Log{"has it", "1 rows"}));
  EXPECT_EQ(stored("SELECT v FROM t"), "10");
}

TEST_F(PostgresServer, ADeadlockIsFoundAfterASecond) {
  one("INSERT INTO t VALUES (2, 0)");
  take();
  two_holds("UPDATE t SET v = 1 WHERE k = 1", from_ms(200), "UPDATE t SET v = 1 WHERE k = 2");
  small_.run_for(from_ms(100));
  small_.at_one().tasks.spawn(transaction(small_.at_one(), "UPDATE t SET v = 2 WHERE k = 2",
                                          from_ms(200), "UPDATE t SET v = 2 WHERE k = 1", &log_));
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(take(), (Log{"has it", "has it"}));
  small_.run_for(from_ms(1'000));
  // Who waited first looks first, and gives way.
  EXPECT_EQ(take(), (Log{"40P01", "has it", "commit 25P02", "commit ok"}));
  EXPECT_EQ(stored("SELECT k, v FROM t ORDER BY k"), "1|2 2|2");
}

TEST_F(PostgresServer, TheConnectionLimitTurnsAway) {
  small_.postgres_disk.levers.strangers = 97;
  small_.postgres.reset_connections();
  small_.run_for(from_ms(10));
  one("SELECT 1");
  small_.postgres_disk.levers.strangers = 96;
  one("SELECT 1");
  EXPECT_EQ(take(), (Log{"53300", "1 rows 1"}));
}

TEST_F(PostgresServer, ACommitsAnswerIsLost) {
  small_.postgres_disk.levers.losing_commit_answers = 1;
  one("UPDATE t SET v = 1");
  small_.postgres_disk.levers.losing_commit_answers = 0;
  EXPECT_EQ(take(), (Log{"unknown: connection reset"}));
  EXPECT_EQ(stored("SELECT v FROM t"), "1");
  EXPECT_EQ(small_.postgres_disk.levers.commit_answers_lost, 1u);
}

TEST_F(PostgresServer, AStatementThatAnswersRowsMayCommitToo) {
  small_.postgres_disk.levers.losing_commit_answers = 1;
  one("SELECT v FROM t");
  one("WITH changed AS (UPDATE t SET v = 1 RETURNING v) SELECT v FROM changed");
  EXPECT_EQ(take(), (Log{"1 rows 0", "unknown: connection reset"}));
}

TEST_F(PostgresServer, AFullDiskRefusesAndAJumpingClockIsSeenBySqlAlone) {
  small_.postgres_disk.engine->fill_disk(true);
  one("INSERT INTO t VALUES (2, 0)");
  one("SELECT v FROM t");
  EXPECT_EQ(take(), (Log{"53100", "1 rows 0"}));
  one("SELECT extract(year FROM now())");
  small_.postgres.host().clock().jump(std::chrono::hours(24 * 366));
  one("SELECT extract(year FROM now())");
  EXPECT_EQ(take(), (Log{"1 rows 2026", "1 rows 2027"}));
}

}  // namespace
}  // namespace firedrill::sim
