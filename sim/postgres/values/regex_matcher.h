#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/postgres/values/regex_tree.h"
#include "sim/postgres/values/regular_expression.h"

namespace firedrill::sim::postgres {

/// Runs a program over a text, all its threads at once: time is linear in the text.
class RegexRunner {
 public:
  explicit RegexRunner(std::u32string_view text) : text_(text) {}

  /// Ends of matches that begin at `begin`, none of them beyond `limit`, in ascending order.
  std::vector<std::size_t> ends(const RegexProgram& program, std::size_t begin, std::size_t limit);
  bool matches(const RegexProgram& program, std::size_t begin, std::size_t end);
  /// Where the leftmost match begins, at `start` or later.
  std::optional<std::size_t> leftmost(const RegexProgram& program, std::size_t start);
  /// Counts one step of work; throws 54001 when there were too many.
  void step(std::uint64_t count = 1);

 private:
  struct Threads;
  void follow(const RegexProgram& program, Threads& threads, std::uint32_t state,
              std::size_t origin, std::size_t at);
  bool holds(const RegexProgram& program, const RegexProgram::State& state, std::size_t at);
  bool is_word(std::size_t at) const;

  std::u32string_view text_;
  std::uint64_t steps_ = 0;
  std::vector<std::uint32_t> pending_;  ///< of follow(): one stack for all that are under way
};

/// Finds out which part of a match is matched by which piece, as regexec.c dissects it.
class RegexDissector {
 public:
  using Span = RegularExpression::Span;

  RegexDissector(std::u32string_view text, RegexRunner& runner, std::size_t groups)
      : text_(text), runner_(runner), spans_(groups + 1) {}

  /// False: no. The spans of groups are set if it is true.
  bool dissect(const RegexPiece& piece, std::size_t begin, std::size_t end);
  std::vector<Span>& spans() { return spans_; }

 private:
  bool dissect_within(const RegexPiece& piece, std::size_t begin, std::size_t end);
  bool concatenation(const RegexPiece& piece, std::size_t begin, std::size_t end);
  bool alternatives(const RegexPiece& piece, std::size_t begin, std::size_t end);
  bool iteration(const RegexPiece& piece, std::size_t begin, std::size_t end);
  std::vector<std::size_t> turn_ends(const RegexPiece& piece, std::size_t taken, std::size_t begin,
                                     std::size_t end);
  bool verify(const RegexPiece& piece, const std::vector<std::size_t>& ends);
  bool reference(const RegexPiece& piece, std::size_t begin, std::size_t end);
  void forget(const RegexPiece& piece);

  std::u32string_view text_;
  RegexRunner& runner_;
  std::vector<Span> spans_;
};

}  // namespace firedrill::sim::postgres
