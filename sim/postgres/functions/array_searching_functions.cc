#include <algorithm>
#include <limits>
#include <utility>

#include "sim/postgres/functions/array_functions.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

const Array& searched_array(const Call& call) {
  const Array& array = call[0].as<Array>();
  if (array.dimensions.size() > 1) {
    fail(sqlstate::kFeatureNotSupported,
         "searching for elements in multidimensional arrays is not supported");
  }
  return array;
}

bool has_nulls(const Array& array) {
  return std::ranges::any_of(array.elements, &Value::is_null);
}

/// The subscripts of the elements that are the second argument, from the subscript `first` on; the
/// first one of them only.
std::vector<std::int64_t> find_positions(const Call& call, std::int64_t first, bool finds_all) {
  const Array& array = searched_array(call);
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < array.elements.size(); ++i) {
    const std::int64_t subscript = array.dimensions[0].lower + static_cast<std::int64_t>(i);
    if (subscript < first) continue;
    if (!is_same_element(call, array.element, array.elements[i], call[1])) continue;
    positions.push_back(subscript);
    if (!finds_all) break;
  }
  return positions;
}

Value array_position(Call& call) {
  if (call[0].is_null()) return {};
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  const Array& array = searched_array(call);
  if (array.elements.empty() || (call[1].is_null() && !has_nulls(array))) return {};
  if (call.size() > 2) {
    if (call[2].is_null()) fail("22004", "initial position must not be null");
    first = call[2].integer();
  }
  const auto positions = find_positions(call, first, false);
  return positions.empty() ? Value() : Value::of(positions.front());
}

Value array_positions(Call& call) {
  if (call[0].is_null()) return {};
  Row numbers;
  for (const std::int64_t position :
       find_positions(call, std::numeric_limits<std::int64_t>::min(), true)) {
    numbers.push_back(Value::of(position));
  }
  return Value::boxed(Array::of(TypeId::int4, std::move(numbers)));
}

Value array_remove(Call& call) {
  if (call[0].is_null()) return {};
  Array array = call[0].as<Array>();
  if (array.dimensions.size() > 1) {
    fail(sqlstate::kFeatureNotSupported,
         "removing elements from multidimensional arrays is not supported");
  }
  std::erase_if(array.elements, [&](const Value& element) {
    return is_same_element(call, array.element, element, call[1]);
  });
  if (array.elements.empty()) {
    array.dimensions.clear();
  } else {
    array.dimensions.front().length = static_cast<std::int32_t>(array.elements.size());
  }
  return Value::boxed(std::move(array));
}

Value array_replace(Call& call) {
  if (call[0].is_null()) return {};
  Array array = call[0].as<Array>();
  for (Value& element : array.elements) {
    if (is_same_element(call, array.element, element, call[1])) element = call[2];
  }
  return Value::boxed(std::move(array));
}

bool has_element(const Call& call, const Array& array, const Value& wanted) {
  return std::ranges::any_of(array.elements, [&](const Value& element) {
    return is_same_element(call, array.element, element, wanted);
  });
}

/// NULL is not the same as anything here.
bool contains_all(const Call& call, const Array& array, const Array& wanted) {
  return std::ranges::all_of(wanted.elements, [&](const Value& element) {
    return !element.is_null() && has_element(call, array, element);
  });
}

Value contains(Call& call) {
  check_equality(call[0].as<Array>().element);
  return Value::of(contains_all(call, call[0].as<Array>(), call[1].as<Array>()));
}

Value is_contained(Call& call) {
  check_equality(call[0].as<Array>().element);
  return Value::of(contains_all(call, call[1].as<Array>(), call[0].as<Array>()));
}

Value overlaps(Call& call) {
  check_equality(call[0].as<Array>().element);
  const Array& right = call[1].as<Array>();
  return Value::of(std::ranges::any_of(call[0].as<Array>().elements, [&](const Value& element) {
    return !element.is_null() && has_element(call, right, element);
  }));
}

/// Behind how many of the bounds, which are in order, the value is. Those equal to it count.
Value width_bucket(Call& call) {
  const Array& bounds = call[1].as<Array>();
  if (bounds.dimensions.size() > 1) fail("2202E", "thresholds must be one-dimensional array");
  if (has_nulls(bounds)) fail("22004", "thresholds array must not contain NULLs");
  const auto is_before = [&](const Value& value, const Value& bound) {
    return compare(call.environment.types(), bounds.element, value, bound) < 0;
  };
  const auto above =
      std::upper_bound(bounds.elements.begin(), bounds.elements.end(), call[0], is_before);
  return Value::of(static_cast<std::int64_t>(above - bounds.elements.begin()));
}

constexpr FunctionRow kRows[] = {
    {"array_position", "anycompatiblearray anycompatible", "int4", array_position, false},
    {"array_position", "anycompatiblearray anycompatible int4", "int4", array_position, false},
    {"array_positions", "anycompatiblearray anycompatible", "_int4", array_positions, false},
    {"array_remove", "anycompatiblearray anycompatible", "anycompatiblearray", array_remove, false},
    {"array_replace", "anycompatiblearray anycompatible anycompatible", "anycompatiblearray",
     array_replace, false},
    {"width_bucket", "anycompatible anycompatiblearray", "int4", width_bucket},
};

constexpr OperatorRow kOperators[] = {
    {"@>", "anyarray", "anyarray", "bool", contains},
    {"<@", "anyarray", "anyarray", "bool", is_contained},
    {"&&", "anyarray", "anyarray", "bool", overlaps},
};

}  // namespace

std::span<const FunctionRow> array_searching_rows() {
  return kRows;
}

std::span<const OperatorRow> array_searching_operators() {
  return kOperators;
}

}  // namespace firedrill::sim::postgres
