#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::tidy {

/// One file of the checkout: the path from its root, with forward slashes, and the text.
struct File {
  std::string path;
  std::string text;
};

/// One thing to mend. `line` counts from 1; 0 where the file as a whole is meant.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string rule;     ///< one word, the name that `tidy: allow` takes
  std::string message;  ///< what is wrong, and what to do instead

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

/// "path:line: [rule] message"
std::string to_string(const Finding& finding);

void append(Findings& to, Findings more);

/// C++ text taken apart. All three have the size and the line breaks of the text; what belongs to
/// another one is blank.
struct Parts {
  std::string code;  ///< without comments, and without what is between quotes
  std::string comments;
  std::string includes;  ///< the lines that are #include directives, whole
};

Parts take_apart(std::string_view text);

/// Without their line ends. A last line that is empty is none.
std::vector<std::string_view> lines_of(std::string_view text);

/// The line, from 1, on which `offset` is.
std::size_t line_at(std::string_view text, std::size_t offset);

bool is_word_char(char c);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);  ///< pieces trimmed

bool is_cpp(std::string_view path);  ///< .h or .cc
bool is_header(std::string_view path);
bool is_within(std::string_view path, std::string_view folder);  ///< "a/b/c.h" is within "a/b"
std::string_view folder_of(std::string_view path);               ///< "" at the root
std::string_view name_of(std::string_view path);                 ///< the last part

struct Include {
  std::size_t line = 0;
  std::string path;
  bool quoted = false;
};

std::vector<Include> includes_of(const Parts& parts);

}  // namespace firedrill::tidy
