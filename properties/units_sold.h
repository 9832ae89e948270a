#pragma once

#include <cstdint>
#include <vector>

#include "properties/facts.h"

namespace firedrill::properties {

/// Units in sold orders, summed up by product or by holder: each order counts once, by its latest
/// status.
class UnitsSold {
 public:
  /// `heap`: what to sum by, `&SeenOrder::product` or `&SeenOrder::holder`, of which there are
  /// `heaps`.
  UnitsSold(const Facts& facts, Id SeenOrder::* heap, std::size_t heaps)
      : heap_(heap), orders_(facts.orders()), units_(heaps) {}

  /// Takes the next thing seen, in order of time. Answers the units in its heap from now on.
  std::int64_t take(const SeenOrder& seen) {
    Counted& counted = orders_[seen.order];
    if (counted.units != 0) units_[counted.heap] -= counted.units;
    counted = {seen.*heap_, is_sold(seen.status) ? seen.units : 0};
    return units_[counted.heap] += counted.units;
  }

  std::int64_t of(Id heap) const { return units_[heap]; }

 private:
  struct Counted {
    Id heap = 0;
    std::int64_t units = 0;
  };

  Id SeenOrder::* heap_;
  std::vector<Counted> orders_;
  std::vector<std::int64_t> units_;
};

}  // namespace firedrill::properties
