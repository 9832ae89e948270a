#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class ConfirmLate final : public ActiveFault {
 public:
  ConfirmLate(sim::queue::Levers& levers, Duration delay)
      : levers_(levers), delay_(delay), late_before_(levers.confirms_late) {
    levers_.confirm_delay += delay_;
  }
  void end() override { levers_.confirm_delay -= delay_; }
  bool took_effect() const override { return levers_.confirms_late > late_before_; }

 private:
  sim::queue::Levers& levers_;
  Duration delay_;
  std::uint64_t late_before_;
};

}  // namespace

const Kind kConfirmLate = {
    "confirm-late",
    "the broker stores what is published at once, and confirms it late",
    "ms late; each confirm",
    true,
    Aim::queue,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<ConfirmLate>(cluster.queue().levers, from_ms(fault.amount));
    },
};

}  // namespace firedrill::faults
