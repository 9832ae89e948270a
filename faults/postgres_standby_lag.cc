#include "faults/kinds.h"
#include "faults/links.h"

namespace firedrill::faults {

const Kind kPostgresStandbyLag = {
    "postgres-standby-lag",
    "what PostgreSQL sends to its standbys takes longer; where they are synchronous, commits wait",
    "us more; a scenario has to ask for standbys",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& primary = cluster.postgres_primary();
      const auto others = all_but(cluster.postgres_nodes(), primary);
      return std::make_unique<SlowLinks>(links_from(cluster.world(), primary, others),
                                         from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
