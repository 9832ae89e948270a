#include "faults/kinds.h"
#include "faults/links.h"

namespace firedrill::faults {

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
      return std::make_unique<CutLinks>(Links{&world.link(from, to), &world.link(to, from)});
    },
};

}  // namespace firedrill::faults
