#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PostgresSlow final : public ActiveFault {
 public:
  PostgresSlow(sim::postgres::Levers& levers, Duration extra)
      : levers_(levers), extra_(extra), slowed_before_(levers.slowed) {
    levers_.extra_per_statement += extra_;
  }
  void end() override { levers_.extra_per_statement -= extra_; }
  bool took_effect() const override { return levers_.slowed > slowed_before_; }

 private:
  sim::postgres::Levers& levers_;
  Duration extra_;
  std::uint64_t slowed_before_;
};

}  // namespace

const Kind kPostgresSlow = {
    "postgres-slow",
    "each statement takes longer; others run meanwhile",
    "us more; for each statement",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresSlow>(cluster.postgres().levers, from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
