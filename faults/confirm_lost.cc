#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kConfirmLost = {
    "confirm-lost",
    "the broker stores what is published and never confirms it",
    "",
    true,
    Aim::queue,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.queue().levers;
      return move_lever(levers.losing_confirms, 1, levers.confirms_lost);
    },
};

}  // namespace firedrill::faults
