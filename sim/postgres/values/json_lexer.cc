#include "sim/postgres/values/json_lexer.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_json(std::string detail) {
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidTextRepresentation),
                 .message = "invalid input syntax for type json",
                 .detail = std::move(detail)};
}

[[noreturn]] void fail_code_point_zero() {
  throw SqlError{.sqlstate = "22P05",
                 .message = "unsupported Unicode escape sequence",
                 .detail = "\\u0000 cannot be converted to text."};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What belongs to a word, be it for the sake of a message only.
bool is_word(char c) {
  return is_ascii_digit(c) || is_ascii_letter(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// -1: no hexadecimal digit.
int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// 0: it may not stand after a backslash.
char unescaped(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

std::string hex_byte(char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {kHex[byte >> 4], kHex[byte & 0xf]};
}

}  // namespace

void JsonLexer::advance() {
  previous_end_ = end_;
  while (!at_end() && is_blank(current())) ++end_;
  start_ = end_;
  if (at_end()) {
    token_ = JsonToken::end;
    return;
  }
  const auto punctuation = [&](JsonToken token) {
    ++end_;
    token_ = token;
  };
  switch (current()) {
    case '{': return punctuation(JsonToken::object_start);
    case '}': return punctuation(JsonToken::object_end);
    case '[': return punctuation(JsonToken::array_start);
    case ']': return punctuation(JsonToken::array_end);
    case ',': return punctuation(JsonToken::comma);
    case ':': return punctuation(JsonToken::colon);
    case '"': return lex_string();
    default: break;
  }
  if (current() == '-' || is_ascii_digit(current())) return lex_number();
  lex_word();
}

void JsonLexer::fail_expecting(std::string_view expected) const {
  if (token_ == JsonToken::end) fail_json("The input string ended unexpectedly.");
  fail_json("Expected " + std::string(expected) + ", but found \"" + std::string(token_text()) +
            "\".");
}

void JsonLexer::fail_token() const {
  fail_json("Token \"" + std::string(token_text()) + "\" is invalid.");
}

void JsonLexer::lex_string() {
  token_ = JsonToken::string;
  decoded_.clear();
  high_surrogate_ = 0;
  ++end_;
  while (true) {
    if (at_end()) fail_token();
    if (current() == '"') break;
    if (current() == '\\') {
      lex_escape();
    } else {
      lex_plain();
    }
  }
  refuse_lone_surrogate();
  ++end_;
}

void JsonLexer::refuse_lone_surrogate() const {
  if (high_surrogate_ != 0) fail_json("Unicode low surrogate must follow a high surrogate.");
}

void JsonLexer::lex_plain() {
  if (static_cast<unsigned char>(current()) < 0x20) {
    fail_json("Character with value 0x" + hex_byte(current()) + " must be escaped.");
  }
  refuse_lone_surrogate();
  if (decodes_) decoded_ += current();
  ++end_;
}

void JsonLexer::lex_escape() {
  ++end_;
  if (at_end()) fail_token();
  if (current() == 'u') return lex_unicode();
  refuse_lone_surrogate();
  const char meant = unescaped(current());
  if (meant == 0) {
    fail_json("Escape sequence \"\\" + std::string(text_.substr(end_, character_size(current()))) +
              "\" is invalid.");
  }
  if (decodes_) decoded_ += meant;
  ++end_;
}

void JsonLexer::lex_unicode() {
  ++end_;
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i, ++end_) {
    if (at_end()) fail_token();
    const int digit = hex_value(current());
    if (digit < 0) fail_json("\"\\u\" must be followed by four hexadecimal digits.");
    unit = unit * 16 + static_cast<std::uint32_t>(digit);
  }
  if (decodes_) add_unit(unit);
}

void JsonLexer::add_unit(std::uint32_t unit) {
  if (unit >= 0xd800 && unit <= 0xdbff) {
    if (high_surrogate_ != 0) {
      fail_json("Unicode high surrogate must not follow a high surrogate.");
    }
    high_surrogate_ = unit;
    return;
  }
  if (unit >= 0xdc00 && unit <= 0xdfff) {
    if (high_surrogate_ == 0) fail_json("Unicode low surrogate must follow a high surrogate.");
    unit = 0x10000 + ((high_surrogate_ & 0x3ff) << 10) + (unit & 0x3ff);
    high_surrogate_ = 0;
  }
  refuse_lone_surrogate();
  if (unit == 0) fail_code_point_zero();
  append_utf8(decoded_, char32_t{unit});
}

bool JsonLexer::skip_digits() {
  const std::size_t first = end_;
  while (!at_end() && is_ascii_digit(current())) ++end_;
  return end_ > first;
}

void JsonLexer::lex_number() {
  token_ = JsonToken::number;
  if (current() == '-') ++end_;
  bool is_valid = true;
  if (!at_end() && current() == '0') {
    ++end_;
  } else {
    is_valid = skip_digits();
  }
  if (!at_end() && current() == '.') {
    ++end_;
    is_valid = skip_digits() && is_valid;
  }
  if (!at_end() && (current() == 'e' || current() == 'E')) {
    ++end_;
    if (!at_end() && (current() == '+' || current() == '-')) ++end_;
    is_valid = skip_digits() && is_valid;
  }
  for (; !at_end() && is_word(current()); ++end_) is_valid = false;
  if (!is_valid) fail_token();
}

void JsonLexer::lex_word() {
  while (!at_end() && is_word(current())) ++end_;
  if (end_ == start_) {
    ++end_;
    fail_token();
  }
  const std::string_view word = token_text();
  if (word == "true") {
    token_ = JsonToken::true_;
  } else if (word == "false") {
    token_ = JsonToken::false_;
  } else if (word == "null") {
    token_ = JsonToken::null;
  } else {
    fail_token();
  }
}

}  // namespace firedrill::sim::postgres
