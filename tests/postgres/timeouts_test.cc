#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>

#include "sim/postgres/engine.h"
#include "sim/postgres/time_settings.h"

// What time brings about in the engine. tests/conformance/postgres/sessions/timeouts.txt has the
// same of a real server.
namespace firedrill::test {
namespace {

using namespace sim::postgres;

constexpr std::int64_t kMillisecond = 1'000;

/// One session holds a row, and another wants it.
class PostgresTimeouts : public testing::Test {
 protected:
  PostgresTimeouts() {
    run(holder_, "create table t (id int primary key, n int); insert into t values (1, 1)");
    run(holder_, "begin; update t set n = 2");
  }

  void run(SessionId session, const std::string& sql) {
    engine_.query(session, sql, now_);
    engine_.take_results(session);
  }
  void want() { engine_.query(waiter_, "update t set n = 3", now_); }
  std::string end_of_wait() {
    const auto results = engine_.take_results(waiter_);
    if (results.empty()) return "waits";
    return results.back().error ? results.back().error->message : results.back().tag;
  }

  Engine engine_;
  std::int64_t now_ = 0;
  SessionId holder_ = engine_.connect(0);
  SessionId waiter_ = engine_.connect(0);
};

TEST_F(PostgresTimeouts, EndAWaitWhenTheirTimeHasComeAndNotBefore) {
  run(waiter_, "set lock_timeout = '50ms'");
  want();
  ASSERT_EQ(engine_.next_timeout(), 50 * kMillisecond);
  engine_.tick(50 * kMillisecond - 1);
  EXPECT_EQ(end_of_wait(), "waits");
  engine_.tick(50 * kMillisecond);
  EXPECT_EQ(end_of_wait(), "canceling statement due to lock timeout");
  EXPECT_EQ(engine_.next_timeout(), std::nullopt);
}

TEST_F(PostgresTimeouts, TheEarlierOneEndsIt) {
  run(waiter_, "set lock_timeout = '50ms'; set statement_timeout = '40ms'");
  want();
  engine_.tick(kMillisecond * 1000);
  EXPECT_EQ(end_of_wait(), "canceling statement due to statement timeout");
}

TEST_F(PostgresTimeouts, AnIdleTransactionEndsWithItsSessionAndLetsGo) {
  now_ = kMillisecond;
  run(holder_, "set idle_in_transaction_session_timeout = '10s'");
  want();
  engine_.tick(10'000 * kMillisecond);
  EXPECT_EQ(end_of_wait(), "waits");
  EXPECT_FALSE(engine_.has_ended(holder_));
  engine_.tick(10'001 * kMillisecond);
  EXPECT_EQ(end_of_wait(), "UPDATE 1");
  EXPECT_TRUE(engine_.has_ended(holder_));
  const auto results = engine_.take_results(holder_);
  ASSERT_EQ(results.size(), 1U);
  ASSERT_TRUE(results[0].error);
  EXPECT_EQ(results[0].error->sqlstate, "25P03");
  EXPECT_TRUE(results[0].error->is_fatal);
}

TEST_F(PostgresTimeouts, AreAsTheServerIsConfiguredWhereNobodySetsThem) {
  engine_.configure("lock_timeout", "300");
  want();
  EXPECT_EQ(engine_.next_timeout(), 300 * kMillisecond);
  engine_.tick(300 * kMillisecond);
  EXPECT_EQ(end_of_wait(), "canceling statement due to lock timeout");
  run(waiter_, "set lock_timeout = '50ms'");
  want();
  EXPECT_EQ(engine_.next_timeout(), (300 + 50) * kMillisecond);
  EXPECT_THROW(engine_.configure("lock_timeout", "soon"), SqlError);
}

TEST_F(PostgresTimeouts, SleepTakesItsTime) {
  engine_.query(waiter_, "select pg_sleep(0.5)", now_);
  ASSERT_EQ(engine_.next_timeout(), 500 * kMillisecond);
  engine_.tick(499 * kMillisecond);
  EXPECT_TRUE(engine_.is_busy(waiter_));
  engine_.tick(500 * kMillisecond);
  EXPECT_FALSE(engine_.is_busy(waiter_));
}

TEST_F(PostgresTimeouts, WhoGoesOnFirstCanBeChosen) {
  const SessionId third = engine_.connect(0);
  run(holder_, "rollback; select pg_advisory_lock(1); select pg_advisory_lock(2)");
  engine_.query(waiter_, "select pg_advisory_lock(1), pg_try_advisory_lock(3)", now_);
  engine_.query(third, "select pg_advisory_lock(2), pg_try_advisory_lock(3)", now_);
  std::size_t asked = 0;
  engine_.set_wake_order([&](std::size_t count) {
    asked = count;
    return count - 1;
  });
  run(holder_, "select pg_advisory_unlock_all()");
  EXPECT_EQ(asked, 2U);
  EXPECT_FALSE(engine_.take_results(waiter_).at(0).rows.at(0).at(1).boolean());
  EXPECT_TRUE(engine_.take_results(third).at(0).rows.at(0).at(1).boolean());
}

TEST(PostgresTimeSettings, AreReadAsTheyAreShown) {
  EXPECT_EQ(normal_time("lock_timeout", " 90 s "), "90s");
  EXPECT_EQ(normal_time("lock_timeout", "120000"), "2min");
  EXPECT_EQ(normal_time("lock_timeout", "0.4ms"), "0");
  EXPECT_EQ(time_us("90s"), 90'000 * kMillisecond);
  EXPECT_EQ(time_us("0"), 0);
  EXPECT_THROW(normal_time("lock_timeout", "5 weeks"), SqlError);
  EXPECT_THROW(normal_time("deadlock_timeout", "0"), SqlError);
}

}  // namespace
}  // namespace firedrill::test
