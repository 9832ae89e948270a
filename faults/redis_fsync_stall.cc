#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// Writes are put off while an fsync is under way, for up to two seconds; then everybody waits for
/// it. Who is killed meanwhile loses what was put off.
class RedisFsyncStall final : public ActiveFault {
 public:
  RedisFsyncStall(sim::redis::Levers& levers, Duration extra)
      : levers_(levers), extra_(extra), before_(levers.fsyncs_stalled) {
    levers_.fsync_stall += extra_;
  }
  void end() override { levers_.fsync_stall -= extra_; }
  bool took_effect() const override { return levers_.fsyncs_stalled > before_; }

 private:
  sim::redis::Levers& levers_;
  Duration extra_;
  std::uint64_t before_;
};

}  // namespace

const Kind kRedisFsyncStall = {
    "redis-fsync-stall",
    "the disk of Redis is slow: a kill may lose what waited for it",
    "ms more; for each fsync",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisFsyncStall>(cluster.redis().levers, from_ms(fault.amount));
    },
    true,
};

}  // namespace firedrill::faults
