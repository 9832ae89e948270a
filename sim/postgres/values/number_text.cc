#include "sim/postgres/values/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

__extension__ using UInt128 = unsigned __int128;

[[noreturn]] void fail_syntax(std::string_view type, std::string_view text) {
  fail(sqlstate::kInvalidTextRepresentation,
       "invalid input syntax for type " + std::string(type) + ": \"" + std::string(text) + "\"");
}

[[noreturn]] void fail_integer_text_range(std::string_view type, std::string_view text) {
  fail(sqlstate::kNumericValueOutOfRange,
       "value \"" + std::string(text) + "\" is out of range for type " + std::string(type));
}

[[noreturn]] void fail_real_text_range(std::string_view type, std::string_view number) {
  fail(sqlstate::kNumericValueOutOfRange,
       "\"" + std::string(number) + "\" is out of range for type " + std::string(type));
}

/// Digits after a sign. That it is out of range is found before what follows the digits is.
template <class Integer>
std::int64_t parse_integer(std::string_view type, std::string_view text) {
  std::string_view word = without_blanks(text);
  const bool is_negative = !word.empty() && word.front() == '-';
  if (!word.empty() && (word.front() == '-' || word.front() == '+')) word.remove_prefix(1);
  if (word.empty() || !is_ascii_digit(word.front())) fail_syntax(type, text);
  // Downwards: there is one more number below 0 than above it.
  Integer number = 0;
  while (!word.empty() && is_ascii_digit(word.front())) {
    const int digit = word.front() - '0';
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_sub_overflow(number, digit, &number)) {
      fail_integer_text_range(type, text);
    }
    word.remove_prefix(1);
  }
  if (!word.empty()) fail_syntax(type, text);
  if (is_negative) return number;
  if (number == std::numeric_limits<Integer>::min()) fail_integer_text_range(type, text);
  return -static_cast<std::int64_t>(number);
}

template <class Real>
std::optional<Real> parse_special(std::string_view word) {
  const std::string name = ascii_lower(word);
  const bool is_signed = !name.empty() && (name.front() == '+' || name.front() == '-');
  const std::string_view rest = std::string_view(name).substr(is_signed ? 1 : 0);
  if (rest == "nan") return std::numeric_limits<Real>::quiet_NaN();
  if (rest != "inf" && rest != "infinity") return std::nullopt;
  constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
  return name.front() == '-' ? -kInfinity : kInfinity;
}

/// How strtod() reads a finite number: decimal, or hexadecimal after 0x.
template <class Real>
Real parse_real(std::string_view type, std::string_view text) {
  const std::string_view word = without_blanks(text);
  if (const std::optional<Real> special = parse_special<Real>(word)) return *special;
  std::string_view rest = word;
  const bool is_negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  const bool is_hexadecimal = rest.size() > 2 && rest[0] == '0' && ascii_lower(rest[1]) == 'x';
  if (is_hexadecimal) rest.remove_prefix(2);
  if (rest.empty() || !(is_ascii_digit(rest.front()) || rest.front() == '.' || is_hexadecimal)) {
    fail_syntax(type, text);
  }
  Real number = 0;
  const char* last = rest.data() + rest.size();
  const auto [end, error] =
      std::from_chars(rest.data(), last, number,
                      is_hexadecimal ? std::chars_format::hex : std::chars_format::general);
  if (error == std::errc::invalid_argument) fail_syntax(type, text);
  if (error != std::errc{}) {
    fail_real_text_range(type, word.substr(0, static_cast<std::size_t>(end - word.data())));
  }
  if (end != last) fail_syntax(type, text);
  return is_negative ? -number : number;
}

/// digits * 10^exponent, the digits without a point and without zeros at the end.
struct Decimal {
  std::string digits;
  int exponent = 0;
};

/// As to_chars() writes it: d.ddde[+-]dd.
Decimal decimal_of(std::string_view scientific) {
  const std::size_t at = scientific.find('e');
  Decimal decimal;
  for (const char c : scientific.substr(0, at)) {
    if (c != '.') decimal.digits += c;
  }
  std::string_view exponent = scientific.substr(at + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
  decimal.exponent -= static_cast<int>(decimal.digits.size()) - 1;
  return decimal;
}

/// number = odd * 2^twos.
std::pair<UInt128, int> split_twos(UInt128 number) {
  int twos = 0;
  for (; number != 0 && (number & 1) == 0; number >>= 1) ++twos;
  return {number, twos};
}

/// Whether it is exactly half way between `number` and one of its neighbours: a reader that does
/// not round halves to even would take it for the neighbour, so PostgreSQL never writes it.
template <class Real>
bool is_midpoint(const Decimal& decimal, Real number) {
  constexpr int kMantissaBits = std::numeric_limits<Real>::digits;
  constexpr int kMaxExponent = 23;  // 5^23 is the last below 2^54
  if (decimal.exponent > kMaxExponent || decimal.exponent < -kMaxExponent) return false;
  UInt128 fives = 1;
  for (int count = 0; count < std::abs(decimal.exponent); ++count) fives *= 5;
  std::uint64_t digits = 0;
  std::from_chars(decimal.digits.data(), decimal.digits.data() + decimal.digits.size(), digits);
  // The decimal is scaled * 2^exponent, if its fives divide it.
  UInt128 scaled = digits;
  if (decimal.exponent >= 0) scaled *= fives;
  if (decimal.exponent < 0 && digits % fives != 0) return false;
  if (decimal.exponent < 0) scaled /= fives;
  const auto [odd, twos] = split_twos(scaled);
  int exponent = 0;
  const Real fraction = std::frexp(number, &exponent);
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, kMantissaBits));
  exponent -= kMantissaBits;
  return (odd == 2 * UInt128{mantissa} + 1 || odd == 2 * UInt128{mantissa} - 1) &&
         twos + decimal.exponent == exponent - 1;
}

template <class Real>
Decimal rounded_decimal(Real number, int digits) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                          std::chars_format::scientific, digits - 1);
  check(error == std::errc{}, "the buffer holds a number with so few digits");
  return decimal_of({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

template <class Real>
bool is_read_back(const Decimal& decimal, Real number) {
  const std::string text = decimal.digits + "e" + std::to_string(decimal.exponent);
  Real read = 0;
  std::from_chars(text.data(), text.data() + text.size(), read);
  return read == number && !is_midpoint(decimal, number);
}

/// Of a number above 0.
template <class Real>
Decimal shortest_decimal(Real number) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                          std::chars_format::scientific);
  check(error == std::errc{}, "the buffer holds the shortest form of a number");
  Decimal shortest = decimal_of({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  int digits = static_cast<int>(shortest.digits.size());
  while (!is_read_back(shortest, number) && digits <= std::numeric_limits<Real>::max_digits10) {
    shortest = rounded_decimal(number, digits++);
  }
  return shortest;
}

std::string print_scientific(const std::string& digits, int exponent) {
  std::string text = digits.substr(0, 1);
  if (digits.size() > 1) text += "." + digits.substr(1);
  const std::string size = std::to_string(std::abs(exponent));
  return text + (exponent < 0 ? "e-" : "e+") + (size.size() < 2 ? "0" : "") + size;
}

std::string print_plain(std::string digits, int exponent) {
  if (exponent >= 0) return digits + std::string(static_cast<std::size_t>(exponent), '0');
  const auto after_point = static_cast<std::size_t>(-exponent);
  if (digits.size() <= after_point) digits.insert(0, after_point + 1 - digits.size(), '0');
  return digits.insert(digits.size() - after_point, ".");
}

template <class Real>
std::string print_real(Real number) {
  if (std::isnan(number)) return "NaN";
  const std::string sign = std::signbit(number) ? "-" : "";
  if (std::isinf(number)) return sign + "Infinity";
  if (number == 0) return sign + "0";
  const Decimal decimal = shortest_decimal(std::abs(number));
  const int leading = decimal.exponent + static_cast<int>(decimal.digits.size()) - 1;
  if (leading < -4 || leading >= std::numeric_limits<Real>::digits10) {
    return sign + print_scientific(decimal.digits, leading);
  }
  return sign + print_plain(decimal.digits, decimal.exponent);
}

/// Whether `word` is `whole`, or begins it with at least so many letters.
bool is_begun(std::string_view word, std::string_view whole, std::size_t least = 1) {
  return word.size() >= least && whole.starts_with(word);
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

std::int64_t parse_int2(std::string_view text) {
  return parse_integer<std::int16_t>("smallint", text);
}

std::int64_t parse_int4(std::string_view text) {
  return parse_integer<std::int32_t>("integer", text);
}

std::int64_t parse_int8(std::string_view text) {
  return parse_integer<std::int64_t>("bigint", text);
}

std::int64_t parse_oid(std::string_view text) {
  std::string_view word = without_blanks(text);
  const bool is_negative = !word.empty() && word.front() == '-';
  if (!word.empty() && (word.front() == '-' || word.front() == '+')) word.remove_prefix(1);
  std::uint64_t number = 0;
  const char* last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, number);
  if (error == std::errc::invalid_argument) fail_syntax("oid", text);
  if (error != std::errc{}) fail_integer_text_range("oid", text);
  if (end != last) fail_syntax("oid", text);
  // As a C program does that reads it without a sign: -1 is the last one.
  if (is_negative) number = 0 - number;
  const auto oid = static_cast<std::uint32_t>(number);
  const auto extended = static_cast<std::uint64_t>(static_cast<std::int32_t>(oid));
  if (number != oid && number != extended) fail_integer_text_range("oid", text);
  return oid;
}

double parse_float8(std::string_view text) {
  return parse_real<double>("double precision", text);
}

double parse_float4(std::string_view text) {
  return static_cast<double>(parse_real<float>("real", text));
}

bool parse_boolean(std::string_view text) {
  const std::string word = ascii_lower(without_blanks(text));
  if (is_begun(word, "true") || is_begun(word, "yes") || word == "on" || word == "1") return true;
  if (is_begun(word, "false") || is_begun(word, "no") || is_begun(word, "off", 2) || word == "0") {
    return false;
  }
  fail_syntax("boolean", text);
}

std::string print_float8(double number) {
  return print_real(number);
}

std::string print_float4(double number) {
  return print_real(static_cast<float>(number));
}

}  // namespace firedrill::sim::postgres
