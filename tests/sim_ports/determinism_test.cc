#include <set>

#include "tests/sim_ports/traffic.h"

namespace firedrill::sim {

namespace {

struct Ran {
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  int calls = 0;

  friend bool operator==(const Ran&, const Ran&) = default;
  friend void PrintTo(const Ran& ran, std::ostream* out) {
    *out << ran.digest << " after " << ran.steps << " steps";
  }
};

/// Busy traffic under every kind of trouble.
Ran trouble(std::uint64_t seed, PickPolicy policy) {
  BusyWorld busy(seed, policy);
  SmallWorld& small = busy.small();
  Process& first = *busy.world().find_process("busy-1");
  Process& second = *busy.world().find_process("busy-2");
  busy.run_for(from_ms(30));
  Loss loss(3);
  small.link(small.redis, first).lose_next(loss);
  small.redis_disk.levers.extra_per_command = from_ms(1);
  busy.run_for(from_ms(20));
  small.redis_disk.levers.extra_per_command = {};
  small.link(first, second).cut();
  small.broker.pause();
  busy.run_for(from_ms(60));
  small.link(first, second).heal();
  small.broker.resume();
  second.kill();
  busy.run_for(from_ms(10));
  second.start();
  small.broker.reset_connections();
  busy.run_for(from_ms(100));
  EXPECT_EQ(loss.lost, 3U);
  EXPECT_GT(busy.done().handled, 20);
  return {busy.world().scheduler().digest().value(), busy.world().scheduler().steps(),
          busy.done().calls};
}

}  // namespace

TEST(Determinism, OneSeedOneDigest) {
  for (const auto kind :
       {PickPolicy::Kind::first_come, PickPolicy::Kind::random, PickPolicy::Kind::pct}) {
    const PickPolicy policy{kind, 5, 5000};
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const Ran once = trouble(seed, policy);
      EXPECT_EQ(once, trouble(seed, policy)) << "seed " << seed;
      digests.insert(once.digest);
    }
    EXPECT_EQ(digests.size(), 10U);
  }
}

/// Two worlds whose steps alternate do not know of each other.
TEST(Determinism, WorldsDoNotShare) {
  const auto digest_of = [](BusyWorld& busy) { return busy.world().scheduler().digest().value(); };
  BusyWorld alone(7);
  alone.run_steps(2000);
  BusyWorld left(7);
  BusyWorld right(8);
  for (int i = 0; i < 2000; ++i) {
    left.run_steps(1);
    right.run_steps(1);
  }
  EXPECT_EQ(digest_of(left), digest_of(alone));
  EXPECT_NE(digest_of(left), digest_of(right));
}

}  // namespace firedrill::sim
