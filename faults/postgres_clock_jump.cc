#include "faults/clock.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// By its clock leases end, and rows are dated. Stays until everything heals.
class PostgresClockJump final : public WrongClock {
 public:
  PostgresClockJump(sim::FlashSaleCluster& cluster, const traces::Fault& fault)
      : WrongClock(cluster, fault), by_(from_ms(fault.amount)) {
    clock().jump(by_);
  }
  void end() override { clock().jump(-by_); }

 private:
  Duration by_;
};

}  // namespace

const Kind kPostgresClockJump = {
    "postgres-clock-jump",
    "the wall clock of PostgreSQL's host, by which now() and leases go, is set to a wrong time, "
    "and "
    "stays there until everything heals",
    "ms; above 0: forwards",
    false,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      traces::Fault of_primary = fault;
      of_primary.subject = cluster.postgres_primary().host->name();
      return std::make_unique<PostgresClockJump>(cluster, of_primary);
    },
};

}  // namespace firedrill::faults
