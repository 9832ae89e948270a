#include "sim/postgres/values/regular_expression.h"

#include "sim/postgres/values/regex_matcher.h"
#include "sim/postgres/values/regex_parser.h"

namespace firedrill::sim::postgres {

namespace {

using Span = RegularExpression::Span;

void compile_pieces(RegexPiece& piece) {
  piece.program = compile(*piece.language);
  for (RegexPiece& child : piece.children) compile_pieces(child);
}

/// The first way to match from `begin`, by the root's preference, that the pieces agree with.
std::optional<std::vector<Span>> match_from(const RegexPiece& root, std::u32string_view text,
                                            RegexRunner& runner, std::size_t begin,
                                            std::size_t groups) {
  std::vector<std::size_t> ends = runner.ends(root.program, begin, text.size());
  if (!root.flags.shorter) ends = {ends.rbegin(), ends.rend()};
  for (std::size_t end : ends) {
    RegexDissector dissector(text, runner, groups);
    if (!dissector.dissect(root, begin, end)) continue;
    dissector.spans()[0] = {static_cast<std::ptrdiff_t>(begin), static_cast<std::ptrdiff_t>(end)};
    return std::move(dissector.spans());
  }
  return std::nullopt;
}

}  // namespace

RegularExpression::RegularExpression(std::u32string_view pattern, RegexFlags flags) {
  RegexParser parser(pattern, flags);
  root_ = std::make_unique<RegexPiece>(parser.parse());
  group_count_ = parser.group_count();
  has_back_references_ = parser.has_back_references();
  compile_pieces(*root_);
}

RegularExpression::RegularExpression(RegularExpression&&) noexcept = default;
RegularExpression& RegularExpression::operator=(RegularExpression&&) noexcept = default;
RegularExpression::~RegularExpression() = default;

std::optional<std::vector<Span>> RegularExpression::search(std::u32string_view text,
                                                           std::size_t start) const {
  RegexRunner runner(text);
  while (start <= text.size()) {
    const std::optional<std::size_t> begin = runner.leftmost(root_->program, start);
    if (!begin) return std::nullopt;
    auto spans = match_from(*root_, text, runner, *begin, group_count_);
    // Only what back references rule out is found and does not match.
    if (spans || !has_back_references_) return spans;
    start = *begin + 1;
  }
  return std::nullopt;
}

}  // namespace firedrill::sim::postgres
