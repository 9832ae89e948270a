#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace firedrill {

struct ReplayOptions {
  std::string input;  ///< a trace, or a scenario (then with a seed)
  std::optional<std::uint64_t> seed;
  std::optional<std::string> design;          ///< of a scenario
  bool verbose = false;                       ///< tells every entry
  std::optional<std::filesystem::path> save;  ///< writes the run as a trace
};

/// Runs one case again and tells it. Returns the exit status. Throws traces::InputError.
int replay_command(const ReplayOptions& options);

}  // namespace firedrill
