#pragma once

#include "system/ports/program.h"
#include "workload/driver.h"

namespace firedrill::workload {

/// A consumer group of its own, "audit", that takes down what it receives of the orders' events, as
/// it comes. The recorder outlives it.
ProgramFactory audit(Recorder& recorder);

}  // namespace firedrill::workload
