#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "faults/kinds.h"
#include "tests/faults/stage.h"

// The kinds that strike Redis as a server: its disk, its replicas, its one thread.

namespace firedrill::faults {
namespace {

using traces::Case;
using traces::Fault;
using Effect = traces::StockEffect::Kind;

Fault fault(const Kind& kind, std::int64_t amount = 0, std::int64_t lasts_ms = 1'000) {
  return faults::fault(kind, "redis", "", amount, lasts_ms);
}

Case with_replica(Case run) {
  run.redis.replicas = 1;
  return run;
}

std::uint64_t lost_writes(const Played& played) {
  return played.count("redis:lost-writes");
}

TEST(RedisSlowCommand, KeepsEverybodyWaiting) {
  const Played played(with(busy_case(), fault(kRedisSlowCommand)));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.counted("redis-slow-command"), 1U);
  EXPECT_NE(played.call(2).answer.status, 202) << "the service does not wait so long";
  EXPECT_EQ(played.status(1), "CONFIRMED");
}

TEST(RedisSlowCommand, WithoutCommandsHasNoEffect) {
  EXPECT_FALSE(Played(with(quiet_case(), fault(kRedisSlowCommand, 0, 50))).took_effect());
}

TEST(RedisScriptBusy, MakesThemWaitAndThenTellsThemSo) {
  const Case run = with(busy_case(), fault(kRedisScriptBusy, 0, 8'000));
  std::uint64_t early = 1;
  const Played played(run, from_ms(5'800), [&early](sim::FlashSaleCluster& cluster) {
    early = cluster.redis().levers.refused;
  });
  EXPECT_EQ(early, 0U) << "for five seconds there is silence";
  EXPECT_TRUE(played.took_effect());
  std::uint64_t late = 0;
  Played(run, from_ms(8'800),
         [&late](sim::FlashSaleCluster& cluster) { late = cluster.redis().levers.refused; });
  EXPECT_GT(late, 0U) << "then there is BUSY";
}

TEST(RedisScriptFlush, MakesServicesSendTheirScriptsAgain) {
  const Played played(with(busy_case(), fault(kRedisScriptFlush)));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.call(2).answer.status, 202) << "and nobody notices";
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(RedisMemoryFull, RefusesWhatNeedsMore) {
  const Played played(with(busy_case(), fault(kRedisMemoryFull)));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.effects(Effect::reserve, 2), 0);
  EXPECT_NE(played.call(2).answer.status, 202);
  EXPECT_EQ(lost_writes(played), 0U);
}

TEST(RedisReplicaLag, DelaysWhatReplicasAreSent) {
  const Fault lag = fault(kRedisReplicaLag, 200'000);
  EXPECT_TRUE(Played(with(with_replica(busy_case()), lag)).took_effect());
  EXPECT_FALSE(Played(with(busy_case(), lag)).took_effect()) << "there is no replica";
}

TEST(RedisFsyncStall, AloneLosesNothing) {
  const Played played(with(busy_case(), fault(kRedisFsyncStall, 500)));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.status(2), "CONFIRMED");
  EXPECT_EQ(lost_writes(played), 0U);
}

TEST(RedisFsyncStall, LetsAKillLoseWhatWasPutOff) {
  Case run = with(busy_case(), fault(kRedisFsyncStall, 1'900));
  run.faults.push_back({"kill", from_ms(1'100), from_ms(10), "redis", "", 0});
  EXPECT_EQ(lost_writes(Played(run)), 1U);
  run.faults.erase(run.faults.begin());
  EXPECT_EQ(lost_writes(Played(run)), 0U) << "a kill by itself loses nothing";
}

TEST(RedisPowerLoss, LosesWhatWasNotSynced) {
  using Fsync = Case::Redis::Fsync;
  for (const Fsync fsync : {Fsync::always, Fsync::everysec, Fsync::no}) {
    Case run = busy_case();
    run.redis.fsync = fsync;
    Fault cut = fault(kRedisPowerLoss, 0, 100);
    cut.at = from_ms(1'050);
    const Played played(with(run, cut));
    EXPECT_EQ(played.took_effect(), fsync != Fsync::always) << traces::to_string(fsync);
    EXPECT_EQ(lost_writes(played), fsync == Fsync::always ? 0U : 1U);
  }
}

TEST(RedisRestartEmpty, LosesEverything) {
  const Played played(with(busy_case(), fault(kRedisRestartEmpty, 0, 50)));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(lost_writes(played), 1U);
  EXPECT_NE(played.call(2).answer.status, 202) << "there is no such product any more";
}

TEST(RedisFailover, LosesWhatTheOldPrimaryTookAlone) {
  const Case run = with(with_replica(busy_case()), fault(kRedisFailover, 300));
  std::size_t primaries = 0;
  bool moved = false;
  const Played played(run, from_ms(1'500), [&](sim::FlashSaleCluster& cluster) {
    for (auto& node : cluster.redis_nodes()) primaries += node.disk.server->is_primary() ? 1 : 0;
    moved = cluster.primary().host->name() == "redis-2";
  });
  EXPECT_EQ(primaries, 2U) << "until the fault ends there are two";
  EXPECT_TRUE(moved);
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(lost_writes(played), 1U) << "the second order, which the replica never saw";
  EXPECT_EQ(played.counts.at("redis:promoted"), 1U);

  std::size_t after = 0;
  Played(run, from_ms(4'000), [&](sim::FlashSaleCluster& cluster) {
    for (auto& node : cluster.redis_nodes()) after += node.disk.server->is_primary() ? 1 : 0;
  });
  EXPECT_EQ(after, 1U) << "then the old one follows the new";
}

TEST(RedisFailover, WithoutAReplicaHasNoEffect) {
  EXPECT_FALSE(Played(with(busy_case(), fault(kRedisFailover, 300))).took_effect());
}

/// Nobody is told to fail over: the Sentinels find out by themselves.
TEST(Sentinels, ReplaceAPrimaryThatIsGone) {
  Case run = with_replica(busy_case());
  run.redis.sentinels = 3;
  run.faults.push_back({"kill", from_ms(1'200), from_ms(7'000), "redis", "", 0});
  std::string primary;
  const Played played(run, from_ms(5'000), [&primary](sim::FlashSaleCluster& cluster) {
    primary = cluster.primary().host->name();
  });
  EXPECT_EQ(primary, "redis-2");
  EXPECT_EQ(played.counts.at("redis:promoted"), 1U);
  EXPECT_EQ(played.status(1), "CONFIRMED");

  std::size_t primaries = 0;
  Played(run, from_ms(19'500), [&primaries](sim::FlashSaleCluster& cluster) {
    for (auto& node : cluster.redis_nodes()) {
      primaries += node.disk.server->is_primary() ? 1 : 0;
    }
  });
  EXPECT_EQ(primaries, 1U) << "who comes back is told to follow";
}

TEST(Sentinels, DoNothingWithoutAQuorum) {
  Case run = with_replica(busy_case());
  run.redis.sentinels = 3;
  run.faults.push_back({"kill", from_ms(1'200), from_ms(7'000), "redis", "", 0});
  for (const char* sentinel : {"sentinel-1", "sentinel-2"}) {
    run.faults.push_back({"kill", from_ms(1'100), from_ms(8'000), sentinel, "", 0});
  }
  const Played played(run);
  EXPECT_FALSE(played.counts.contains("redis:promoted"));
}

TEST(Sentinels, LeaveAHealthyPrimaryAlone) {
  Case run = with_replica(busy_case());
  run.redis.sentinels = 3;
  run.faults.push_back({"kill", from_ms(1'200), from_ms(500), "redis", "", 0});
  EXPECT_FALSE(Played(run).counts.contains("redis:promoted")) << "half a second is no outage";
}

}  // namespace
}  // namespace firedrill::faults
