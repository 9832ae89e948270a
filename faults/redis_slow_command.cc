#include <algorithm>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class RedisSlowCommand final : public ActiveFault {
 public:
  RedisSlowCommand(sim::redis::Disk& disk, Instant until)
      : disk_(disk), before_(disk.levers.kept_waiting) {
    disk_.levers.stands_still_until = std::max(disk_.levers.stands_still_until, until);
  }
  void end() override {
    disk_.levers.stands_still_until = {};
    if (disk_.server != nullptr) disk_.server->wake();
  }
  bool took_effect() const override { return disk_.levers.kept_waiting > before_; }

 private:
  sim::redis::Disk& disk_;
  std::uint64_t before_;
};

}  // namespace

const Kind kRedisSlowCommand = {
    "redis-slow-command",
    "somebody has Redis work on one long command (KEYS, a big DEL): everybody waits for its end",
    "",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisSlowCommand>(cluster.redis(),
                                                cluster.world().now() + fault.duration);
    },
    false,
};

}  // namespace firedrill::faults
