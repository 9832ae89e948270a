#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class Pause final : public ActiveFault {
 public:
  explicit Pause(sim::Process& process) : process_(process) { process_.pause(); }
  void end() override {
    took_effect_ = process_.lane().holds_back_events();
    process_.resume();
  }
  bool took_effect() const override {
    return took_effect_ || process_.lane().holds_back_events();
  }

 private:
  sim::Process& process_;
  bool took_effect_ = false;
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
