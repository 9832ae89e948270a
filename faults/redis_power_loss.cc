#include <algorithm>
#include <cstddef>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// What Redis had written and not synced may be gone: how much depends on appendfsync.
class RedisPowerLoss final : public ActiveFault {
 public:
  RedisPowerLoss(sim::FlashSaleCluster& cluster, std::size_t percent_kept)
      : cluster_(cluster), node_(cluster.primary()) {
    const std::uint64_t lost_before = node_.disk.bytes_lost;
    cluster_.world().cut_power(*node_.host);
    node_.disk.lose(node_.disk.store.lose_unsynced(percent_kept));
    lost_ = node_.disk.bytes_lost > lost_before;
  }
  void end() override { cluster_.world().restore_power(*node_.host); }
  bool took_effect() const override { return lost_; }

 private:
  sim::FlashSaleCluster& cluster_;
  sim::FlashSaleCluster::RedisNode& node_;
  bool lost_ = false;
};

}  // namespace

const Kind kRedisPowerLoss = {
    "redis-power-loss",
    "the power of Redis's host is cut: what was not synced to its disk may be gone",
    "percent of what was not synced; so much is on the disk even so",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      const auto percent = std::clamp<std::int64_t>(fault.amount, 0, 100);
      return std::make_unique<RedisPowerLoss>(cluster, static_cast<std::size_t>(percent));
    },
    true,
};

}  // namespace firedrill::faults
