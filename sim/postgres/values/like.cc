#include "sim/postgres/values/like.h"

#include <cstddef>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_unfinished() {
  fail("22025", "LIKE pattern must not end with escape character");
}

void check_escape(std::string_view escape) {
  if (count_characters(escape) <= 1) return;
  throw SqlError{.sqlstate = "22025",
                 .message = "invalid escape string",
                 .hint = "Escape string must be empty or one character."};
}

/// The last % is the only one to come back to: what the ones before it have matched is as good as
/// anything else that they could.
class LikeMatcher {
 public:
  LikeMatcher(std::string_view text, std::string_view pattern, bool in_bytes)
      : text_(text), pattern_(pattern), in_bytes_(in_bytes) {}

  bool matches() {
    while (at_text_ < text_.size()) {
      const bool goes_on = at_pattern_ < pattern_.size() && step();
      if (is_done_) return is_matched_;
      if (!goes_on && !retry()) return false;
    }
    return pattern_.find_first_not_of('%', at_pattern_) == std::string_view::npos;
  }

 private:
  std::size_t width() const { return in_bytes_ ? 1 : character_size(text_[at_text_]); }

  bool step() {
    switch (pattern_[at_pattern_]) {
      case '%': return skip_any();
      case '_':
        at_text_ += width();
        ++at_pattern_;
        return true;
      case '\\':
        if (at_pattern_ + 1 >= pattern_.size()) fail_unfinished();
        if (pattern_[at_pattern_ + 1] != text_[at_text_]) return false;
        at_pattern_ += 2;
        ++at_text_;
        return true;
      default:
        if (pattern_[at_pattern_] != text_[at_text_]) return false;
        ++at_pattern_;
        ++at_text_;
        return true;
    }
  }

  bool finish(bool is_matched) {
    is_done_ = true;
    is_matched_ = is_matched;
    return true;
  }

  bool skip_any() {
    for (++at_pattern_; at_pattern_ < pattern_.size(); ++at_pattern_) {
      const char wildcard = pattern_[at_pattern_];
      if (wildcard != '%' && wildcard != '_') break;
      if (wildcard == '%') continue;
      if (at_text_ >= text_.size()) return finish(false);
      at_text_ += width();
    }
    if (at_pattern_ >= pattern_.size()) return finish(true);
    if (pattern_.substr(at_pattern_) == "\\") fail_unfinished();
    after_any_ = at_pattern_;
    tried_ = at_text_;
    has_any_ = true;
    return seek();
  }

  /// On to the next place where the rest of the pattern may begin.
  bool seek() {
    const char first =
        pattern_[after_any_] == '\\' ? pattern_[after_any_ + 1] : pattern_[after_any_];
    at_pattern_ = after_any_;
    for (at_text_ = tried_; at_text_ < text_.size(); at_text_ += width()) {
      if (text_[at_text_] != first) continue;
      tried_ = at_text_;
      return true;
    }
    return finish(false);
  }

  bool retry() {
    if (!has_any_) return false;
    at_text_ = tried_;
    tried_ += width();
    seek();
    return !is_done_;
  }

  std::string_view text_;
  std::string_view pattern_;
  bool in_bytes_;
  std::size_t at_text_ = 0;
  std::size_t at_pattern_ = 0;
  bool has_any_ = false;
  std::size_t after_any_ = 0;  ///< what follows the last %, in the pattern
  std::size_t tried_ = 0;      ///< where that has last been tried, in the text
  bool is_done_ = false;
  bool is_matched_ = false;
};

/// Writes the regular expression for a pattern of SIMILAR TO.
class SimilarTranslator {
 public:
  explicit SimilarTranslator(std::string_view escape) : escape_(escape) {}

  std::string translate(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
      const std::string_view character = pattern.substr(at, character_size(pattern[at]));
      at += character.size();
      if (is_escaped_) {
        add_escaped(character);
        is_escaped_ = false;
      } else if (!escape_.empty() && character == escape_) {
        is_escaped_ = true;
      } else {
        add(character);
      }
    }
    return "^(?:" + regex_ + ")$";
  }

 private:
  void add_escaped(std::string_view character) {
    if (character != "\"" || depth_ > 0) {
      regex_ += '\\';
      regex_ += character;
      begun_ = kWithin;
      return;
    }
    // What stands between the two of them is what substring() wants.
    switch (separators_++) {
      case 0: regex_ += "){1,1}?("; return;
      case 1: regex_ += "){1,1}(?:"; return;
      default:
        fail("2200C",
             "SQL regular expression may not contain more than two escape-double-quote separators");
    }
  }

  void add(std::string_view character) {
    const char letter = character[0];
    if (depth_ > 0) return add_in_class(character);
    switch (letter) {
      case '[':
        depth_ = 1;
        begun_ = 0;
        break;
      case '%': regex_ += ".*"; return;
      case '_': regex_ += "."; return;
      case '(': regex_ += "(?:"; return;
      case '\\':
      case '.':
      case '^':
      case '$': regex_ += '\\'; break;
      default: break;
    }
    regex_ += character;
  }

  /// A ] that comes first, or after the first ^, is one of the characters.
  void add_in_class(std::string_view character) {
    const char letter = character[0];
    if (letter == '\\') regex_ += '\\';
    regex_ += character;
    // With an escape of several bytes PostgreSQL looks at none but ASCII characters.
    if (escape_.size() > 1 && character.size() > 1) return;
    if (letter == ']' && begun_ >= kWithin) --depth_;
    if (letter == '[') ++depth_;
    begun_ = letter == '^' ? begun_ + 1 : kWithin;
  }

  static constexpr int kWithin = 2;

  std::string_view escape_;
  std::string regex_;
  bool is_escaped_ = false;
  int depth_ = 0;  ///< of [
  int begun_ = 0;  ///< since the [: nothing, a ^, or more
  int separators_ = 0;
};

}  // namespace

bool matches_like(std::string_view text, std::string_view pattern) {
  return LikeMatcher(text, pattern, false).matches();
}

bool matches_like_bytes(std::string_view bytes, std::string_view pattern) {
  return LikeMatcher(bytes, pattern, true).matches();
}

std::string like_with_escape(std::string_view pattern, std::string_view escape) {
  check_escape(escape);
  if (escape == "\\") return std::string(pattern);
  std::string result;
  bool is_escaped = false;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::string_view character = pattern.substr(at, character_size(pattern[at]));
    at += character.size();
    if (!escape.empty() && character == escape && !is_escaped) {
      result += '\\';
      is_escaped = true;
      continue;
    }
    if (character == "\\" && !is_escaped) result += '\\';
    result += character;
    is_escaped = false;
  }
  return result;
}

std::string similar_to_regex(std::string_view pattern, std::string_view escape) {
  check_escape(escape);
  return SimilarTranslator(escape).translate(pattern);
}

}  // namespace firedrill::sim::postgres
