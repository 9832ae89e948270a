#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {
namespace {

/// What the outbox owes: a dead event is listed for an operator, not lost.
std::vector<const SeenEvent*> owed(const Facts& facts) {
  std::vector<const SeenEvent*> rows = last_rows(facts);
  std::erase_if(rows, [](const SeenEvent* row) {
    return row == nullptr || row->state == traces::EventSeen::State::dead;
  });
  return rows;
}

}  // namespace

Verdict judge_outbox_at_least_once(const Facts& facts) {
  if (facts.quiet() == kNever || facts.seen_events().empty()) return sound(0);
  const std::vector<const SeenEvent*> rows = owed(facts);
  if (facts.consumer_groups() == 0 && !rows.empty()) {
    return broken(rows.size(), "nothing was delivered",
                  "events were committed and nothing was delivered to anybody", facts.quiet());
  }
  Reach reach(facts);
  std::uint64_t judged = 0;
  for (const SeenEvent* row : rows) {
    ++judged;
    const Id missed = reach.missed(row->event);
    if (missed == kNoId) continue;
    const bool nobody = reach.nobody(row->event);
    const std::string state(traces::to_string(row->state));
    return broken(judged, "a " + state + " event " + (nobody ? "reached nobody" : "missed a group"),
                  event_name(facts, row->order, row->version) + " is " + state +
                      " and did not reach " +
                      (nobody ? "anybody" : facts.consumer_group_name(missed)),
                  std::max(facts.quiet(), row->entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
