#include "sim/postgres/functions/text_functions.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/digest.h"

namespace firedrill::sim::postgres {

namespace {

// A char(n) counts without its trailing blanks.
std::string_view without_padding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

Value concatenate(Call& call) {
  return Value::of(call[0].text() + call[1].text());
}

Value text_and_any(Call& call) {
  return Value::of(call[0].text() + cast_to_text(call, 1));
}

Value any_and_text(Call& call) {
  return Value::of(cast_to_text(call, 0) + call[1].text());
}

Value length(Call& call) {
  return Value::of(count_characters(call[0].text()));
}

Value padded_length(Call& call) {
  return Value::of(count_characters(without_padding(call[0].text())));
}

std::int64_t byte_count(const Value& text) {
  return static_cast<std::int64_t>(text.text().size());
}

Value octet_length(Call& call) {
  return Value::of(byte_count(call[0]));
}

Value bit_length(Call& call) {
  return Value::of(byte_count(call[0]) * 8);
}

Value lower(Call& call) {
  return Value::of(ascii_lower(call[0].text()));
}

Value upper(Call& call) {
  return Value::of(ascii_upper(call[0].text()));
}

Value initcap(Call& call) {
  std::string text = call[0].text();
  bool is_inside = false;
  for (char& letter : text) {
    letter = is_inside ? ascii_lower(letter) : ascii_upper(letter);
    is_inside = is_ascii_letter(letter) || is_ascii_digit(letter);
  }
  return Value::of(std::move(text));
}

Value substring_from(Call& call) {
  return Value::of(text_substring(call[0].text(), call[1].integer()));
}

Value substring_for(Call& call) {
  return Value::of(text_substring(call[0].text(), call[1].integer(), call[2].integer()));
}

/// Where a text is to be cut for left() and right(): a negative count is one of the other end.
std::int64_t kept(std::string_view text, std::int64_t count) {
  return count >= 0 ? count : std::max<std::int64_t>(count_characters(text) + count, 0);
}

Value left(Call& call) {
  const std::string_view text = call[0].text();
  return Value::of(text.substr(0, byte_offset(text, kept(text, call[1].integer()))));
}

Value right(Call& call) {
  const std::string_view text = call[0].text();
  // This one cannot be negated, and PostgreSQL leaves out nothing.
  if (call[1].integer() == std::numeric_limits<std::int32_t>::min()) return call[0];
  const std::int64_t skipped = count_characters(text) - kept(text, call[1].integer());
  return Value::of(text.substr(byte_offset(text, std::max<std::int64_t>(skipped, 0))));
}

Value position(Call& call) {
  const std::string_view text = call[0].text();
  const std::size_t found = text.find(call[1].text());
  if (found == std::string_view::npos) return Value::of(0);
  return Value::of(count_characters(text.substr(0, found)) + 1);
}

Value starts_with(Call& call) {
  return Value::of(call[0].text().starts_with(call[1].text()));
}

Value ascii(Call& call) {
  const std::u32string characters = to_characters(call[0].text());
  return Value::of(characters.empty() ? 0 : static_cast<std::int64_t>(characters[0]));
}

Value chr(Call& call) {
  const std::int64_t number = call[0].integer();
  if (number < 0) fail(sqlstate::kInvalidParameterValue, "character number must be positive");
  if (number == 0) fail("54000", "null character not permitted");
  if (number > 0x10FFFF) {
    fail("54000", "requested character too large for encoding: " + std::to_string(number));
  }
  if (number >= 0xD800 && number <= 0xDFFF) {
    fail("54000", "requested character not valid for encoding: " + std::to_string(number));
  }
  std::string text;
  append_utf8(text, static_cast<char32_t>(number));
  return Value::of(std::move(text));
}

Value hexadecimal(std::uint64_t number) {
  std::string digits;
  do {
    digits += "0123456789abcdef"[number & 15U];
    number >>= 4U;
  } while (number != 0);
  return Value::of(std::string(digits.rbegin(), digits.rend()));
}

Value int4_to_hex(Call& call) {
  return hexadecimal(static_cast<std::uint32_t>(call[0].integer()));
}

Value int8_to_hex(Call& call) {
  return hexadecimal(static_cast<std::uint64_t>(call[0].integer()));
}

Value text_md5(Call& call) {
  return Value::of(to_hex(md5(call[0].text())));
}

constexpr FunctionRow kRows[] = {
    {"textcat", "text text", "text", concatenate},
    {"length", "text", "int4", length},
    {"length", "bpchar", "int4", padded_length},
    {"char_length", "text", "int4", length},
    {"char_length", "bpchar", "int4", padded_length},
    {"character_length", "text", "int4", length},
    {"character_length", "bpchar", "int4", padded_length},
    {"octet_length", "text", "int4", octet_length},
    {"octet_length", "bpchar", "int4", octet_length},
    {"bit_length", "text", "int4", bit_length},
    {"lower", "text", "text", lower},
    {"upper", "text", "text", upper},
    {"initcap", "text", "text", initcap},
    {"substring", "text int4", "text", substring_from},
    {"substring", "text int4 int4", "text", substring_for},
    {"substr", "text int4", "text", substring_from},
    {"substr", "text int4 int4", "text", substring_for},
    {"left", "text int4", "text", left},
    {"right", "text int4", "text", right},
    {"position", "text text", "int4", position},
    {"strpos", "text text", "int4", position},
    {"starts_with", "text text", "bool", starts_with},
    {"ascii", "text", "int4", ascii},
    {"chr", "int4", "text", chr},
    {"to_hex", "int4", "text", int4_to_hex},
    {"to_hex", "int8", "text", int8_to_hex},
    {"md5", "text", "text", text_md5},
};

constexpr OperatorRow kOperators[] = {
    {"||", "text", "text", "text", concatenate},
    {"||", "text", "anynonarray", "text", text_and_any},
    {"||", "anynonarray", "text", "text", any_and_text},
    {"^@", "text", "text", "bool", starts_with},
};

std::vector<FunctionRow> all_rows() {
  std::vector<FunctionRow> rows(std::begin(kRows), std::end(kRows));
  for (const auto more : {text_editing_rows(), text_printing_rows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace

std::string text_substring(std::string_view text, std::int64_t start, std::int64_t length) {
  if (length < 0) fail("22011", "negative substring length not allowed");
  const std::int64_t end = std::max<std::int64_t>(start + length, 1);
  const std::size_t first = byte_offset(text, start - 1);
  const std::string_view rest = text.substr(first);
  return std::string(rest.substr(0, byte_offset(rest, end - std::max<std::int64_t>(start, 1))));
}

std::string text_substring(std::string_view text, std::int64_t start) {
  return std::string(text.substr(byte_offset(text, start - 1)));
}

FunctionFamily text_family() {
  static const std::vector<FunctionRow> kFunctions = all_rows();
  return {.functions = kFunctions, .operators = kOperators, .casts = text_cast_rows()};
}

}  // namespace firedrill::sim::postgres
