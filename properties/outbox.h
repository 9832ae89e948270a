#pragma once

#include <vector>

#include "properties/facts.h"

namespace firedrill::properties {

/// The row of each event as it was seen last; nullptr where it is gone, and where an event was
/// delivered and never seen in the outbox. Points into the facts.
inline std::vector<const SeenEvent*> last_rows(const Facts& facts) {
  std::vector<const SeenEvent*> last(facts.events());
  for (const SeenEvent& seen : facts.seen_events()) {
    if (facts.stands(seen)) last[seen.event] = &seen;
  }
  return last;
}

/// Which consumer groups received which event. A group counts from its first delivery on, of
/// whatever event: one that never received anything is not known to exist.
class Reach {
 public:
  explicit Reach(const Facts& facts) : facts_(facts), heard_(facts.consumer_groups(), kNoId) {}

  bool nobody(Id event) const { return facts_.deliveries_of_event()[event].empty(); }

  /// The first group that did not receive the event; kNoId where each did.
  Id missed(Id event) {
    std::size_t groups = 0;
    for (const std::uint32_t index : facts_.deliveries_of_event()[event]) {
      const Id group = facts_.deliveries()[index].group;
      if (heard_[group] != event) ++groups;
      heard_[group] = event;
    }
    if (groups == heard_.size()) return kNoId;
    Id group = 0;
    while (heard_[group] == event) ++group;
    return group;
  }

 private:
  const Facts& facts_;
  std::vector<Id> heard_;  // by group: the event that was asked for last and that it received
};

/// "o-1 version 2"
inline std::string event_name(const Facts& facts, Id order, std::int64_t version) {
  return facts.order_name(order) + " version " + std::to_string(version);
}

}  // namespace firedrill::properties
