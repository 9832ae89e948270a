#pragma once

#include <set>
#include <span>
#include <string>

#include "tests/tidy/source.h"

namespace firedrill::tidy {

/// Source files that nothing uses: a .cc that no CMakeLists.txt at or above it names, a .h that no
/// file includes, a script of lua/redis that lua/CMakeLists.txt does not name.
Findings check_dead_files(std::span<const File> files);

/// Relative links of one Markdown file that lead nowhere. `paths` are those of all files; a link to
/// a folder is good where a file is within it. Code is no link.
Findings check_links(const File& document, const std::set<std::string>& paths);

/// Everything that this library checks, over the whole checkout.
Findings check_tree(std::span<const File> files);

}  // namespace firedrill::tidy
