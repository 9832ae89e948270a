#include "faults/kinds.h"
#include "faults/links.h"

namespace firedrill::faults {

const Kind kPartition = {
    "partition",
    "nothing passes from one host to another; the way back is open",
    "",
    true,
    Aim::link,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<CutLinks>(Links{&link(cluster, fault)});
    },
};

}  // namespace firedrill::faults
