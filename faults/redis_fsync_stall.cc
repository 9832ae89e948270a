#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

/// Writes are put off while an fsync is under way, for up to two seconds; then everybody waits for
/// it. Who is killed meanwhile loses what was put off.
const Kind kRedisFsyncStall = {
    "redis-fsync-stall",
    "the disk of Redis is slow: a kill may lose what waited for it",
    "ms more; for each fsync",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.redis().levers;
      return move_lever(levers.fsync_stall, from_ms(fault.amount), levers.fsyncs_stalled);
    },
    true,
};

}  // namespace firedrill::faults
