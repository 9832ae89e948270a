#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class LeaderLost final : public ActiveFault {
 public:
  LeaderLost(sim::FlashSaleCluster& cluster, const std::string& topic, std::uint64_t partition)
      : cluster_(cluster),
        topic_(engine().topic(topic)),
        partition_(static_cast<std::uint32_t>(partition % engine().partitions(topic_))),
        refused_before_(cluster.queue().levers.without_leader) {
    engine().lose_leader(topic_, partition_);
  }
  void end() override {
    engine().find_leader(topic_, partition_);
    if (cluster_.broker() != nullptr) cluster_.broker()->serve_waiting();
  }
  bool took_effect() const override {
    return cluster_.queue().levers.without_leader > refused_before_;
  }

 private:
  sim::queue::Engine& engine() { return cluster_.queue().engine; }

  sim::FlashSaleCluster& cluster_;
  sim::queue::TopicId topic_;
  std::uint32_t partition_;
  std::uint64_t refused_before_;
};

}  // namespace

const Kind kLeaderLost = {
    "leader-lost",
    "a partition of a topic has no leader: it takes and gives nothing, while the others do",
    "th partition, from 0 on; counted round where there are fewer",
    true,
    Aim::topic,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<LeaderLost>(cluster, fault.object,
                                          static_cast<std::uint64_t>(fault.amount));
    },
};

}  // namespace firedrill::faults
