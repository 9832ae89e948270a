#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "system/adapters/live_ports.h"
#include "tests/contract/rig.h"
#include "tests/support/redis_server.h"

namespace firedrill::contract {

namespace {

using adapters::LivePorts;
using adapters::LivePortsOptions;
using boost::asio::awaitable;

constexpr Duration kRedeliveryAfter = from_ms(400);

LivePortsOptions options_of(const std::string& process, const std::string& url) {
  LivePortsOptions options;
  options.process = process;
  options.redis.url = adapters::RedisUrl::parse(url);
  options.queue.server.url = options.redis.url;
  options.queue.redelivery_after = kRedeliveryAfter;
  return options;
}

/// A port that was free a moment ago.
std::uint16_t free_port(Network& network) {
  const auto listening = network.listen(0, {});
  return adapters::LiveNetwork::bound_port(*listening);
}

class LiveRig final : public Rig {
 public:
  LiveRig()
      : one_(std::in_place, loop_, options_of("one", server_.url())),
        two_(std::in_place, loop_, options_of("two", server_.url())),
        port_(free_port(two_->network())) {}

  ~LiveRig() override {
    // Both first stop: a task of the one may hold a listening of the other.
    one_->stop();
    two_->stop();
  }

  Ports one() override { return one_->ports(); }
  Ports two() override { return two_->ports(); }
  Address two_at() override { return Address{.host = "127.0.0.1", .port = port_}; }

  void run(awaitable<void> body) override {
    bool done = false;
    boost::asio::co_spawn(loop_, std::move(body), [&done](std::exception_ptr exception) {
      done = true;
      if (exception) std::rethrow_exception(exception);
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_until(end);
    }
    EXPECT_TRUE(done) << "the test takes too long";
  }

  awaitable<void> kill_server() override {
    server_.kill();
    co_return;
  }
  awaitable<void> start_server() override {
    server_.restart();
    co_return;
  }
  awaitable<void> pause_server() override {
    server_.pause();
    co_return;
  }
  awaitable<void> resume_server() override {
    server_.resume();
    co_return;
  }

  awaitable<void> break_connections() override {
    if (!breaker_) breaker_.emplace(loop_, options_of("breaker", server_.url()));
    const Ports ports = breaker_->ports();
    std::vector<std::string> command{"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"};
    const Outcome<RedisReply> reply =
        co_await ports.redis.call(std::move(command), within(ports, from_ms(3000)));
    EXPECT_TRUE(reply.has_value() && reply.value().is_integer());
  }

  Duration redelivery_after() const override { return kRedeliveryAfter; }
  /// Redis Streams do not look at connections.
  bool redelivers_on_break() const override { return false; }

 private:
  test::RedisServer server_;
  boost::asio::io_context loop_{1};
  std::optional<LivePorts> one_;
  std::optional<LivePorts> two_;
  std::optional<LivePorts> breaker_;
  std::uint16_t port_;
};

/// The real ports, a redis-server of its own for each test, and loopback.
Arm live_arm() {
  return Arm{.name = "Live", .make_rig = [] { return std::make_unique<LiveRig>(); }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Arms, RedisContract, ::testing::Values(live_arm()), arm_name);
INSTANTIATE_TEST_SUITE_P(Arms, QueueContract, ::testing::Values(live_arm()), arm_name);
INSTANTIATE_TEST_SUITE_P(Arms, NetworkContract, ::testing::Values(live_arm()), arm_name);
INSTANTIATE_TEST_SUITE_P(Arms, ProcessContract, ::testing::Values(live_arm()), arm_name);

}  // namespace firedrill::contract
