#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kPostgresDiskFull = {
    "postgres-disk-full",
    "the disk of PostgreSQL is full: statements that write rows hear 53100",
    "",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      auto& disk = cluster.postgres();
      return hold([&disk](bool full) { disk.fill(full); }, disk.levers.disk_full_refusals);
    },
};

}  // namespace firedrill::faults
