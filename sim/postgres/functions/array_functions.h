#pragma once

#include <span>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/array.h"

/// What the files of functions on arrays share.
namespace firedrill::sim::postgres {

std::span<const FunctionRow> array_building_rows();   ///< array_append, array_fill, trim_array, ...
std::span<const FunctionRow> array_searching_rows();  ///< array_position, array_replace, ...
std::span<const OperatorRow> array_building_operators();
std::span<const OperatorRow> array_searching_operators();
std::span<const SetFunctionRow> array_set_rows();  ///< unnest, generate_series, ...
std::span<const AggregateRow> array_aggregate_rows();

/// The element type of the array that the call returns.
TypeId result_element(const Call& call);

/// Throws 42883 for a type that has no equality.
void check_equality(TypeId element);

/// Whether two elements, either of which may be NULL, are the same: NULL is the same as NULL.
/// Throws 42883 for a type that has no equality.
bool is_same_element(const Call& call, TypeId element, const Value& left, const Value& right);

}  // namespace firedrill::sim::postgres
