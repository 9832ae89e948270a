#pragma once

#include <vector>

#include "sim/postgres/functions/families.h"

namespace firedrill::sim::postgres {

/// All families.
const std::vector<FunctionFamily>& function_families();

}  // namespace firedrill::sim::postgres
