#include <algorithm>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// busy-reply-threshold, by default: so long everybody waits, then everybody hears BUSY.
constexpr Duration kThreshold = from_ms(5000);

class RedisScriptBusy final : public ActiveFault {
 public:
  RedisScriptBusy(sim::redis::Disk& disk, Instant now, Duration duration)
      : disk_(disk),
        waiting_before_(disk.levers.kept_waiting),
        refused_before_(disk.levers.refused) {
    disk_.levers.stands_still_until =
        std::max(disk_.levers.stands_still_until, now + std::min(duration, kThreshold));
    disk_.levers.busy_until = std::max(disk_.levers.busy_until, now + duration);
  }
  void end() override {
    disk_.levers.stands_still_until = {};
    disk_.levers.busy_until = {};
    if (disk_.server != nullptr) disk_.server->wake();
  }
  bool took_effect() const override {
    return disk_.levers.kept_waiting > waiting_before_ || disk_.levers.refused > refused_before_;
  }

 private:
  sim::redis::Disk& disk_;
  std::uint64_t waiting_before_;
  std::uint64_t refused_before_;
};

}  // namespace

const Kind kRedisScriptBusy = {
    "redis-script-busy",
    "somebody's script does not end: everybody waits for five seconds, then hears BUSY until it is "
    "killed",
    "",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisScriptBusy>(cluster.redis(), cluster.world().now(),
                                               fault.duration);
    },
    false,
};

}  // namespace firedrill::faults
