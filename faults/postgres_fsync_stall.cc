#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// Commits wait for the log to be on the disk, all that came meanwhile for the same fsync.
class PostgresFsyncStall final : public ActiveFault {
 public:
  PostgresFsyncStall(sim::postgres::Levers& levers, Duration extra)
      : levers_(levers), extra_(extra), before_(levers.fsyncs_stalled) {
    levers_.fsync_stall += extra_;
  }
  void end() override { levers_.fsync_stall -= extra_; }
  bool took_effect() const override { return levers_.fsyncs_stalled > before_; }

 private:
  sim::postgres::Levers& levers_;
  Duration extra_;
  std::uint64_t before_;
};

}  // namespace

const Kind kPostgresFsyncStall = {
    "postgres-fsync-stall",
    "the disk of PostgreSQL is slow: commits wait for it",
    "ms more; for each fsync",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresFsyncStall>(cluster.postgres().levers, from_ms(fault.amount));
    },
};

}  // namespace firedrill::faults
