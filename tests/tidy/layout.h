#pragma once

#include <set>
#include <string>

#include "tests/tidy/source.h"

namespace firedrill::tidy {

/// How one file is laid out, as far as clang-format does not see to it: names, #pragma once, own
/// header first, tabs, trailing blanks, columns, and notes of work to do, which must name an owner.
/// `paths` are the paths of all files.
Findings check_layout(const File& file, const std::set<std::string>& paths);

}  // namespace firedrill::tidy
