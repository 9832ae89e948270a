#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

inline constexpr std::size_t kMaxDimensions = 6;
/// So many elements an array may have.
inline constexpr std::int64_t kMaxArraySize = 134'217'727;

/// How many elements such an array has: 0 of no dimension. Throws 54000 where they are too many.
std::int64_t element_count(std::span<const Array::Dimension> dimensions);

/// Throws 22003 where a subscript would leave 32 bits.
void check_array_bounds(std::span<const Array::Dimension> dimensions);

/// Throws 54000 where there are more than six.
void check_dimension_count(std::size_t count);

/// Throws 2202E.
[[noreturn]] void fail_subscript_count();

}  // namespace firedrill::sim::postgres
