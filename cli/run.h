#pragma once

#include <cstdint>
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

/// Runs a case in a world of its own: faults on, everything heals, then quiet; and judges it. Where
/// `trail` is given, it receives the digest after each step.
RunResult run_case(const traces::Case& run, std::vector<std::uint64_t>* trail = nullptr);

}  // namespace firedrill
