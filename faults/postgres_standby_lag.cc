#include <vector>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PostgresStandbyLag final : public ActiveFault {
 public:
  PostgresStandbyLag(sim::FlashSaleCluster& cluster, Duration extra) : extra_(extra) {
    auto& primary = cluster.postgres_primary();
    for (auto& node : cluster.postgres_nodes()) {
      if (&node != &primary) links_.push_back(&cluster.world().link(*primary.host, *node.host));
    }
    slowed_before_ = slowed();
    for (sim::Link* link : links_) link->slow_down(extra_);
  }
  void end() override {
    for (sim::Link* link : links_) link->speed_up(extra_);
  }
  bool took_effect() const override { return slowed() > slowed_before_; }

 private:
  std::uint64_t slowed() const {
    std::uint64_t all = 0;
    for (const sim::Link* link : links_) all += link->slowed();
    return all;
  }

  std::vector<sim::Link*> links_;
  Duration extra_;
  std::uint64_t slowed_before_ = 0;
};

}  // namespace

const Kind kPostgresStandbyLag = {
    "postgres-standby-lag",
    "what PostgreSQL sends to its standbys takes longer; where they are synchronous, commits wait",
    "us more; a scenario has to ask for standbys",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresStandbyLag>(cluster, from_us(fault.amount));
    },
};

}  // namespace firedrill::faults
