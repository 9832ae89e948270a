#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "properties/property.h"
#include "sim/cluster/flash_sale.h"
#include "traces/history.h"
#include "traces/scenario.h"
#include "traces/trace.h"

namespace firedrill {

/// What one run gave.
struct RunResult {
  traces::History history;
  std::uint64_t digest = 0;
  sim::Counts counts;
  std::uint64_t messages = 0;
  std::uint64_t steps = 0;
  std::vector<properties::Verdict> verdicts;  ///< of properties::all(), in that order
};

/// The scenario at one seed, every pick resolved.
traces::Case make_case(const traces::Scenario& scenario, std::uint64_t seed);

/// Runs cases, one after the other, on one thread. What it keeps between them saves time and
/// changes nothing.
class Runner {
 public:
  Runner();

  /// Runs a case in a world of its own: faults on, everything heals, then quiet; and judges it.
  /// Where `trail` is given, it receives the digest after each step.
  RunResult run(const traces::Case& run, std::vector<std::uint64_t>* trail = nullptr);

 private:
  sim::Caches caches_;
};

/// The same for one case.
inline RunResult run_case(const traces::Case& run, std::vector<std::uint64_t>* trail = nullptr) {
  return Runner().run(run, trail);
}

}  // namespace firedrill
