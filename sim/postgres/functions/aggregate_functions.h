#pragma once

#include <memory>
#include <span>

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// sum, avg, variance, stddev.
std::span<const AggregateRow> sum_aggregate_rows();
/// min, max.
std::span<const AggregateRow> extreme_aggregate_rows();
/// string_agg, array_agg.
std::span<const AggregateRow> collecting_aggregate_rows();

template <class State>
std::unique_ptr<Aggregate> make_aggregate() {
  return std::make_unique<State>();
}

}  // namespace firedrill::sim::postgres
