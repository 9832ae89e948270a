#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PartitionBoth final : public ActiveFault {
 public:
  PartitionBoth(sim::Link& there, sim::Link& back)
      : there_(there), back_(back), stopped_before_(there.stopped() + back.stopped()) {
    there_.cut();
    back_.cut();
  }
  void end() override {
    there_.heal();
    back_.heal();
  }
  bool took_effect() const override { return there_.stopped() + back_.stopped() > stopped_before_; }

 private:
  sim::Link& there_;
  sim::Link& back_;
  std::uint64_t stopped_before_;
};

}  // namespace

const Kind kPartitionBoth = {
    "partition-both",
    "nothing passes between two hosts, either way",
    "",
    true,
    Aim::link,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      sim::Host& from = host(cluster, fault.subject);
      sim::Host& to = host(cluster, fault.object);
      sim::World& world = cluster.world();
      return std::make_unique<PartitionBoth>(world.link(from, to), world.link(to, from));
    },
};

}  // namespace firedrill::faults
