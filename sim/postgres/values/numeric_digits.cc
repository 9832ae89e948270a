#include "sim/postgres/values/numeric_digits.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

/// A digit of base 10000 is this many decimal ones.
constexpr std::int32_t kDigitsOfWeight = 4;

constexpr std::int32_t floor_divide(std::int32_t number, std::int32_t divisor) {
  return number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor);
}

std::int32_t count_small_digits(std::uint64_t number) {
  std::int32_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

}  // namespace

void fail_numeric_overflow() {
  fail(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}

BigInteger power_of_ten(std::int32_t exponent) {
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(exponent));
}

BigInteger unscaled(const Numeric& number) {
  const std::int64_t* small = number.small();
  return small != nullptr ? BigInteger(*small) : number.digits()->unscaled;
}

BigInteger unscaled(const Numeric& number, std::int32_t scale) {
  BigInteger digits = unscaled(number);
  if (scale != number.scale()) digits *= power_of_ten(scale - number.scale());
  return digits;
}

std::int32_t count_digits(const BigInteger& number) {
  if (number.is_zero()) return 1;
  const BigInteger magnitude = abs(number);
  if (magnitude <= std::numeric_limits<std::uint64_t>::max()) {
    return count_small_digits(static_cast<std::uint64_t>(magnitude));
  }
  // log10(2), from below; at most one digit short for all numbers that can be stored.
  const std::uint64_t bits = msb(magnitude);
  const auto least = static_cast<std::int32_t>(bits * 3010299956 / 10000000000);
  return magnitude >= power_of_ten(least + 1) ? least + 2
         : magnitude >= power_of_ten(least)   ? least + 1
                                              : least;
}

BigInteger divide_rounded(const BigInteger& numerator, const BigInteger& denominator) {
  BigInteger quotient;
  BigInteger rest;
  divide_qr(BigInteger(abs(numerator)), BigInteger(abs(denominator)), quotient, rest);
  if (rest * 2 >= abs(denominator)) ++quotient;
  if (numerator.sign() * denominator.sign() < 0) quotient = -quotient;
  return quotient;
}

BigInteger drop_digits(const BigInteger& number, std::int32_t count) {
  return count <= 0 ? number : divide_rounded(number, power_of_ten(count));
}

std::int32_t leading_exponent(const Numeric& number) {
  if (number.is_zero()) return 0;
  if (const std::int64_t* small = number.small()) {
    const auto bits = static_cast<std::uint64_t>(*small);
    return count_small_digits(*small < 0 ? 0 - bits : bits) - 1 - number.scale();
  }
  return count_digits(number.digits()->unscaled) - 1 - number.scale();
}

Leading leading_of(const Numeric& number) {
  if (number.is_zero()) return {};
  const std::int32_t exponent = leading_exponent(number);
  const std::int32_t weight = floor_divide(exponent, kDigitsOfWeight);
  // What stands left of the point if that is moved behind the first digit of base 10000.
  const std::int32_t excess = number.scale() + weight * kDigitsOfWeight;
  const BigInteger magnitude = abs(unscaled(number));
  const BigInteger first = excess >= 0 ? BigInteger(magnitude / power_of_ten(excess))
                                       : BigInteger(magnitude * power_of_ten(-excess));
  return {.weight = weight, .digit = static_cast<std::int32_t>(first)};
}

Numeric divide_to(const Numeric& left, const Numeric& right, std::int32_t scale) {
  // left / 10^a / (right / 10^b) * 10^scale, all in whole numbers.
  BigInteger numerator = unscaled(left);
  BigInteger denominator = unscaled(right);
  const std::int32_t shift = scale + right.scale() - left.scale();
  if (shift >= 0) {
    numerator *= power_of_ten(shift);
  } else {
    denominator *= power_of_ten(-shift);
  }
  return Numeric(NumericDigits{divide_rounded(numerator, denominator)}, scale);
}

Numeric checked(Numeric number) {
  if (number.small() != nullptr) return number;
  if (number.scale() > kMaxStoredScale) number = round_to(number, kMaxStoredScale);
  if (leading_exponent(number) >= kMaxWholeDigits) fail_numeric_overflow();
  return number;
}

}  // namespace firedrill::sim::postgres
