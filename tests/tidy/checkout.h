#pragma once

#include <filesystem>
#include <vector>

#include "tests/tidy/source.h"

namespace firedrill::tidy {

/// Every file of ours below `root`, sorted by path: without builds, what git and tools keep in
/// hidden folders, and traces that runs have written. Data (JSON) comes without its text: those who
/// read it judge it. Throws std::runtime_error where a file cannot be read.
std::vector<File> read_checkout(const std::filesystem::path& root);

}  // namespace firedrill::tidy
