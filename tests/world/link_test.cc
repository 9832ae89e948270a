#include "sim/world/link.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "sim/world/world.h"

namespace firedrill::sim {
namespace {

class LinkTest : public testing::Test {
 protected:
  Link make(const LinkProfile& profile, std::uint64_t seed = 1) {
    return {from_, to_, profile, RandomStream(seed)};
  }

  World world_{1};
  Host& from_ = world_.add_host("from");
  Host& to_ = world_.add_host("to");
};

struct Waiting final : Stalled {
  void carry_again() override { ++carried; }
  int carried = 0;
};

TEST_F(LinkTest, DrawsDelaysWithinTheProfile) {
  Link plain = make({from_us(500), {}, 0, {}});
  Link jitter = make({from_us(500), from_us(100), 0, {}});
  Link tail = make({from_us(500), from_us(100), 25, from_ms(10)});
  std::set<Duration> jittered;
  int tails = 0;
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_EQ(plain.draw_delay(), from_us(500));
    const Duration delay = jitter.draw_delay();
    EXPECT_GE(delay, from_us(500));
    EXPECT_LE(delay, from_us(600));
    jittered.insert(delay);
    const Duration longer = tail.draw_delay();
    EXPECT_LE(longer, from_us(600) + from_ms(10));
    tails += longer > from_us(600);
  }
  EXPECT_GT(jittered.size(), 1'000U);
  EXPECT_GT(tails, 400);
  EXPECT_LT(tails, 600);
}

TEST_F(LinkTest, SlowingNestsAndCounts) {
  Link link = make({from_ms(1), {}, 0, {}});
  EXPECT_EQ(link.draw_delay(), from_ms(1));
  EXPECT_EQ(link.slowed(), 0U);
  link.slow_down(from_ms(5));
  link.slow_down(from_ms(20));
  EXPECT_EQ(link.draw_delay(), from_ms(26));
  link.speed_up(from_ms(5));
  EXPECT_EQ(link.draw_delay(), from_ms(21));
  link.speed_up(from_ms(20));
  EXPECT_EQ(link.draw_delay(), from_ms(1));
  EXPECT_EQ(link.slowed(), 2U);
}

TEST_F(LinkTest, CutsNest) {
  Link link = make({});
  Waiting waiting;
  link.cut();
  link.cut();
  link.stall(waiting);
  link.heal();
  EXPECT_TRUE(link.is_cut());
  EXPECT_EQ(waiting.carried, 0);
  link.heal();
  EXPECT_FALSE(link.is_cut());
  EXPECT_EQ(waiting.carried, 1);
  EXPECT_FALSE(waiting.linked());
  EXPECT_EQ(link.stopped(), 1U);
}

TEST_F(LinkTest, ForgetsAStalledOneThatIsGone) {
  Link link = make({});
  link.cut();
  {
    Waiting waiting;
    link.stall(waiting);
  }
  link.heal();
}

using LinkDeathTest = LinkTest;

TEST_F(LinkDeathTest, HealsOnlyWhatWasCut) {
  Link link = make({});
  EXPECT_DEATH(link.heal(), "was cut");
}

TEST_F(LinkTest, LosesAsManyAsItWasTold) {
  Link link = make({});
  EXPECT_FALSE(link.takes_message());
  Loss loss(2);
  link.lose_next(loss);
  EXPECT_TRUE(link.takes_message());
  EXPECT_TRUE(link.takes_message());
  EXPECT_FALSE(link.takes_message());
  EXPECT_EQ(loss.lost, 2U);
}

TEST_F(LinkTest, LossesTakeTurnsAndEndEachOnItsOwn) {
  Link link = make({});
  Loss first(1);
  std::optional<Loss> second(std::in_place, 5);
  Loss third(1);
  link.lose_next(first);
  link.lose_next(*second);
  link.lose_next(third);
  EXPECT_TRUE(link.takes_message());
  EXPECT_TRUE(link.takes_message());
  EXPECT_EQ(first.lost, 1U);
  EXPECT_EQ(second->lost, 1U);
  second.reset();
  EXPECT_TRUE(link.takes_message());
  EXPECT_EQ(third.lost, 1U);
  EXPECT_FALSE(link.takes_message());
}

TEST_F(LinkTest, ALossOfNothingLosesNothing) {
  Link link = make({});
  Loss none(0);
  Loss fewer(-3);
  link.lose_next(none);
  link.lose_next(fewer);
  EXPECT_FALSE(link.takes_message());
}

TEST(WorldLinks, DifferByDirectionAndDoNotDependOnOtherHosts) {
  const LinkProfile profile{from_us(1), from_ms(50), 0, {}};
  const auto delays = [&](bool another_first, const char* from, const char* to) {
    World world(3, {}, profile);
    if (another_first) world.add_host("another");
    world.add_host("a");
    world.add_host("b");
    Link& link = world.link(*world.find_host(from), *world.find_host(to));
    std::vector<Duration> drawn;
    for (int i = 0; i < 5; ++i) drawn.push_back(link.draw_delay());
    return drawn;
  };
  EXPECT_EQ(delays(false, "a", "b"), delays(true, "a", "b"));
  EXPECT_NE(delays(false, "a", "b"), delays(false, "b", "a"));
}

}  // namespace
}  // namespace firedrill::sim
