#include "sim/postgres/functions/array_functions.h"

#include <cstdint>
#include <string>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// The dimension that an argument numbers, from 1; null: there is none.
const Array::Dimension* dimension_of(const Call& call) {
  const Array& array = call[0].as<Array>();
  const std::int64_t number = call[1].integer();
  if (number < 1 || number > static_cast<std::int64_t>(array.dimensions.size())) return nullptr;
  return &array.dimensions[static_cast<std::size_t>(number - 1)];
}

Value array_length(Call& call) {
  const Array::Dimension* dimension = dimension_of(call);
  return dimension != nullptr ? Value::of(dimension->length) : Value();
}

Value array_lower(Call& call) {
  const Array::Dimension* dimension = dimension_of(call);
  return dimension != nullptr ? Value::of(dimension->lower) : Value();
}

Value array_upper(Call& call) {
  const Array::Dimension* dimension = dimension_of(call);
  return dimension != nullptr ? Value::of(dimension->lower + dimension->length - 1) : Value();
}

Value array_ndims(Call& call) {
  const std::size_t count = call[0].as<Array>().dimensions.size();
  return count > 0 ? Value::of(static_cast<std::int64_t>(count)) : Value();
}

Value array_dims(Call& call) {
  const Array& array = call[0].as<Array>();
  if (array.dimensions.empty()) return {};
  std::string text;
  for (const Array::Dimension& each : array.dimensions) {
    text +=
        "[" + std::to_string(each.lower) + ":" + std::to_string(each.lower + each.length - 1) + "]";
  }
  return Value::of(std::move(text));
}

Value cardinality(Call& call) {
  return Value::of(static_cast<std::int64_t>(call[0].as<Array>().elements.size()));
}

Value array_to_string(Call& call) {
  if (call[0].is_null() || call[1].is_null()) return {};
  const Array& array = call[0].as<Array>();
  const bool prints_nulls = call.size() > 2 && !call[2].is_null();
  std::string text;
  bool is_first = true;
  for (const Value& element : array.elements) {
    if (element.is_null() && !prints_nulls) continue;
    if (!is_first) text += call[1].text();
    is_first = false;
    text += element.is_null() ? call[2].text() : to_text(call.environment, array.element, element);
  }
  return Value::of(std::move(text));
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t length = character_size(text.front());
    parts.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return parts;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (!separator.empty()) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.push_back(text);
  return parts;
}

std::vector<Value> split_call(const Call& call) {
  const std::string& text = call[0].text();
  if (text.empty()) return {};
  const auto parts = call[1].is_null() ? characters_of(text) : split_at(text, call[1].text());
  const bool has_null = call.size() > 2 && !call[2].is_null();
  std::vector<Value> values;
  for (const std::string_view part : parts) {
    values.push_back(has_null && part == call[2].text() ? Value() : Value::of(part));
  }
  return values;
}

Value string_to_array(Call& call) {
  if (call[0].is_null()) return {};
  return Value::boxed(Array::of(TypeId::text, split_call(call)));
}

constexpr FunctionRow kRows[] = {
    {"array_length", "anyarray int4", "int4", array_length},
    {"array_lower", "anyarray int4", "int4", array_lower},
    {"array_upper", "anyarray int4", "int4", array_upper},
    {"array_ndims", "anyarray", "int4", array_ndims},
    {"array_dims", "anyarray", "text", array_dims},
    {"cardinality", "anyarray", "int4", cardinality},
    {"array_to_string", "anyarray text", "text", array_to_string},
    {"array_to_string", "anyarray text text", "text", array_to_string, false},
    {"string_to_array", "text text", "_text", string_to_array, false},
    {"string_to_array", "text text text", "_text", string_to_array, false},
};

template <class Row>
std::vector<Row> joined(std::initializer_list<std::span<const Row>> parts) {
  std::vector<Row> rows;
  for (const auto& part : parts) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

}  // namespace

TypeId result_element(const Call& call) {
  return call.environment.types().get(call.site.result.id).element;
}

void check_equality(TypeId element) {
  if (element != TypeId::json) return;
  fail(sqlstate::kUndefinedFunction, "could not identify an equality operator for type json");
}

bool is_same_element(const Call& call, TypeId element, const Value& left, const Value& right) {
  check_equality(element);
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  return compare(call.environment.types(), element, left, right) == 0;
}

FunctionFamily array_family() {
  static const std::vector<FunctionRow> kFunctions =
      joined<FunctionRow>({kRows, array_building_rows(), array_searching_rows()});
  static const std::vector<OperatorRow> kOperators =
      joined<OperatorRow>({array_building_operators(), array_searching_operators()});
  return {.functions = kFunctions,
          .operators = kOperators,
          .aggregates = array_aggregate_rows(),
          .set_functions = array_set_rows()};
}

}  // namespace firedrill::sim::postgres
