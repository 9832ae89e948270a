#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PostgresDiskFull final : public ActiveFault {
 public:
  explicit PostgresDiskFull(sim::postgres::Disk& disk)
      : disk_(disk), before_(disk.levers.disk_full_refusals) {
    disk_.fill(true);
  }
  void end() override { disk_.fill(false); }
  bool took_effect() const override { return disk_.levers.disk_full_refusals > before_; }

 private:
  sim::postgres::Disk& disk_;
  std::uint64_t before_;
};

}  // namespace

const Kind kPostgresDiskFull = {
    "postgres-disk-full",
    "the disk of PostgreSQL is full: statements that write rows hear 53100",
    "",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresDiskFull>(cluster.postgres());
    },
};

}  // namespace firedrill::faults
