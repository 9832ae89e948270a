#include <memory>
#include <string>

#include "bench/bench.h"
#include "sim/ports/sim_ports.h"
#include "sim/world/world.h"
#include "system/ports/clock.h"
#include "system/ports/tasks.h"

namespace firedrill::bench {

namespace {

/// A program that waits.
class Idle final : public Program {
 public:
  explicit Idle(Ports ports) : clock_(ports.clock) { ports.tasks.spawn(wait()); }

 private:
  boost::asio::awaitable<void> wait() {
    while (true) co_await clock_.sleep_for(std::chrono::hours(1));
  }
  Clock& clock_;
};

/// A world of hosts with one idle process each, run until all of them wait.
std::unique_ptr<sim::World> idle_world(std::size_t processes) {
  auto world = std::make_unique<sim::World>(1);
  for (std::size_t i = 0; i < processes; ++i) {
    sim::Host& host = world->add_host("host-" + std::to_string(i));
    sim::Process& process = world->add_process(
        host, "idle-" + std::to_string(i),
        sim::boot_program({}, [](Ports ports) { return std::make_unique<Idle>(ports); }));
    process.start();
  }
  world->run_until(Instant(from_ms(1)));
  return world;
}

}  // namespace

void world_create(Report& report) {
  constexpr int kRounds = 1000;
  std::vector<double> took;
  for (int i = 0; i < kRounds; ++i) took.push_back(1e6 * seconds([] { idle_world(10); }));
  report.add({"world-create/10", median(took), "us"});

  constexpr std::size_t kProcesses = 5000;
  const std::size_t before = allocated_bytes();
  const auto world = idle_world(kProcesses);
  report.add({"world-create/process-memory",
              static_cast<double>(allocated_bytes() - before) / static_cast<double>(kProcesses),
              "bytes"});
}

}  // namespace firedrill::bench
