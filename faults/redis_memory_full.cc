#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kRedisMemoryFull = {
    "redis-memory-full",
    "the memory of Redis is full and nothing may be evicted: writes that need more hear OOM",
    "",
    true,
    Aim::redis,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      auto& disk = cluster.redis();
      return hold([&disk](bool full) { disk.fill_memory(full); }, disk.levers.out_of_memory);
    },
    false,
};

}  // namespace firedrill::faults
