#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/number_text.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/numeric_digits.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_syntax(std::string_view text) {
  fail(sqlstate::kInvalidTextRepresentation,
       "invalid input syntax for type numeric: \"" + std::string(text) + "\"");
}

std::optional<Numeric> parse_special(std::string_view word) {
  const std::string lower = ascii_lower(word);
  if (lower == "nan") return Numeric::nan();
  if (lower == "infinity" || lower == "inf") return Numeric::infinity();
  if (lower == "+infinity" || lower == "+inf") return Numeric::infinity();
  if (lower == "-infinity" || lower == "-inf") return Numeric::minus_infinity();
  return std::nullopt;
}

/// [+-] digits [. digits] [e [+-] digits]: its parts.
struct Written {
  bool is_negative = false;
  std::string digits;
  std::int32_t scale = 0;
  std::int64_t exponent = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// False: not a number.
  bool read(Written& written) {
    if (!at_end() && (*next_ == '+' || *next_ == '-')) written.is_negative = *next_++ == '-';
    take_digits(written.digits);
    if (!at_end() && *next_ == '.') {
      const std::size_t before = written.digits.size();
      ++next_;
      take_digits(written.digits);
      written.scale = static_cast<std::int32_t>(written.digits.size() - before);
    }
    if (written.digits.empty()) return false;
    if (!at_end() && (*next_ == 'e' || *next_ == 'E') && !read_exponent(written)) return false;
    return at_end();
  }

 private:
  bool at_end() const { return next_ == text_.end(); }

  void take_digits(std::string& digits) {
    while (!at_end() && is_ascii_digit(*next_)) digits += *next_++;
  }

  bool read_exponent(Written& written) {
    ++next_;
    bool is_negative = false;
    if (!at_end() && (*next_ == '+' || *next_ == '-')) is_negative = *next_++ == '-';
    std::string digits;
    take_digits(digits);
    if (digits.empty()) return false;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), written.exponent);
    if (error != std::errc{} || written.exponent >= kMaxExponent) fail_numeric_overflow();
    if (is_negative) written.exponent = -written.exponent;
    return true;
  }

  static constexpr std::int64_t kMaxExponent = std::numeric_limits<std::int32_t>::max() / 2;
  std::string_view text_;
  std::string_view::iterator next_ = text_.begin();
};

/// Longest text of digits whose number fits into a word.
constexpr std::size_t kSmallDigits = 18;

Numeric number_of(std::string_view digits, std::int32_t scale, bool is_negative) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() <= kSmallDigits) {
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return Numeric(is_negative ? -number : number, scale);
  }
  BigInteger number{std::string(digits)};
  if (is_negative) number = -number;
  return Numeric(NumericDigits{std::move(number)}, scale);
}

Numeric number_of(Written written) {
  const std::int64_t scale = written.scale - written.exponent;
  if (scale > kMaxStoredScale) fail_numeric_overflow();
  if (scale >= 0) {
    return checked(
        number_of(written.digits, static_cast<std::int32_t>(scale), written.is_negative));
  }
  if (written.digits.find_first_not_of('0') == std::string::npos) return Numeric();
  if (-scale > kMaxWholeDigits) fail_numeric_overflow();
  written.digits.append(static_cast<std::size_t>(-scale), '0');
  return checked(number_of(written.digits, 0, written.is_negative));
}

std::string print_special(const Numeric& number) {
  if (number.is_nan()) return "NaN";
  return number.sign() < 0 ? "-Infinity" : "Infinity";
}

std::string print_digits(const Numeric& number) {
  const std::int64_t* small = number.small();
  return small != nullptr ? std::to_string(*small) : number.digits()->unscaled.str();
}

[[noreturn]] void fail_real_range(const Numeric& number, std::string_view type) {
  fail(sqlstate::kNumericValueOutOfRange,
       "\"" + print_numeric(number) + "\" is out of range for type " + std::string(type));
}

/// The nearest number of a binary type. Neither may be infinite or 0 if the other is not.
template <class Real>
double to_real(const Numeric& number, std::string_view type) {
  if (number.is_nan()) return std::numeric_limits<double>::quiet_NaN();
  if (!number.is_finite()) return number.sign() * std::numeric_limits<double>::infinity();
  const std::string text = print_numeric(number);
  Real real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error != std::errc{}) fail_real_range(number, type);
  return static_cast<double>(real);
}

Numeric from_real(double number, int significant_digits) {
  if (std::isnan(number)) return Numeric::nan();
  if (std::isinf(number)) return number < 0 ? Numeric::minus_infinity() : Numeric::infinity();
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                          std::chars_format::general, significant_digits);
  check(error == std::errc{}, "the buffer holds a number with so few digits");
  return parse_numeric({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

}  // namespace

Numeric parse_numeric(std::string_view text) {
  const std::string_view word = without_blanks(text);
  if (const std::optional<Numeric> special = parse_special(word)) return *special;
  Written written;
  if (!Reader(word).read(written)) fail_syntax(text);
  return number_of(std::move(written));
}

std::string print_numeric(const Numeric& number) {
  if (!number.is_finite()) return print_special(number);
  std::string text = print_digits(number);
  if (number.scale() == 0) return text;
  const std::size_t first = text.front() == '-' ? 1 : 0;
  const auto scale = static_cast<std::size_t>(number.scale());
  if (text.size() - first <= scale) text.insert(first, scale + 1 - (text.size() - first), '0');
  text.insert(text.size() - scale, ".");
  return text;
}

double to_float8(const Numeric& number) {
  return to_real<double>(number, "double precision");
}

double to_float4(const Numeric& number) {
  return to_real<float>(number, "real");
}

Numeric from_float8(double number) {
  return from_real(number, std::numeric_limits<double>::digits10);
}

Numeric from_float4(double number) {
  return from_real(number, std::numeric_limits<float>::digits10);
}

}  // namespace firedrill::sim::postgres
