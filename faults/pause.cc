#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class Pause final : public ActiveFault {
 public:
  explicit Pause(sim::Process& process)
      : process_(process),
        incarnation_(process.incarnation()),
        held_back_before_(process.lane().held_back()) {
    process_.pause();
  }
  /// A process that was killed meanwhile and started again is not the one that was paused.
  void end() override {
    if (process_.incarnation() == incarnation_) process_.resume();
  }
  bool took_effect() const override { return process_.lane().held_back() > held_back_before_; }

 private:
  sim::Process& process_;
  std::uint64_t incarnation_;
  std::uint64_t held_back_before_;
};

}  // namespace

const Kind kPause = {
    "pause",
    "a process stops, while its clocks, its leases and its connections go on",
    "",
    true,
    Aim::process,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<Pause>(process(cluster, fault.subject));
    },
};

}  // namespace firedrill::faults
