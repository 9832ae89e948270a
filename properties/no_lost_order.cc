#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

/// The last that is known of an order: its record, or what a client read when all was quiet.
struct Last {
  EntryIndex entry = kNever;
  Status status = Status::unknown;
};

std::vector<Last> last_known(const Facts& facts) {
  std::vector<Last> last(facts.orders());
  for (const SeenOrder& seen : facts.seen_orders()) {
    if (facts.stands(seen)) last[seen.order] = {seen.entry, seen.status};
  }
  for (const ReadOp& read : facts.reads()) {
    const bool tells = read.invoked > facts.quiet() && read.ended == traces::Ended::ok;
    Last& known = last[read.order];
    if (!tells || (known.entry != kNever && known.entry > read.returned)) continue;
    known = {read.returned, read.told};
  }
  return last;
}

}  // namespace

Verdict judge_no_lost_order(const Facts& facts) {
  if (facts.quiet() == kNever) return sound(0);
  const std::vector<Last> last = last_known(facts);
  std::uint64_t judged = 0;
  for (Id order = 0; order < facts.orders(); ++order) {
    if (facts.accepted(order) == kNever) continue;
    ++judged;
    const Last& known = last[order];
    if (known.entry == kNever && facts.order_gone(order) != kNever) {
      return broken(judged, "an accepted order is gone",
                    facts.order_name(order) + " was accepted, and its store has lost it",
                    std::max(facts.quiet(), facts.order_gone(order)));
    }
    if (known.entry == kNever) {
      return broken(judged, "an accepted order is nowhere",
                    facts.order_name(order) + " was accepted and is nowhere", facts.quiet());
    }
    if (is_final(known.status)) continue;
    const std::string stays = " stays " + std::string(to_string(known.status));
    return broken(judged, "an accepted order" + stays,
                  facts.order_name(order) + " was accepted and" + stays,
                  std::max(facts.quiet(), known.entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
