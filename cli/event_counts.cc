#include "cli/event_counts.h"

namespace firedrill {

void EventCounts::take(const traces::EventSeen& seen) {
  using State = traces::EventSeen::State;
  if (seen.state == State::published) ++counts_["events:published"];
  if (seen.state == State::dead) ++counts_["events:dead"];
}

void EventCounts::take(const traces::EventDelivered& delivered) {
  ++counts_["events:delivered"];
  const bool first =
      delivered_.emplace(delivered.group, delivered.order_id, delivered.version).second;
  if (!first) ++counts_["events:repeated"];
}

}  // namespace firedrill
