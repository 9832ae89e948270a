#include <algorithm>
#include <string_view>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/json_document.h"

namespace firedrill::sim::postgres {

namespace {

Value as_json(const JsonNode* node) {
  return node != nullptr ? Value::of(node->text) : Value();
}

Value as_text(const JsonNode* node) {
  if (node == nullptr || node->type == Json::Type::null) return {};
  return Value::of(node->type == Json::Type::string ? std::string_view(node->decoded) : node->text);
}

const JsonNode* element_at(const JsonNode& node, std::int64_t index) {
  const auto count = static_cast<std::int64_t>(node.children.size());
  if (index < 0) index += count;
  if (!node.is_array() || index < 0 || index >= count) return nullptr;
  return &node.children[static_cast<std::size_t>(index)];
}

/// Of fields with the same name the last one that has the rest of the path.
const JsonNode* follow(const JsonNode& node, std::span<const Value> path) {
  if (path.empty()) return &node;
  const std::string& step = path.front().text();
  const std::span<const Value> rest = path.subspan(1);
  if (node.is_array()) {
    const auto index = path_index(step);
    const JsonNode* element = index ? element_at(node, *index) : nullptr;
    return element != nullptr ? follow(*element, rest) : nullptr;
  }
  const JsonNode* found = nullptr;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i] != step) continue;
    const JsonNode* candidate = follow(node.children[i], rest);
    if (candidate != nullptr) found = candidate;
  }
  return found;
}

JsonNode document(const Call& call) {
  return parse_json_document(call[0].text(), true);
}

using Reading = Value (*)(const JsonNode*);

Value read_field(const Call& call, Reading read) {
  const JsonNode node = document(call);
  return read(node.is_object() ? follow(node, {&call[1], 1}) : nullptr);
}

Value read_element(const Call& call, Reading read) {
  const JsonNode node = document(call);
  return read(element_at(node, call[1].integer()));
}

Value read_path(const Call& call, Reading read) {
  const std::vector<Value> path = path_of(call, 1);
  if (std::ranges::any_of(path, &Value::is_null)) return {};
  const JsonNode node = document(call);
  return read(follow(node, path));
}

Value field_json(Call& call) {
  return read_field(call, as_json);
}

Value field_text(Call& call) {
  return read_field(call, as_text);
}

Value element_json(Call& call) {
  return read_element(call, as_json);
}

Value element_text(Call& call) {
  return read_element(call, as_text);
}

Value path_json(Call& call) {
  return read_path(call, as_json);
}

Value path_text(Call& call) {
  return read_path(call, as_text);
}

Value type_name(Call& call) {
  const std::string& text = call[0].text();
  switch (text[text.find_first_not_of(" \t\n\r")]) {
    case '{': return Value::of("object");
    case '[': return Value::of("array");
    case '"': return Value::of("string");
    case 't':
    case 'f': return Value::of("boolean");
    case 'n': return Value::of("null");
    default: return Value::of("number");
  }
}

Value array_length(Call& call) {
  const JsonNode node = parse_json_document(call[0].text(), false);
  if (node.is_scalar()) {
    fail(sqlstate::kInvalidParameterValue, "cannot get array length of a scalar");
  }
  if (!node.is_array()) {
    fail(sqlstate::kInvalidParameterValue, "cannot get array length of a non-array");
  }
  return Value::of(static_cast<std::int64_t>(node.children.size()));
}

void write_without_nulls(const JsonNode& node, std::string& out) {
  if (node.type == Json::Type::string) {
    out += quote_json(node.decoded);
    return;
  }
  if (node.is_scalar()) {
    out += node.text;
    return;
  }
  out += node.is_object() ? '{' : '[';
  bool is_first = true;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (node.is_object() && node.children[i].type == Json::Type::null) continue;
    if (!is_first) out += ',';
    is_first = false;
    if (node.is_object()) out += quote_json(node.keys[i]) + ":";
    write_without_nulls(node.children[i], out);
  }
  out += node.is_object() ? '}' : ']';
}

Value strip_nulls(Call& call) {
  std::string out;
  write_without_nulls(document(call), out);
  return Value::of(std::move(out));
}

constexpr FunctionRow kRows[] = {
    {"json_object_field", "json text", "json", field_json},
    {"json_object_field_text", "json text", "text", field_text},
    {"json_array_element", "json int4", "json", element_json},
    {"json_array_element_text", "json int4", "text", element_text},
    {"json_extract_path", "json variadic _text", "json", path_json},
    {"json_extract_path_text", "json variadic _text", "text", path_text},
    {"json_typeof", "json", "text", type_name},
    {"json_array_length", "json", "int4", array_length},
    {"json_strip_nulls", "json", "json", strip_nulls},
};

constexpr OperatorRow kOperators[] = {
    {"->", "json", "text", "json", field_json},   {"->>", "json", "text", "text", field_text},
    {"->", "json", "int4", "json", element_json}, {"->>", "json", "int4", "text", element_text},
    {"#>", "json", "_text", "json", path_json},   {"#>>", "json", "_text", "text", path_text},
};

}  // namespace

FunctionFamily json_text_part() {
  return {.functions = kRows, .operators = kOperators};
}

}  // namespace firedrill::sim::postgres
