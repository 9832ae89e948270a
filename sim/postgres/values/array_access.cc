#include "sim/postgres/values/array_access.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array_shape.h"

namespace firedrill::sim::postgres {

namespace {

std::int64_t upper_of(const Array::Dimension& dimension) {
  return std::int64_t{dimension.lower} + dimension.length - 1;
}

/// Where the element is kept; none: there is none.
std::optional<std::size_t> offset_of(const Array& array, std::span<const std::int64_t> subscripts) {
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    const Array::Dimension& dimension = array.dimensions[i];
    if (subscripts[i] < dimension.lower || subscripts[i] > upper_of(dimension)) {
      return std::nullopt;
    }
    offset = offset * dimension.length + (subscripts[i] - dimension.lower);
  }
  return static_cast<std::size_t>(offset);
}

struct Range {
  std::int64_t lower;
  std::int64_t upper;
};

/// What of the dimension is within the bounds; lower > upper: nothing.
Range clip(const Array::Dimension& dimension, const SliceBounds& bounds) {
  return {std::max<std::int64_t>(bounds.lower.value_or(dimension.lower), dimension.lower),
          std::min<std::int64_t>(bounds.upper.value_or(upper_of(dimension)), upper_of(dimension))};
}

void collect(const Array& array, std::span<const Range> ranges, std::vector<std::int64_t>& place,
             Row& elements) {
  if (place.size() == ranges.size()) {
    elements.push_back(array.elements[*offset_of(array, place)]);
    return;
  }
  const Range range = ranges[place.size()];
  for (std::int64_t i = range.lower; i <= range.upper; ++i) {
    place.push_back(i);
    collect(array, ranges, place, elements);
    place.pop_back();
  }
}

std::int32_t as_bound(std::int64_t subscript) {
  if (std::in_range<std::int32_t>(subscript)) return static_cast<std::int32_t>(subscript);
  fail(sqlstate::kNumericValueOutOfRange, "integer out of range");
}

Array start_array(TypeId element, std::span<const std::int64_t> subscripts, Value value) {
  check_dimension_count(subscripts.size());
  Array array{.element = element, .dimensions = {}, .elements = {}};
  for (const std::int64_t subscript : subscripts) {
    array.dimensions.push_back({1, as_bound(subscript)});
  }
  check_array_bounds(array.dimensions);
  array.elements.push_back(std::move(value));
  return array;
}

/// A one-dimensional array that reaches to the subscript, on either side.
void extend(Array& array, std::int64_t subscript) {
  Array::Dimension& dimension = array.dimensions.front();
  Array::Dimension wanted = dimension;
  wanted.lower = std::min(dimension.lower, as_bound(subscript));
  const std::int64_t length = std::max(upper_of(dimension), subscript) - wanted.lower + 1;
  if (length > kMaxArraySize) {
    fail("54000", "array size exceeds the maximum allowed (" + std::to_string(kMaxArraySize) + ")");
  }
  wanted.length = static_cast<std::int32_t>(length);
  check_array_bounds({&wanted, 1});
  array.elements.insert(array.elements.begin(),
                        static_cast<std::size_t>(std::int64_t{dimension.lower} - wanted.lower),
                        Value());
  array.elements.resize(static_cast<std::size_t>(length));
  dimension = wanted;
}

}  // namespace

Value array_element(const Array& array, std::span<const std::int64_t> subscripts) {
  if (subscripts.empty() || subscripts.size() != array.dimensions.size()) return {};
  const auto offset = offset_of(array, subscripts);
  return offset ? array.elements[*offset] : Value();
}

Array array_slice(const Array& array, std::span<const SliceBounds> bounds) {
  Array slice{.element = array.element, .dimensions = {}, .elements = {}};
  if (array.dimensions.empty() || bounds.size() > array.dimensions.size()) return slice;
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < array.dimensions.size(); ++i) {
    ranges.push_back(clip(array.dimensions[i], i < bounds.size() ? bounds[i] : SliceBounds{}));
    if (ranges.back().lower > ranges.back().upper) return slice;
  }
  for (const Range& range : ranges) {
    slice.dimensions.push_back({static_cast<std::int32_t>(range.upper - range.lower + 1), 1});
  }
  std::vector<std::int64_t> place;
  collect(array, ranges, place, slice.elements);
  return slice;
}

Array assign_element(const Array& array, std::span<const std::int64_t> subscripts, Value value) {
  if (array.dimensions.empty()) return start_array(array.element, subscripts, std::move(value));
  if (subscripts.size() != array.dimensions.size()) fail_subscript_count();
  Array changed = array;
  if (changed.dimensions.size() == 1) extend(changed, subscripts.front());
  const auto offset = offset_of(changed, subscripts);
  if (!offset) fail("2202E", "array subscript out of range");
  changed.elements[*offset] = std::move(value);
  return changed;
}

}  // namespace firedrill::sim::postgres
