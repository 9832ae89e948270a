#include "faults/kinds.h"
#include "faults/links.h"

namespace firedrill::faults {

const Kind kLatencySpike = {
    "latency-spike",
    "every message from one host to another takes longer",
    "us more; for each message",
    true,
    Aim::link,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<SlowLinks>(Links{&link(cluster, fault)}, from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
