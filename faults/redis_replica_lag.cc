#include "faults/kinds.h"
#include "faults/links.h"

namespace firedrill::faults {

const Kind kRedisReplicaLag = {
    "redis-replica-lag",
    "what Redis sends to its replicas takes longer; who is promoted then lacks what was on its way",
    "us more; a scenario has to ask for replicas",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& primary = cluster.primary();
      const auto others = all_but(cluster.redis_nodes(), primary);
      return std::make_unique<SlowLinks>(links_from(cluster.world(), primary, others),
                                         from_us(fault.amount));
    },
    false,
};

}  // namespace firedrill::faults
