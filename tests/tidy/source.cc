#include "tests/tidy/source.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

namespace firedrill::tidy {

namespace {

/// Walks once over C++ text and says of each character what it belongs to.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {
    parts_.code.assign(text.size(), ' ');
    parts_.comments.assign(text.size(), ' ');
    parts_.includes.assign(text.size(), ' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\n') continue;
      parts_.code[i] = parts_.comments[i] = parts_.includes[i] = '\n';
    }
  }

  Parts run() {
    while (at_ < text_.size()) step();
    return std::move(parts_);
  }

 private:
  void step() {
    if (starts("//")) return take(parts_.comments, end_of("\n", 0));
    if (starts("/*")) return take(parts_.comments, end_of("*/", 2));
    if (text_[at_] == '#' && first_in_line() && is_include()) {
      return take(parts_.includes, end_of("\n", 0));
    }
    if (text_[at_] == '"') return raw() ? skip_raw() : skip_quoted('"');
    // A quote within a number (1'000) or after a letter other than a prefix separates digits.
    if (text_[at_] == '\'' && (at_ == 0 || !is_word_char(text_[at_ - 1]))) return skip_quoted('\'');
    take(parts_.code, at_ + 1);
  }

  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  /// Where the next `what` after the first `from` characters ends, its line break excluded.
  std::size_t end_of(std::string_view what, std::size_t from) const {
    const std::size_t found = text_.find(what, at_ + from);
    if (found == std::string_view::npos) return text_.size();
    return what == "\n" ? found : found + what.size();
  }

  bool first_in_line() const {
    const std::size_t begin = text_.rfind('\n', at_);
    const std::size_t from = begin == std::string_view::npos ? 0 : begin + 1;
    return trim(text_.substr(from, at_ - from)).empty();
  }

  bool is_include() const { return trim(text_.substr(at_ + 1, 40)).starts_with("include"); }

  bool raw() const { return at_ > 0 && text_[at_ - 1] == 'R'; }

  void skip_raw() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return skip(text_.size());
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    skip(end_of(close, open - at_));
  }

  void skip_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    skip(std::min(end + 1, text_.size()));
  }

  /// Leaves the two ends of a literal in the code, so that it is still seen that one was there.
  void skip(std::size_t end) {
    parts_.code[at_] = text_[at_];
    if (end > at_ + 1 && text_[end - 1] != '\n') parts_.code[end - 1] = text_[end - 1];
    at_ = end;
  }

  void take(std::string& part, std::size_t end) {
    for (; at_ < end; ++at_) part[at_] = text_[at_];
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Parts parts_;
};

}  // namespace

std::string to_string(const Finding& finding) {
  std::string place = finding.path;
  if (finding.line > 0) place += ":" + std::to_string(finding.line);
  return place + ": [" + finding.rule + "] " + finding.message;
}

void append(Findings& to, Findings more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Parts take_apart(std::string_view text) {
  return Splitter(text).run();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view trim(std::string_view text) {
  const std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find(separator);
    pieces.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

bool is_header(std::string_view path) {
  return path.ends_with(".h");
}

bool is_cpp(std::string_view path) {
  return is_header(path) || path.ends_with(".cc");
}

bool is_within(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::vector<Include> includes_of(const Parts& parts) {
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(parts.includes)) {
    ++number;
    const std::size_t begin = line.find_first_of("\"<");
    if (begin == std::string_view::npos) continue;
    const bool quoted = line[begin] == '"';
    const std::size_t end = line.find(quoted ? '"' : '>', begin + 1);
    if (end == std::string_view::npos) continue;
    includes.push_back({number, std::string(line.substr(begin + 1, end - begin - 1)), quoted});
  }
  return includes;
}

}  // namespace firedrill::tidy
