#pragma once

#include <string_view>

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// Aggregates WITHIN GROUP: they are given the sorted values, and at the end their direct
/// arguments. Null: there is none of that name.
const AggregateRow* ordered_set_aggregate(std::string_view name);

}  // namespace firedrill::sim::postgres
