#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {

Verdict judge_published_is_durable(const Facts& facts) {
  if (facts.quiet() == kNever || facts.consumer_groups() == 0) return sound(0);
  Reach reach(facts);
  std::uint64_t judged = 0;
  for (const SeenEvent* row : last_rows(facts)) {
    if (row == nullptr || row->state != traces::EventSeen::State::published) continue;
    ++judged;
    const Id missed = reach.missed(row->event);
    if (missed == kNoId) continue;
    const bool nobody = reach.nobody(row->event);
    return broken(
        judged, nobody ? "a published event reached nobody" : "a published event missed a group",
        event_name(facts, row->order, row->version) + " was published and did not reach " +
            (nobody ? "anybody" : facts.consumer_group_name(missed)),
        std::max(facts.quiet(), row->entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
