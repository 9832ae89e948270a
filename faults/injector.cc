#include "faults/injector.h"

#include "faults/kinds.h"

namespace firedrill::faults {

Injector::Injector(sim::FlashSaleCluster& cluster, const traces::Case& run)
    : cluster_(cluster), run_(run), active_(run.faults.size()) {
  sim::World& world = cluster.world();
  for (std::uint32_t i = 0; i < run.faults.size(); ++i) {
    const traces::Fault& fault = run.faults[i];
    check(find_kind(fault.kind) != nullptr, "a plan names kinds of faults that exist");
    world.at(Instant(fault.at), [this, i] { begin(i); });
  }
  world.at(Instant(run.faults_until), [this] { heal(); });
}

void Injector::begin(std::uint32_t index) {
  const traces::Fault& fault = run_.faults[index];
  using What = traces::FaultSeen::What;
  cluster_.record(traces::FaultSeen{index, What::began});
  const Kind* kind = find_kind(fault.kind);
  active_[index] = kind->begin(cluster_, fault);
  // Scheduled now, not with the beginning: of two events at one instant either may run first.
  const Duration ends = fault.at + fault.duration;
  if (kind->lasts && ends < run_.faults_until) {
    cluster_.world().at(Instant(ends), [this, index] { end(index); });
  }
}

void Injector::end(std::uint32_t index) {
  std::unique_ptr<ActiveFault> fault = std::move(active_[index]);
  if (fault == nullptr) return;
  fault->end();
  using What = traces::FaultSeen::What;
  if (fault->took_effect()) {
    cluster_.record(traces::FaultSeen{index, What::took_effect});
    ++cluster_.counts()["fault:" + run_.faults[index].kind];
  }
  cluster_.record(traces::FaultSeen{index, What::ended});
}

void Injector::heal() {
  for (std::uint32_t i = 0; i < active_.size(); ++i) end(i);
  cluster_.record(traces::PhaseSeen{traces::PhaseSeen::Phase::healed});
}

}  // namespace firedrill::faults
