#pragma once

#include <string>

namespace firedrill {

/// Prints the scenarios, properties, faults or benchmarks that there are. Returns the exit status.
int list_command(const std::string& what);

}  // namespace firedrill
