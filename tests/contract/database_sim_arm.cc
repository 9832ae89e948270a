#include <utility>

#include "tests/contract/database_rig.h"
#include "tests/sim_ports/small_world.h"

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;
using sim::PickPolicy;

class SimDatabaseRig final : public DatabaseRig {
 public:
  explicit SimDatabaseRig(PickPolicy policy) : small_(kSeed, policy, sim::uneven_links()) {}
  ~SimDatabaseRig() override {
    // A test that took too long waits in both.
    small_.one.kill();
    small_.two.kill();
  }

  Database& one() override { return small_.at_one().database; }
  Database& two() override { return small_.at_two().database; }
  Clock& clock() override { return small_.at_one().clock; }
  Tasks& tasks() override { return small_.at_one().tasks; }
  std::size_t connections() const override { return 4; }

  void run(awaitable<void> body) override {
    EXPECT_TRUE(small_.run(std::move(body))) << "the test takes too long";
  }

  awaitable<void> kill_database() override {
    small_.postgres.kill();
    co_return;
  }
  /// As the live one does, it returns when the server takes clients.
  awaitable<void> start_database() override {
    small_.postgres.start();
    co_await small_.at_one().clock.sleep_for(from_ms(300));
  }
  awaitable<void> pause_database() override {
    small_.postgres.pause();
    co_return;
  }
  awaitable<void> resume_database() override {
    small_.postgres.resume();
    co_return;
  }
  awaitable<void> break_connections() override {
    small_.postgres.reset_connections();
    co_return;
  }

 private:
  static constexpr std::uint64_t kSeed = 20'260'101;

  sim::SmallWorld small_;
};

DatabaseArm arm(std::string name, PickPolicy policy) {
  return DatabaseArm{.name = std::move(name),
                     .make_rig = [policy] { return std::make_unique<SimDatabaseRig>(policy); }};
}

/// The simulated port in a world of its own for each test: one arm for each way to decide who runs
/// next, since a port owes its promises under all of them.
auto sim_arms() {
  return ::testing::Values(
      arm("SimFirstCome", {.kind = PickPolicy::Kind::first_come}),
      arm("SimRandom", {.kind = PickPolicy::Kind::random}),
      arm("SimPct", {.kind = PickPolicy::Kind::pct, .change_points = 8, .expected_steps = 5'000}));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(SimArms, DatabaseContract, sim_arms(), database_arm_name);

}  // namespace firedrill::contract
