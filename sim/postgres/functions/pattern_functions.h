#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/regular_expression.h"

/// What the files of functions on patterns share.
namespace firedrill::sim::postgres {

/// A regexp function's last argument: "g" and the flags.
struct RegexOptions {
  RegexFlags flags = {};
  bool is_global = false;
};

/// Throws 22023 for a letter that is none.
RegexOptions parse_regex_options(std::string_view letters);

/// A pattern and the text it is looked for in.
struct RegexSearch {
  RegularExpression expression;
  std::u32string text;
  RegexOptions options;

  using Spans = std::vector<RegularExpression::Span>;
  /// All matches from `start` (from 0) on if `is_global`, else the first.
  std::vector<Spans> matches(std::size_t start, bool is_global) const;
  std::string part(RegularExpression::Span span) const;
  std::string part(std::size_t begin, std::size_t end) const;
};

/// Of the arguments 0 and 1, and the one at `options` if there is one.
RegexSearch regex_search(const Call& call, std::size_t options);

std::span<const FunctionRow> regexp_rows();  ///< regexp_match, regexp_replace, ...
std::span<const SetFunctionRow> regexp_set_rows();

}  // namespace firedrill::sim::postgres
