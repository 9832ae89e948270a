#include <string>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/json_document.h"

namespace firedrill::sim::postgres {

namespace {

using Values = std::vector<Value>;

[[noreturn]] void fail_parameter(std::string message) {
  fail(sqlstate::kInvalidParameterValue, std::move(message));
}

Value pair_of(std::string_view key, Value value, TypeId type) {
  const auto oid = static_cast<std::uint32_t>(type);
  return Value::boxed(Record{.types = {static_cast<std::uint32_t>(TypeId::text), oid},
                             .names = {"key", "value"},
                             .values = {Value::of(key), std::move(value)}});
}

std::span<const Json> elements(const Call& call) {
  const Json& json = call[0].as<Json>();
  if (json.is_scalar()) fail_parameter("cannot extract elements from a scalar");
  if (json.is_object()) fail_parameter("cannot extract elements from an object");
  return json.elements();
}

Values jsonb_array_elements(Call& call) {
  Values values;
  for (const Json& element : elements(call)) values.push_back(Value::boxed(element));
  return values;
}

Values jsonb_array_elements_text(Call& call) {
  Values values;
  for (const Json& element : elements(call)) values.push_back(json_as_text(element));
  return values;
}

std::span<const JsonMember> members(const Call& call, std::string_view function) {
  const Json& json = call[0].as<Json>();
  if (!json.is_object())
    fail_parameter("cannot call " + std::string(function) + " on a non-object");
  return json.members();
}

Values jsonb_each(Call& call) {
  Values values;
  for (const auto& [key, value] : members(call, "jsonb_each")) {
    values.push_back(pair_of(key, Value::boxed(value), TypeId::jsonb));
  }
  return values;
}

Values jsonb_each_text(Call& call) {
  Values values;
  for (const auto& [key, value] : members(call, "jsonb_each_text")) {
    values.push_back(pair_of(key, json_as_text(value), TypeId::text));
  }
  return values;
}

[[noreturn]] void fail_keys(std::string_view function, bool is_array) {
  fail_parameter("cannot call " + std::string(function) + " on " +
                 (is_array ? "an array" : "a scalar"));
}

Values jsonb_object_keys(Call& call) {
  const Json& json = call[0].as<Json>();
  if (!json.is_object()) fail_keys("jsonb_object_keys", json.is_array());
  Values values;
  for (const JsonMember& member : json.members()) values.push_back(Value::of(member.key));
  return values;
}

Value node_json(const JsonNode& node) {
  return Value::of(node.text);
}

Value node_text(const JsonNode& node) {
  if (node.type == Json::Type::null) return {};
  return node.type == Json::Type::string ? Value::of(node.decoded) : Value::of(node.text);
}

JsonNode document(const Call& call) {
  return parse_json_document(call[0].text(), true);
}

Values node_elements(const Call& call, std::string_view function, Value (*read)(const JsonNode&)) {
  const JsonNode node = document(call);
  if (!node.is_array()) {
    fail_parameter("cannot call " + std::string(function) + " on a " +
                   (node.is_object() ? "non-array" : "scalar"));
  }
  Values values;
  for (const JsonNode& child : node.children) values.push_back(read(child));
  return values;
}

Values json_array_elements(Call& call) {
  return node_elements(call, "json_array_elements", node_json);
}

Values json_array_elements_text(Call& call) {
  return node_elements(call, "json_array_elements_text", node_text);
}

Values node_members(const Call& call, TypeId type, Value (*read)(const JsonNode&)) {
  const JsonNode node = document(call);
  if (node.is_array()) fail_parameter("cannot deconstruct an array as an object");
  if (node.is_scalar()) fail_parameter("cannot deconstruct a scalar");
  Values values;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    values.push_back(pair_of(node.keys[i], read(node.children[i]), type));
  }
  return values;
}

Values json_each(Call& call) {
  return node_members(call, TypeId::json, node_json);
}

Values json_each_text(Call& call) {
  return node_members(call, TypeId::text, node_text);
}

Values json_object_keys(Call& call) {
  const JsonNode node = document(call);
  if (!node.is_object()) fail_keys("json_object_keys", node.is_array());
  Values values;
  for (const std::string& key : node.keys) values.push_back(Value::of(key));
  return values;
}

constexpr SetFunctionRow kRows[] = {
    {"jsonb_array_elements", "jsonb", "jsonb", jsonb_array_elements, "value jsonb"},
    {"jsonb_array_elements_text", "jsonb", "text", jsonb_array_elements_text, "value text"},
    {"jsonb_each", "jsonb", "record", jsonb_each, "key text, value jsonb"},
    {"jsonb_each_text", "jsonb", "record", jsonb_each_text, "key text, value text"},
    {"jsonb_object_keys", "jsonb", "text", jsonb_object_keys},
    {"json_array_elements", "json", "json", json_array_elements, "value json"},
    {"json_array_elements_text", "json", "text", json_array_elements_text, "value text"},
    {"json_each", "json", "record", json_each, "key text, value json"},
    {"json_each_text", "json", "record", json_each_text, "key text, value text"},
    {"json_object_keys", "json", "text", json_object_keys},
};

}  // namespace

FunctionFamily json_set_part() {
  return {.set_functions = kRows};
}

}  // namespace firedrill::sim::postgres
