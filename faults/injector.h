#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "faults/fault.h"

namespace firedrill::faults {

/// Carries a plan out in a world: begins each fault at its time and ends it after its duration, or
/// when everything heals. Takes down in the history when a fault began, when it was found to have
/// taken effect, and when it ended.
class Injector {
 public:
  /// Schedules the plan of `run`; the cluster and the run outlive the injector, which outlives the
  /// cluster's running.
  Injector(sim::FlashSaleCluster& cluster, const traces::Case& run);

 private:
  void begin(std::uint32_t index);
  void end(std::uint32_t index);
  void heal();

  sim::FlashSaleCluster& cluster_;
  const traces::Case& run_;
  std::vector<std::unique_ptr<ActiveFault>> active_;  ///< by index; nullptr where none
};

}  // namespace firedrill::faults
