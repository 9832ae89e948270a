#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class RedisMemoryFull final : public ActiveFault {
 public:
  explicit RedisMemoryFull(sim::redis::Disk& disk)
      : disk_(disk), before_(disk.levers.out_of_memory) {
    disk_.fill_memory(true);
  }
  void end() override { disk_.fill_memory(false); }
  bool took_effect() const override { return disk_.levers.out_of_memory > before_; }

 private:
  sim::redis::Disk& disk_;
  std::uint64_t before_;
};

}  // namespace

const Kind kRedisMemoryFull = {
    "redis-memory-full",
    "the memory of Redis is full and nothing may be evicted: writes that need more hear OOM",
    "",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<RedisMemoryFull>(cluster.redis());
    },
    false,
};

}  // namespace firedrill::faults
