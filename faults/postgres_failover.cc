#include <memory>
#include <optional>

#include "faults/failover.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// The standbys lose sight of the primary, whose clients still reach it; after a while the one that
/// has received most is promoted, once the old primary's power is cut, so that there are not two
/// (fencing). When the fault ends the old one is back, as a standby, and drops what it had alone.
class PostgresFailover final : public Failover<sim::FlashSaleCluster::PostgresNode> {
 public:
  PostgresFailover(sim::FlashSaleCluster& cluster, Duration until_promotion)
      : Failover(cluster, cluster.postgres_primary(),
                 all_but(cluster.postgres_nodes(), cluster.postgres_primary())) {
    if (others_.empty()) return;
    if (until_promotion > Duration::zero()) {
      lose_sight(until_promotion, [this] { promote(); });
    } else {
      promote();
    }
  }

  void end() override {
    regain_sight();
    if (promoted_ == nullptr) return;
    for (auto* other : others_) {
      if (other != promoted_ && other->disk.server != nullptr && other->disk.server->is_standby()) {
        other->disk.server->follow(*promoted_->host);
      }
    }
    world().restore_power(*old_.host);
  }
  bool took_effect() const override { return promoted_ != nullptr; }

 private:
  using Node = sim::FlashSaleCluster::PostgresNode;

  /// Nothing happens where another fault has promoted somebody meanwhile, or nobody can be.
  void promote() {
    if (&cluster_.postgres_primary() != &old_) return;
    promoted_ = furthest([](const Node& node) {
      const bool can = node.disk.server != nullptr && node.disk.received.engine != nullptr;
      return can ? std::optional(node.disk.received.upto) : std::nullopt;
    });
    if (promoted_ == nullptr) return;
    world().cut_power(*old_.host);
    cluster_.fail_over_postgres(*promoted_);
  }
};

}  // namespace

const Kind kPostgresFailover = {
    "postgres-failover",
    "a standby is promoted and the old primary fenced; what it had not received is lost, "
    "acknowledged where it is asynchronous, else seen by others at most",
    "ms that it had lost sight of the primary before; 0: none. A scenario has to ask for standbys",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresFailover>(cluster, from_ms(fault.amount));
    },
    true,
};

}  // namespace firedrill::faults
