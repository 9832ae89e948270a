#include "sim/postgres/values/array_shape.h"

#include <limits>
#include <string>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

std::int64_t element_count(std::span<const Array::Dimension> dimensions) {
  if (dimensions.empty()) return 0;
  std::int64_t count = 1;
  for (const Array::Dimension& dimension : dimensions) {
    // The lengths have 31 bits and the count no more than 28.
    count *= dimension.length;
    if (dimension.length < 0 || count > kMaxArraySize) {
      fail("54000",
           "array size exceeds the maximum allowed (" + std::to_string(kMaxArraySize) + ")");
    }
  }
  return count;
}

void check_array_bounds(std::span<const Array::Dimension> dimensions) {
  for (const Array::Dimension& dimension : dimensions) {
    const std::int64_t end = std::int64_t{dimension.lower} + dimension.length;
    if (end > std::numeric_limits<std::int32_t>::max()) {
      fail("54000", "array lower bound is too large: " + std::to_string(dimension.lower));
    }
  }
}

void check_dimension_count(std::size_t count) {
  if (count <= kMaxDimensions) return;
  fail("54000", "number of array dimensions (" + std::to_string(count) +
                    ") exceeds the maximum allowed (" + std::to_string(kMaxDimensions) + ")");
}

void fail_subscript_count() {
  fail("2202E", "wrong number of array subscripts");
}

}  // namespace firedrill::sim::postgres
