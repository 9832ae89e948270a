#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace firedrill::sim::postgres {

/// How a pattern is to be read and matched: PostgreSQL's flags (regex.h).
struct RegexFlags {
  bool is_extended = true;          ///< else basic: refused
  bool is_advanced = true;          ///< an ARE: what it adds to the extended ones
  bool is_literal = false;          ///< no character is special
  bool ignores_case = false;        ///< of ASCII letters: the locale is C
  bool is_expanded = false;         ///< blanks and #comments are nothing
  bool stops_at_newline = false;    ///< . and [^x] never match \n
  bool anchors_at_newline = false;  ///< ^ and $ match at each \n, too
};

struct RegexPiece;

/// A compiled regular expression with PostgreSQL's semantics: the leftmost match, then the longest
/// or the shortest as the expression prefers, and within it each part likewise, from left to right.
class RegularExpression {
 public:
  /// Characters from `begin` to before `end`; -1: the group took no part.
  struct Span {
    std::ptrdiff_t begin = -1;
    std::ptrdiff_t end = -1;
    bool is_set() const { return begin >= 0; }
  };

  /// Throws 2201B as the server does.
  RegularExpression(std::u32string_view pattern, RegexFlags flags);
  RegularExpression(RegularExpression&&) noexcept;
  RegularExpression& operator=(RegularExpression&&) noexcept;
  ~RegularExpression();

  /// How many capturing groups there are.
  std::size_t group_count() const { return group_count_; }

  /// The first match that begins at `start` or later: its span, and then those of the groups. What
  /// stands before `start` counts for ^, \y and the like. Throws 54001 after about a second's work.
  std::optional<std::vector<Span>> search(std::u32string_view text, std::size_t start = 0) const;

 private:
  std::unique_ptr<RegexPiece> root_;
  std::size_t group_count_ = 0;
  bool has_back_references_ = false;
};

}  // namespace firedrill::sim::postgres
