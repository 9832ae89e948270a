#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

const Kind kClockOffset = {
    "clock-offset",
    "the wall clock of a host is off for a while",
    "ms; above 0: fast",
    true,
    Aim::clock,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<JumpedClock>(cluster, fault);
    },
};

}  // namespace firedrill::faults
