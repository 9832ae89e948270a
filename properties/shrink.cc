#include "properties/shrink.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace firedrill::properties {

namespace {

using traces::Case;

class Shrinker {
 public:
  Shrinker(Case failing, const StillFails& still_fails, std::uint32_t max_runs)
      : best_(std::move(failing)), still_fails_(still_fails), max_runs_(max_runs) {}

  Shrunk run() {
    drop_chunks(&Case::faults, false);
    bool progress = true;
    while (progress && runs_ < max_runs_) {
      progress = drop_chunks(&Case::orders, true);
      progress |= drop_chunks(&Case::orders, false);
      progress |= drop_chunks(&Case::faults, false);
      progress |= plainer();
      progress |= smaller_numbers();
    }
    return {std::move(best_), runs_};
  }

 private:
  /// Keeps `candidate` where it fails in the same way.
  bool attempt(Case candidate) {
    if (runs_ >= max_runs_ || candidate == best_) return false;
    ++runs_;
    if (!still_fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  /// Removes ever smaller chunks of a list. With `their_stock`, what dropped orders ask for is
  /// taken out of the stock as well: who oversells ten units with eleven orders oversells one with
  /// two.
  template <class T>
  bool drop_chunks(std::vector<T> Case::* list, bool their_stock) {
    bool progress = false;
    for (std::size_t chunk = (best_.*list).size(); chunk > 0; chunk /= 2) {
      for (std::size_t from = 0; from < (best_.*list).size();) {
        Case candidate = best_;
        auto& items = candidate.*list;
        const std::size_t until = std::min(from + chunk, items.size());
        if (their_stock) take_stock(candidate, from, until);
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(from),
                    items.begin() + static_cast<std::ptrdiff_t>(until));
        if (attempt(std::move(candidate))) {
          progress = true;
        } else {
          from += chunk;
        }
      }
    }
    return progress;
  }

  static void take_stock(Case& candidate, std::size_t from, std::size_t until) {
    for (std::size_t i = from; i < until && i < candidate.orders.size(); ++i) {
      const traces::OrderCall& call = candidate.orders[i].call;
      for (auto& product : candidate.terms.products) {
        if (product.id != call.product || call.quantity <= 0) continue;
        product.initial = std::max<std::int64_t>(1, product.initial - call.quantity);
      }
    }
  }

  template <class Change>
  bool change(Change make) {
    Case candidate = best_;
    make(candidate);
    return attempt(std::move(candidate));
  }

  bool plainer() {
    bool progress = false;
    progress |= change([](Case& run) { run.schedule = {}; });
    progress |= change([](Case& run) { run.network.tail_percent = 0; });
    progress |= change([](Case& run) { run.network.jitter = {}; });
    progress |= change([](Case& run) { run.network.tick = Duration(1); });
    progress |= change([](Case& run) { run.topology.consumers = 1; });
    progress |= change([](Case& run) { run.topology.partitions = 1; });
    progress |= change([](Case& run) {
      std::erase_if(run.terms.products, [&](const auto& product) {
        return std::none_of(run.orders.begin(), run.orders.end(),
                            [&](const auto& order) { return order.call.product == product.id; });
      });
    });
    return progress;
  }

  bool smaller_numbers() {
    bool progress = false;
    for (std::size_t i = 0; i < best_.orders.size(); ++i) {
      if (best_.orders[i].retries > 0) {
        progress |= change([i](Case& run) { run.orders[i].retries = 0; });
      }
      if (best_.orders[i].call.quantity > 1) {
        progress |= change([i](Case& run) { run.orders[i].call.quantity = 1; });
      }
    }
    for (std::size_t i = 0; i < best_.terms.products.size(); ++i) {
      progress |= halve([i](Case& run) -> std::int64_t& { return run.terms.products[i].initial; });
    }
    for (std::size_t i = 0; i < best_.faults.size(); ++i) {
      const Duration half = from_ms(to_ms(best_.faults[i].duration) / 2);
      if (half > Duration::zero()) {
        progress |= change([i, half](Case& run) { run.faults[i].duration = half; });
      }
    }
    return progress;
  }

  /// Brings a number down towards 1.
  template <class Field>
  bool halve(Field field) {
    bool progress = false;
    while (field(best_) > 1) {
      const bool halved = change([&](Case& run) { field(run) /= 2; });
      if (!halved && !change([&](Case& run) { --field(run); })) break;
      progress = true;
    }
    return progress;
  }

  Case best_;
  const StillFails& still_fails_;
  std::uint32_t max_runs_;
  std::uint32_t runs_ = 0;
};

}  // namespace

Shrunk shrink(const Case& failing, const StillFails& still_fails, std::uint32_t max_runs) {
  return Shrinker(failing, still_fails, max_runs).run();
}

}  // namespace firedrill::properties
