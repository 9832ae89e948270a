#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/property.h"
#include "sim/cluster/flash_sale.h"
#include "traces/scenario.h"

namespace firedrill {

/// One property broken at one seed.
struct Finding {
  std::uint64_t seed = 0;
  std::size_t property = 0;  ///< index in properties::all()
  properties::Verdict verdict;
};

/// Two runs of one seed that parted.
struct Parting {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;  ///< the first step after which the digests differ; 0: found in no rerun
};

/// What a sweep over seeds gave. The same for any number of jobs.
struct Sweep {
  std::uint64_t seeds = 0;
  std::uint64_t last_seed = 0;
  std::uint64_t digest = 0;  ///< of the digests of all seeds, in order
  double seconds = 0;
  sim::Counts counts;
  std::vector<std::uint64_t> judged;  ///< for each property, over all seeds
  std::vector<Finding> findings;      ///< in order of (seed, property)
  std::vector<Parting> partings;
  std::uint64_t messages = 0;
  std::uint64_t simulated_ms = 0;
};

struct SweepOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::optional<std::chrono::seconds> run_for;
  std::vector<bool> properties;  ///< which of properties::all() count
  unsigned jobs = 1;
  unsigned shard = 1;
  unsigned shards = 1;
  bool verify_determinism = false;
  bool own_design = true;  ///< whether the design is the one that the scenario names
};

/// Runs the scenario at each seed, in parallel; shows its progress where standard error is a
/// terminal.
Sweep sweep(const traces::Scenario& scenario, const SweepOptions& options);

}  // namespace firedrill
