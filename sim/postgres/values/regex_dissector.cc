#include <algorithm>
#include <ranges>

#include "sim/postgres/values/regex_matcher.h"

namespace firedrill::sim::postgres {

void RegexDissector::forget(const RegexPiece& piece) {
  if (piece.capture > 0) spans_[piece.capture] = {};
  for (const RegexPiece& child : piece.children) forget(child);
}

bool RegexDissector::dissect(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  runner_.step();
  if (!dissect_within(piece, begin, end)) return false;
  if (piece.capture > 0) {
    spans_[piece.capture] = {static_cast<std::ptrdiff_t>(begin), static_cast<std::ptrdiff_t>(end)};
  }
  return true;
}

bool RegexDissector::dissect_within(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  switch (piece.op) {
    case RegexPiece::Op::terminal: return true;
    case RegexPiece::Op::concatenation: return concatenation(piece, begin, end);
    case RegexPiece::Op::alternatives: return alternatives(piece, begin, end);
    case RegexPiece::Op::iteration: return iteration(piece, begin, end);
    case RegexPiece::Op::group: return dissect(piece.children[0], begin, end);
    case RegexPiece::Op::reference: return reference(piece, begin, end);
  }
  return false;
}

bool RegexDissector::concatenation(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  const RegexPiece& left = piece.children[0];
  const RegexPiece& right = piece.children[1];
  std::vector<std::size_t> middles = runner_.ends(left.program, begin, end);
  if (!left.flags.shorter) std::ranges::reverse(middles);
  for (std::size_t middle : middles) {
    if (!runner_.matches(right.program, middle, end)) continue;
    if (dissect(left, begin, middle) && dissect(right, middle, end)) return true;
    forget(left);
    forget(right);
  }
  return false;
}

bool RegexDissector::alternatives(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  return std::ranges::any_of(piece.children, [&](const RegexPiece& child) {
    return runner_.matches(child.program, begin, end) && dissect(child, begin, end);
  });
}

/// Where the next turn of an iteration may end, in the order of preference.
std::vector<std::size_t> RegexDissector::turn_ends(const RegexPiece& piece, std::size_t taken,
                                                   std::size_t begin, std::size_t end) {
  const auto min = static_cast<std::size_t>(std::max(piece.min, 1));
  std::vector<std::size_t> ends = runner_.ends(piece.children[0].program, begin, end);
  // An empty turn only where there must be so many.
  const bool may_be_empty = begin == end || (taken < min && min - taken >= end - begin);
  if (!may_be_empty) std::erase(ends, begin);
  // They are taken from the back.
  if (piece.children[0].flags.shorter) std::ranges::reverse(ends);
  return ends;
}

/// Tries all ways to divide the text into turns, in the order of preference.
bool RegexDissector::iteration(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  // What prefers little takes no turn at all, if it may; what prefers much wants one, if only an
  // empty one.
  const bool may_be_nothing = piece.min == 0 && begin == end;
  if (may_be_nothing && piece.children[0].flags.shorter) return true;
  const auto min = static_cast<std::size_t>(std::max(piece.min, 1));
  std::size_t most = end - begin;
  if (piece.max != RegexLanguage::kUnlimited) {
    most = std::min(most, static_cast<std::size_t>(piece.max));
  }
  most = std::max(most, min);
  std::vector<std::size_t> ends = {begin};
  std::vector<std::vector<std::size_t>> untried = {turn_ends(piece, 1, begin, end)};
  while (!untried.empty()) {
    ends.resize(untried.size());
    if (untried.back().empty()) {
      untried.pop_back();
      continue;
    }
    const std::size_t candidate = untried.back().back();
    untried.back().pop_back();
    ends.push_back(candidate);
    const std::size_t taken = untried.size();
    if (candidate != end) {
      if (taken < most) untried.push_back(turn_ends(piece, taken + 1, candidate, end));
    } else if (taken >= min && verify(piece, ends)) {
      return true;
    }
  }
  return may_be_nothing;
}

bool RegexDissector::verify(const RegexPiece& piece, const std::vector<std::size_t>& ends) {
  const RegexPiece& child = piece.children[0];
  for (std::size_t index = 1; index < ends.size(); ++index) {
    forget(child);
    if (!dissect(child, ends[index - 1], ends[index])) return false;
  }
  return true;
}

bool RegexDissector::reference(const RegexPiece& piece, std::size_t begin, std::size_t end) {
  const Span& span = spans_[piece.reference];
  if (!span.is_set()) return false;
  const auto size = static_cast<std::size_t>(span.end - span.begin);
  if (size == 0) return begin == end;
  if (begin == end) return piece.min == 0;
  const std::size_t length = end - begin;
  if (length % size != 0) return false;
  const std::size_t count = length / size;
  if (count < static_cast<std::size_t>(piece.min)) return false;
  if (piece.max != RegexLanguage::kUnlimited && count > static_cast<std::size_t>(piece.max)) {
    return false;
  }
  const auto folded = [&](char32_t character) {
    const bool is_raised = piece.ignores_case && character >= U'A' && character <= U'Z';
    return is_raised ? character + (U'a' - U'A') : character;
  };
  const auto repeated = static_cast<std::size_t>(span.begin);
  return std::ranges::all_of(std::views::iota(std::size_t{0}, length), [&](std::size_t at) {
    return folded(text_[begin + at]) == folded(text_[repeated + at % size]);
  });
}

}  // namespace firedrill::sim::postgres
