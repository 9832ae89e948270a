#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/units_sold.h"

namespace firedrill::properties {

Verdict judge_user_cap(const Facts& facts) {
  UnitsSold held(facts, &SeenOrder::holder, facts.holders());
  std::uint64_t judged = 0;
  for (const SeenOrder& seen : facts.seen_orders()) {
    const std::int64_t units_held = held.take(seen);
    if (!is_sold(seen.status)) continue;
    ++judged;
    const std::int64_t cap = facts.per_user_cap(seen.product);
    if (units_held <= cap) continue;
    return broken(judged, "a user holds more than the cap",
                  facts.user_of_holder(seen.holder) + " holds " + units(units_held) + " of " +
                      facts.product_name(seen.product) + ", the cap is " + std::to_string(cap),
                  seen.entry);
  }
  return sound(judged);
}

}  // namespace firedrill::properties
