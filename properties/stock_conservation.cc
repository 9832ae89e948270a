#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

/// The way in which these numbers are wrong, or nothing.
std::string_view wrong(const traces::StockSeen& seen, std::int64_t initial) {
  if (seen.available < 0) return "less than nothing available";
  if (!seen.counters) return seen.available > initial ? "more available than initial" : "";
  if (std::min(seen.reserved, seen.sold) < 0) return "a counter below zero";
  const std::int64_t sum = seen.available + seen.reserved + seen.sold;
  if (sum > initial) return "the counters add up to more than initial";
  if (sum < initial) return "the counters add up to less than initial";
  return "";
}

std::string told(const traces::StockSeen& seen, std::int64_t initial) {
  std::string text = seen.product + ": " + std::to_string(seen.available) + " available";
  if (seen.counters) {
    text +=
        ", " + std::to_string(seen.reserved) + " reserved, " + std::to_string(seen.sold) + " sold";
  }
  return text + " of " + units(initial);
}

}  // namespace

Verdict judge_stock_conservation(const Facts& facts) {
  std::uint64_t judged = 0;
  for (const SeenStock& stock : facts.seen_stocks()) {
    ++judged;
    const std::int64_t initial = facts.initial(stock.product);
    const std::string_view signature = wrong(*stock.seen, initial);
    if (signature.empty()) continue;
    return broken(judged, signature, told(*stock.seen, initial), stock.entry);
  }
  return sound(judged);
}

}  // namespace firedrill::properties
