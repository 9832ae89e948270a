#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "sim/postgres/functions/array_functions.h"
#include "sim/postgres/values/array_shape.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kSubscriptError = "2202E";
constexpr std::string_view kNullNotAllowed = "22004";

/// The argument's array; NULL counts as an empty one.
Array array_or_empty(const Call& call, std::size_t index) {
  if (!call[index].is_null()) return call[index].as<Array>();
  return {.element = result_element(call), .dimensions = {}, .elements = {}};
}

void check_at_most_one_dimension(const Array& array) {
  if (array.dimensions.size() > 1) fail("22000", "argument must be empty or one-dimensional array");
}

void check_in_range(bool holds) {
  if (!holds) fail(sqlstate::kNumericValueOutOfRange, "integer out of range");
}

Value array_append(Call& call) {
  Array array = array_or_empty(call, 0);
  check_at_most_one_dimension(array);
  if (array.dimensions.empty()) return Value::boxed(Array::of(array.element, {call[1]}));
  Array::Dimension& dimension = array.dimensions.front();
  const std::int64_t next = std::int64_t{dimension.lower} + dimension.length;
  check_in_range(next <= std::numeric_limits<std::int32_t>::max());
  ++dimension.length;
  check_array_bounds(array.dimensions);
  array.elements.push_back(call[1]);
  return Value::boxed(std::move(array));
}

Value array_prepend(Call& call) {
  Array array = array_or_empty(call, 1);
  check_at_most_one_dimension(array);
  if (array.dimensions.empty()) return Value::boxed(Array::of(array.element, {call[0]}));
  check_in_range(array.dimensions.front().lower > std::numeric_limits<std::int32_t>::min());
  // The lower bound stays, and all others move up.
  ++array.dimensions.front().length;
  array.elements.insert(array.elements.begin(), call[0]);
  return Value::boxed(std::move(array));
}

[[noreturn]] void fail_concatenation(std::string detail) {
  throw SqlError{.sqlstate = std::string(kSubscriptError),
                 .message = "cannot concatenate incompatible arrays",
                 .detail = std::move(detail)};
}

bool is_same_shape(std::span<const Array::Dimension> left,
                   std::span<const Array::Dimension> right) {
  return std::ranges::equal(left, right, [](const auto& a, const auto& b) {
    return a.length == b.length && a.lower == b.lower;
  });
}

/// Two arrays of the same number of dimensions, or of one more on either side, which then takes the
/// other one as an element.
std::vector<Array::Dimension> concatenated_shape(const Array& left, const Array& right) {
  using Span = std::span<const Array::Dimension>;
  const Span ours = left.dimensions;
  const Span theirs = right.dimensions;
  if (ours.size() + 1 < theirs.size() || theirs.size() + 1 < ours.size()) {
    fail_concatenation("Arrays of " + std::to_string(ours.size()) + " and " +
                       std::to_string(theirs.size()) +
                       " dimensions are not compatible for concatenation.");
  }
  std::vector<Array::Dimension> shape =
      ours.size() >= theirs.size() ? left.dimensions : right.dimensions;
  if (ours.size() == theirs.size()) {
    if (!is_same_shape(ours.subspan(1), theirs.subspan(1))) {
      fail_concatenation(
          "Arrays with differing element dimensions are not compatible for concatenation.");
    }
    shape.front().length += theirs.front().length;
    return shape;
  }
  const bool is_prepended = ours.size() < theirs.size();
  const bool fits = is_prepended ? is_same_shape(ours, theirs.subspan(1))
                                 : is_same_shape(ours.subspan(1), theirs);
  if (!fits) {
    fail_concatenation("Arrays with differing dimensions are not compatible for concatenation.");
  }
  ++shape.front().length;
  return shape;
}

Array concatenate(const Array& left, const Array& right) {
  if (right.dimensions.empty()) return left;
  if (left.dimensions.empty()) return right;
  Array array{.element = left.element,
              .dimensions = concatenated_shape(left, right),
              .elements = left.elements};
  element_count(array.dimensions);
  check_array_bounds(array.dimensions);
  array.elements.insert(array.elements.end(), right.elements.begin(), right.elements.end());
  return array;
}

Value array_cat(Call& call) {
  if (call[0].is_null()) return call[1];
  if (call[1].is_null()) return call[0];
  return Value::boxed(concatenate(call[0].as<Array>(), call[1].as<Array>()));
}

[[noreturn]] void fail_fill(std::string detail) {
  throw SqlError{.sqlstate = std::string(kSubscriptError),
                 .message = "wrong number of array subscripts",
                 .detail = std::move(detail)};
}

/// The numbers of one of array_fill()'s arrays.
const Row& fill_numbers(const Array& array, std::string detail) {
  if (array.dimensions.size() > 1) fail_fill(std::move(detail));
  if (std::ranges::any_of(array.elements, &Value::is_null)) {
    fail(kNullNotAllowed, "dimension values cannot be null");
  }
  return array.elements;
}

std::vector<Array::Dimension> fill_shape(const Call& call) {
  std::vector<Array::Dimension> shape;
  const Array& lengths = call[1].as<Array>();
  const Row& numbers = fill_numbers(lengths, "Dimension array must be one dimensional.");
  check_dimension_count(numbers.size());
  for (const Value& number : numbers) {
    shape.push_back({static_cast<std::int32_t>(number.integer()), 1});
  }
  if (call.size() < 3) return shape;
  const Row& lowers = fill_numbers(call[2].as<Array>(), "Dimension array must be one dimensional.");
  if (lowers.size() != shape.size()) {
    fail_fill("Low bound array has different size than dimensions array.");
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    shape[i].lower = static_cast<std::int32_t>(lowers[i].integer());
  }
  return shape;
}

Value array_fill(Call& call) {
  if (call[1].is_null() || (call.size() > 2 && call[2].is_null())) {
    fail(kNullNotAllowed, "dimension array or low bound array cannot be null");
  }
  Array array{.element = result_element(call), .dimensions = fill_shape(call), .elements = {}};
  const std::int64_t count = element_count(array.dimensions);
  check_array_bounds(array.dimensions);
  if (count == 0) array.dimensions.clear();
  array.elements.assign(static_cast<std::size_t>(count), call[0]);
  return Value::boxed(std::move(array));
}

Value trim_array(Call& call) {
  Array array = call[0].as<Array>();
  const std::int64_t length = array.dimensions.empty() ? 0 : array.dimensions.front().length;
  const std::int64_t trimmed = call[1].integer();
  if (trimmed < 0 || trimmed > length) {
    fail(kSubscriptError,
         "number of elements to trim must be between 0 and " + std::to_string(length));
  }
  if (trimmed == length) {
    return Value::boxed(Array{.element = array.element, .dimensions = {}, .elements = {}});
  }
  const std::size_t of_each = array.elements.size() / static_cast<std::size_t>(length);
  array.elements.resize(of_each * static_cast<std::size_t>(length - trimmed));
  array.dimensions.front().length = static_cast<std::int32_t>(length - trimmed);
  for (Array::Dimension& dimension : array.dimensions) dimension.lower = 1;
  return Value::boxed(std::move(array));
}

/// array_agg() over arrays: an array of one more dimension.
class ArrayOfArrays final : public Aggregate {
 public:
  void add(Call& call) override {
    if (call[0].is_null()) fail(kNullNotAllowed, "cannot accumulate null arrays");
    const Array& array = call[0].as<Array>();
    if (count_ == 0) {
      if (array.dimensions.empty()) fail(kSubscriptError, "cannot accumulate empty arrays");
      check_dimension_count(array.dimensions.size() + 1);
      gathered_ = array;
    } else {
      if (!is_same_shape(gathered_.dimensions, array.dimensions)) {
        fail(kSubscriptError, "cannot accumulate arrays of different dimensionality");
      }
      gathered_.elements.insert(gathered_.elements.end(), array.elements.begin(),
                                array.elements.end());
    }
    ++count_;
  }

  Value result(Call&) override {
    if (count_ == 0) return {};
    Array array = gathered_;
    array.dimensions.insert(array.dimensions.begin(), {count_, 1});
    return Value::boxed(std::move(array));
  }

 private:
  Array gathered_;
  std::int32_t count_ = 0;
};

std::unique_ptr<Aggregate> make_array_of_arrays() {
  return std::make_unique<ArrayOfArrays>();
}

constexpr FunctionRow kRows[] = {
    {"array_append", "anycompatiblearray anycompatible", "anycompatiblearray", array_append, false},
    {"array_prepend", "anycompatible anycompatiblearray", "anycompatiblearray", array_prepend,
     false},
    {"array_cat", "anycompatiblearray anycompatiblearray", "anycompatiblearray", array_cat, false},
    {"array_fill", "anyelement _int4", "anyarray", array_fill, false},
    {"array_fill", "anyelement _int4 _int4", "anyarray", array_fill, false},
    {"trim_array", "anyarray int4", "anyarray", trim_array},
};

constexpr OperatorRow kOperators[] = {
    {"||", "anycompatiblearray", "anycompatible", "anycompatiblearray", array_append, false},
    {"||", "anycompatible", "anycompatiblearray", "anycompatiblearray", array_prepend, false},
    {"||", "anycompatiblearray", "anycompatiblearray", "anycompatiblearray", array_cat, false},
};

constexpr AggregateRow kAggregates[] = {
    {"array_agg", "anyarray", "anyarray", make_array_of_arrays, false},
};

}  // namespace

std::span<const FunctionRow> array_building_rows() {
  return kRows;
}

std::span<const OperatorRow> array_building_operators() {
  return kOperators;
}

std::span<const AggregateRow> array_aggregate_rows() {
  return kAggregates;
}

}  // namespace firedrill::sim::postgres
