#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// As a container that comes back without its volume.
class RedisRestartEmpty final : public ActiveFault {
 public:
  explicit RedisRestartEmpty(sim::FlashSaleCluster::RedisNode& node)
      : node_(node), had_keys_(node.disk.engine.key_count() > 0) {
    node_.process->kill(sim::Connection::Farewell::close);
    node_.disk.lose(node_.disk.store.size());
    node_.disk.store.save({});
  }
  void end() override {
    if (!node_.process->running()) node_.process->start();
  }
  bool took_effect() const override { return had_keys_; }

 private:
  sim::FlashSaleCluster::RedisNode& node_;
  bool had_keys_;
};

}  // namespace

const Kind kRedisRestartEmpty = {
    "redis-restart-empty",
    "Redis dies and comes back without its disk, empty; its replicas then empty themselves",
    "",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisRestartEmpty>(cluster.primary());
    },
    true,
};

}  // namespace firedrill::faults
