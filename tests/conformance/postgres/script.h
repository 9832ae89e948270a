#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::test {

struct ScriptStatement {
  std::size_t line = 0;  ///< where it begins, from 1
  std::string text;
  /// Why the model answers this otherwise; empty: it does not.
  std::string known_difference;
};

/// Statements end where a line ends in ';'. Lines that begin with "--" are comments; "-- differs:
/// WHY" is about the statement after it.
std::vector<ScriptStatement> read_script(std::string_view text);

/// The .sql files of a folder, by name.
std::vector<std::filesystem::path> scripts_in(const std::filesystem::path& folder);

}  // namespace firedrill::test
