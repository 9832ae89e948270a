#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::sim::postgres {

/// The kinds of token that PostgreSQL's default parser tells apart, with its numbers.
enum class TextTokenKind : std::uint8_t {
  none = 0,
  ascii_word = 1,
  word = 2,
  word_with_digits = 3,
  email = 4,
  url = 5,
  host = 6,
  scientific = 7,
  version = 8,
  hyphenated_part_with_digits = 9,
  hyphenated_part = 10,
  hyphenated_ascii_part = 11,
  blank = 12,
  tag = 13,
  protocol = 14,
  hyphenated_with_digits = 15,
  hyphenated_ascii = 16,
  hyphenated = 17,
  url_path = 18,
  file = 19,
  decimal = 20,
  signed_integer = 21,
  unsigned_integer = 22,
  entity = 23,
};

struct TextToken {
  TextTokenKind kind = TextTokenKind::none;
  std::string text;
};

/// As ts_parse('default', text), in the locale C. Parts of what is hyphenated, and of URLs, follow
/// the whole.
std::vector<TextToken> parse_search_text(std::string_view text);

}  // namespace firedrill::sim::postgres
