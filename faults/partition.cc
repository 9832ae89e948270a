#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class Partition final : public ActiveFault {
 public:
  explicit Partition(sim::Link& link) : link_(link), stopped_before_(link.stopped()) {
    link_.cut();
  }
  void end() override { link_.heal(); }
  bool took_effect() const override { return link_.stopped() > stopped_before_; }

 private:
  sim::Link& link_;
  std::uint64_t stopped_before_;
};

}  // namespace

const Kind kPartition = {
    "partition",
    "nothing passes from one host to another; the way back is open",
    "",
    true,
    Aim::link,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<Partition>(link(cluster, fault));
    },
};

}  // namespace firedrill::faults
