#include "sim/postgres/values/text_search_reader.h"

#include <algorithm>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::int64_t kMaxPosition = 16383;
constexpr std::size_t kMaxLexemeBytes = 2046;

}  // namespace

void TsLexemeReader::fail_syntax() const {
  const std::string type = in_query_ ? "tsquery" : "tsvector";
  fail(sqlstate::kSyntaxError, "syntax error in " + type + ": \"" + std::string(whole_) + "\"");
}

bool TsLexemeReader::is_operator() const {
  return in_query_ && std::string_view("!&|()<").find(here()) != std::string_view::npos;
}

void TsLexemeReader::copy() {
  const std::size_t size = character_size(here());
  lexeme_.text += text_.substr(at_, size);
  at_ += size;
}

void TsLexemeReader::copy_escaped() {
  ++at_;
  if (at_end()) {
    fail(sqlstate::kSyntaxError, "there is no escaped character: \"" + std::string(whole_) + "\"");
  }
  copy();
}

std::optional<TsLexeme> TsLexemeReader::next() {
  lexeme_ = {};
  while (!at_end() && is_ascii_space(here())) ++at_;
  if (at_end()) return std::nullopt;
  if (is_operator()) fail_syntax();
  if (here() == '\'') {
    read_quoted();
  } else {
    read_plain();
  }
  if (!in_query_ && here() == ':') read_positions();
  if (lexeme_.text.size() > kMaxLexemeBytes) {
    fail("54000", "word is too long (" + std::to_string(lexeme_.text.size()) + " bytes, max " +
                      std::to_string(kMaxLexemeBytes) + " bytes)");
  }
  return std::move(lexeme_);
}

void TsLexemeReader::read_quoted() {
  for (++at_;;) {
    if (at_end()) fail_syntax();
    if (here() == '\\') {
      copy_escaped();
    } else if (here() != '\'') {
      copy();
    } else if (text_.substr(at_).starts_with("''")) {
      ++at_;
      copy();
    } else {
      ++at_;
      break;
    }
  }
  if (lexeme_.text.empty()) fail_syntax();
}

void TsLexemeReader::read_plain() {
  // What comes first is taken, even a colon.
  if (here() != '\\') copy();
  while (!at_end() && !is_ascii_space(here()) && !is_operator()) {
    if (here() == '\\') {
      copy_escaped();
    } else if (here() == ':') {
      break;
    } else {
      copy();
    }
  }
}

TsPosition TsLexemeReader::read_position() {
  if (!is_ascii_digit(here())) fail_syntax();
  std::int64_t number = 0;
  for (; is_ascii_digit(here()); ++at_) {
    number = std::min<std::int64_t>(number * 10 + (here() - '0'), kMaxPosition);
  }
  if (number == 0) {
    fail(sqlstate::kSyntaxError,
         "wrong position info in tsvector: \"" + std::string(whole_) + "\"");
  }
  TsPosition position{.position = static_cast<std::uint16_t>(number)};
  for (;; ++at_) {
    const char letter = here() == '*' ? 'a' : ascii_lower(here());
    if (is_ascii_digit(letter)) continue;
    if (letter < 'a' || letter > 'd') return position;
    if (position.weight != 0) fail_syntax();
    position.weight = static_cast<std::uint8_t>('d' - letter);
  }
}

void TsLexemeReader::read_positions() {
  do {
    ++at_;
    lexeme_.positions.push_back(read_position());
  } while (here() == ',');
  if (!at_end() && !is_ascii_space(here())) fail_syntax();
}

}  // namespace firedrill::sim::postgres
