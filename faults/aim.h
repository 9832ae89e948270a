#pragma once

#include <string>
#include <vector>
#include "faults/fault.h"

#include "system/domain/check.h"
#include "system/domain/order.h"

namespace firedrill::faults {

/// The topics that a fault may strike.
inline const std::vector<std::string> kTopics = {std::string(kFlashOrdersTopic),
                                                 std::string(kOrderEventsTopic)};

/// The host of that name. A plan names hosts that exist: whoever reads a plan from outside has
/// checked it (see validate()).
inline sim::Host& host(sim::FlashSaleCluster& cluster, const std::string& name) {
  sim::Host* found = cluster.world().find_host(name);
  check(found != nullptr, "a fault names a host that exists");
  return *found;
}

inline sim::Process& process(sim::FlashSaleCluster& cluster, const std::string& name) {
  sim::Process* found = cluster.world().find_process(name);
  check(found != nullptr, "a fault names a process that exists");
  return *found;
}

inline sim::Link& link(sim::FlashSaleCluster& cluster, const traces::Fault& fault) {
  return cluster.world().link(host(cluster, fault.subject), host(cluster, fault.object));
}

}  // namespace firedrill::faults
