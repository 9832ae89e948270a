#include "sim/postgres/values/regex_parser.h"

#include <utility>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

constexpr int kUnlimited = RegexLanguage::kUnlimited;
constexpr int kMaxCount = 255;
/// How deep groups may stand within each other, and how many parts may have to be told apart: the
/// stack of a fiber bears no more where sanitizers watch. The server goes as far as its own does.
constexpr int kMaxDepth = 60;
constexpr int kMaxJoined = 100;

using Op = RegexPiece::Op;

/// What a whole has of its parts: all but the preferences, which only may clash.
PieceFlags merged(PieceFlags left, PieceFlags right) {
  const bool longer = left.longer || right.longer;
  const bool shorter = left.shorter || right.shorter;
  return {.mixed = left.mixed || right.mixed || (longer && shorter),
          .captures = left.captures || right.captures,
          .refers_back = left.refers_back || right.refers_back};
}

/// And the preference of the first part that has one.
PieceFlags combined(PieceFlags left, PieceFlags right) {
  PieceFlags flags = merged(left, right);
  const PieceFlags& first = left.has_preference() ? left : right;
  flags.longer = first.longer;
  flags.shorter = first.shorter;
  return flags;
}

PieceFlags united(PieceFlags left, PieceFlags right) {
  PieceFlags flags = merged(left, right);
  flags.longer = left.longer || right.longer;
  flags.shorter = left.shorter || right.shorter;
  return flags;
}

PieceFlags preference(bool is_greedy) {
  return {.longer = is_greedy, .shorter = !is_greedy};
}

RegexPiece concatenation(RegexPiece left, RegexPiece right, PieceFlags flags) {
  RegexPiece piece{.op = Op::concatenation,
                   .flags = flags,
                   .language = sequence_of({left.language, right.language})};
  piece.children.push_back(std::move(left));
  piece.children.push_back(std::move(right));
  return piece;
}

RegexPiece terminal_piece(Language language, PieceFlags flags) {
  flags.mixed = flags.captures = flags.refers_back = false;
  return {.flags = flags, .language = std::move(language)};
}

bool is_empty(const RegexPiece& piece) {
  return piece.language->kind == RegexLanguage::Kind::sequence && piece.language->parts.empty();
}

}  // namespace

RegexParser::RegexParser(std::u32string_view pattern, RegexFlags flags)
    : lexer_(pattern, flags), flags_(lexer_.flags()) {
  advance();
}

RegexPiece RegexParser::parse() {
  return parse_alternatives(false);
}

bool RegexParser::at_branch_end(bool is_inner) const {
  return sees(Kind::alternative) || sees(Kind::end) || (is_inner && sees(Kind::group_end));
}

RegexPiece RegexParser::parse_alternatives(bool is_inner) {
  if (++depth_ > kMaxDepth) unsupported("a regular expression of so many levels");
  RegexPiece whole{.op = Op::alternatives, .flags = {.longer = true}};
  std::vector<Language> languages;
  for (;;) {
    RegexPiece branch = parse_branch(is_inner);
    const PieceFlags merged_flags = merged(whole.flags, branch.flags);
    whole.flags = united(whole.flags, merged_flags);
    languages.push_back(branch.language);
    whole.children.push_back(std::move(branch));
    if (!sees(Kind::alternative)) break;
    advance();
  }
  if (is_inner && !sees(Kind::group_end)) fail_regex("parentheses () not balanced");
  --depth_;
  if (whole.children.size() == 1) return std::exchange(whole.children[0], {});
  whole.language = alternatives_of(std::move(languages));
  if (whole.flags.is_messy()) return whole;
  return terminal_piece(whole.language, whole.flags);
}

/// Parts that need not be told apart are lumped together into one; the first that must be ends
/// that, and what follows it is parsed as a branch of its own.
RegexPiece RegexParser::parse_branch(bool is_inner) {
  std::vector<Language> lump;
  PieceFlags flags;
  while (!at_branch_end(is_inner)) {
    Atom atom = parse_atom(is_inner);
    if (atom.is_assertion) {
      lump.push_back(atom.piece.language);
      continue;
    }
    const Quantifier quantifier = parse_quantifier();
    if (quantifier.max == 0) continue;
    const PieceFlags all = united(united(flags, quantifier.preference), atom.piece.flags);
    if (!atom.is_told_apart && !all.is_messy()) {
      lump.push_back(repeat_of(atom.piece.language, quantifier.min, quantifier.max));
      flags = all;
      continue;
    }
    const PieceFlags atom_flags = combined(quantifier.preference, atom.piece.flags);
    return join(terminal_piece(sequence_of(std::move(lump)), flags),
                quantified(std::move(atom.piece), quantifier), atom_flags, is_inner);
  }
  return terminal_piece(sequence_of(std::move(lump)), flags);
}

RegexPiece RegexParser::join(RegexPiece prefix, RegexPiece atom, PieceFlags flags, bool is_inner) {
  if (++joined_ > kMaxJoined) unsupported("a regular expression of so many groups");
  RegexPiece rest = std::move(atom);
  if (!at_branch_end(is_inner)) {
    RegexPiece following = parse_branch(is_inner);
    flags = united(flags, merged(flags, following.flags));
    if (!flags.has_preference()) flags = combined(flags, following.flags);
    rest = concatenation(std::move(rest), std::move(following), flags);
  }
  if (is_empty(prefix)) return rest;
  const PieceFlags all = combined(prefix.flags, flags);
  return concatenation(std::move(prefix), std::move(rest), all);
}

RegexPiece RegexParser::quantified(RegexPiece atom, const Quantifier& quantifier) const {
  const auto [min, max, preferred] = quantifier;
  const PieceFlags flags = combined(preferred, atom.flags);
  const Language language = repeat_of(atom.language, min, max);
  if (atom.op == Op::reference && atom.capture == 0) {
    atom.min = min;
    atom.max = max;
    atom.flags = united(atom.flags, flags);
    atom.language = language;
    return atom;
  }
  const bool is_same = !preferred.has_preference() || !atom.flags.has_preference() ||
                       (preferred.longer == atom.flags.longer &&
                        preferred.shorter == atom.flags.shorter && !atom.flags.mixed);
  if (min == 1 && max == 1 && is_same) return atom;
  if (!atom.flags.captures && !atom.flags.refers_back) return terminal_piece(language, flags);
  if (min > 0 && !atom.flags.refers_back) {
    // Only the last turn's captures count: x{m,n} is x{m-1,n-1} x, the first part untold.
    const Language before =
        repeat_of(atom.language, min - 1, max == kUnlimited ? kUnlimited : max - 1);
    return concatenation(terminal_piece(before, flags), std::move(atom), flags);
  }
  RegexPiece piece{.op = Op::iteration, .flags = flags, .min = min, .max = max};
  piece.language = language;
  piece.children.push_back(std::move(atom));
  return piece;
}

Language RegexParser::characters(CharacterSet set) const {
  if (flags_.ignores_case) set.fold_case();
  return characters_of(std::move(set));
}

RegexParser::Atom RegexParser::terminal(Language language) {
  return {.piece = {.language = std::move(language)}};
}

RegexParser::Atom RegexParser::parse_atom(bool is_inner) {
  CharacterSet set;
  switch (token_.kind) {
    case Kind::assertion: {
      const Language language = assertion_of(token_.assertion);
      advance();
      return {.is_assertion = true, .piece = {.language = language}};
    }
    case Kind::look_begin: return parse_look();
    case Kind::group_begin: return parse_group();
    case Kind::back_reference: return parse_reference();
    case Kind::bracket_begin: return terminal(characters_of(parse_brackets()));
    case Kind::any:
      if (flags_.stops_at_newline) set.add(U'\n', U'\n');
      set = set.complement();
      break;
    case Kind::character_class: set = token_.set; break;
    case Kind::group_end:
      if (is_inner || flags_.is_advanced) fail_regex("parentheses () not balanced");
      set.add(U')', U')');
      break;
    case Kind::plain: set.add(token_.character, token_.character); break;
    default: fail_regex("quantifier operand invalid");
  }
  advance();
  return terminal(characters(std::move(set)));
}

RegexParser::Atom RegexParser::parse_group() {
  const bool is_captured = token_.is_captured && look_depth_ == 0;
  const std::size_t number = groups_.size();
  if (is_captured) groups_.push_back(nullptr);
  advance();
  RegexPiece inner = parse_alternatives(true);
  advance();
  if (!is_captured) return {.piece = std::move(inner)};
  groups_[number] = inner.language;
  inner.flags.captures = true;
  if (inner.capture == 0) {
    inner.capture = number;
    return {.is_told_apart = true, .piece = std::move(inner)};
  }
  RegexPiece wrapper{.op = Op::group, .flags = inner.flags, .capture = number};
  wrapper.language = inner.language;
  wrapper.children.push_back(std::move(inner));
  return {.is_told_apart = true, .piece = std::move(wrapper)};
}

RegexParser::Atom RegexParser::parse_look() {
  const Assertion assertion = token_.assertion;
  ++look_depth_;
  advance();
  const RegexPiece inner = parse_alternatives(true);
  --look_depth_;
  advance();
  return {.is_assertion = true, .piece = {.language = assertion_of(assertion, inner.language)}};
}

RegexParser::Atom RegexParser::parse_reference() {
  const std::size_t number = token_.number;
  const bool is_known = number < groups_.size() && groups_[number] != nullptr;
  if (look_depth_ > 0 || !is_known) fail_regex("invalid backreference number");
  advance();
  has_back_references_ = true;
  RegexPiece piece{.op = Op::reference, .flags = {.refers_back = true}, .reference = number};
  piece.ignores_case = flags_.ignores_case;
  piece.language = without_assertions(groups_[number]);
  return {.is_told_apart = true, .piece = std::move(piece)};
}

RegexParser::Quantifier RegexParser::parse_quantifier() {
  Quantifier quantifier;
  switch (token_.kind) {
    case Kind::star: quantifier = {.min = 0, .max = kUnlimited}; break;
    case Kind::plus: quantifier = {.min = 1, .max = kUnlimited}; break;
    case Kind::optional: quantifier = {.min = 0, .max = 1}; break;
    case Kind::bound_begin: return parse_bound();
    default: return quantifier;
  }
  quantifier.preference = preference(token_.is_greedy);
  advance();
  return quantifier;
}

RegexParser::Quantifier RegexParser::parse_bound() {
  advance();
  Quantifier quantifier;
  quantifier.min = quantifier.max = parse_count();
  if (sees(Kind::comma)) {
    advance();
    quantifier.max = sees(Kind::digit) ? parse_count() : kUnlimited;
    if (quantifier.max != kUnlimited && quantifier.min > quantifier.max) {
      fail_regex("invalid repetition count(s)");
    }
    // {m,n} has a preference, even if m is n; {m} has that of what it repeats.
    quantifier.preference = preference(token_.is_greedy);
  }
  if (!sees(Kind::bound_end)) fail_regex("invalid repetition count(s)");
  advance();
  return quantifier;
}

int RegexParser::parse_count() {
  int count = 0;
  while (sees(Kind::digit) && count <= kMaxCount) {
    count = count * 10 + static_cast<int>(token_.number);
    advance();
  }
  if (sees(Kind::digit) || count > kMaxCount) fail_regex("invalid repetition count(s)");
  return count;
}

CharacterSet RegexParser::parse_brackets() {
  const bool is_negated = token_.is_negated;
  CharacterSet set;
  advance();
  while (!sees(Kind::bracket_end)) set.add(parse_bracket_part());
  advance();
  if (flags_.ignores_case) set.fold_case();
  if (!is_negated) return set;
  if (flags_.stops_at_newline) set.add(U'\n', U'\n');
  return set.complement();
}

CharacterSet RegexParser::parse_bracket_part() {
  CharacterSet set;
  const RegexToken first = token_;
  if (first.kind == Kind::range) fail_regex("invalid character range");
  advance();
  if (first.kind == Kind::character_class) return first.set;
  set.add(first.character, first.character);
  if (first.kind == Kind::equivalence || !sees(Kind::range)) return set;
  advance();
  const bool is_plain = sees(Kind::plain) || sees(Kind::collating);
  if (!is_plain && !sees(Kind::range)) fail_regex("invalid character range");
  const char32_t last = sees(Kind::range) ? U'-' : token_.character;
  advance();
  if (last < first.character) fail_regex("invalid character range");
  set.add(first.character, last);
  return set;
}

}  // namespace firedrill::sim::postgres
