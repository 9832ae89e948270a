#include "tests/tidy/layout.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace firedrill::tidy {

namespace {

constexpr std::size_t kColumns = 100;

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0 &&
         std::ranges::all_of(name, [](char c) {
           return std::islower(static_cast<unsigned char>(c)) != 0 ||
                  std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_';
         });
}

/// Characters, not bytes: continuation bytes of UTF-8 do not count.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void check_name(const File& file, Findings& findings) {
  if (!is_cpp(file.path) && !file.path.ends_with(".lua")) return;
  for (const std::string_view part : split(file.path, '/')) {
    if (!is_snake_case(part.substr(0, part.rfind('.')))) {
      findings.push_back({file.path, 0, "name", "\"" + std::string(part) + "\" is no snake_case"});
    }
  }
}

void check_lines(const File& file, Findings& findings) {
  // Two blanks at the end of a line mean a line break in Markdown.
  const bool markdown = file.path.ends_with(".md");
  std::size_t number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (line.find('\t') != std::string_view::npos) {
      findings.push_back({file.path, number, "tab", "a tab: use blanks"});
    }
    if (!markdown && (line.ends_with(' ') || line.ends_with('\r'))) {
      findings.push_back({file.path, number, "blank", "blanks at the end of the line"});
    }
    if (is_cpp(file.path) && columns(line) > kColumns) {
      findings.push_back({file.path, number, "columns",
                          std::to_string(columns(line)) + " columns, more than 100"});
    }
  }
  if (!file.text.empty() && !file.text.ends_with('\n')) {
    findings.push_back({file.path, number, "blank", "no line break at the end of the file"});
  }
}

/// Whether "(name)" follows.
bool has_owner(std::string_view rest) {
  return rest.size() > 2 && rest.front() == '(' && is_word_char(rest[1]) &&
         rest.find(')') != std::string_view::npos;
}

void check_notes(const File& file, std::string_view text, Findings& findings) {
  for (const std::string_view word : {"TODO", "FIXME", "XXX"}) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size())) {
      const std::string_view rest = text.substr(at + word.size());
      const bool within =
          (at > 0 && is_word_char(text[at - 1])) || (!rest.empty() && is_word_char(rest.front()));
      if (within || has_owner(rest)) continue;
      findings.push_back({file.path, line_at(text, at), "owner",
                          std::string(word) + " without an owner: write " + std::string(word) +
                              "(name), or an issue"});
    }
  }
}

void check_pragma_once(const File& file, const Parts& parts, Findings& findings) {
  if (!is_header(file.path)) return;
  const auto code = lines_of(parts.code);
  const auto includes = lines_of(parts.includes);
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (trim(code[i]).empty() && trim(includes[i]).empty()) continue;
    if (trim(code[i]) == "#pragma once") return;
    break;
  }
  findings.push_back({file.path, 1, "pragma", "a header begins with #pragma once"});
}

void check_own_header(const File& file, const Parts& parts, const std::set<std::string>& paths,
                      Findings& findings) {
  if (!file.path.ends_with(".cc")) return;
  const std::string own = file.path.substr(0, file.path.size() - 2) + "h";
  if (!paths.contains(own)) return;
  const auto includes = includes_of(parts);
  if (!includes.empty() && includes.front().path == own) return;
  findings.push_back({file.path, includes.empty() ? 1 : includes.front().line, "own-header",
                      "includes \"" + own + "\" first, which shows that it stands alone"});
}

void check_quoted(const File& file, const Parts& parts, const std::set<std::string>& paths,
                  Findings& findings) {
  for (const Include& include : includes_of(parts)) {
    if (!include.quoted || paths.contains(include.path)) continue;
    findings.push_back({file.path, include.line, "include",
                        "\"" + include.path + "\" is no file: includes begin at the root"});
  }
}

}  // namespace

Findings check_layout(const File& file, const std::set<std::string>& paths) {
  Findings findings;
  check_name(file, findings);
  check_lines(file, findings);
  if (!is_cpp(file.path)) {
    check_notes(file, file.text, findings);
    return findings;
  }
  const Parts parts = take_apart(file.text);
  check_notes(file, parts.comments, findings);
  check_pragma_once(file, parts, findings);
  check_own_header(file, parts, paths, findings);
  check_quoted(file, parts, paths, findings);
  return findings;
}

}  // namespace firedrill::tidy
