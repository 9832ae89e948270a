#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

const Kind kClockJump = {
    "clock-jump",
    "the wall clock of a host is set to a wrong time, and stays there until everything heals",
    "ms; above 0: forwards",
    false,
    Aim::clock,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<JumpedClock>(cluster, fault);
    },
};

}  // namespace firedrill::faults
