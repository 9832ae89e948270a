#pragma once

#include <string>
#include <string_view>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

/// An array of `array_type`, whose modifier is its elements'. Throws 22P02 "malformed array
/// literal", and what the element type's input throws.
Value parse_array(const Environment& environment, Type array_type, std::string_view text);

/// {1,NULL,"a b"}, with [2:3]= before it where it does not start at 1.
std::string print_array(const Environment& environment, const Array& array);

/// The elements as a parenthesised row: (1,,"a b").
std::string print_record(const Environment& environment, const Record& record);

/// By elements, then by how many there are, then by dimensions: <0, 0, >0. NULLs are last, and
/// equal. Throws 42883 where the elements have no order.
int compare_arrays(const Types& types, const Array& left, const Array& right);

/// Column by column; NULLs are last, and equal. Throws 42804 where the columns' types or numbers
/// differ.
int compare_records(const Types& types, const Record& left, const Record& right);

}  // namespace firedrill::sim::postgres
