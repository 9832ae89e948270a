#include <algorithm>
#include <optional>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/units_sold.h"

namespace firedrill::properties {
namespace {

/// What is wrong with a product in the end: signature and message.
struct Leak {
  std::string_view signature;
  std::string message;
};

std::optional<Leak> leak(const traces::StockSeen& last, std::int64_t initial,
                         std::int64_t confirmed) {
  const std::string of = " of " + last.product;
  if (last.counters && last.reserved != 0) {
    return Leak{"units stay reserved", units(last.reserved) + of + " stay reserved for ever"};
  }
  if (last.counters && last.sold != confirmed) {
    return Leak{last.sold > confirmed ? "more counted as sold than confirmed"
                                      : "less counted as sold than confirmed",
                units(last.sold) + of + " are counted as sold, confirmed orders have " +
                    std::to_string(confirmed)};
  }
  const std::int64_t left = initial - confirmed;
  if (last.available == left) return std::nullopt;
  return Leak{last.available < left ? "units vanished" : "units appeared",
              units(last.available) + of + " are left, " + std::to_string(initial) + " minus " +
                  std::to_string(confirmed) + " in confirmed orders are " + std::to_string(left)};
}

}  // namespace

Verdict judge_no_stock_leak(const Facts& facts) {
  if (facts.quiet() == kNever) return sound(0);

  UnitsSold confirmed(facts, &SeenOrder::product, facts.products());
  // A product that nobody touched and nobody ordered cannot leak.
  std::vector<bool> stirred(facts.products());
  for (const SeenOrder& seen : facts.seen_orders()) {
    stirred[seen.product] = true;
    if (facts.stands(seen)) confirmed.take(seen);
  }
  std::vector<const SeenStock*> last(facts.products());
  for (const SeenStock& stock : facts.seen_stocks()) {
    if (last[stock.product] != nullptr) stirred[stock.product] = true;
    last[stock.product] = &stock;
  }

  std::uint64_t judged = 0;
  for (Id product = 0; product < facts.products(); ++product) {
    if (last[product] == nullptr || !(stirred[product] || facts.touched(product))) continue;
    ++judged;
    const auto found = leak(*last[product]->seen, facts.initial(product), confirmed.of(product));
    if (!found) continue;
    return broken(judged, found->signature, found->message,
                  std::max(facts.quiet(), last[product]->entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
