#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// Stays until everything heals.
class ClockJump final : public WrongClock {
 public:
  ClockJump(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : WrongClock(cluster, fault), by_(from_ms(fault.amount)) {
    clock().jump(by_);
  }
  void end() override { clock().jump(-by_); }

 private:
  Duration by_;
};

}  // namespace

const Kind kClockJump = {
    "clock-jump",
    "the wall clock of a host is set to a wrong time, and stays there until everything heals",
    "ms; above 0: forwards",
    false,
    Aim::clock,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<ClockJump>(cluster, fault);
    },
};

}  // namespace firedrill::faults
