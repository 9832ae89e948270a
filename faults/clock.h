#pragma once

#include "faults/aim.h"

namespace firedrill::faults {

/// A wall clock that is wrong: what the kinds of clock faults share. It took effect once somebody
/// has read the clock meanwhile.
class WrongClock : public ActiveFault {
 public:
  WrongClock(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : host_(host(cluster, fault.subject)),
        amount_(fault.amount),
        readings_before_(host_.clock().readings()) {}

  bool took_effect() const override {
    return amount_ != 0 && host_.clock().readings() > readings_before_;
  }

 protected:
  sim::WallClock& clock() { return host_.clock(); }
  Instant now() { return host_.world().now(); }

 private:
  sim::Host& host_;
  std::int64_t amount_;
  std::uint64_t readings_before_;
};

/// It is set wrong, and set right when the fault ends.
class JumpedClock final : public WrongClock {
 public:
  JumpedClock(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : WrongClock(cluster, fault), by_(from_ms(fault.amount)) {
    clock().jump(by_);
  }
  void end() override { clock().jump(-by_); }

 private:
  Duration by_;
};

}  // namespace firedrill::faults
