#pragma once

#include "system/domain/time.h"
#include "system/ports/program.h"
#include "workload/driver.h"

namespace firedrill::workload {

/// Looks at the orders and the outbox again and again, and takes down the rows that have changed
/// since: for infrastructure that does not tell of its changes, as a world's does. What changes
/// twice between two looks shows once. The recorder outlives it.
ProgramFactory watch_tables(Recorder& recorder, Duration every);

}  // namespace firedrill::workload
