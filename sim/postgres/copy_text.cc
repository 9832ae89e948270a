#include "sim/postgres/copy_text.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kBadFormat = "22P04";
constexpr std::string_view kEscaped = "bfnrtv";
constexpr std::string_view kControls = "\b\f\n\r\t\v";

bool is_octal(char letter) {
  return letter >= '0' && letter <= '7';
}

std::optional<int> hex_digit(char letter) {
  if (is_ascii_digit(letter)) return letter - '0';
  const char lower = ascii_lower(letter);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

/// What stands after a backslash; `at` moves beyond it.
char unescaped(std::string_view line, std::size_t& at) {
  const char letter = line[at++];
  if (is_octal(letter)) {
    int value = letter - '0';
    for (int i = 0; i < 2 && at < line.size() && is_octal(line[at]); ++i) {
      value = value * 8 + (line[at++] - '0');
    }
    return static_cast<char>(value & 0xff);
  }
  if (letter == 'x') {
    std::optional<int> value;
    for (int i = 0; i < 2 && at < line.size(); ++i) {
      const auto digit = hex_digit(line[at]);
      if (!digit) break;
      value = value.value_or(0) * 16 + *digit;
      ++at;
    }
    return value ? static_cast<char>(*value) : 'x';
  }
  const std::size_t control = kEscaped.find(letter);
  return control == std::string_view::npos ? letter : kControls[control];
}

std::vector<std::optional<std::string>> text_fields(const CopyOptions& options,
                                                    std::string_view line) {
  std::vector<std::optional<std::string>> fields;
  for (std::size_t at = 0;;) {
    const std::size_t begin = at;
    std::string value;
    while (at < line.size() && line[at] != options.delimiter) {
      if (line[at] == '\\' && at + 1 < line.size()) {
        ++at;
        value += unescaped(line, at);
      } else {
        value += line[at++];
      }
    }
    if (line.substr(begin, at - begin) == options.null) {
      fields.emplace_back();
    } else {
      check_utf8(value);
      fields.emplace_back(std::move(value));
    }
    if (at >= line.size()) return fields;
    ++at;
  }
}

/// One CSV value, from `at` to its delimiter.
std::optional<std::string> csv_field(const CopyOptions& options, std::string_view line,
                                     std::size_t& at) {
  const std::size_t begin = at;
  std::string value;
  bool was_quoted = false;
  while (at < line.size() && line[at] != options.delimiter) {
    if (line[at] != options.quote) {
      value += line[at++];
      continue;
    }
    was_quoted = true;
    ++at;
    for (bool is_open = true; is_open;) {
      if (at >= line.size()) fail(kBadFormat, "unterminated CSV quoted field");
      const char letter = line[at++];
      const bool escapes = letter == options.escape && at < line.size() &&
                           (line[at] == options.escape || line[at] == options.quote);
      if (escapes) {
        value += line[at++];
      } else if (letter == options.quote) {
        is_open = false;
      } else {
        value += letter;
      }
    }
  }
  if (!was_quoted && line.substr(begin, at - begin) == options.null) return std::nullopt;
  return value;
}

void append_text(const CopyOptions& options, std::string& line, const std::string& value) {
  for (const char letter : value) {
    const std::size_t control = kControls.find(letter);
    if (control != std::string_view::npos) {
      line += '\\';
      line += kEscaped[control];
      continue;
    }
    if (letter == '\\' || letter == options.delimiter) line += '\\';
    line += letter;
  }
}

void append_csv(const CopyOptions& options, std::string& line, const std::string& value,
                bool is_quoted, bool is_alone) {
  const auto is_special = [&](char letter) {
    return letter == options.delimiter || letter == options.quote || letter == '\n' ||
           letter == '\r';
  };
  const bool quotes = is_quoted || value == options.null || (is_alone && value == "\\.") ||
                      std::find_if(value.begin(), value.end(), is_special) != value.end();
  if (!quotes) {
    line += value;
    return;
  }
  line += options.quote;
  for (const char letter : value) {
    if (letter == options.quote || letter == options.escape) line += options.escape;
    line += letter;
  }
  line += options.quote;
}

}  // namespace

// --- Lines ---------------------------------------------------------------------------------------

bool CopyLines::has(std::size_t count) {
  while (data_.size() - at_ < count) {
    if (!more_(data_)) return false;
  }
  return true;
}

void CopyLines::fail_end(std::string_view letter) const {
  const std::string name = letter == "n" ? "newline" : "carriage return";
  SqlError error{.sqlstate = std::string(kBadFormat),
                 .message = (options_.is_csv ? "unquoted " : "literal ") + name + " found in data"};
  error.hint = options_.is_csv ? "Use quoted CSV field to represent " + name + "."
                               : "Use \"\\" + std::string(letter) + "\" to represent " + name + ".";
  throw error;
}

/// All lines have the same end.
bool CopyLines::end_of_line(char letter) {
  if (letter == '\r') {
    ++at_;
    if (end_ == End::newline) fail_end("r");
    if (end_ == End::carriage_return) return true;
    if (has(1) && data_[at_] == '\n') {
      ++at_;
      end_ = End::both;
      return true;
    }
    if (end_ == End::both) fail_end("r");
    end_ = End::carriage_return;
    return true;
  }
  if (letter != '\n') return false;
  ++at_;
  if (end_ == End::carriage_return || end_ == End::both) fail_end("n");
  end_ = End::newline;
  return true;
}

/// "\." and the end of a line. Elsewhere it is an error in text, and nothing in CSV.
bool CopyLines::is_end_of_data() {
  if (!has(2) || data_[at_ + 1] != '.' || !has(3)) return false;
  const std::size_t ends = end_ == End::both ? 2 : 1;
  has(2 + ends);
  const std::string_view after = std::string_view(data_).substr(at_ + 2, ends);
  const bool is_end = after[0] == '\r' || after[0] == '\n';
  if (!is_end) {
    if (options_.is_csv) return false;
    fail(kBadFormat, "end-of-copy marker corrupt");
  }
  const std::string_view wanted = end_ == End::newline           ? "\n"
                                  : end_ == End::carriage_return ? "\r"
                                  : end_ == End::both            ? "\r\n"
                                                                 : after;
  if (after != wanted) {
    if (options_.is_csv) return false;
    fail(kBadFormat, "end-of-copy marker does not match previous newline style");
  }
  return true;
}

void CopyLines::skip_rest() {
  is_over_ = true;
  do {
    data_.clear();
  } while (more_(data_));
  data_.clear();
  at_ = 0;
}

/// False: the data ended before the line did.
bool CopyLines::read_line(std::string& line) {
  bool in_quotes = false;
  bool was_escape = false;
  const char escape = options_.escape == options_.quote ? '\0' : options_.escape;
  for (bool is_first = true; has(1); is_first = false) {
    const char letter = data_[at_];
    if (options_.is_csv) {
      if (in_quotes && letter == escape) was_escape = !was_escape;
      if (letter == options_.quote && !was_escape) in_quotes = !in_quotes;
      if (letter != escape) was_escape = false;
      if (in_quotes && letter == (end_ == End::newline ? '\n' : '\r')) ++number_;
    }
    if (!in_quotes && end_of_line(letter)) return true;
    if (letter == '\\' && (!options_.is_csv || is_first)) {
      if (is_end_of_data()) {
        skip_rest();
        return false;
      }
      if (!options_.is_csv && has(2)) line += data_[at_++];  // whatever comes next is no end
    }
    line += data_[at_++];
  }
  is_over_ = true;
  return false;
}

bool CopyLines::next(std::string& line) {
  constexpr std::size_t kMostRead = 1 << 16;
  line.clear();
  if (is_over_) return false;
  if (at_ > kMostRead || at_ == data_.size()) data_.erase(0, std::exchange(at_, 0));
  ++number_;
  if (!read_line(line) && line.empty()) return false;
  check_utf8(line);
  return true;
}

// --- Fields --------------------------------------------------------------------------------------

std::vector<std::optional<std::string>> copy_fields(const CopyOptions& options,
                                                    std::string_view line) {
  if (!options.is_csv) return text_fields(options, line);
  std::vector<std::optional<std::string>> fields;
  for (std::size_t at = 0;; ++at) {
    fields.push_back(csv_field(options, line, at));
    if (at >= line.size()) return fields;
  }
}

void append_copy_field(const CopyOptions& options, std::string& line,
                       const std::optional<std::string>& value, bool is_quoted, bool is_alone) {
  if (!value) {
    line += options.null;
  } else if (options.is_csv) {
    append_csv(options, line, *value, is_quoted, is_alone);
  } else {
    append_text(options, line, *value);
  }
}

}  // namespace firedrill::sim::postgres
