#include "lua/compat/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "lua/compat/number_text.h"

namespace firedrill::lua {

namespace {

constexpr std::array<std::string_view, 21> kKeywords = {
    "and",   "break", "do",  "else", "elseif", "end",    "false", "for",  "function", "if",   "in",
    "local", "nil",   "not", "or",   "repeat", "return", "then",  "true", "until",    "while"};

constexpr std::array<std::string_view, 7> kLongSymbols = {"...", "..", "==", "~=", "<=", ">=", "="};

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}
bool is_newline(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

Lexer::Lexer(std::string_view source, std::string_view chunk_name)
    : source_(source), chunk_name_(chunk_name) {}

void Lexer::fail(std::string_view what, std::string_view near, int line) const {
  std::string message(what);
  if (near == std::string_view("\0", 1)) fail(message, line);  // 5.1 takes it for no token
  near = near.substr(0, near.find('\0'));
  message += " near '";
  if (near.size() == 1 && std::iscntrl(static_cast<unsigned char>(near[0]))) {
    message += "char(" + std::to_string(static_cast<int>(near[0])) + ")";
  } else {
    message += near.empty() ? "<eof>" : near;
  }
  fail(message + "'", line);
}

void Lexer::fail(const std::string& what, int line) const {
  throw SyntaxError{std::string(chunk_name_) + ":" + std::to_string(line) + ": " + what};
}

void Lexer::skip_newline() {
  const char first = source_[at_++];
  if (!done() && is_newline(peek()) && peek() != first) ++at_;  // \r\n and \n\r are one
  ++line_;
}

void Lexer::skip_blanks() {
  while (!done()) {
    if (is_newline(peek())) {
      skip_newline();
    } else if (std::isspace(static_cast<unsigned char>(peek()))) {
      ++at_;
    } else if (peek() == '-' && peek(1) == '-') {
      skip_comment();
    } else {
      return;
    }
  }
}

void Lexer::skip_comment() {
  at_ += 2;
  const int level = long_bracket_level();
  if (level >= 0) {
    read_long_bracket(level, "unfinished long comment");
    return;
  }
  while (!done() && !is_newline(peek())) ++at_;
}

int Lexer::long_bracket_level() const {
  if (peek() != '[') return -1;
  std::size_t equals = 0;
  while (peek(1 + equals) == '=') ++equals;
  return peek(1 + equals) == '[' ? static_cast<int>(equals) : -1;
}

std::string Lexer::read_long_bracket(int level, const char* unfinished) {
  const std::string closing = "]" + std::string(static_cast<std::size_t>(level), '=') + "]";
  at_ += static_cast<std::size_t>(level) + 2;
  if (!done() && is_newline(peek())) skip_newline();
  std::string value;
  while (source_.substr(at_, closing.size()) != closing) {
    if (done()) fail(unfinished, "", line_);
    if (is_newline(peek())) {
      skip_newline();
      value += '\n';
    } else {
      value += source_[at_++];
    }
  }
  at_ += closing.size();
  return value;
}

Token Lexer::next() {
  skip_blanks();
  Token token;
  const std::size_t start = at_;
  if (!done()) {
    const char c = peek();
    if (is_name_start(c)) {
      read_name(token);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      read_number(token);
    } else if (c == '"' || c == '\'') {
      read_string(token);
    } else if (const int level = long_bracket_level(); level >= 0) {
      token.kind = Token::Kind::string;
      token.value = read_long_bracket(level, "unfinished long string");
    } else if (c == '[' && peek(1) == '=') {
      const std::size_t stop = std::min(source_.find_first_not_of('=', at_ + 1), source_.size());
      fail("invalid long string delimiter", source_.substr(at_, stop - at_), line_);
    } else {
      read_symbol(token);
    }
  }
  token.text = source_.substr(start, at_ - start);
  token.line = line_;
  return token;
}

void Lexer::read_name(Token& token) {
  const std::size_t start = at_;
  while (!done() && is_name_part(peek())) ++at_;
  const std::string_view word = source_.substr(start, at_ - start);
  const bool is_keyword = std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
  token.kind = is_keyword ? Token::Kind::keyword : Token::Kind::name;
}

void Lexer::read_number(Token& token) {
  const std::size_t start = at_;
  while (!done() && (is_digit(peek()) || peek() == '.')) ++at_;
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
  }
  while (!done() && is_name_part(peek())) ++at_;
  const std::string_view text = source_.substr(start, at_ - start);
  const auto number = parse_number(text);
  if (!number) fail("malformed number", text, line_);
  token.kind = Token::Kind::number;
  token.number = *number;
}

void Lexer::read_string(Token& token) {
  const char quote = source_[at_++];
  token.kind = Token::Kind::string;
  for (;;) {
    if (done()) fail("unfinished string", "", line_);
    const char c = peek();
    if (is_newline(c)) fail("unfinished string", quote + token.value, line_);
    ++at_;
    if (c == quote) return;
    if (c == '\\') {
      read_escape(token.value, quote);
    } else {
      token.value += c;
    }
  }
}

/// Lua 5.1 knows fewer escapes than 5.4: "\x41" is "x41" there.
void Lexer::read_escape(std::string& value, char quote) {
  if (done()) return;
  const char c = peek();
  if (is_newline(c)) {
    skip_newline();
    value += '\n';
    return;
  }
  if (is_digit(c)) {
    int code = 0;
    for (int i = 0; i < 3 && is_digit(peek()); ++i) code = code * 10 + (source_[at_++] - '0');
    if (code > 255) fail("escape sequence too large", quote + value, line_);
    value += static_cast<char>(code);
    return;
  }
  constexpr std::string_view kNames = "abfnrtv";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
  const std::size_t known = kNames.find(c);
  value += known == kNames.npos ? c : kMeanings[known];
  ++at_;
}

void Lexer::read_symbol(Token& token) {
  token.kind = Token::Kind::symbol;
  const std::string_view rest = source_.substr(at_);
  for (const std::string_view symbol : kLongSymbols) {
    if (rest.starts_with(symbol)) {
      at_ += symbol.size();
      return;
    }
  }
  ++at_;
}

}  // namespace firedrill::lua
