#include "faults/injector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "faults/generate.h"
#include "faults/kinds.h"
#include "tests/faults/stage.h"
#include "traces/scenario.h"
#include "workload/generate.h"

namespace firedrill::faults {
namespace {

using traces::Case;
using traces::FaultSeen;
using What = FaultSeen::What;

/// Nothing in the world is wrong any more.
void expect_healed(sim::FlashSaleCluster& cluster, const std::string& which) {
  sim::World& world = cluster.world();
  for (const auto& host : world.hosts()) {
    EXPECT_EQ(host->wall(), sim::kWorldBegan + world.now().time_since_epoch())
        << which << ": the clock of " << host->name();
    for (const auto& to : world.hosts()) {
      sim::Link& link = world.link(*host, *to);
      EXPECT_FALSE(link.is_cut()) << which;
      EXPECT_FALSE(link.takes_message()) << which;
      const std::uint64_t slowed = link.slowed();
      static_cast<void>(link.draw_delay());
      EXPECT_EQ(link.slowed(), slowed) << which;
    }
  }
  for (const auto& process : world.processes()) {
    EXPECT_TRUE(process->running()) << which << ": " << process->name();
    EXPECT_FALSE(process->lane().paused()) << which << ": " << process->name();
  }
  EXPECT_EQ(cluster.queue().levers.losing_confirms, 0U) << which;
  EXPECT_EQ(cluster.queue().levers.confirm_delay, Duration::zero()) << which;
  EXPECT_EQ(cluster.redis().levers.extra_per_command, Duration::zero()) << which;
  std::size_t primaries = 0;
  for (auto& node : cluster.postgres_nodes()) {
    const auto& levers = node.disk.levers;
    EXPECT_EQ(levers.extra_per_statement, Duration::zero()) << which;
    EXPECT_EQ(levers.fsync_stall, Duration::zero()) << which;
    EXPECT_EQ(levers.losing_commit_answers, 0U) << which;
    EXPECT_EQ(levers.strangers, 0U) << which;
    EXPECT_FALSE(levers.disk_is_full) << which;
    if (node.disk.server != nullptr) primaries += node.disk.server->is_standby() ? 0 : 1;
  }
  EXPECT_EQ(primaries, 1U) << which;
}

/// Each fault began once, then ended once; what took effect was said once, in between, and counted.
void expect_told(const Case& run, const Played& played) {
  std::vector<std::vector<What>> told(run.faults.size());
  for (const auto& entry : played.history.entries) {
    const auto* seen = std::get_if<FaultSeen>(&entry.what);
    if (seen == nullptr) continue;
    told[seen->index].push_back(seen->what);
    const traces::Fault& fault = run.faults[seen->index];
    if (seen->what == What::began) {
      EXPECT_EQ(entry.at, fault.at);
    } else {
      EXPECT_LE(entry.at, run.faults_until);
    }
  }
  std::map<std::string, std::uint64_t> effective;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const bool effect = told[i].size() == 3;
    EXPECT_EQ(told[i], effect ? (std::vector<What>{What::began, What::took_effect, What::ended})
                              : (std::vector<What>{What::began, What::ended}));
    if (effect) ++effective[run.faults[i].kind];
  }
  for (const Kind* kind : all_kinds()) {
    EXPECT_EQ(played.counted(kind->name), effective[std::string(kind->name)]);
  }
}

TEST(Injector, HealsWhateverAPlanDid) {
  auto scenario =
      traces::read_scenario(FIREDRILL_SOURCE_DIR "/traces/scenarios/flash-sale.json", kind_names());
  scenario.workload.orders = {20, 20};
  for (auto& allowed : scenario.faults) allowed.count = {1, 6};  // more of them: they overlap
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Case run = workload::generate(scenario, seed);
    run.faults = generate(scenario, run);
    const Played played(run, run.faults_until + Duration(1), [&](sim::FlashSaleCluster& cluster) {
      expect_healed(cluster, "seed " + std::to_string(seed));
    });
    expect_told(run, played);
    EXPECT_EQ(Played(run).digest, Played(run).digest);
  }
}

TEST(Injector, HealEndsWhatWouldLastLonger) {
  Case run = busy_case();
  for (const Kind* kind : all_kinds()) {
    traces::Fault fault{std::string(kind->name), from_ms(900), from_ms(3'600'000), "", "", 1};
    switch (kind->aim) {
      case Aim::link:
      case Aim::requests: fault.subject = "clients", fault.object = "order-1"; break;
      case Aim::replies: fault.subject = "order-1", fault.object = "clients"; break;
      case Aim::process:
      case Aim::clock: fault.subject = "order-1"; break;
      case Aim::queue: fault.subject = "queue"; break;
      case Aim::topic: fault.subject = "queue", fault.object = "order.events"; break;
      case Aim::redis: fault.subject = "redis"; break;
      case Aim::postgres: fault.subject = "postgres"; break;
    }
    run.faults.push_back(std::move(fault));
  }
  const Played played(run, run.faults_until + Duration(1), [](sim::FlashSaleCluster& cluster) {
    expect_healed(cluster, "all kinds at once");
  });
  expect_told(run, played);
  for (std::uint32_t i = 0; i < run.faults.size(); ++i) {
    EXPECT_EQ(played.seen(What::ended, i), run.faults_until);
  }
}

TEST(Injector, TellsOfTheHealing) {
  const Played played(busy_case());
  const auto healed = std::find_if(
      played.history.entries.begin(), played.history.entries.end(), [](const auto& entry) {
        const auto* phase = std::get_if<traces::PhaseSeen>(&entry.what);
        return phase != nullptr && phase->phase == traces::PhaseSeen::Phase::healed;
      });
  ASSERT_NE(healed, played.history.entries.end());
  EXPECT_EQ(healed->at, from_ms(10'000));
}

/// Whichever of two events at one instant runs first, a fault ends after it began.
TEST(Injector, AFaultWithoutDurationEndsAtOnce) {
  for (const auto pick : {Case::Pick::first_come, Case::Pick::random, Case::Pick::pct}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Case run = quiet_case();
      run.seed = seed;
      run.schedule = {pick, 2};
      run.faults = {{"partition", from_ms(900), Duration::zero(), "clients", "order-1", 0}};
      const Played played(run);
      EXPECT_EQ(played.seen(What::ended), from_ms(900));
    }
  }
}

TEST(InjectorDeathTest, RejectsAKindThatDoesNotExist) {
  Case run = quiet_case();
  run.faults = {{"flood", from_ms(900), Duration::zero(), "redis", "", 0}};
  EXPECT_DEATH(static_cast<void>(Played(run)), "kinds of faults that exist");
}

}  // namespace
}  // namespace firedrill::faults
