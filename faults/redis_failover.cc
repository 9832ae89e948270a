#include <cstdint>
#include <optional>

#include "faults/failover.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// The other nodes lose sight of the primary, whose clients still reach it; after a while one of
/// them is promoted. Until the fault ends there are two primaries, each with the clients that found
/// it. Then the old one follows the new, and drops what it had on its own.
class RedisFailover final : public Failover<sim::FlashSaleCluster::RedisNode> {
 public:
  RedisFailover(sim::FlashSaleCluster& cluster, Duration until_promotion)
      : Failover(cluster, cluster.primary(), all_but(cluster.redis_nodes(), cluster.primary())) {
    if (!others_.empty()) lose_sight(until_promotion, [this] { promote(); });
  }

  void end() override {
    regain_sight();
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

  /// The one that has received most is chosen, as Sentinel does it.
  void promote() {
    promoted_ = furthest([](const Node& node) {
      return node.disk.server == nullptr ? std::nullopt : std::optional(node.disk.offset());
    });
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

  std::uint64_t shared_ = 0;  ///< what the promoted one had of the old one's history
  bool lost_ = false;
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
