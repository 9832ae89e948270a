#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class ConfirmLost final : public ActiveFault {
 public:
  explicit ConfirmLost(sim::queue::Levers& levers)
      : levers_(levers), lost_before_(levers.confirms_lost) {
    ++levers_.losing_confirms;
  }
  void end() override { --levers_.losing_confirms; }
  bool took_effect() const override { return levers_.confirms_lost > lost_before_; }

 private:
  sim::queue::Levers& levers_;
  std::uint64_t lost_before_;
};

}  // namespace

const Kind kConfirmLost = {
    "confirm-lost",
    "the broker stores what is published and never confirms it",
    "",
    true,
    Aim::queue,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<ConfirmLost>(cluster.queue().levers);
    },
};

}  // namespace firedrill::faults
