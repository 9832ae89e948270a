#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// Crystals drift by some ten ppm; a daemon that slews a wrong clock right makes it run wrong by
/// far more meanwhile (chrony by up to 83,333 ppm, unless told otherwise).
class ClockDrift final : public WrongClock {
 public:
  ClockDrift(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : WrongClock(cluster, fault), began_(now()), ppm_(fault.amount) {
    clock().drift(began_, ppm_);
  }
  void end() override { clock().drift(began_, -ppm_); }

 private:
  Instant began_;
  std::int64_t ppm_;
};

}  // namespace

const Kind kClockDrift = {
    "clock-drift",
    "the wall clock of a host runs fast or slow, until it is set right",
    "ppm; microseconds a second, above 0: fast",
    true,
    Aim::clock,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<ClockDrift>(cluster, fault);
    },
};

}  // namespace firedrill::faults
