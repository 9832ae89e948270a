#include "tests/tidy/tree.h"

#include <algorithm>
#include <filesystem>

#include "tests/tidy/bans.h"
#include "tests/tidy/layout.h"
#include "tests/tidy/rooms.h"

namespace firedrill::tidy {

namespace {

constexpr std::string_view kBuildFile = "CMakeLists.txt";
constexpr std::string_view kMap = "docs/ARCHITECTURE.md";

/// Whether a CMake text has `path` as a word of its own, outside comments.
bool names(std::string_view cmake, std::string_view path) {
  const auto ends_word = [](char c) {
    return !is_word_char(c) && c != '/' && c != '.' && c != '-';
  };
  for (std::string_view line : lines_of(cmake)) {
    line = line.substr(0, line.find('#'));
    for (std::size_t at = line.find(path); at != std::string_view::npos;
         at = line.find(path, at + 1)) {
      const std::size_t end = at + path.size();
      if ((at == 0 || ends_word(line[at - 1])) && (end == line.size() || ends_word(line[end]))) {
        return true;
      }
    }
  }
  return false;
}

bool is_built(const File& source, std::span<const File> files) {
  return std::ranges::any_of(files, [&](const File& file) {
    if (name_of(file.path) != kBuildFile) return false;
    const std::string_view folder = folder_of(file.path);
    if (folder.empty()) return names(file.text, source.path);
    if (!is_within(source.path, folder)) return false;
    return names(file.text, std::string_view(source.path).substr(folder.size() + 1));
  });
}

std::set<std::string> paths_of(std::span<const File> files) {
  std::set<std::string> paths;
  for (const File& file : files) paths.insert(file.path);
  return paths;
}

bool leads_somewhere(const std::string& target, const std::set<std::string>& paths) {
  if (target.empty() || target == "." || paths.contains(target)) return true;
  const std::string folder = target.ends_with('/') ? target : target + "/";
  const auto next = paths.lower_bound(folder);
  return next != paths.end() && next->starts_with(folder);
}

/// The line with everything between backquotes blanked.
std::string without_code(std::string_view line) {
  std::string text(line);
  bool code = false;
  for (char& c : text) {
    if (c == '`') code = !code;
    if (code) c = ' ';
  }
  return text;
}

bool is_elsewhere(std::string_view link) {
  return link.starts_with('#') || link.starts_with("mailto:") ||
         link.find("://") != std::string_view::npos;
}

std::vector<std::string> links_in(std::string_view line) {
  std::vector<std::string> links;
  const std::string text = without_code(line);
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
    const std::size_t end = text.find_first_of(") ", at + 2);
    if (end != std::string::npos) links.push_back(text.substr(at + 2, end - at - 2));
  }
  return links;
}

std::string resolve(std::string_view folder, std::string_view link) {
  const std::filesystem::path path =
      std::filesystem::path(folder) / std::string(link.substr(0, link.find('#')));
  return path.lexically_normal().generic_string();
}

Finding dead(const File& file, std::string message) {
  return {file.path, 0, "dead", std::move(message)};
}

}  // namespace

Findings check_dead_files(std::span<const File> files) {
  Findings findings;
  std::set<std::string> included;
  for (const File& file : files) {
    if (!is_cpp(file.path)) continue;
    for (const Include& include : includes_of(take_apart(file.text))) included.insert(include.path);
  }
  for (const File& file : files) {
    if (file.path.ends_with(".cc") && !is_built(file, files)) {
      findings.push_back(dead(file, "no CMakeLists.txt names it: build it, or delete it"));
    }
    if (is_header(file.path) && !included.contains(file.path)) {
      findings.push_back(dead(file, "nothing includes it: use it, or delete it"));
    }
    if (is_within(file.path, "lua/redis") && file.path.ends_with(".lua") &&
        !is_built(file, files)) {
      findings.push_back(dead(file, "no CMakeLists.txt names this script: embed it, or delete it"));
    }
  }
  return findings;
}

Findings check_links(const File& document, const std::set<std::string>& paths) {
  Findings findings;
  if (!document.path.ends_with(".md")) return findings;
  bool fenced = false;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(document.text)) {
    ++number;
    if (trim(line).starts_with("```")) fenced = !fenced;
    if (fenced) continue;
    for (const std::string& link : links_in(line)) {
      if (is_elsewhere(link) || leads_somewhere(resolve(folder_of(document.path), link), paths)) {
        continue;
      }
      findings.push_back({document.path, number, "link", "\"" + link + "\" leads nowhere"});
    }
  }
  return findings;
}

Findings check_tree(std::span<const File> files) {
  Findings findings;
  const std::set<std::string> paths = paths_of(files);
  for (const File& file : files) {
    append(findings, check_includes(file, rooms()));
    append(findings, check_bans(file));
    append(findings, check_layout(file, paths));
    append(findings, check_links(file, paths));
    if (file.path == kMap) append(findings, check_map(file, rooms()));
  }
  if (!paths.contains(std::string(kMap)))
    findings.push_back({std::string(kMap), 0, "map", "missing"});
  append(findings, check_rooms(files, rooms()));
  append(findings, check_dead_files(files));
  return findings;
}

}  // namespace firedrill::tidy
