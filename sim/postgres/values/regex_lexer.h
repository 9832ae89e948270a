#pragma once

#include <string>
#include <string_view>

#include "sim/postgres/values/regex_tree.h"
#include "sim/postgres/values/regular_expression.h"

namespace firedrill::sim::postgres {

struct RegexToken {
  enum class Kind : std::uint8_t {
    end,
    plain,        ///< `character`
    alternative,  ///< |
    star,         ///< these with `is_greedy`
    plus,
    optional,
    bound_begin,  ///< {
    bound_end,    ///< }, with `is_greedy`
    digit,        ///< within a bound: `number`
    comma,
    group_begin,    ///< (
    look_begin,     ///< (?= and the like: `assertion`
    group_end,      ///< )
    bracket_begin,  ///< [ or [^: `is_negated`
    bracket_end,
    range,            ///< - within brackets
    character_class,  ///< [:name:], \d: `set`
    collating,        ///< [.x.]: `character`
    equivalence,      ///< [=x=]: `character`
    any,              ///< .
    assertion,        ///< ^ $ \A \m ...: `assertion`
    back_reference,   ///< `number`
  };
  Kind kind = Kind::end;
  char32_t character = 0;
  std::size_t number = 0;
  bool is_greedy = true;
  bool is_captured = false;
  bool is_negated = false;
  Assertion assertion = Assertion::line_begin;
  CharacterSet set = {};
};

/// Splits a pattern into tokens; options that it begins with are read first of all.
class RegexLexer {
 public:
  RegexLexer(std::u32string_view pattern, RegexFlags flags);
  const RegexFlags& flags() const { return flags_; }
  /// `groups`: how many there have been so far. It decides what \12 is.
  RegexToken next(std::size_t groups);

 private:
  enum class Context : std::uint8_t { outside, bound, brackets };

  bool at_end() const { return at_ >= pattern_.size(); }
  bool sees(std::u32string_view what) const { return pattern_.substr(at_).starts_with(what); }
  bool take(char32_t character);
  void read_prefix();
  void read_options();
  void set_option(char32_t letter);
  void skip_blanks();
  void skip_comment();
  RegexToken outside(std::size_t groups);
  RegexToken quantifier(RegexToken::Kind kind);
  RegexToken open_group(std::size_t groups);
  RegexToken open_brackets();
  RegexToken in_bound();
  RegexToken in_brackets(std::size_t groups);
  RegexToken named_in_brackets(char32_t kind);
  RegexToken bracket_escape(std::size_t groups);
  RegexToken escape(std::size_t groups);
  RegexToken numbered_escape(char32_t letter, std::size_t groups);
  RegexToken class_escape(std::u32string_view name, bool is_negated) const;
  char32_t digits(unsigned base, std::size_t least, std::size_t most);
  RegexToken line_assertion(Assertion plain, Assertion with_newlines) const;

  std::u32string_view pattern_;
  RegexFlags flags_;
  std::size_t at_ = 0;
  Context context_ = Context::outside;
  RegexToken::Kind last_ = RegexToken::Kind::end;
};

}  // namespace firedrill::sim::postgres
