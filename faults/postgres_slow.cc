#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kPostgresSlow = {
    "postgres-slow",
    "each statement takes longer; others run meanwhile",
    "us more; for each statement",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.postgres().levers;
      return move_lever(levers.extra_per_statement, from_us(fault.amount), levers.slowed);
    },
};

}  // namespace firedrill::faults
