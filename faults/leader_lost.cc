#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kLeaderLost = {
    "leader-lost",
    "a partition of a topic has no leader: it takes and gives nothing, while the others do",
    "th partition, from 0 on; counted round where there are fewer",
    true,
    Aim::topic,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      auto& engine = cluster.queue().engine;
      const auto topic = engine.topic(fault.object);
      const auto partition = static_cast<std::uint32_t>(static_cast<std::uint64_t>(fault.amount) %
                                                        engine.partitions(topic));
      const auto set = [&cluster, &engine, topic, partition](bool lost) {
        if (lost) return engine.lose_leader(topic, partition);
        engine.find_leader(topic, partition);
        if (cluster.broker() != nullptr) cluster.broker()->serve_waiting();
      };
      return hold(set, cluster.queue().levers.without_leader);
    },
};

}  // namespace firedrill::faults
