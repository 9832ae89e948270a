#include "sim/postgres/query/nesting.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace firedrill::sim::postgres {

namespace {

/// Reads a text as far as nesting needs it: what is quoted or a comment, it skips.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t deepest() {
    while (at_ < text_.size()) step();
    return deepest_;
  }

 private:
  char here(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = here();
    if (c == '\'' || c == '"') return skip_quoted(c);
    if (c == '-' && here(1) == '-') return skip_past("\n");
    if (c == '/' && here(1) == '*') return skip_past("*/");
    if (c == '$' && skip_dollar_quoted()) return;
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') return word();
    if (c == '(' || c == '[') return open();
    if (c == ')' || c == ']') return close();
    if (c == ',' || c == ';') return restart();
    if (std::isspace(static_cast<unsigned char>(c)) == 0) deepen();
    ++at_;
  }

  void skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_ + 2);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void skip_quoted(char quote) {
    const bool has_escapes = at_ > 0 && (text_[at_ - 1] | 0x20) == 'e' && quote == '\'';
    for (++at_; at_ < text_.size() && here() != quote; ++at_) {
      if (has_escapes && here() == '\\') ++at_;
    }
    ++at_;
  }

  bool skip_dollar_quoted() {
    std::size_t end = at_ + 1;
    const auto in_tag = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    while (end < text_.size() && in_tag(text_[end])) ++end;
    const bool is_tag = end < text_.size() && text_[end] == '$' &&
                        std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) == 0;
    if (!is_tag) return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t found = text_.find(tag, end + 1);
    at_ = found == std::string_view::npos ? text_.size() : found + tag.size();
    return true;
  }

  /// AND and OR make flat lists; every other word may be one more level (NOT, CASE, UNION, ...).
  void word() {
    const std::size_t begin = at_;
    while (std::isalnum(static_cast<unsigned char>(here())) != 0 || here() == '_') ++at_;
    std::string_view name = text_.substr(begin, at_ - begin);
    const auto is = [&](std::string_view other) {
      return std::ranges::equal(name, other, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
      });
    };
    if (is("and") || is("or")) {
      levels_.back() = 0;
    } else if (is("not") || is("case") || is("union") || is("except") || is("intersect") ||
               is("is") || is("join")) {
      deepen();
    }
  }

  void deepen() {
    ++levels_.back();
    deepest_ = std::max(deepest_, sum_ + levels_.back() + levels_.size());
  }
  void open() {
    sum_ += levels_.back();
    levels_.push_back(0);
    deepest_ = std::max(deepest_, sum_ + levels_.size());
    ++at_;
  }
  void close() {
    if (levels_.size() > 1) {
      levels_.pop_back();
      sum_ -= levels_.back();
    }
    ++at_;
  }
  void restart() {
    levels_.back() = 0;
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> levels_ = {0};  ///< operators since the last comma, by parenthesis
  std::size_t sum_ = 0;                    ///< of all levels but the innermost
  std::size_t deepest_ = 0;
};

}  // namespace

std::size_t nesting_of(std::string_view sql) {
  return Scanner(sql).deepest();
}

}  // namespace firedrill::sim::postgres
