#pragma once

#include <cstdint>

#include "traces/scenario.h"
#include "traces/trace.h"

namespace firedrill::workload {

/// Draws a case from the seed, as the scenario allows: topology, terms, timings, schedule and what
/// the clients ask. Everything but the faults (faults/generate.h).
traces::Case generate(const traces::Scenario& scenario, std::uint64_t seed);

}  // namespace firedrill::workload
