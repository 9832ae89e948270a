#include "sim/postgres/values/regex_lexer.h"

#include <limits>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

using Kind = RegexToken::Kind;

bool is_digit(char32_t character) {
  return character >= U'0' && character <= U'9';
}

bool is_letter(char32_t character) {
  return (character >= U'a' && character <= U'z') || (character >= U'A' && character <= U'Z');
}

bool is_space(char32_t character) {
  return character == U' ' || (character >= U'\t' && character <= U'\r');
}

RegexToken plain(char32_t character) {
  return {.kind = Kind::plain, .character = character};
}

RegexToken token(Kind kind) {
  return {.kind = kind};
}

RegexToken assertion(Assertion what) {
  return {.kind = Kind::assertion, .assertion = what};
}

[[noreturn]] void fail_escape() {
  fail_regex("invalid escape \\ sequence");
}

}  // namespace

RegexLexer::RegexLexer(std::u32string_view pattern, RegexFlags flags)
    : pattern_(pattern), flags_(flags) {
  const bool has_more = flags.is_advanced || flags.is_extended || flags.is_expanded ||
                        flags.stops_at_newline || flags.anchors_at_newline;
  if (flags.is_literal && has_more) fail_regex("invalid argument to regex function");
  read_prefix();
  if (!flags_.is_literal && !flags_.is_extended) unsupported("a basic regular expression");
}

bool RegexLexer::take(char32_t character) {
  if (at_end() || pattern_[at_] != character) return false;
  ++at_;
  return true;
}

void RegexLexer::read_prefix() {
  if (flags_.is_literal) return;
  if (sees(U"***") && pattern_.size() > 3) {
    switch (pattern_[3]) {
      case U'?': fail_regex("invalid regexp (reg version 0.8)");
      case U'=':
        flags_ = {.is_extended = false,
                  .is_advanced = false,
                  .is_literal = true,
                  .ignores_case = flags_.ignores_case};
        at_ = 4;
        return;
      case U':':
        flags_.is_extended = flags_.is_advanced = true;
        at_ = 4;
        break;
      default: fail_regex("quantifier operand invalid");
    }
  }
  if (flags_.is_advanced && sees(U"(?") && at_ + 2 < pattern_.size() &&
      is_letter(pattern_[at_ + 2])) {
    read_options();
  }
}

void RegexLexer::read_options() {
  for (at_ += 2; !at_end() && is_letter(pattern_[at_]); ++at_) set_option(pattern_[at_]);
  if (!take(U')')) fail_regex("invalid embedded option");
  if (flags_.is_literal) {
    flags_.is_expanded = flags_.stops_at_newline = flags_.anchors_at_newline = false;
  }
}

void RegexLexer::set_option(char32_t letter) {
  switch (letter) {
    case U'b': flags_.is_advanced = flags_.is_literal = flags_.is_extended = false; return;
    case U'c': flags_.ignores_case = false; return;
    case U'e':
      flags_.is_extended = true;
      flags_.is_advanced = flags_.is_literal = false;
      return;
    case U'i': flags_.ignores_case = true; return;
    case U'm':
    case U'n': flags_.stops_at_newline = flags_.anchors_at_newline = true; return;
    case U'p':
      flags_.stops_at_newline = true;
      flags_.anchors_at_newline = false;
      return;
    case U'q':
      flags_.is_literal = true;
      flags_.is_advanced = flags_.is_extended = false;
      return;
    case U's': flags_.stops_at_newline = flags_.anchors_at_newline = false; return;
    case U't': flags_.is_expanded = false; return;
    case U'w':
      flags_.stops_at_newline = false;
      flags_.anchors_at_newline = true;
      return;
    case U'x': flags_.is_expanded = true; return;
    default: fail_regex("invalid embedded option");
  }
}

void RegexLexer::skip_comment() {
  while (!at_end() && pattern_[at_] != U'\n') ++at_;
}

void RegexLexer::skip_blanks() {
  for (;;) {
    while (!at_end() && is_space(pattern_[at_])) ++at_;
    if (at_end() || pattern_[at_] != U'#') return;
    skip_comment();
  }
}

RegexToken RegexLexer::next(std::size_t groups) {
  RegexToken read;
  if (flags_.is_literal) {
    read = at_end() ? token(Kind::end) : plain(pattern_[at_++]);
  } else if (context_ == Context::bound) {
    read = in_bound();
  } else if (context_ == Context::brackets) {
    read = in_brackets(groups);
  } else {
    read = outside(groups);
  }
  last_ = read.kind;
  return read;
}

RegexToken RegexLexer::quantifier(Kind kind) {
  return {.kind = kind, .is_greedy = !(flags_.is_advanced && take(U'?'))};
}

RegexToken RegexLexer::line_assertion(Assertion plain_one, Assertion with_newlines) const {
  return assertion(flags_.anchors_at_newline ? with_newlines : plain_one);
}

RegexToken RegexLexer::outside(std::size_t groups) {
  if (flags_.is_expanded) skip_blanks();
  if (at_end()) return token(Kind::end);
  const char32_t character = pattern_[at_++];
  switch (character) {
    case U'|': return token(Kind::alternative);
    case U'*': return quantifier(Kind::star);
    case U'+': return quantifier(Kind::plus);
    case U'?': return quantifier(Kind::optional);
    case U'{':
      if (flags_.is_expanded) skip_blanks();
      if (at_end() || !is_digit(pattern_[at_])) return plain(character);
      context_ = Context::bound;
      return token(Kind::bound_begin);
    case U'(': return open_group(groups);
    case U')': return {.kind = Kind::group_end, .character = character};
    case U'[': return open_brackets();
    case U'.': return token(Kind::any);
    case U'^': return line_assertion(Assertion::line_begin, Assertion::line_begin_or_newline);
    case U'$': return line_assertion(Assertion::line_end, Assertion::line_end_or_newline);
    case U'\\':
      if (at_end()) fail_escape();
      return flags_.is_advanced ? escape(groups) : plain(pattern_[at_++]);
    default: return plain(character);
  }
}

RegexToken RegexLexer::open_group(std::size_t groups) {
  if (!flags_.is_advanced || !take(U'?')) return {.kind = Kind::group_begin, .is_captured = true};
  const auto look = [](Assertion what) {
    return RegexToken{.kind = Kind::look_begin, .assertion = what};
  };
  if (take(U':')) return token(Kind::group_begin);
  if (take(U'#')) {
    while (!at_end() && pattern_[at_] != U')') ++at_;
    if (!at_end()) ++at_;
    return outside(groups);
  }
  if (take(U'=')) return look(Assertion::look_ahead);
  if (take(U'!')) return look(Assertion::no_look_ahead);
  if (take(U'<')) {
    if (take(U'=')) return look(Assertion::look_behind);
    if (take(U'!')) return look(Assertion::no_look_behind);
  }
  fail_regex("quantifier operand invalid");
}

RegexToken RegexLexer::open_brackets() {
  // Words' ends, as the oldest of libraries had them.
  if (sees(U"[:<:]]") || sees(U"[:>:]]")) {
    const bool is_begin = pattern_[at_ + 2] == U'<';
    at_ += 6;
    return assertion(is_begin ? Assertion::word_begin : Assertion::word_end);
  }
  context_ = Context::brackets;
  return {.kind = Kind::bracket_begin, .is_negated = take(U'^')};
}

RegexToken RegexLexer::in_bound() {
  if (at_end()) fail_regex("braces {} not balanced");
  const char32_t character = pattern_[at_++];
  if (is_digit(character)) {
    return {.kind = Kind::digit, .number = static_cast<std::size_t>(character - U'0')};
  }
  if (character == U',') return token(Kind::comma);
  if (character != U'}') fail_regex("invalid repetition count(s)");
  context_ = Context::outside;
  return quantifier(Kind::bound_end);
}

RegexToken RegexLexer::in_brackets(std::size_t groups) {
  if (at_end()) fail_regex("brackets [] not balanced");
  const bool is_first = last_ == Kind::bracket_begin;
  const char32_t character = pattern_[at_++];
  switch (character) {
    case U'\\': return flags_.is_advanced ? bracket_escape(groups) : plain(character);
    case U'-': return is_first || sees(U"]") ? plain(character) : token(Kind::range);
    case U'[':
      if (at_end()) fail_regex("brackets [] not balanced");
      if (sees(U".") || sees(U"=") || sees(U":")) return named_in_brackets(pattern_[at_++]);
      return plain(character);
    case U']':
      if (is_first) return plain(character);
      context_ = Context::outside;
      return token(Kind::bracket_end);
    default: return plain(character);
  }
}

RegexToken RegexLexer::named_in_brackets(char32_t kind) {
  const std::u32string closing = {kind, U']'};
  const std::size_t end = pattern_.find(closing, at_);
  if (end == std::u32string_view::npos) fail_regex("brackets [] not balanced");
  const std::u32string_view name = pattern_.substr(at_, end - at_);
  at_ = end + 2;
  if (kind == U':') {
    return {.kind = Kind::character_class, .set = character_class(name, flags_.ignores_case)};
  }
  if (name.empty()) fail_regex("invalid collating element");
  if (name.size() > 1) unsupported("a named collating element");
  return {.kind = kind == U'.' ? Kind::collating : Kind::equivalence, .character = name[0]};
}

RegexToken RegexLexer::bracket_escape(std::size_t groups) {
  if (at_end()) fail_escape();
  RegexToken read = escape(groups);
  if (read.kind != Kind::plain && read.kind != Kind::character_class) fail_escape();
  return read;
}

char32_t RegexLexer::digits(unsigned base, std::size_t least, std::size_t most) {
  std::uint64_t number = 0;
  std::size_t count = 0;
  for (; count < most && !at_end(); ++count, ++at_) {
    const char32_t character = pattern_[at_];
    unsigned digit = 0;
    if (is_digit(character)) {
      digit = static_cast<unsigned>(character - U'0');
    } else if (is_letter(character) && (character | 0x20U) <= U'f') {
      digit = static_cast<unsigned>((character | 0x20U) - U'a') + 10;
    } else {
      break;
    }
    if (digit >= base) break;
    number = number * base + digit;
    if (number > 0x7fffffff) number = 0x7fffffff;
  }
  if (count < least) fail_escape();
  return static_cast<char32_t>(number);
}

RegexToken RegexLexer::class_escape(std::u32string_view name, bool is_negated) const {
  CharacterSet set = character_class(name, false);
  return {.kind = Kind::character_class, .set = is_negated ? set.complement() : set};
}

RegexToken RegexLexer::escape(std::size_t groups) {
  const char32_t letter = pattern_[at_++];
  const auto number = [&](unsigned base, std::size_t least, std::size_t most) {
    const char32_t read = digits(base, least, most);
    if (read > 0x7ffffffe) fail_escape();
    return plain(read);
  };
  if (is_digit(letter)) return numbered_escape(letter, groups);
  if (!is_letter(letter)) return plain(letter);
  switch (letter) {
    case U'a': return plain(U'\a');
    case U'A': return assertion(Assertion::line_begin);
    case U'b': return plain(U'\b');
    case U'B': return plain(U'\\');
    case U'c':
      if (at_end()) fail_escape();
      return plain(pattern_[at_++] & 037U);
    case U'd': return class_escape(U"digit", false);
    case U'D': return class_escape(U"digit", true);
    case U'e': return plain(U'\033');
    case U'f': return plain(U'\f');
    case U'm': return assertion(Assertion::word_begin);
    case U'M': return assertion(Assertion::word_end);
    case U'n': return plain(U'\n');
    case U'r': return plain(U'\r');
    case U's': return class_escape(U"space", false);
    case U'S': return class_escape(U"space", true);
    case U't': return plain(U'\t');
    case U'u': return number(16, 4, 4);
    case U'U': return number(16, 8, 8);
    case U'v': return plain(U'\v');
    case U'w': return class_escape(U"word", false);
    case U'W': return class_escape(U"word", true);
    case U'x': return number(16, 1, 255);
    case U'y': return assertion(Assertion::word_boundary);
    case U'Y': return assertion(Assertion::no_word_boundary);
    case U'Z': return assertion(Assertion::line_end);
    default: fail_escape();
  }
}

RegexToken RegexLexer::numbered_escape(char32_t letter, std::size_t groups) {
  const std::size_t begin = at_;
  --at_;
  if (letter != U'0') {
    const char32_t number = digits(10, 1, 255);
    // One digit is a reference in any case; more are one if there is such a group.
    if (at_ == begin || (number > 0 && number <= groups)) {
      return {.kind = Kind::back_reference, .number = number};
    }
    at_ = begin - 1;
  }
  char32_t number = digits(8, 1, 3);
  if (number > 0xFF) {
    --at_;
    number >>= 3U;
  }
  return plain(number);
}

}  // namespace firedrill::sim::postgres
