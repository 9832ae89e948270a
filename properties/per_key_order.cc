#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {

Verdict judge_per_key_order(const Facts& facts) {
  if (facts.deliveries().empty()) return sound(0);
  DenseIds<std::uint64_t> keys;     // (group, order)
  std::vector<std::int64_t> heard;  // by key: versions 1 to this were delivered, and no other
  std::uint64_t judged = 0;         // first deliveries
  for (const Delivery& delivery : facts.deliveries()) {
    const Id key = keys.of(both(delivery.group, delivery.order));
    if (key == heard.size()) heard.push_back(0);
    if (delivery.version > 0 && delivery.version <= heard[key]) continue;
    ++judged;
    if (delivery.version == heard[key] + 1) {
      ++heard[key];
      continue;
    }
    return broken(judged, "out of order",
                  facts.consumer_group_name(delivery.group) + " received " +
                      event_name(facts, delivery.order, delivery.version) + " after " +
                      (heard[key] == 0 ? "none" : "version " + std::to_string(heard[key])),
                  delivery.entry);
  }
  return sound(judged);
}

}  // namespace firedrill::properties
