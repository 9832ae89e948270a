#include <optional>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/json.h"
#include "sim/postgres/values/json_document.h"
#include "sim/postgres/values/json_lexer.h"

namespace firedrill::sim::postgres {

namespace {

/// Keeps what is open in a vector of its own: parsing costs no stack.
class Parser {
 public:
  Parser(std::string_view text, bool decodes) : lexer_(text, decodes) {}

  JsonNode parse() {
    lexer_.advance();
    std::optional<JsonNode> value = begin();
    while (!open_.empty()) value = value ? add(std::move(*value)) : begin();
    if (lexer_.token() != JsonToken::end) lexer_.fail_expecting("end of input");
    return std::move(*value);
  }

 private:
  /// A scalar or an empty container; nothing: a container was opened, and its value is next.
  std::optional<JsonNode> begin() {
    switch (lexer_.token()) {
      case JsonToken::object_start: return begin_object();
      case JsonToken::array_start: return begin_array();
      case JsonToken::string: return scalar(Json::Type::string);
      case JsonToken::number: return scalar(Json::Type::number);
      case JsonToken::true_:
      case JsonToken::false_: return scalar(Json::Type::boolean);
      case JsonToken::null: return scalar(Json::Type::null);
      default: lexer_.fail_expecting("JSON value");
    }
  }

  void open(Json::Type type) {
    if (open_.size() == Json::kMaxDepth) fail_nesting();
    JsonNode node;
    node.type = type;
    node.text = lexer_.text().substr(lexer_.start());
    open_.push_back(std::move(node));
    lexer_.advance();
  }

  std::optional<JsonNode> begin_object() {
    open(Json::Type::object);
    if (lexer_.token() == JsonToken::object_end) return close();
    if (lexer_.token() != JsonToken::string) lexer_.fail_expecting("string or \"}\"");
    read_key();
    return std::nullopt;
  }

  std::optional<JsonNode> begin_array() {
    open(Json::Type::array);
    if (lexer_.token() == JsonToken::array_end) return close();
    return std::nullopt;
  }

  JsonNode scalar(Json::Type type) {
    JsonNode node;
    node.type = type;
    node.text = lexer_.token_text();
    if (type == Json::Type::string) node.decoded = lexer_.decoded();
    lexer_.advance();
    return node;
  }

  void read_key() {
    if (lexer_.token() != JsonToken::string) lexer_.fail_expecting("string");
    open_.back().keys.push_back(lexer_.decoded());
    lexer_.advance();
    if (lexer_.token() != JsonToken::colon) lexer_.fail_expecting("\":\"");
    lexer_.advance();
  }

  /// The innermost container with `value` added, if it ends here; nothing: another value is next.
  std::optional<JsonNode> add(JsonNode value) {
    JsonNode& parent = open_.back();
    parent.children.push_back(std::move(value));
    if (lexer_.token() == JsonToken::comma) {
      lexer_.advance();
      if (parent.is_object()) read_key();
      return std::nullopt;
    }
    const JsonToken closing = parent.is_object() ? JsonToken::object_end : JsonToken::array_end;
    if (lexer_.token() != closing) {
      lexer_.fail_expecting(parent.is_object() ? "\",\" or \"}\"" : "\",\" or \"]\"");
    }
    return close();
  }

  JsonNode close() {
    JsonNode node = std::move(open_.back());
    open_.pop_back();
    lexer_.advance();
    const char* end = lexer_.text().data() + lexer_.previous_end();
    node.text = node.text.substr(0, static_cast<std::size_t>(end - node.text.data()));
    return node;
  }

  JsonLexer lexer_;
  std::vector<JsonNode> open_;
};

Json to_tree(JsonNode&& node);

Json to_array(JsonNode&& node) {
  Json::Elements elements;
  elements.reserve(node.children.size());
  for (JsonNode& child : node.children) elements.push_back(to_tree(std::move(child)));
  return Json::array(std::move(elements));
}

Json to_object(JsonNode&& node) {
  Json::Members members;
  members.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    members.push_back({std::move(node.keys[i]), to_tree(std::move(node.children[i]))});
  }
  return Json::object(std::move(members));
}

Json to_tree(JsonNode&& node) {
  switch (node.type) {
    case Json::Type::null: return {};
    case Json::Type::string: return Json::of(std::move(node.decoded));
    case Json::Type::number: return Json::of(parse_numeric(node.text));
    case Json::Type::boolean: return Json::of(node.text == "true");
    case Json::Type::array: return to_array(std::move(node));
    case Json::Type::object: return to_object(std::move(node));
  }
  return {};
}

}  // namespace

JsonNode parse_json_document(std::string_view text, bool decodes) {
  return Parser(text, decodes).parse();
}

Json parse_json(std::string_view text) {
  return to_tree(parse_json_document(text, true));
}

void check_json_text(std::string_view text) {
  parse_json_document(text, false);
}

}  // namespace firedrill::sim::postgres
