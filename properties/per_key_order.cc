#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {
namespace {

/// What a group has received of an order.
struct Heard {
  std::vector<std::int64_t> versions;  // in order
  const Delivery* last = nullptr;      // of the highest
};

std::string received(const Facts& facts, const Delivery& delivery) {
  return facts.consumer_group_name(delivery.group) + " received " +
         event_name(facts, delivery.order, delivery.version);
}

}  // namespace

// What the broker had sent before may have come in its turn, and been lost on its way: nobody can
// tell. A gap that stays is none of these.
Verdict judge_per_key_order(const Facts& facts) {
  if (facts.deliveries().empty()) return sound(0);
  DenseIds<std::uint64_t> keys;  // (group, order)
  std::vector<Heard> heard;      // by key
  std::uint64_t judged = 0;      // first deliveries
  for (const Delivery& delivery : facts.deliveries()) {
    const Id key = keys.of(both(delivery.group, delivery.order));
    if (key == heard.size()) heard.emplace_back();
    std::vector<std::int64_t>& versions = heard[key].versions;
    const auto place = std::ranges::lower_bound(versions, delivery.version);
    if (place != versions.end() && *place == delivery.version) continue;
    ++judged;
    const bool late = place != versions.end() && !delivery.again;
    if (late || delivery.version < 1) {
      return broken(judged, "out of order",
                    received(facts, delivery) + " after " +
                        (versions.empty() ? "none" : "version " + std::to_string(versions.back())),
                    delivery.entry);
    }
    if (place == versions.end()) heard[key].last = &delivery;
    versions.insert(place, delivery.version);
  }
  if (facts.quiet() == kNever) return sound(judged);
  for (const Heard& each : heard) {
    if (each.versions.back() == static_cast<std::int64_t>(each.versions.size())) continue;
    return broken(judged, "a gap", received(facts, *each.last) + " and not all before it",
                  std::max(facts.quiet(), each.last->entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
