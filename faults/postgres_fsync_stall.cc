#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

/// Commits wait for the log to be on the disk, all that came meanwhile for the same fsync.
const Kind kPostgresFsyncStall = {
    "postgres-fsync-stall",
    "the disk of PostgreSQL is slow: commits wait for it",
    "ms more; for each fsync",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.postgres().levers;
      return move_lever(levers.fsync_stall, from_ms(fault.amount), levers.fsyncs_stalled);
    },
};

}  // namespace firedrill::faults
