#include <memory>
#include <vector>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// The standbys lose sight of the primary, whose clients still reach it; after a while the one that
/// has received most is promoted, once the old primary's power is cut, so that there are not two
/// (fencing). When the fault ends the old one is back, as a standby, and drops what it had alone.
class PostgresFailover final : public ActiveFault {
 public:
  PostgresFailover(sim::FlashSaleCluster& cluster, Duration until_promotion)
      : cluster_(cluster), old_(cluster.postgres_primary()) {
    for (auto& node : cluster_.postgres_nodes()) {
      if (&node != &old_) others_.push_back(&node);
    }
    if (others_.empty()) return;
    if (until_promotion <= Duration::zero()) {
      promote();
      return;
    }
    for (auto* other : others_) cut(*other);
    is_cut_ = true;
    cluster_.world().at(cluster_.world().now() + until_promotion, [state = state_, this] {
      if (!state->over) promote();
    });
  }
  ~PostgresFailover() override { state_->over = true; }

  void end() override {
    state_->over = true;
    if (is_cut_) {
      for (auto* other : others_) heal(*other);
    }
    if (promoted_ == nullptr) return;
    for (auto* other : others_) {
      if (other != promoted_ && other->disk.server != nullptr && other->disk.server->is_standby()) {
        other->disk.server->follow(*promoted_->host);
      }
    }
    cluster_.world().restore_power(*old_.host);
  }
  bool took_effect() const override { return promoted_ != nullptr; }

 private:
  using Node = sim::FlashSaleCluster::PostgresNode;
  struct State {
    bool over = false;
  };

  void cut(Node& other) {
    cluster_.world().link(*old_.host, *other.host).cut();
    cluster_.world().link(*other.host, *old_.host).cut();
  }
  void heal(Node& other) {
    cluster_.world().link(*old_.host, *other.host).heal();
    cluster_.world().link(*other.host, *old_.host).heal();
  }

  /// Nothing happens where another fault has promoted somebody meanwhile, or nobody can be.
  void promote() {
    if (&cluster_.postgres_primary() != &old_) return;
    for (auto* other : others_) {
      if (other->disk.server == nullptr || other->disk.received.engine == nullptr) continue;
      if (promoted_ == nullptr || other->disk.received.upto > promoted_->disk.received.upto) {
        promoted_ = other;
      }
    }
    if (promoted_ == nullptr) return;
    cluster_.world().cut_power(*old_.host);
    cluster_.fail_over_postgres(*promoted_);
  }

  sim::FlashSaleCluster& cluster_;
  Node& old_;
  std::vector<Node*> others_;
  Node* promoted_ = nullptr;
  bool is_cut_ = false;
  std::shared_ptr<State> state_ = std::make_shared<State>();
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
