#pragma once

#include <cstdint>
#include <vector>

#include "traces/scenario.h"
#include "traces/trace.h"

namespace firedrill::faults {

/// Draws a plan from the seed, as the scenario allows: each kind is on or off by a coin (swarm
/// testing; Groce et al., ISSTA 2012), then as many of it as the scenario says, half of them close
/// to an order. `run` has everything but its faults. In order of time.
std::vector<traces::Fault> generate(const traces::Scenario& scenario, const traces::Case& run);

}  // namespace firedrill::faults
