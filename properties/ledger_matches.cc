#include <algorithm>
#include <optional>
#include <vector>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

using Kind = traces::StockEffect::Kind;

/// The counters of a product, as its log tells.
struct Fold {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t sold = 0;

  void take(Kind kind, std::int64_t units, std::int64_t initial) {
    switch (kind) {
      case Kind::seed: *this = {units, 0, 0}; return;
      case Kind::rebuild: *this = {units, 0, initial - units}; return;
      case Kind::reserve: move(available, reserved, units); return;
      case Kind::confirm: move(reserved, sold, units); return;
      case Kind::release:
      case Kind::expire: move(reserved, available, units); return;
      case Kind::restock: move(sold, available, units); return;
      case Kind::deduct:
      case Kind::restore: return;  // as-written keeps no log
    }
  }

  static void move(std::int64_t& from, std::int64_t& to, std::int64_t units) {
    from -= units;
    to += units;
  }
};

struct Product {
  std::optional<Fold> log;  // none: nothing is known of it since Redis forgot
  std::optional<std::int64_t> ledger;
  const SeenStock* last = nullptr;
  EntryIndex entry = 0;  // of what was seen last
};

std::string told(std::int64_t available, std::int64_t reserved, std::int64_t sold) {
  return std::to_string(available) + " available, " + std::to_string(reserved) + " reserved, " +
         std::to_string(sold) + " sold";
}

/// All that is seen of both stores, in its order.
std::vector<Product> products_of(const Facts& facts) {
  std::vector<Product> products(facts.products());
  auto effect = facts.effects().begin();
  auto forgot = facts.forgot().begin();
  const auto advance = [&](EntryIndex until) {
    while (true) {
      const EntryIndex next_effect = effect != facts.effects().end() ? effect->entry : kNever;
      const EntryIndex next_forgot = forgot != facts.forgot().end() ? forgot->entry : kNever;
      if (std::min(next_effect, next_forgot) >= until) return;
      if (next_forgot < next_effect) {
        for (Product& product : products) product.log.reset();
        ++forgot;
        continue;
      }
      Product& product = products[effect->product];
      const bool anew = effect->kind == Kind::seed || effect->kind == Kind::rebuild;
      if (anew && !product.log) product.log.emplace();
      if (product.log) {
        product.log->take(effect->kind, effect->units, facts.initial(effect->product));
      }
      product.entry = effect->entry;
      ++effect;
    }
  };
  for (const SeenStock& stock : facts.seen_stocks()) {
    advance(stock.entry);
    Product& product = products[stock.product];
    product.last = &stock;
    product.entry = stock.entry;
  }
  advance(kNever);
  for (const SeenLedger& ledger : facts.seen_ledgers()) {
    Product& product = products[ledger.product];
    product.ledger = ledger.sold;
    product.entry = std::max(product.entry, ledger.entry);
  }
  return products;
}

}  // namespace

Verdict judge_ledger_matches(const Facts& facts) {
  if (facts.quiet() == kNever) return sound(0);
  const std::vector<Product> products = products_of(facts);
  std::uint64_t judged = 0;
  for (Id id = 0; id < facts.products(); ++id) {
    const Product& product = products[id];
    if (product.last == nullptr || !product.last->seen->counters || !product.ledger) continue;
    ++judged;
    const traces::StockSeen& stock = *product.last->seen;
    const EntryIndex entry = std::max(facts.quiet(), product.entry);
    if (stock.sold != *product.ledger) {
      return broken(judged, "the stores have sold different numbers",
                    "Redis has sold " + std::to_string(stock.sold) + " of " + stock.product +
                        ", the ledger " + std::to_string(*product.ledger),
                    entry);
    }
    if (!product.log) continue;
    const Fold& log = *product.log;
    if (log.available != stock.available || log.reserved != stock.reserved ||
        log.sold != stock.sold) {
      return broken(judged, "the log tells of other counters",
                    stock.product + ": " + told(stock.available, stock.reserved, stock.sold) +
                        "; its log tells of " + told(log.available, log.reserved, log.sold),
                    entry);
    }
  }
  return sound(judged);
}

}  // namespace firedrill::properties
