#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kConfirmLate = {
    "confirm-late",
    "the broker stores what is published at once, and confirms it late",
    "ms late; each confirm",
    true,
    Aim::queue,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.queue().levers;
      return move_lever(levers.confirm_delay, from_ms(fault.amount), levers.confirms_late);
    },
};

}  // namespace firedrill::faults
