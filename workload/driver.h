#pragma once

#include <cstdint>
#include <vector>

#include "system/domain/time.h"
#include "system/ports/network.h"
#include "system/ports/program.h"
#include "traces/history.h"
#include "traces/trace.h"

namespace firedrill::workload {

/// Takes down what happens, with the time at which it is told.
class Recorder {
 public:
  virtual void record(traces::What what) = 0;

 protected:
  ~Recorder() = default;
};

/// What the clients do, and where the services are.
struct Plan {
  std::vector<traces::PlannedOrder> orders;
  std::vector<Address> order_services;  ///< clients pick one by their key, and another to retry
  Address inventory;
  traces::Terms terms;
  Duration client_timeout{};
  Duration final_reads_at{};  ///< when every accepted order is read for the last time
};

/// The clients: opens the stock, sends the orders at their times, retries what ended as info, reads
/// each accepted order at once and at the end. Times count from when the program starts. The
/// recorder outlives it.
ProgramFactory clients(Plan plan, Recorder& recorder);

}  // namespace firedrill::workload
