#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace firedrill {

/// Runs benchmarks (all where `names` is empty), prints each figure as it is measured. Returns the
/// exit status. Throws traces::InputError.
int bench_command(const std::vector<std::string>& names,
                  const std::optional<std::filesystem::path>& json);

}  // namespace firedrill
