#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class Kill final : public ActiveFault {
 public:
  /// A service has something to lose when it has work in hand, a backend when anybody is connected.
  Kill(sim::Process& process, bool is_backend, bool resets)
      : process_(process),
        took_effect_(process.running() &&
                     (process.work() > 0 || (is_backend && process.has_connections()))) {
    using sim::Connection;
    process_.kill(resets ? Connection::Farewell::reset : Connection::Farewell::close);
  }
  void end() override {
    if (!process_.running()) process_.start();
  }
  bool took_effect() const override { return took_effect_; }

 private:
  sim::Process& process_;
  bool took_effect_;
};

}  // namespace

const Kind kKill = {
    "kill",
    "a process dies and starts again; its memory and what it was doing are lost",
    "; 0: its kernel closes its connections, 1: it resets them and what was under way is lost",
    true,
    Aim::process,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      const bool is_backend = fault.subject == sim::names::kRedis ||
                              fault.subject == sim::names::kQueue ||
                              fault.subject.starts_with(sim::names::kPostgres);
      return std::make_unique<Kill>(process(cluster, fault.subject), is_backend, fault.amount == 1);
    },
};

}  // namespace firedrill::faults
