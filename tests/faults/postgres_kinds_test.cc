#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "faults/kinds.h"
#include "tests/faults/stage.h"

// The kinds that strike PostgreSQL as a server: its disk, its sessions, its standbys.

namespace firedrill::faults {
namespace {

using traces::Case;
using traces::Fault;
using Cluster = sim::FlashSaleCluster;

Fault fault(const Kind& kind, std::int64_t amount = 0, std::int64_t lasts_ms = 1'000) {
  return faults::fault(kind, "postgres", "", amount, lasts_ms);
}

/// PostgreSQL is down from 800 ms to 3000 ms: nobody asks it anything.
Case without_database(Fault one) {
  Case run = with(quiet_case(), {"kill", from_ms(800), from_ms(2'200), "postgres", "", 0});
  return with(std::move(run), std::move(one));
}
constexpr std::uint32_t kBehindTheKill = 1;

Case with_standbys(Case run, std::uint32_t standbys, bool synchronous) {
  run.postgres.standbys = standbys;
  run.postgres.synchronous_standby = synchronous;
  return run;
}

template <class What>
int entries(const Played& played) {
  int count = 0;
  for (const auto& entry : played.history.entries)
    count += std::holds_alternative<What>(entry.what);
  return count;
}

/// It took effect, was counted once, and the first order is none the worse for it.
void expect_effect(const Played& played, const Kind& kind) {
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.counted(kind.name), 1U);
  EXPECT_EQ(played.status(1), "CONFIRMED");
}

TEST(PostgresKill, RecoversAndKeepsWhatWasCommitted) {
  const Played played(with(busy_case(), {"kill", from_ms(900), from_ms(1'000), "postgres", "", 1}));
  expect_effect(played, kKill);
  EXPECT_EQ(entries<traces::OrderGone>(played) + entries<traces::EventGone>(played), 0);
  EXPECT_EQ(played.count("postgres:lost-commits"), 0U);
  EXPECT_NE(played.call(2).answer.status, 202) << "meanwhile there is no database";
}

TEST(PostgresSlow, SlowsEachStatement) {
  const Played played(with(busy_case(), fault(kPostgresSlow, 50'000)));
  expect_effect(played, kPostgresSlow);
  EXPECT_GE(played.call(2).took(), from_ms(100)) << "an order takes two statements";
  EXPECT_EQ(played.call(2).answer.status, 202);
}

TEST(PostgresSlow, WithoutStatementsHasNoEffect) {
  EXPECT_FALSE(Played(without_database(fault(kPostgresSlow, 50'000))).took_effect(kBehindTheKill));
}

TEST(PostgresStorm, TurnsAwayWhoConnects) {
  Case run = with(busy_case(), fault(kPostgresStorm, 97, 2'000));
  run.faults.push_back({"postgres-terminate", from_ms(950), {}, "postgres", "", 0});
  const Played played(run);
  expect_effect(played, kPostgresStorm);
  EXPECT_EQ(played.call(2).answer.status, 503);
}

TEST(PostgresStorm, LeavesThoseAloneWhoAreConnected) {
  const Played played(with(busy_case(), fault(kPostgresStorm, 97)));
  EXPECT_FALSE(played.took_effect());
  EXPECT_EQ(played.call(2).answer.status, 202);
}

TEST(PostgresTerminate, EndsEverySession) {
  bool before = false;
  bool after = true;
  const Case run = with(busy_case(), fault(kPostgresTerminate));
  Played(run, from_ms(899),
         [&](Cluster& cluster) { before = cluster.postgres().server->has_clients(); });
  Case at_once = run;
  at_once.faults.push_back({"postgres-terminate", from_ms(900), {}, "postgres", "", 0});
  const Played played(at_once, from_ms(900),
                      [&](Cluster& cluster) { after = cluster.postgres().server->has_clients(); });
  EXPECT_TRUE(before);
  EXPECT_FALSE(after);
  expect_effect(Played(run), kPostgresTerminate);
  EXPECT_FALSE(played.took_effect(1)) << "there is nobody left";
  EXPECT_EQ(played.status(2), "CONFIRMED") << "who is gone comes again";
}

TEST(PostgresDiskFull, RefusesWhatNeedsMore) {
  const Played played(with(busy_case(), fault(kPostgresDiskFull)));
  expect_effect(played, kPostgresDiskFull);
  EXPECT_EQ(played.call(2).answer.status, 503);
  EXPECT_EQ(played.status(2), "");
}

TEST(PostgresDiskFull, StaysFullOverARestart) {
  Case run = with(busy_case(), fault(kPostgresDiskFull, 0, 2'000));
  run.faults.push_back({"kill", from_ms(910), from_ms(10), "postgres", "", 1});
  run.orders[1].at = from_ms(1'700);
  const Played played(run);
  expect_effect(played, kPostgresDiskFull);
  EXPECT_EQ(played.call(2).answer.status, 503);
}

TEST(PostgresDiskFull, WithoutWritesHasNoEffect) {
  EXPECT_FALSE(Played(without_database(fault(kPostgresDiskFull))).took_effect(kBehindTheKill));
}

TEST(PostgresCommitLost, IsDoneAndNobodyHears) {
  const Played played(with(busy_case(), fault(kPostgresCommitLost)));
  expect_effect(played, kPostgresCommitLost);
  EXPECT_EQ(played.call(2).answer.status, 504);
  EXPECT_EQ(played.status(2), "PENDING");
}

TEST(PostgresCommitLost, WithoutCommitsHasNoEffect) {
  EXPECT_FALSE(Played(without_database(fault(kPostgresCommitLost))).took_effect(kBehindTheKill));
}

TEST(PostgresFsyncStall, HoldsCommitsUp) {
  const Played played(with(busy_case(), fault(kPostgresFsyncStall, 100)));
  expect_effect(played, kPostgresFsyncStall);
  EXPECT_GE(played.call(2).took(), from_ms(200)) << "an order takes two commits";
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(PostgresFsyncStall, WithoutCommitsHasNoEffect) {
  EXPECT_FALSE(
      Played(without_database(fault(kPostgresFsyncStall, 100))).took_effect(kBehindTheKill));
}

/// Right behind the second order's answer.
Case power_loss_behind_an_order(bool synchronous_commit) {
  Case run = busy_case();
  run.postgres.synchronous_commit = synchronous_commit;
  Fault cut = fault(kPostgresPowerLoss, 0, 100);
  cut.at = Played(run).call(2).returned + from_ms(1);
  return with(run, cut);
}

TEST(PostgresPowerLoss, LosesNothingThatWasAcknowledged) {
  const Case run = power_loss_behind_an_order(true);
  const Played played(run);
  expect_effect(played, kPostgresPowerLoss);
  EXPECT_EQ(played.count("postgres:lost-commits"), 0U);
  EXPECT_EQ(entries<traces::OrderGone>(played) + entries<traces::EventGone>(played), 0);
  EXPECT_EQ(played.status(2), "CONFIRMED");
  EXPECT_FALSE(loses_data(kPostgresPowerLoss, run));
}

TEST(PostgresPowerLoss, WithoutSynchronousCommitLosesAnOrderAndTellsSo) {
  const Case run = power_loss_behind_an_order(false);
  const Played played(run);
  expect_effect(played, kPostgresPowerLoss);
  EXPECT_EQ(played.count("postgres:lost-commits"), 1U);
  EXPECT_EQ(entries<traces::OrderGone>(played), 1);
  EXPECT_GE(entries<traces::EventGone>(played), 1);
  EXPECT_EQ(played.call(2).answer.status, 202) << "the client was told otherwise";
  EXPECT_TRUE(loses_data(kPostgresPowerLoss, run));
}

TEST(PostgresPowerLoss, OfAServerThatIsDownHasNoEffect) {
  EXPECT_FALSE(Played(without_database(fault(kPostgresPowerLoss))).took_effect(kBehindTheKill));
}

TEST(PostgresStandbyLag, MakesCommitsWaitForASynchronousOne) {
  const Fault lag = fault(kPostgresStandbyLag, 100'000);
  const Played synchronous(with(with_standbys(busy_case(), 1, true), lag));
  expect_effect(synchronous, kPostgresStandbyLag);
  EXPECT_GE(synchronous.call(2).took(), from_ms(200));
  const Played asynchronous(with(with_standbys(busy_case(), 1, false), lag));
  expect_effect(asynchronous, kPostgresStandbyLag);
  EXPECT_LT(asynchronous.call(2).took(), from_ms(50));
  EXPECT_FALSE(Played(with(busy_case(), lag)).took_effect()) << "there is no standby";
}

TEST(PostgresFailover, LosesWhatTheStandbyHadNotReceived) {
  const Case run = with(with_standbys(busy_case(), 1, false), fault(kPostgresFailover, 300));
  std::string primary;
  bool fenced = false;
  const Played played(run, from_ms(1'500), [&](Cluster& cluster) {
    primary = cluster.postgres_primary().host->name();
    fenced = !cluster.postgres_nodes()[0].process->running();
  });
  expect_effect(played, kPostgresFailover);
  EXPECT_EQ(primary, "postgres-2");
  EXPECT_TRUE(fenced);
  EXPECT_EQ(played.count("postgres:promoted"), 1U);
  EXPECT_EQ(played.count("postgres:lost-commits"), 1U);
  EXPECT_EQ(entries<traces::OrderGone>(played), 1) << "the second order";

  bool follows = false;
  Played(run, from_ms(4'000), [&](Cluster& cluster) {
    follows = cluster.postgres_nodes()[0].disk.server->is_standby() &&
              cluster.postgres_nodes()[0].disk.received.engine == cluster.postgres().engine;
  });
  EXPECT_TRUE(follows) << "then the old one follows the new";
}

/// Commits that nobody waited long enough for are seen all the same: so none is under way here.
TEST(PostgresFailover, LosesNothingWhereTheStandbyIsSynchronous) {
  Case run = with(with_standbys(busy_case(), 1, true), fault(kPostgresFailover));
  run.faults[0].at = Played(run).call(2).invoked + from_ms(5);
  const Played played(run);
  expect_effect(played, kPostgresFailover);
  EXPECT_EQ(played.count("postgres:promoted"), 1U);
  EXPECT_EQ(played.count("postgres:lost-commits"), 0U);
  EXPECT_EQ(entries<traces::OrderGone>(played) + entries<traces::EventGone>(played), 0);
}

TEST(PostgresFailover, TwoStandbysFollowTheOneThatIsPromoted) {
  const Case run = with(with_standbys(busy_case(), 2, false), fault(kPostgresFailover, 300));
  std::size_t following = 0;
  Played(run, from_ms(5'000), [&](Cluster& cluster) {
    for (auto& node : cluster.postgres_nodes()) {
      following +=
          node.disk.server->is_standby() && node.disk.received.engine == cluster.postgres().engine;
    }
  });
  EXPECT_EQ(following, 2U);
}

TEST(PostgresFailover, WithoutAStandbyHasNoEffect) {
  EXPECT_FALSE(Played(with(busy_case(), fault(kPostgresFailover, 300))).took_effect());
}

TEST(PostgresFailover, WithoutAStandbyThatRunsHasNoEffect) {
  Case run = with_standbys(busy_case(), 1, false);
  run.faults = {{"kill", from_ms(800), from_ms(5'000), "postgres-2", "", 0},
                fault(kPostgresFailover, 300)};
  const Played played(run);
  EXPECT_FALSE(played.took_effect(1));
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(PostgresClockJump, IsReadByStatements) {
  const Fault jump = fault(kPostgresClockJump, 60'000);
  std::int64_t ahead = 0;
  const Played played(with(busy_case(), jump), from_ms(1'500), [&ahead](Cluster& cluster) {
    const auto& host = *cluster.postgres_primary().host;
    const WallTime right = sim::kWorldBegan + cluster.world().now().time_since_epoch();
    ahead = to_ms(host.wall() - right);
  });
  EXPECT_EQ(ahead, 60'000);
  expect_effect(played, kPostgresClockJump);
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(PostgresClockJump, ByNothingHasNoEffect) {
  EXPECT_FALSE(Played(with(busy_case(), fault(kPostgresClockJump, 0))).took_effect());
}

}  // namespace
}  // namespace firedrill::faults
