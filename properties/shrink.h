#pragma once

#include <cstdint>
#include <functional>

#include "traces/trace.h"

namespace firedrill::properties {

/// Whether a case still fails: the same property, broken in the same way.
using StillFails = std::function<bool(const traces::Case&)>;

struct Shrunk {
  traces::Case smallest;
  std::uint32_t runs = 0;  ///< cases tried
};

/// Makes a failing case smaller, as long as it still fails: fewer faults, fewer orders, less stock,
/// a plainer schedule and network. Tries at most `max_runs` cases. Precondition: `failing` fails.
/// (Delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
/// 2002.)
Shrunk shrink(const traces::Case& failing, const StillFails& still_fails, std::uint32_t max_runs);

}  // namespace firedrill::properties
