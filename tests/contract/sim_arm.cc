#include <utility>

#include "tests/contract/rig.h"
#include "tests/sim_ports/small_world.h"

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;
using sim::PickPolicy;

/// "The server" is two processes here, a Redis and a broker, which live and die together.
class SimRig final : public Rig {
 public:
  explicit SimRig(PickPolicy policy) : small_(kSeed, policy, sim::uneven_links()) {}

  ~SimRig() override {
    // A test that took too long waits in both.
    small_.one.kill();
    small_.two.kill();
  }

  Ports one() override { return small_.at_one(); }
  Ports two() override { return small_.at_two(); }
  Address two_at() override { return small_.two_at(); }

  void run(awaitable<void> body) override {
    EXPECT_TRUE(small_.run(std::move(body))) << "the test takes too long";
  }

  awaitable<void> kill_server() override {
    small_.redis.kill();
    small_.broker.kill();
    co_return;
  }
  awaitable<void> start_server() override {
    small_.redis_disk.engine.clear();
    small_.queue_disk.engine = sim::queue::Engine({4, sim::SmallWorld::kRedeliveryAfter});
    small_.redis.start();
    small_.broker.start();
    co_return;
  }
  awaitable<void> pause_server() override {
    small_.redis.pause();
    small_.broker.pause();
    co_return;
  }
  awaitable<void> resume_server() override {
    small_.redis.resume();
    small_.broker.resume();
    co_return;
  }
  awaitable<void> break_connections() override {
    small_.redis.reset_connections();
    small_.broker.reset_connections();
    co_return;
  }

  Duration redelivery_after() const override { return sim::SmallWorld::kRedeliveryAfter; }
  /// As RabbitMQ does.
  bool redelivers_on_break() const override { return true; }

 private:
  static constexpr std::uint64_t kSeed = 20'260'101;

  sim::SmallWorld small_;
};

Arm arm(std::string name, PickPolicy policy) {
  return Arm{.name = std::move(name),
             .make_rig = [policy] { return std::make_unique<SimRig>(policy); }};
}

/// The simulated ports in a world of their own for each test: one arm for each way to decide who
/// runs next, since a port owes its promises under all of them.
auto sim_arms() {
  return ::testing::Values(
      arm("SimFirstCome", {.kind = PickPolicy::Kind::first_come}),
      arm("SimRandom", {.kind = PickPolicy::Kind::random}),
      arm("SimPct", {.kind = PickPolicy::Kind::pct, .change_points = 8, .expected_steps = 5'000}));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(SimArms, RedisContract, sim_arms(), arm_name);
INSTANTIATE_TEST_SUITE_P(SimArms, QueueContract, sim_arms(), arm_name);
INSTANTIATE_TEST_SUITE_P(SimArms, NetworkContract, sim_arms(), arm_name);
INSTANTIATE_TEST_SUITE_P(SimArms, ProcessContract, sim_arms(), arm_name);

}  // namespace firedrill::contract
