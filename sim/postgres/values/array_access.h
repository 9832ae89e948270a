#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

/// One dimension of a slice, [lower:upper]; what is not given is the array's own.
struct SliceBounds {
  std::optional<std::int64_t> lower;
  std::optional<std::int64_t> upper;
};

/// array[i][j]: NULL where there is no such element, or where there are fewer or more subscripts
/// than dimensions.
Value array_element(const Array& array, std::span<const std::int64_t> subscripts);

/// array[a:b][c:d]: what of it there is, its lower bounds 1; empty where there are more bounds than
/// dimensions. Dimensions without bounds are taken whole.
Array array_slice(const Array& array, std::span<const SliceBounds> bounds);

/// The array after array[i][j] = value. A one-dimensional array (or an empty one, which takes as
/// many dimensions as there are subscripts) grows, with NULLs in between. Throws 2202E where the
/// subscripts are not those of an element, 54000 where the array would be too large.
Array assign_element(const Array& array, std::span<const std::int64_t> subscripts, Value value);

}  // namespace firedrill::sim::postgres
