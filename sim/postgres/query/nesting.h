#pragma once

#include <cstddef>
#include <string_view>

namespace firedrill::sim::postgres {

/// No statement is nested more deeply than this, as far as its text tells: parsing, analysing and
/// evaluating it recurse, as in PostgreSQL, which then says "stack depth limit exceeded".
inline constexpr std::size_t kMaxNesting = 1000;

/// At least as deep as the tree of what `sql` says: parentheses, and operators in a row.
std::size_t nesting_of(std::string_view sql);

}  // namespace firedrill::sim::postgres
