#include <vector>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/units_sold.h"

namespace firedrill::properties {

Verdict judge_no_oversell(const Facts& facts) {
  UnitsSold sold(facts, &SeenOrder::product, facts.products());
  // An order of a negative quantity mints what is then sold: another bug than selling twice.
  std::vector<bool> minted(facts.products());
  std::uint64_t judged = 0;
  for (const SeenOrder& seen : facts.seen_orders()) {
    const std::int64_t units_sold = sold.take(seen);
    if (!is_sold(seen.status)) continue;
    if (seen.mints) minted[seen.product] = true;
    ++judged;
    const std::int64_t initial = facts.initial(seen.product);
    if (units_sold <= initial) continue;
    return broken(judged,
                  minted[seen.product] ? "confirmed more than initial, after units were minted"
                                       : "confirmed more than initial",
                  "sold " + std::to_string(units_sold) + " of " + units(initial) + " of " +
                      facts.product_name(seen.product),
                  seen.entry);
  }
  return sound(judged);
}

}  // namespace firedrill::properties
