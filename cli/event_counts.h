#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <tuple>

#include "sim/cluster/flash_sale.h"
#include "traces/history.h"

namespace firedrill {

/// Counts what a history tells of events (docs/scenarios.md, Counts). The history must outlive it.
class EventCounts {
 public:
  explicit EventCounts(sim::Counts& counts) : counts_(counts) {}

  void take(const traces::EventSeen& seen);
  void take(const traces::EventDelivered& delivered);

 private:
  sim::Counts& counts_;
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> delivered_;
};

}  // namespace firedrill
