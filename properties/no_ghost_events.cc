#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {

// A row may be noted later than its delivery: it counts wherever it stands in the history. One that
// its store has lost counts no more: what was delivered of it never happened.
Verdict judge_no_ghost_events(const Facts& facts) {
  if (facts.deliveries().empty()) return sound(0);
  std::vector<bool> committed(facts.events());
  std::vector<bool> written(facts.contents());
  std::vector<bool> lost(facts.contents());
  for (const SeenEvent& seen : facts.seen_events()) {
    committed[seen.event] = true;
    (facts.stands(seen) ? written : lost)[seen.content] = true;
  }
  std::uint64_t judged = 0;
  for (const Delivery& delivery : facts.deliveries()) {
    ++judged;
    if (written[delivery.content]) continue;
    const std::string received = facts.consumer_group_name(delivery.group) + " received " +
                                 event_name(facts, delivery.order, delivery.version);
    if (lost[delivery.content]) {
      return broken(judged, "delivered what was lost", received + ", which its store has lost",
                    std::max(delivery.entry, facts.event_gone(delivery.event)));
    }
    if (!committed[delivery.event]) {
      return broken(judged, "delivered what was never committed",
                    received + ", which was never committed", delivery.entry);
    }
    return broken(judged, "delivered with another payload", received + " with another payload",
                  delivery.entry);
  }
  return sound(judged);
}

}  // namespace firedrill::properties
