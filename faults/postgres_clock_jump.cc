#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

const Kind kPostgresClockJump = {
    "postgres-clock-jump",
    "the wall clock of PostgreSQL's host, by which now() and leases go, is set to a wrong time, "
    "and "
    "stays there until everything heals",
    "ms; above 0: forwards",
    false,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      traces::Fault of_primary = fault;
      of_primary.subject = cluster.postgres_primary().host->name();
      return std::make_unique<JumpedClock>(cluster, of_primary);
    },
};

}  // namespace firedrill::faults
