#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/numeric_digits.h"

/// Roots, powers and logarithms. PostgreSQL chooses a scale by an estimate of the result and then
/// computes with some digits more; the estimates are its own, bit by bit, and what follows them
/// computes in whole numbers, x * 10^digits for x, with so many digits more that rounding them
/// gives what it gives.
namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kInvalidForPower = "2201F";
constexpr std::string_view kInvalidForLogarithm = "2201E";
constexpr double kLog10OfE = 0.434294481903252;
constexpr double kLnOf10 = 2.302585092994046;
constexpr std::int32_t kGuardDigits = 30;

double approximate(const Numeric& number) {
  const std::string text = print_numeric(number);
  double real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error == std::errc{}) return real;
  if (leading_exponent(number) < 0) return 0;
  return number.sign() * std::numeric_limits<double>::infinity();
}

/// At least 16 significant digits, where the first one has this exponent, and those given.
std::int32_t result_scale(std::int32_t exponent, std::int32_t least, std::int32_t also_least = 0) {
  const std::int32_t scale = std::max({kMinSignificantDigits - exponent, least, also_least, 0});
  return std::min(scale, kMaxDisplayScale);
}

/// x * 10^digits.
BigInteger fixed(const Numeric& number, std::int32_t digits) {
  if (digits >= number.scale()) return unscaled(number, digits);
  return drop_digits(unscaled(number), number.scale() - digits);
}

Numeric from_fixed(const BigInteger& number, std::int32_t digits, std::int32_t scale) {
  return Numeric(NumericDigits{drop_digits(number, digits - scale)}, scale);
}

// --- exp

/// How often the argument is halved until the series converges well.
std::int32_t count_halvings(double value) {
  std::int32_t count = 0;
  for (; std::abs(value) > 0.01; value /= 2) ++count;
  return count;
}

BigInteger exponential_series(const BigInteger& x, const BigInteger& one) {
  BigInteger sum = one + x;
  BigInteger term = x;
  for (std::int32_t number = 2; !term.is_zero(); ++number) {
    term = term * x / one / number;
    sum += term;
  }
  return sum;
}

Numeric exponential_to(const Numeric& number, std::int32_t scale) {
  const double value = approximate(number);
  if (std::abs(value) >= kMaxResultScale * 3) {
    if (value > 0) fail_numeric_overflow();
    return Numeric(0, scale);
  }
  const auto exponent = static_cast<std::int32_t>(value * kLog10OfE);
  const std::int32_t digits = scale + std::max(exponent, 0) + kGuardDigits;
  const BigInteger one = power_of_ten(digits);
  const std::int32_t halvings = count_halvings(value);
  BigInteger result = exponential_series(fixed(number, digits) / (BigInteger(1) << halvings), one);
  for (std::int32_t count = 0; count < halvings; ++count) result = result * result / one;
  return from_fixed(result, digits, scale);
}

// --- ln

bool is_near_one(const Numeric& number) {
  return compare_numerics(number, Numeric(9, 1)) >= 0 &&
         compare_numerics(number, Numeric(11, 1)) <= 0;
}

/// The exponent of the first digit of ln(number), about; 0 where there is no such logarithm.
std::int32_t logarithm_exponent(const Numeric& number) {
  if (number.sign() <= 0) return 0;
  if (is_near_one(number)) {
    const Leading difference = leading_of(number - Numeric(1));
    if (difference.digit == 0) return 0;
    return difference.weight * 4 + static_cast<std::int32_t>(std::log10(difference.digit));
  }
  // By the first two digits of base 10000.
  const std::int32_t exponent = (leading_of(number).weight - 1) * 4;
  const BigInteger digits =
      exponent >= -number.scale()
          ? BigInteger(unscaled(number) / power_of_ten(exponent + number.scale()))
          : BigInteger(unscaled(number) * power_of_ten(-exponent - number.scale()));
  const double value = std::log(static_cast<double>(digits)) + exponent * kLnOf10;
  return static_cast<std::int32_t>(std::log10(std::abs(value)));
}

/// ln((1 + z) / (1 - z)) / 2.
BigInteger logarithm_series(const BigInteger& z, const BigInteger& one) {
  const BigInteger square = z * z / one;
  BigInteger sum = z;
  BigInteger power_of_z = z;
  for (std::int32_t number = 3; !power_of_z.is_zero(); number += 2) {
    power_of_z = power_of_z * square / one;
    sum += power_of_z / number;
  }
  return sum;
}

/// Of x with this unit; x is not far from 1.
BigInteger fixed_logarithm(BigInteger x, const BigInteger& one) {
  std::int32_t doublings = 1;
  for (; x * 10 <= one * 9 || x * 10 >= one * 11; ++doublings) x = sqrt(BigInteger(x * one));
  return logarithm_series((x - one) * one / (x + one), one) << doublings;
}

/// number / 10^exponent.
BigInteger fixed_mantissa(const Numeric& number, std::int32_t exponent, std::int32_t digits) {
  const std::int32_t shift = digits - exponent - number.scale();
  return shift >= 0 ? BigInteger(unscaled(number) * power_of_ten(shift))
                    : drop_digits(unscaled(number), -shift);
}

void check_logarithm(const Numeric& number) {
  if (number.is_nan()) return;
  if (number.sign() == 0) fail(kInvalidForLogarithm, "cannot take logarithm of zero");
  if (number.sign() < 0) fail(kInvalidForLogarithm, "cannot take logarithm of a negative number");
}

Numeric logarithm_to(const Numeric& number, std::int32_t scale) {
  check_logarithm(number);
  const std::int32_t digits = scale + kGuardDigits;
  const BigInteger one = power_of_ten(digits);
  if (is_near_one(number)) {
    return from_fixed(fixed_logarithm(fixed(number, digits), one), digits, scale);
  }
  const std::int32_t exponent = leading_exponent(number);
  BigInteger result = fixed_logarithm(fixed_mantissa(number, exponent, digits), one);
  if (exponent != 0) result += exponent * fixed_logarithm(one * 10, one);
  return from_fixed(result, digits, scale);
}

Numeric logarithm_special(const Numeric& base, const Numeric& number) {
  if (base.is_nan() || number.is_nan()) return Numeric::nan();
  if (base.sign() < 0 || number.sign() < 0) check_logarithm(Numeric(-1));
  if (base.sign() == 0 || number.sign() == 0) check_logarithm(Numeric());
  if (base.is_finite()) return Numeric::infinity();
  return number.is_finite() ? Numeric() : Numeric::nan();
}

// --- power

/// mantissa * 10^exponent.
struct Scientific {
  BigInteger mantissa = 1;
  std::int64_t exponent = 0;

  void multiply(const Scientific& other, std::int32_t digits) {
    mantissa *= other.mantissa;
    exponent += other.exponent;
    const std::int32_t excess = count_digits(mantissa) - digits;
    if (excess <= 0) return;
    mantissa = drop_digits(mantissa, excess);
    exponent += excess;
  }
};

Numeric inverse(const Scientific& number, std::int32_t scale) {
  const std::int64_t shift = scale - number.exponent;
  if (shift < 0) return Numeric(0, scale);
  return Numeric(NumericDigits{divide_rounded(power_of_ten(static_cast<std::int32_t>(shift)),
                                              number.mantissa)},
                 scale);
}

Numeric from_scientific(const Scientific& number, std::int32_t scale) {
  if (count_digits(number.mantissa) + number.exponent > kMaxWholeDigits) fail_numeric_overflow();
  const auto shift = static_cast<std::int32_t>(number.exponent + scale);
  BigInteger digits = shift >= 0 ? BigInteger(number.mantissa * power_of_ten(shift))
                                 : drop_digits(number.mantissa, -shift);
  return Numeric(NumericDigits{std::move(digits)}, scale);
}

/// log10 of the magnitude.
double approximate_log10(const Numeric& number) {
  const std::int32_t exponent = leading_exponent(number);
  const std::int32_t digits = 16;
  const BigInteger first = abs(fixed_mantissa(number, exponent, digits));
  return std::log10(static_cast<double>(first)) + exponent - digits;
}

Numeric power_of_integer(const Numeric& base, std::int32_t exponent) {
  constexpr double kMaxExponent = 3.0 * 32767 * 4;
  const std::int32_t scale = result_scale(0, base.scale());
  if (exponent == 0) return Numeric(NumericDigits{power_of_ten(scale)}, scale);
  if (base.is_zero()) return Numeric(0, scale);
  const double size = exponent * approximate_log10(base);
  if (size > kMaxExponent) fail_numeric_overflow();
  if (size + 1 < -scale) return Numeric(0, scale);
  const auto magnitude = static_cast<std::uint32_t>(std::abs(static_cast<std::int64_t>(exponent)));
  const std::int32_t digits = scale + static_cast<std::int32_t>(std::abs(size)) +
                              static_cast<std::int32_t>(std::log(magnitude)) + kGuardDigits;
  Scientific square{.mantissa = unscaled(base), .exponent = -base.scale()};
  Scientific result;
  for (std::uint32_t rest = magnitude; rest != 0; rest >>= 1U) {
    if ((rest & 1U) != 0) result.multiply(square, digits);
    if (rest > 1) square.multiply(Scientific(square), digits);
  }
  return exponent < 0 ? inverse(result, scale) : from_scientific(result, scale);
}

[[noreturn]] void fail_complex() {
  fail(kInvalidForPower, "a negative number raised to a non-integer power yields a complex result");
}

bool is_odd(const Numeric& number) {
  return number.is_finite() && number.is_integral() && !(number % Numeric(2)).is_zero();
}

void check_power(const Numeric& base, const Numeric& exponent) {
  if (base.sign() == 0 && exponent.sign() < 0) {
    fail(kInvalidForPower, "zero raised to a negative power is undefined");
  }
  if (base.sign() < 0 && !exponent.is_integral()) fail_complex();
}

/// As POSIX has it for pow().
Numeric power_special(const Numeric& base, const Numeric& exponent) {
  const Numeric one(1);
  if (exponent.is_zero() || (!base.is_nan() && base == one)) {
    return one;
  }
  if (base.is_nan() || exponent.is_nan()) return Numeric::nan();
  check_power(base, exponent);
  if (base.is_zero()) return Numeric();
  if (exponent.is_infinite()) {
    if (base == Numeric(-1)) return one;
    const bool is_above_one = compare_numerics(absolute(base), one) > 0;
    return is_above_one == (exponent.sign() > 0) ? Numeric::infinity() : Numeric();
  }
  if (exponent.sign() < 0) return Numeric();
  return base.sign() < 0 && is_odd(exponent) ? Numeric::minus_infinity() : Numeric::infinity();
}

Numeric power_by_logarithm(const Numeric& base, const Numeric& exponent) {
  const std::int32_t logarithm_at = logarithm_exponent(base);
  const std::int32_t rough_scale = std::max(8 - logarithm_at, 0);
  const Numeric rough = round_to(logarithm_to(base, rough_scale) * exponent, rough_scale);
  double size = approximate(rough);
  if (std::abs(size) > kMaxResultScale * 3.01) {
    if (size > 0) fail_numeric_overflow();
    return Numeric(0, kMaxDisplayScale);
  }
  size *= kLog10OfE;
  const auto result_exponent = static_cast<std::int32_t>(size);
  const std::int32_t scale = result_scale(result_exponent, base.scale(), exponent.scale());
  const std::int32_t significant = std::max(scale + result_exponent, 0);
  const std::int32_t exponent_digits = std::max(leading_exponent(exponent), 0);
  const std::int32_t digits =
      std::max(significant - logarithm_at + exponent_digits, 0) + kGuardDigits;
  return exponential_to(round_to(logarithm_to(base, digits) * exponent, digits), scale);
}

}  // namespace

Numeric square_root(const Numeric& number, std::int32_t scale) {
  if (number.is_zero()) return Numeric(0, scale);
  const BigInteger root = sqrt(fixed(number, 2 * (scale + 1)));
  return Numeric(NumericDigits{drop_digits(root, 1)}, scale);
}

Numeric square_root(const Numeric& number) {
  if (!number.is_nan() && number.sign() < 0) {
    fail(kInvalidForPower, "cannot take square root of a negative number");
  }
  if (!number.is_finite()) return number;
  const std::int32_t exponent = (leading_of(number).weight + 1) * 2 - 1;
  return square_root(number, result_scale(exponent, number.scale()));
}

Numeric exponential(const Numeric& number) {
  if (!number.is_finite()) return number.is_nan() || number.sign() > 0 ? number : Numeric();
  const double limit = kMaxResultScale;
  const double exponent = std::clamp(approximate(number) * kLog10OfE, -limit, limit);
  return exponential_to(number, result_scale(static_cast<std::int32_t>(exponent), number.scale()));
}

Numeric natural_logarithm(const Numeric& number) {
  if (!number.is_finite()) {
    check_logarithm(number);
    return number;
  }
  return logarithm_to(number, result_scale(logarithm_exponent(number), number.scale()));
}

Numeric logarithm(const Numeric& base, const Numeric& number) {
  if (!base.is_finite() || !number.is_finite()) return logarithm_special(base, number);
  const std::int32_t base_at = logarithm_exponent(base);
  const std::int32_t number_at = logarithm_exponent(number);
  const std::int32_t result_at = number_at - base_at;
  const std::int32_t scale = result_scale(result_at, base.scale(), number.scale());
  const auto with_more = [&](std::int32_t at) {
    return std::max(scale + result_at - at, 0) + kGuardDigits;
  };
  const Numeric divisor = logarithm_to(base, with_more(base_at));
  const Numeric dividend = logarithm_to(number, with_more(number_at));
  if (divisor.is_zero()) fail(sqlstate::kDivisionByZero, "division by zero");
  return divide_to(dividend, divisor, scale);
}

Numeric power(const Numeric& base, const Numeric& exponent) {
  if (!base.is_finite() || !exponent.is_finite()) return power_special(base, exponent);
  check_power(base, exponent);
  if (exponent.is_integral()) {
    const std::optional<std::int64_t> whole = to_integer(exponent);
    if (whole && std::in_range<std::int32_t>(*whole)) {
      return power_of_integer(base, static_cast<std::int32_t>(*whole));
    }
  }
  if (base.is_zero()) return Numeric(0, kMinSignificantDigits);
  const Numeric result = power_by_logarithm(absolute(base), exponent);
  return base.sign() < 0 && is_odd(exponent) ? -result : result;
}

Numeric factorial(std::int64_t number) {
  constexpr std::int64_t kMax = 32177;
  if (number < 0) {
    fail(sqlstate::kNumericValueOutOfRange, "factorial of a negative number is undefined");
  }
  if (number > kMax) fail_numeric_overflow();
  BigInteger product = 1;
  for (std::int64_t factor = 2; factor <= number; ++factor) product *= factor;
  return Numeric(NumericDigits{std::move(product)}, 0);
}

}  // namespace firedrill::sim::postgres
