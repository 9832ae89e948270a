#pragma once

#include <span>

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// Aggregates WITHIN GROUP: they are given the sorted values, and at the end their direct
/// arguments, which stand first among those declared.
std::span<const AggregateRow> ordered_set_aggregates();

}  // namespace firedrill::sim::postgres
