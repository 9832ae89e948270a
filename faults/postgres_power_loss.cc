#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// A commit that waited for the disk was told to nobody. Without synchronous_commit none waits.
class PostgresPowerLoss final : public ActiveFault {
 public:
  explicit PostgresPowerLoss(sim::FlashSaleCluster& cluster)
      : cluster_(cluster),
        node_(cluster.postgres_primary()),
        took_effect_(node_.process->running() && node_.process->has_connections()) {
    cluster_.world().cut_power(*node_.host);
    node_.disk.lose_unsynced();
  }
  void end() override { cluster_.world().restore_power(*node_.host); }
  bool took_effect() const override { return took_effect_; }

 private:
  sim::FlashSaleCluster& cluster_;
  sim::FlashSaleCluster::PostgresNode& node_;
  bool took_effect_;
};

}  // namespace

const Kind kPostgresPowerLoss = {
    "postgres-power-loss",
    "the power of PostgreSQL's host is cut: commits that were not synced are gone, acknowledged "
    "ones "
    "where synchronous_commit is off",
    "",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresPowerLoss>(cluster);
    },
    false,
    [](const traces::Case& run) { return !run.postgres.synchronous_commit; },
};

}  // namespace firedrill::faults
