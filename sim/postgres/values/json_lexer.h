#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

enum class JsonToken : std::uint8_t {
  object_start,
  object_end,
  array_start,
  array_end,
  comma,
  colon,
  string,
  number,
  true_,
  false_,
  null,
  end,
};

/// The tokens of a JSON text, one after the other, as PostgreSQL finds and refuses them.
class JsonLexer {
 public:
  /// `decodes`: strings are decoded, and what cannot be decoded (\u0000, half a surrogate pair) is
  /// refused; else only their form is looked at.
  JsonLexer(std::string_view text, bool decodes) : text_(text), decodes_(decodes) {}

  /// Reads the next one. Throws 22P02, 22P05.
  void advance();

  JsonToken token() const { return token_; }
  std::string_view token_text() const { return text_.substr(start_, end_ - start_); }
  /// What the string says, that is now the token.
  const std::string& decoded() const { return decoded_; }
  /// Where the token starts, and where the one before it ended.
  std::size_t start() const { return start_; }
  std::size_t previous_end() const { return previous_end_; }
  std::string_view text() const { return text_; }

  /// Throws: `expected` and then the token that is there instead.
  [[noreturn]] void fail_expecting(std::string_view expected) const;

 private:
  bool at_end() const { return end_ >= text_.size(); }
  char current() const { return text_[end_]; }
  void lex_string();
  void lex_escape();
  void lex_unicode();
  void add_unit(std::uint32_t unit);
  void lex_plain();
  void refuse_lone_surrogate() const;
  void lex_number();
  bool skip_digits();
  void lex_word();
  [[noreturn]] void fail_token() const;

  std::string_view text_;
  bool decodes_;
  JsonToken token_ = JsonToken::end;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  std::size_t previous_end_ = 0;
  std::string decoded_;
  /// The first half of a surrogate pair; 0: none is open.
  std::uint32_t high_surrogate_ = 0;
};

}  // namespace firedrill::sim::postgres
