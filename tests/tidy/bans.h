#pragma once

#include <span>
#include <string_view>

#include "tests/tidy/source.h"

namespace firedrill::tidy {

/// A word that C++ files must not use, because a run would no longer follow from its seed alone.
struct Ban {
  std::string_view rule;
  std::string_view word;    ///< found where it begins and ends a word of the code
  std::string_view but_in;  ///< comma-separated folders in which it is allowed
  std::string_view instead;
};

std::span<const Ban> bans();

/// Every use of a banned word, every container ordered by addresses, every mutable static, in
/// the rooms that decide every floating-point type, and in headers every include that is heavy.
///
/// A comment `// tidy: allow RULE - WHY`, in the same line or in the comment right above, allows
/// RULE for one line. One without a reason, or that allows nothing, is itself a finding.
Findings check_bans(const File& file);

}  // namespace firedrill::tidy
