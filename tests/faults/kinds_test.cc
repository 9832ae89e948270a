#include "faults/kinds.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "faults/validate.h"
#include "tests/faults/stage.h"

namespace firedrill::faults {
namespace {

using traces::Case;
using traces::Ended;
using traces::Fault;
using Effect = traces::StockEffect::Kind;
using What = traces::FaultSeen::What;

/// The fault was there, and changed something, and said so once.
void expect_effect(const Played& played, const Kind& kind) {
  EXPECT_EQ(played.seen(What::began), from_ms(900));
  EXPECT_TRUE(played.took_effect());
  EXPECT_EQ(played.seen(What::ended), from_ms(kind.lasts ? 1'900 : 10'000));
  EXPECT_EQ(played.counted(kind.name), 1U);
}

/// The fault was there and had nothing to act on: it does not claim otherwise.
void expect_nothing(const Played& played, const Kind& kind) {
  EXPECT_EQ(played.seen(What::began), from_ms(900));
  EXPECT_FALSE(played.took_effect());
  EXPECT_EQ(played.seen(What::ended), from_ms(kind.lasts ? 1'900 : 10'000));
  EXPECT_EQ(played.counted(kind.name), 0U);
}

TEST(Kinds, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Kind* kind : all_kinds()) {
    EXPECT_TRUE(names.insert(kind->name).second);
    EXPECT_EQ(find_kind(kind->name), kind);
    EXPECT_FALSE(kind->about.empty());
  }
  EXPECT_EQ(kind_names().size(), all_kinds().size());
  EXPECT_EQ(find_kind("no-such-fault"), nullptr);
}

TEST(Kinds, TheSaleIsQuietWithoutThem) {
  const Played played(busy_case());
  for (const int number : {1, 2}) {
    EXPECT_EQ(played.call(number).answer.status, 202);
    EXPECT_LT(played.call(number).took(), from_ms(20));
    EXPECT_EQ(played.effects(Effect::reserve, number), 1);
    EXPECT_EQ(played.status(number), "CONFIRMED");
  }
}

TEST(LatencySpike, SlowsEveryMessage) {
  const Played played(with(busy_case(), fault(kLatencySpike, "clients", "order-1", 300'000)));
  expect_effect(played, kLatencySpike);
  EXPECT_GE(played.call(2).took(), from_ms(300));
  EXPECT_LT(played.call(2).took(), from_ms(350));
  EXPECT_EQ(played.call(2).answer.status, 202);
}

TEST(LatencySpike, WithoutMessagesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kLatencySpike, "clients", "order-1", 300'000))),
                 kLatencySpike);
}

TEST(Partition, StopsOneWay) {
  const Case run = with(busy_case(), fault(kPartition, "clients", "order-1"));
  const Played played(run, from_ms(1'500), [](sim::FlashSaleCluster& cluster) {
    sim::World& world = cluster.world();
    sim::Host& clients = *world.find_host("clients");
    sim::Host& order = *world.find_host("order-1");
    EXPECT_TRUE(world.link(clients, order).is_cut());
    EXPECT_FALSE(world.link(order, clients).is_cut());
  });
  expect_effect(played, kPartition);
  EXPECT_GE(played.call(2).returned, from_ms(1'900));
  EXPECT_EQ(played.call(2).answer.status, 202) << "it is sent again after the healing";
}

TEST(Partition, WithoutMessagesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kPartition, "clients", "order-1"))), kPartition);
}

TEST(PartitionBoth, StopsBothWays) {
  const Case run = with(busy_case(), fault(kPartitionBoth, "order-1", "clients"));
  const Played played(run, from_ms(1'500), [](sim::FlashSaleCluster& cluster) {
    sim::World& world = cluster.world();
    sim::Host& clients = *world.find_host("clients");
    sim::Host& order = *world.find_host("order-1");
    EXPECT_TRUE(world.link(clients, order).is_cut());
    EXPECT_TRUE(world.link(order, clients).is_cut());
  });
  expect_effect(played, kPartitionBoth);
  EXPECT_GE(played.call(2).returned, from_ms(1'900));
}

TEST(PartitionBoth, WithoutMessagesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kPartitionBoth, "order-1", "clients"))),
                 kPartitionBoth);
}

TEST(RequestLost, LosesTheRequestBeforeItIsExecuted) {
  const Played played(with(busy_case(), fault(kRequestLost, "clients", "order-1", 1)));
  expect_effect(played, kRequestLost);
  EXPECT_EQ(played.call(2).answer.ended, Ended::info);
  EXPECT_LT(played.call(2).took(), from_ms(10)) << "a reset, not a silence";
  EXPECT_EQ(played.effects(Effect::reserve, 2), 0);
}

TEST(RequestLost, WithoutMessagesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kRequestLost, "clients", "order-1", 1))),
                 kRequestLost);
}

TEST(RequestLost, OfNoMessagesHasNoEffect) {
  expect_nothing(Played(with(busy_case(), fault(kRequestLost, "clients", "order-1", 0))),
                 kRequestLost);
}

TEST(ReplyLost, LosesTheReplyAfterTheRequestWasExecuted) {
  const Played played(with(busy_case(), fault(kReplyLost, "order-1", "clients", 1)));
  expect_effect(played, kReplyLost);
  EXPECT_EQ(played.call(2).answer.ended, Ended::info);
  EXPECT_EQ(played.call(2).answer.status, 0);
  EXPECT_EQ(played.effects(Effect::reserve, 2), 1);
}

TEST(ReplyLost, WithoutMessagesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kReplyLost, "order-1", "clients", 1))),
                 kReplyLost);
}

TEST(ReplyLost, OverlappingOnesEndEachOnItsOwn) {
  Case run = busy_case();
  run.faults = {fault(kReplyLost, "order-1", "clients", 1),
                fault(kReplyLost, "order-1", "clients", 1)};
  run.faults[0].at = from_ms(600);
  run.faults[0].duration = from_ms(350);  // ends, with nothing lost, while the other one is there
  const Played played(run);
  EXPECT_FALSE(played.took_effect(0));
  EXPECT_TRUE(played.took_effect(1));
  EXPECT_EQ(played.call(2).answer.ended, Ended::info);
}

Fault kill_at(std::int64_t us, std::string subject, std::int64_t amount) {
  Fault kill = fault(kKill, std::move(subject), "", amount);
  kill.at = from_us(us);
  return kill;
}

TEST(Kill, LosesWhatAServiceWasDoing) {
  for (const std::int64_t resets : {0, 1}) {
    Case run = with(busy_case(), kill_at(1'002'200, "order-1", resets));
    traces::PlannedOrder meanwhile = run.orders.back();
    meanwhile.at = from_ms(1'500);
    meanwhile.call.key = "k-3";
    traces::PlannedOrder after = meanwhile;
    after.at = from_ms(2'500);
    after.call.key = "k-4";
    run.orders.insert(run.orders.end(), {meanwhile, after});
    const Played played(run, from_ms(1'500), [](sim::FlashSaleCluster& cluster) {
      EXPECT_FALSE(cluster.world().find_process("order-1")->running());
    });
    EXPECT_TRUE(played.took_effect());
    EXPECT_EQ(played.counted("kill"), 1U);
    EXPECT_EQ(played.call(2).answer.ended, Ended::info);
    EXPECT_EQ(played.call(2).answer.status, 0);
    EXPECT_EQ(played.call(3).answer.ended, Ended::fail) << "refused";
    EXPECT_EQ(played.call(4).answer.status, 202) << "it is back";
  }
}

TEST(Kill, OfAnIdleServiceHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kKill, "order-1"))), kKill);
}

TEST(Kill, OfABackendBreaksItsConnections) {
  for (const char* backend : {"redis", "queue"}) {
    const Case run = with(busy_case(), fault(kKill, backend));
    const Played played(run, from_ms(1'500), [&](sim::FlashSaleCluster& cluster) {
      EXPECT_FALSE(cluster.world().find_process(backend)->running());
    });
    expect_effect(played, kKill);
    EXPECT_NE(played.call(2).answer.status, 202);
    EXPECT_EQ(played.status(1), "CONFIRMED") << "what was stored before stays";
  }
}

TEST(Kill, OfTheDeadHasNoEffect) {
  Case run = busy_case();
  run.faults = {fault(kKill, "redis"), fault(kKill, "redis")};
  run.faults[1].at = from_ms(1'200);
  const Played played(run);
  EXPECT_TRUE(played.took_effect(0));
  EXPECT_FALSE(played.took_effect(1));
}

TEST(Pause, StopsAProcessWhileItsConnectionsStay) {
  const Case run = with(busy_case(), fault(kPause, "order-1"));
  const Played played(run, from_ms(1'500), [](sim::FlashSaleCluster& cluster) {
    EXPECT_TRUE(cluster.world().find_process("order-1")->lane().paused());
  });
  expect_effect(played, kPause);
  EXPECT_GE(played.call(2).returned, from_ms(1'900));
  EXPECT_EQ(played.call(2).answer.status, 202);
}

TEST(Pause, OfAnIdleServiceHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kPause, "order-1"))), kPause);
}

TEST(Pause, EndsWithTheProcessThatWasPaused) {
  Case run = busy_case();
  run.faults = {fault(kPause, "order-1"), fault(kKill, "order-1"), fault(kPause, "order-1")};
  run.faults[1].at = from_ms(1'100);
  run.faults[1].duration = from_ms(100);
  run.faults[2].at = from_ms(1'300);  // of the next life, until 2300 ms
  const Played played(run, from_ms(2'000), [](sim::FlashSaleCluster& cluster) {
    EXPECT_TRUE(cluster.world().find_process("order-1")->lane().paused())
        << "the end of the first pause is not the end of the second";
  });
  EXPECT_TRUE(played.took_effect(0)) << "it held an order up before it was killed";
  Played(run, from_ms(2'400), [](sim::FlashSaleCluster& cluster) {
    EXPECT_FALSE(cluster.world().find_process("order-1")->lane().paused());
  });
}

Duration clock_error(sim::FlashSaleCluster& cluster) {
  sim::World& world = cluster.world();
  const WallTime right = sim::kWorldBegan + world.now().time_since_epoch();
  return world.find_host("order-1")->wall() - right;
}

struct ClockCase {
  const Kind* kind;
  std::int64_t amount;
  Duration error_ms_later;  ///< of the clock, 500 ms after the beginning
};

class Clocks : public testing::TestWithParam<ClockCase> {};

TEST_P(Clocks, GoWrongAndAreSetRight) {
  const auto& [kind, amount, error] = GetParam();
  const Case run = with(busy_case(), fault(*kind, "order-1", "", amount));
  Played(run, from_ms(899),
         [](sim::FlashSaleCluster& cluster) { EXPECT_EQ(clock_error(cluster), Duration::zero()); });
  Played(run, from_ms(1'400),
         [&](sim::FlashSaleCluster& cluster) { EXPECT_EQ(clock_error(cluster), error); });
  Played(run, from_ms(kind->lasts ? 1'901 : 10'001),
         [](sim::FlashSaleCluster& cluster) { EXPECT_EQ(clock_error(cluster), Duration::zero()); });
  expect_effect(Played(run), *kind);
}

TEST_P(Clocks, ThatNobodyReadsHaveNoEffect) {
  const Kind& kind = *GetParam().kind;
  expect_nothing(Played(with(quiet_case(), fault(kind, "order-1", "", GetParam().amount))), kind);
}

TEST_P(Clocks, ThatAreRightHaveNoEffect) {
  const Kind& kind = *GetParam().kind;
  expect_nothing(Played(with(busy_case(), fault(kind, "order-1", "", 0))), kind);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, Clocks,
                         testing::Values(ClockCase{&kClockOffset, 500, from_ms(500)},
                                         ClockCase{&kClockOffset, -500, from_ms(-500)},
                                         ClockCase{&kClockDrift, 20'000, from_ms(10)},
                                         ClockCase{&kClockDrift, -20'000, from_ms(-10)},
                                         ClockCase{&kClockJump, 3'000, from_ms(3'000)},
                                         ClockCase{&kClockJump, -3'000, from_ms(-3'000)}),
                         [](const auto& tested) {
                           std::string name(tested.param.kind->name);
                           std::erase(name, '-');
                           return name + (tested.param.amount < 0 ? "Back" : "Forwards");
                         });

TEST(ConfirmLost, StoresAndDoesNotConfirm) {
  const Played played(with(busy_case(), fault(kConfirmLost, "queue")));
  expect_effect(played, kConfirmLost);
  EXPECT_EQ(played.call(2).answer.ended, Ended::info);
  EXPECT_EQ(played.status(2), "CONFIRMED") << "the consumer got it";
}

TEST(ConfirmLost, WithoutPublishesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kConfirmLost, "queue"))), kConfirmLost);
}

TEST(ConfirmLate, StoresAtOnceAndConfirmsLate) {
  const Played played(with(busy_case(), fault(kConfirmLate, "queue", "", 100)));
  expect_effect(played, kConfirmLate);
  EXPECT_GE(played.call(2).took(), from_ms(100));
  EXPECT_EQ(played.call(2).answer.status, 202);
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(ConfirmLate, WithoutPublishesHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kConfirmLate, "queue", "", 100))), kConfirmLate);
}

TEST(Redelivery, DeliversAgainWhatIsNotAcknowledged) {
  int took_effect = 0;
  for (const char* paused : {"consumer-1", "consumer-2"}) {  // one of them gets the order
    Case run = busy_case();
    run.topology.consumers = 2;
    run.faults = {fault(kPause, paused), fault(kRedelivery, "queue")};
    run.faults[1].at = from_ms(1'500);
    const Played played(run);
    EXPECT_EQ(played.counted("redelivery"), played.took_effect(1) ? 1U : 0U);
    EXPECT_EQ(played.repeated, played.took_effect(1) ? 1U : 0U) << "the other one gets it now";
    EXPECT_EQ(played.effects(Effect::confirm, 2), 1) << "and the first one finds it done";
    took_effect += played.took_effect(1);
  }
  EXPECT_EQ(took_effect, 1);
}

TEST(Redelivery, WithNothingPendingHasNoEffect) {
  const Played played(with(quiet_case(), fault(kRedelivery, "queue")));
  expect_nothing(played, kRedelivery);
  EXPECT_EQ(played.repeated, 0U);
}

TEST(Redelivery, OfADeadBrokerHasNoEffect) {
  Case run = busy_case();
  run.faults = {fault(kKill, "queue"), fault(kRedelivery, "queue")};
  run.faults[1].at = from_ms(1'500);
  EXPECT_FALSE(Played(run).took_effect(1));
}

/// Orders go to the topic that is struck: it refuses what is published.
TEST(LeaderLost, RefusesAndLosesNothing) {
  const Played played(with(busy_case(), fault(kLeaderLost, "queue", "flash-sale-orders")));
  expect_effect(played, kLeaderLost);
  EXPECT_EQ(played.call(2).answer.status, 504);
  EXPECT_EQ(played.status(1), "CONFIRMED");
  EXPECT_EQ(played.effects(Effect::confirm, 2), 0);
}

TEST(LeaderLost, OfAnotherTopicHoldsUpItsEventsAlone) {
  const Played played(with(busy_case(), fault(kLeaderLost, "queue", "order.events")));
  expect_effect(played, kLeaderLost);
  EXPECT_EQ(played.call(2).answer.status, 202);
  EXPECT_EQ(played.status(2), "CONFIRMED");
}

TEST(LeaderLost, WithNothingToPublishHasNoEffect) {
  expect_nothing(Played(with(quiet_case(), fault(kLeaderLost, "queue", "order.events"))),
                 kLeaderLost);
}

TEST(LeaderLost, NamesATopicThatExists) {
  Case run = with(quiet_case(), fault(kLeaderLost, "queue", "order.events"));
  EXPECT_EQ(validate(run), "");
  run.faults[0].object = "nowhere";
  EXPECT_EQ(validate(run), "/run/faults/0/object: there is no topic nowhere");
}

TEST(RedisSlow, DelaysEveryCommand) {
  const Played played(with(busy_case(), fault(kRedisSlow, "redis", "", 20'000)));
  expect_effect(played, kRedisSlow);
  EXPECT_GE(played.call(2).took(), from_ms(2 * 20)) << "limiter, reserve";
  EXPECT_EQ(played.call(2).answer.status, 202);
}

TEST(RedisSlow, WithoutCommandsHasNoEffect) {
  Fault slow = fault(kRedisSlow, "redis", "", 20'000);
  slow.duration = from_ms(50);  // between two sweeps of the inventory service
  const Played played(with(quiet_case(), slow));
  EXPECT_FALSE(played.took_effect());
  EXPECT_EQ(played.counted("redis-slow"), 0U);
}

}  // namespace
}  // namespace firedrill::faults
