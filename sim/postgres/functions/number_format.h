#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::sim::postgres::number_format {

/// What stands in a format of to_char(number, text) and to_number(text, text).
enum class Pattern : std::uint8_t {
  literal,
  comma,
  point,
  zero,
  nine,
  blank,
  decimal,
  exponent,
  fill,
  group,
  currency,
  minus,
  plus,
  angle,
  roman,
  either,
  sign,
  ordinal,
  shift,
};

struct Part {
  Pattern pattern = Pattern::literal;
  std::string text;  ///< of a literal
  bool is_lower = false;
};

/// A format, read: its parts, and what they say together.
struct Format {
  explicit Format(std::string_view text);

  std::vector<Part> parts;
  int before = 0;      ///< digits before the point
  int after = 0;       ///< and behind it
  int shifted = 0;     ///< digits behind V
  int zero_begin = 0;  ///< of which digit on zeros are written, from 1; 0: none
  int zero_end = 0;
  int before_sign = 0;  ///< digits before S
  enum class Sign : std::uint8_t { none, before, behind };
  Sign sign = Sign::none;
  bool is_decimal = false, is_zero = false, is_filled = false, has_sign = false, has_angle = false,
       has_minus = false, has_plus = false, is_roman = false, is_shifted = false,
       is_scientific = false;

 private:
  void add(Part part);
  void add_digit(bool is_zero_digit);
  void add_sign();
};

/// `number` has digits and perhaps a point; `sign`: '+' or '-'. It has `spaces` digits fewer than
/// the format before its point.
std::string write(Format format, const std::string& number, char sign, int spaces);

/// The number that `text` has by the format: as text, a sign or a blank first.
std::string read(Format& format, std::string_view text);

}  // namespace firedrill::sim::postgres::number_format
