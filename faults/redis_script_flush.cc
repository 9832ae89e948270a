#include <string>
#include <vector>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class RedisScriptFlush final : public ActiveFault {
 public:
  explicit RedisScriptFlush(sim::FlashSaleCluster::RedisNode& node, WallTime now)
      : levers_(node.disk.levers), before_(levers_.unknown_scripts) {
    if (node.disk.server == nullptr) return;
    const std::vector<std::string> flush = {"SCRIPT", "FLUSH"};
    node.disk.engine.execute(std::span<const std::string>(flush), now);
  }
  bool took_effect() const override { return levers_.unknown_scripts > before_; }

 private:
  sim::redis::Levers& levers_;
  std::uint64_t before_;
};

}  // namespace

const Kind kRedisScriptFlush = {
    "redis-script-flush",
    "an operator calls SCRIPT FLUSH: scripts have to be sent anew",
    "",
    false,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      auto& node = cluster.primary();
      return std::make_unique<RedisScriptFlush>(node, node.host->wall());
    },
    false,
};

}  // namespace firedrill::faults
