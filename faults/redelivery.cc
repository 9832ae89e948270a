#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class Redelivery final : public ActiveFault {
 public:
  explicit Redelivery(sim::queue::Broker* broker)
      : due_(broker == nullptr ? 0 : broker->redeliver_all()) {}
  bool took_effect() const override { return due_ > 0; }

 private:
  std::size_t due_;
};

}  // namespace

const Kind kRedelivery = {
    "redelivery",
    "the broker rebalances: what is delivered and not acknowledged is delivered again",
    "",
    false,
    Aim::queue,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<Redelivery>(cluster.broker());
    },
};

}  // namespace firedrill::faults
