#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::lua {

/// A syntax error in Lua 5.1's words, "user_script:1: unexpected symbol near 'x'". Thrown by lexer
/// and translator, caught in translate().
struct SyntaxError {
  std::string message;
};

/// A token of Lua 5.1.
struct Token {
  enum class Kind : std::uint8_t { end, name, keyword, symbol, number, string };

  Kind kind = Kind::end;
  std::string_view text;  ///< as it stands in the source
  std::string value;      ///< Kind::string: what it denotes
  double number = 0;      ///< Kind::number
  int line = 1;           ///< where the token ends

  /// What messages show of it: a quoted string's text is what it denotes.
  std::string shown() const {
    const bool is_quoted = kind == Kind::string && !text.starts_with('[');
    return is_quoted ? text.front() + value + text.front() : std::string(text);
  }

  bool is(std::string_view word) const {
    return (kind == Kind::keyword || kind == Kind::symbol) && text == word;
  }
};

/// Splits Lua 5.1 source into tokens. The source outlives the tokens.
class Lexer {
 public:
  Lexer(std::string_view source, std::string_view chunk_name);

  /// The next token; Kind::end for ever once the source is used up.
  Token next();

  /// `near` is the token's text; empty means the end of the source.
  [[noreturn]] void fail(std::string_view what, std::string_view near, int line) const;
  /// The same near nothing.
  [[noreturn]] void fail(const std::string& what, int line) const;

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool done() const { return at_ >= source_.size(); }
  void skip_blanks();
  void skip_newline();
  void skip_comment();
  /// The level of the long bracket that begins here, or -1.
  int long_bracket_level() const;
  std::string read_long_bracket(int level, const char* unfinished);
  void read_name(Token& token);
  void read_number(Token& token);
  void read_string(Token& token);
  void read_escape(std::string& value, char quote);
  void read_symbol(Token& token);

  std::string_view source_;
  std::string_view chunk_name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace firedrill::lua
