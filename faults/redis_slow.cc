#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class RedisSlow final : public ActiveFault {
 public:
  RedisSlow(sim::redis::Levers& levers, Duration extra)
      : levers_(levers), extra_(extra), slowed_before_(levers.slowed) {
    levers_.extra_per_command += extra_;
  }
  void end() override { levers_.extra_per_command -= extra_; }
  bool took_effect() const override { return levers_.slowed > slowed_before_; }

 private:
  sim::redis::Levers& levers_;
  Duration extra_;
  std::uint64_t slowed_before_;
};

}  // namespace

const Kind kRedisSlow = {
    "redis-slow",
    "every command keeps Redis busy for longer; the others wait their turn",
    "us more; for each command",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisSlow>(cluster.redis().levers, from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
