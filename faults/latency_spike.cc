#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class LatencySpike final : public ActiveFault {
 public:
  LatencySpike(sim::Link& link, Duration extra)
      : link_(link), extra_(extra), slowed_before_(link.slowed()) {
    link_.slow_down(extra_);
  }
  void end() override { link_.speed_up(extra_); }
  bool took_effect() const override { return link_.slowed() > slowed_before_; }

 private:
  sim::Link& link_;
  Duration extra_;
  std::uint64_t slowed_before_;
};

}  // namespace

const Kind kLatencySpike = {
    "latency-spike",
    "every message from one host to another takes longer",
    "us more; for each message",
    true,
    Aim::link,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<LatencySpike>(link(cluster, fault), from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
