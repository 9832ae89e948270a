#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class ClockOffset final : public WrongClock {
 public:
  ClockOffset(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : WrongClock(cluster, fault), offset_(from_ms(fault.amount)) {
    clock().jump(offset_);
  }
  void end() override { clock().jump(-offset_); }

 private:
  Duration offset_;
};

}  // namespace

const Kind kClockOffset = {
    "clock-offset",
    "the wall clock of a host is off for a while",
    "ms; above 0: fast",
    true,
    Aim::clock,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<ClockOffset>(cluster, fault);
    },
};

}  // namespace firedrill::faults
