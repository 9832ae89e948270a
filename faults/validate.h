#pragma once

#include <string>

#include "traces/trace.h"

namespace firedrill::faults {

/// What is wrong with a case that was read from outside, with the place: faults of a kind that does
/// not exist, on hosts that do not, at times that are not. Empty where it can run.
std::string validate(const traces::Case& run);

}  // namespace firedrill::faults
