#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kRedisSlow = {
    "redis-slow",
    "every command keeps Redis busy for longer; the others wait their turn",
    "us more; for each command",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.redis().levers;
      return move_lever(levers.extra_per_command, from_us(fault.amount), levers.slowed);
    },
};

}  // namespace firedrill::faults
