#include <algorithm>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

namespace {

Value as_json(const Json* json) {
  return json != nullptr ? Value::boxed(*json) : Value();
}

Value as_text(const Json* json) {
  return json != nullptr ? json_as_text(*json) : Value();
}

const Json* field(const Call& call) {
  return call[0].as<Json>().find(call[1].text());
}

/// A scalar counts as an array of one here, as it does wherever PostgreSQL looks at how it is kept.
const Json* element(const Call& call) {
  const Json& json = call[0].as<Json>();
  const std::int64_t index = call[1].integer();
  if (json.is_scalar()) return index == 0 || index == -1 ? &json : nullptr;
  return json.at(index);
}

Value field_json(Call& call) {
  return as_json(field(call));
}

Value field_text(Call& call) {
  return as_text(field(call));
}

Value element_json(Call& call) {
  return as_json(element(call));
}

Value element_text(Call& call) {
  return as_text(element(call));
}

const Json* step(const Json& json, const Value& path_element) {
  if (path_element.is_null()) return nullptr;
  if (json.is_object()) return json.find(path_element.text());
  const auto index = path_index(path_element.text());
  return index ? json.at(*index) : nullptr;
}

const Json* follow(const Call& call) {
  const std::vector<Value> path = path_of(call, 1);
  if (std::ranges::any_of(path, &Value::is_null)) return nullptr;
  const Json* json = &call[0].as<Json>();
  for (const Value& path_element : path) {
    json = step(*json, path_element);
    if (json == nullptr) break;
  }
  return json;
}

Value path_json(Call& call) {
  return as_json(follow(call));
}

Value path_text(Call& call) {
  return as_text(follow(call));
}

bool equals(const Json& left, const Json& right) {
  return left.type() == right.type() && compare_json(left, right) == 0;
}

bool contains(const Json& json, const Json& wanted);

bool contains_element(const Json& array, const Json& wanted) {
  return std::ranges::any_of(array.elements(), [&](const Json& element) {
    return wanted.is_scalar() ? equals(element, wanted)
                              : element.type() == wanted.type() && contains(element, wanted);
  });
}

bool contains_members(const Json& json, const Json& wanted) {
  return std::ranges::all_of(wanted.members(), [&](const JsonMember& member) {
    const Json* found = json.find(member.key);
    return found != nullptr && found->type() == member.value.type() &&
           contains(*found, member.value);
  });
}

/// Both are of the same type.
bool contains(const Json& json, const Json& wanted) {
  if (json.is_object()) return contains_members(json, wanted);
  if (!json.is_array()) return equals(json, wanted);
  return std::ranges::all_of(wanted.elements(),
                             [&](const Json& element) { return contains_element(json, element); });
}

/// At the top an array may contain a scalar.
bool contains_at_top(const Json& json, const Json& wanted) {
  if (json.is_array() && wanted.is_scalar()) return contains_element(json, wanted);
  return json.is_scalar() == wanted.is_scalar() && json.is_object() == wanted.is_object() &&
         contains(json, wanted);
}

Value contains_right(Call& call) {
  return Value::of(contains_at_top(call[0].as<Json>(), call[1].as<Json>()));
}

Value contains_left(Call& call) {
  return Value::of(contains_at_top(call[1].as<Json>(), call[0].as<Json>()));
}

/// A key of an object, a string in an array, or the string.
bool has_key(const Json& json, const std::string& key) {
  if (json.is_object()) return json.find(key) != nullptr;
  const auto is_key = [&](const Json& each) { return each.is_string() && each.string() == key; };
  return json.is_array() ? std::ranges::any_of(json.elements(), is_key) : is_key(json);
}

Value exists(Call& call) {
  return Value::of(has_key(call[0].as<Json>(), call[1].text()));
}

Value exists_any(Call& call) {
  const Json& json = call[0].as<Json>();
  return Value::of(std::ranges::any_of(call[1].as<Array>().elements, [&](const Value& key) {
    return !key.is_null() && has_key(json, key.text());
  }));
}

Value exists_all(Call& call) {
  const Json& json = call[0].as<Json>();
  return Value::of(std::ranges::all_of(call[1].as<Array>().elements, [&](const Value& key) {
    return key.is_null() || has_key(json, key.text());
  }));
}

Value type_name(Call& call) {
  switch (call[0].as<Json>().type()) {
    case Json::Type::null: return Value::of("null");
    case Json::Type::string: return Value::of("string");
    case Json::Type::number: return Value::of("number");
    case Json::Type::boolean: return Value::of("boolean");
    case Json::Type::array: return Value::of("array");
    case Json::Type::object: return Value::of("object");
  }
  return {};
}

Value array_length(Call& call) {
  const Json& json = call[0].as<Json>();
  if (json.is_scalar()) {
    fail(sqlstate::kInvalidParameterValue, "cannot get array length of a scalar");
  }
  if (!json.is_array()) {
    fail(sqlstate::kInvalidParameterValue, "cannot get array length of a non-array");
  }
  return Value::of(static_cast<std::int64_t>(json.size()));
}

Value pretty(Call& call) {
  return Value::of(print_json_indented(call[0].as<Json>()));
}

constexpr FunctionRow kRows[] = {
    {"jsonb_object_field", "jsonb text", "jsonb", field_json},
    {"jsonb_object_field_text", "jsonb text", "text", field_text},
    {"jsonb_array_element", "jsonb int4", "jsonb", element_json},
    {"jsonb_array_element_text", "jsonb int4", "text", element_text},
    {"jsonb_extract_path", "jsonb variadic _text", "jsonb", path_json},
    {"jsonb_extract_path_text", "jsonb variadic _text", "text", path_text},
    {"jsonb_contains", "jsonb jsonb", "bool", contains_right},
    {"jsonb_contained", "jsonb jsonb", "bool", contains_left},
    {"jsonb_exists", "jsonb text", "bool", exists},
    {"jsonb_exists_any", "jsonb _text", "bool", exists_any},
    {"jsonb_exists_all", "jsonb _text", "bool", exists_all},
    {"jsonb_typeof", "jsonb", "text", type_name},
    {"jsonb_array_length", "jsonb", "int4", array_length},
    {"jsonb_pretty", "jsonb", "text", pretty},
};

constexpr OperatorRow kOperators[] = {
    {"->", "jsonb", "text", "jsonb", field_json},
    {"->>", "jsonb", "text", "text", field_text},
    {"->", "jsonb", "int4", "jsonb", element_json},
    {"->>", "jsonb", "int4", "text", element_text},
    {"#>", "jsonb", "_text", "jsonb", path_json},
    {"#>>", "jsonb", "_text", "text", path_text},
    {"@>", "jsonb", "jsonb", "bool", contains_right},
    {"<@", "jsonb", "jsonb", "bool", contains_left},
    {"?", "jsonb", "text", "bool", exists},
    {"?|", "jsonb", "_text", "bool", exists_any},
    {"?&", "jsonb", "_text", "bool", exists_all},
};

}  // namespace

FunctionFamily json_access_part() {
  return {.functions = kRows, .operators = kOperators};
}

}  // namespace firedrill::sim::postgres
