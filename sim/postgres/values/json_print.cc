#include <string>
#include <string_view>

#include "sim/postgres/values/json.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::size_t kIndentation = 4;

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 0xf];
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) append_escaped(out, c);
  out += '"';
}

class Printer {
 public:
  explicit Printer(bool is_indented) : is_indented_(is_indented) {}

  void print(const Json& json) {
    switch (json.type()) {
      case Json::Type::null: text_ += "null"; return;
      case Json::Type::string: append_quoted(text_, json.string()); return;
      case Json::Type::number: text_ += print_numeric(json.number()); return;
      case Json::Type::boolean: text_ += json.boolean() ? "true" : "false"; return;
      case Json::Type::array: print_array_of_json(json); return;
      case Json::Type::object: print_object(json); return;
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void print_array_of_json(const Json& json) {
    open('[');
    for (const Json& element : json.elements()) {
      separate(&element == json.elements().data());
      print(element);
    }
    close(']');
  }

  void print_object(const Json& json) {
    open('{');
    for (const JsonMember& member : json.members()) {
      separate(&member == json.members().data());
      append_quoted(text_, member.key);
      text_ += ": ";
      print(member.value);
    }
    close('}');
  }

  void open(char bracket) {
    text_ += bracket;
    ++level_;
  }

  void close(char bracket) {
    --level_;
    if (is_indented_) break_line();
    text_ += bracket;
  }

  void separate(bool is_first) {
    if (!is_first) text_ += is_indented_ ? "," : ", ";
    if (is_indented_) break_line();
  }

  void break_line() {
    text_ += '\n';
    text_.append(level_ * kIndentation, ' ');
  }

  std::string text_;
  std::size_t level_ = 0;
  bool is_indented_;
};

std::string print(const Json& json, bool is_indented) {
  Printer printer(is_indented);
  printer.print(json);
  return printer.take();
}

}  // namespace

std::string print_json(const Json& json) {
  return print(json, false);
}

std::string print_json_indented(const Json& json) {
  return print(json, true);
}

std::string quote_json(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

}  // namespace firedrill::sim::postgres
