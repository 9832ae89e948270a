#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a regular expression is parsed into. Internal to values/regular_expression.cc and the files
/// beside it; the design is that of Henry Spencer's library, which PostgreSQL has: a tree of
/// pieces, each with an automaton for the language that it stands for.
namespace firedrill::sim::postgres {

[[noreturn]] void fail_regex(std::string_view what);

/// A set of characters.
class CharacterSet {
 public:
  void add(char32_t first, char32_t last);
  void add(const CharacterSet& other);
  /// Adds the other case of each ASCII letter that is in it.
  void fold_case();
  CharacterSet complement() const;
  bool contains(char32_t character) const;

 private:
  void normalize();
  std::vector<std::pair<char32_t, char32_t>> ranges_;  ///< sorted, apart from each other
};

/// [:name:] of the locale C. Throws for a name that is none.
CharacterSet character_class(std::u32string_view name, bool ignores_case);

bool is_word_character(char32_t character);

enum class Assertion : std::uint8_t {
  line_begin,
  line_end,
  line_begin_or_newline,  ///< ^ and $ of newline-sensitive matching
  line_end_or_newline,
  word_begin,
  word_end,
  word_boundary,
  no_word_boundary,
  look_ahead,
  no_look_ahead,
  look_behind,
  no_look_behind,
};

struct RegexLanguage;
using Language = std::shared_ptr<const RegexLanguage>;

/// A regular language, with assertions; no captures, no preferences.
struct RegexLanguage {
  enum class Kind : std::uint8_t { characters, sequence, alternatives, repeat, assertion };
  static constexpr int kUnlimited = -1;

  Kind kind = Kind::sequence;
  CharacterSet characters = {};
  std::vector<Language> parts = {};  ///< of repeat and of looking around: one
  int min = 1;
  int max = 1;
  Assertion assertion = Assertion::line_begin;
};

Language sequence_of(std::vector<Language> parts);
Language alternatives_of(std::vector<Language> parts);
Language repeat_of(Language part, int min, int max);
Language characters_of(CharacterSet set);
Language assertion_of(Assertion assertion, Language part = nullptr);
/// What a back reference may match: the group's text, wherever it stands.
Language without_assertions(const Language& language);

/// A nondeterministic automaton, as Thompson made them.
struct RegexProgram {
  enum class Op : std::uint8_t { characters, split, jump, assertion, accept };
  struct State {
    Op op = Op::accept;
    std::uint32_t next = 0;
    std::uint32_t other = 0;  ///< of split
    std::uint32_t index = 0;  ///< into `sets` or `looks`
    Assertion assertion = Assertion::line_begin;
  };
  std::vector<State> states;  ///< the first is where it begins
  std::vector<CharacterSet> sets;
  std::vector<RegexProgram> looks;  ///< of looking around
};

/// Throws where bounds make it too large.
RegexProgram compile(const RegexLanguage& language);

/// Which preferences and what else a piece has; the letters are those of the original.
struct PieceFlags {
  bool longer = false;
  bool shorter = false;
  bool mixed = false;
  bool captures = false;
  bool refers_back = false;
  bool has_preference() const { return longer || shorter; }
  /// Its parts must be told from each other, to say what matched what.
  bool is_messy() const { return mixed || captures || refers_back; }
};

/// A part of the expression that is told from others: because it captures, ...
struct RegexPiece {
  enum class Op : std::uint8_t {
    terminal,
    concatenation,
    alternatives,
    iteration,
    group,
    reference
  };
  Op op = Op::terminal;
  PieceFlags flags = {};
  std::size_t capture = 0;    ///< the group that it is; 0: none
  std::size_t reference = 0;  ///< the group that it repeats
  bool ignores_case = false;
  int min = 1;
  int max = 1;
  Language language = {};
  RegexProgram program = {};
  std::vector<RegexPiece> children = {};
};

}  // namespace firedrill::sim::postgres
