#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {

Verdict judge_read_after_accept(const Facts& facts) {
  std::uint64_t judged = 0;
  const ReadOp* first = nullptr;
  for (const ReadOp& read : facts.reads()) {
    const bool not_found = read.status == 404;
    const bool answered = read.ended == traces::Ended::ok || not_found;
    if (!answered || facts.accepted(read.order) > read.invoked) continue;
    ++judged;
    if (not_found && (first == nullptr || read.returned < first->returned)) first = &read;
  }
  if (first == nullptr) return sound(judged);
  return broken(judged, "an accepted order is not found",
                facts.order_name(first->order) + " was accepted, then reading it said 404",
                first->returned);
}

}  // namespace firedrill::properties
