#include <algorithm>
#include <vector>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// The other nodes lose sight of the primary, whose clients still reach it; after a while one of
/// them is promoted. Until the fault ends there are two primaries, each with the clients that found
/// it. Then the old one follows the new, and drops what it had on its own.
class RedisFailover final : public ActiveFault {
 public:
  RedisFailover(sim::FlashSaleCluster& cluster, Duration until_promotion)
      : cluster_(cluster), old_(cluster.primary()) {
    for (auto& node : cluster_.redis_nodes()) {
      if (&node != &old_) others_.push_back(&node);
    }
    if (others_.empty()) return;
    for (auto* other : others_) cut(*other);
    cluster_.world().at(cluster_.world().now() + until_promotion, [state = state_, this] {
      if (!state->over) promote();
    });
  }
  ~RedisFailover() override { state_->over = true; }

  void end() override {
    state_->over = true;
    for (auto* other : others_) heal(*other);
    if (promoted_ == nullptr) return;
    lost_ = old_.disk.offset() > shared_;
    old_.disk.lose(old_.disk.offset() - shared_);
    old_.disk.follows = promoted_->host;
    for (auto* other : others_) {
      if (other != promoted_) follow(*other);
    }
    follow(old_);
  }
  bool took_effect() const override { return promoted_ != nullptr && lost_; }

 private:
  using Node = sim::FlashSaleCluster::RedisNode;
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

  /// The one that has received most is chosen, as Sentinel does it.
  void promote() {
    for (auto* other : others_) {
      if (other->disk.server == nullptr) continue;
      if (promoted_ == nullptr || other->disk.offset() > promoted_->disk.offset()) {
        promoted_ = other;
      }
    }
    if (promoted_ == nullptr) return;
    shared_ = promoted_->disk.offset();
    cluster_.fail_over(*promoted_);
  }

  void follow(Node& node) {
    node.disk.follows = promoted_->host;
    if (node.disk.server == nullptr) return;
    node.disk.server->follow(*promoted_->host);
    node.disk.server->drop_clients();
  }

  sim::FlashSaleCluster& cluster_;
  Node& old_;
  std::vector<Node*> others_;
  Node* promoted_ = nullptr;
  std::uint64_t shared_ = 0;  ///< what the promoted one had of the old one's history
  bool lost_ = false;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

const Kind kRedisFailover = {
    "redis-failover",
    "the replicas lose sight of the primary and one is promoted; the old one takes writes until "
    "the fault ends, and loses them",
    "ms until the promotion; a scenario has to ask for replicas",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisFailover>(cluster, from_ms(fault.amount));
    },
    true,
};

}  // namespace firedrill::faults
