#include <algorithm>

#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

/// Those who are connected stay; who connects anew finds no place.
const Kind kPostgresStorm = {
    "postgres-storm",
    "somebody else holds connections to PostgreSQL: who connects may hear 53300",
    "connections; 97 are all that there are",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      const auto strangers = std::clamp<std::int64_t>(fault.amount, 0, 1'000'000);
      auto& levers = cluster.postgres().levers;
      return move_lever(levers.strangers, static_cast<std::uint32_t>(strangers),
                        levers.too_many_clients);
    },
};

}  // namespace firedrill::faults
