#include <filesystem>

#include "bench/bench.h"
#include "cli/input.h"
#include "cli/run.h"

namespace firedrill::bench {

void hot_path(Report& report) {
  constexpr std::uint64_t kSeeds = 500;
  constexpr int kRounds = 5;
  for (const char* design : {"hardened", "as-written"}) {
    traces::Scenario scenario = load_scenario("flash-sale");
    scenario.design = design;
    Runner runner;
    std::vector<double> rate;
    double messages = 0;
    double simulated = 0;
    double orders = 0;
    for (int round = 0; round < kRounds; ++round) {
      messages = simulated = orders = 0;
      const double took = seconds([&] {
        for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
          const traces::Case run = make_case(scenario, seed);
          messages += static_cast<double>(runner.run(run).messages);
          simulated += static_cast<double>(to_ms(run.length)) / 1000;
          orders += static_cast<double>(run.orders.size());
        }
      });
      rate.push_back(static_cast<double>(kSeeds) / took);
    }
    const std::string name = std::string("hot-path/") + design + "/";
    const double seeds_per_second = median(rate);
    const double seeds = static_cast<double>(kSeeds);
    report.add({name + "seeds", seeds_per_second, "seeds/s on one core"});
    report.add({name + "simulated", seeds_per_second * simulated / seeds, "simulated s/s"});
    report.add({name + "messages", seeds_per_second * messages / seeds, "messages/s"});
    report.add({name + "messages-per-seed", messages / seeds, "messages"});
    report.add({name + "orders-per-seed", orders / seeds, "orders"});
  }
}

}  // namespace firedrill::bench
