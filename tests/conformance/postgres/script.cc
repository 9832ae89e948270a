#include "tests/conformance/postgres/script.h"

#include <algorithm>
#include <utility>

namespace firedrill::test {

namespace {

constexpr std::string_view kDiffers = "-- differs:";

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::vector<ScriptStatement> read_script(std::string_view text) {
  std::vector<ScriptStatement> statements;
  ScriptStatement statement;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    if (line.starts_with(kDiffers)) statement.known_difference = line.substr(kDiffers.size());
    if (line.starts_with("--") || (line.empty() && statement.text.empty())) continue;
    if (statement.text.empty()) statement.line = number;
    statement.text += line;
    if (line.ends_with(';')) {
      statements.push_back(std::exchange(statement, {}));
    } else {
      statement.text += '\n';
    }
  }
  return statements;
}

std::vector<std::filesystem::path> scripts_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace firedrill::test
