#pragma once

#include <optional>
#include <vector>

#include "sim/postgres/values/regex_lexer.h"
#include "sim/postgres/values/regex_tree.h"

namespace firedrill::sim::postgres {

/// Recursive descent, as regcomp.c has it: what becomes a piece of its own decides what matches
/// what, so the parts are put together exactly as there.
class RegexParser {
 public:
  RegexParser(std::u32string_view pattern, RegexFlags flags);
  RegexPiece parse();
  std::size_t group_count() const { return groups_.size() - 1; }
  bool has_back_references() const { return has_back_references_; }

 private:
  using Kind = RegexToken::Kind;

  struct Atom {
    bool is_assertion = false;
    /// Captures or refers back: never lumped together with its neighbours.
    bool is_told_apart = false;
    RegexPiece piece = {};
  };
  struct Quantifier {
    int min = 1;
    int max = 1;
    PieceFlags preference = {};
  };
  void advance() { token_ = lexer_.next(group_count()); }
  bool sees(Kind kind) const { return token_.kind == kind; }
  bool at_branch_end(bool is_inner) const;
  RegexPiece parse_alternatives(bool is_inner);
  RegexPiece parse_branch(bool is_inner);
  RegexPiece join(RegexPiece prefix, RegexPiece atom, PieceFlags flags, bool is_inner);
  Atom parse_atom(bool is_inner);
  Atom parse_group();
  Atom parse_look();
  Atom parse_reference();
  Atom terminal(Language language);
  Quantifier parse_quantifier();
  Quantifier parse_bound();
  int parse_count();
  RegexPiece quantified(RegexPiece atom, const Quantifier& quantifier) const;
  CharacterSet parse_brackets();
  CharacterSet parse_bracket_part();
  Language characters(CharacterSet set) const;

  RegexLexer lexer_;
  RegexFlags flags_;
  RegexToken token_;
  /// By number, from 1: what the groups may match; none while one is open.
  std::vector<Language> groups_ = {nullptr};
  int depth_ = 0;
  int joined_ = 0;
  int look_depth_ = 0;
  bool has_back_references_ = false;
};

}  // namespace firedrill::sim::postgres
