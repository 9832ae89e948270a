#pragma once

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <utility>

#include "sim/postgres/values/numeric.h"

/// How Numeric computes: for the files numeric*.cc alone.
namespace firedrill::sim::postgres {

using BigInteger = boost::multiprecision::cpp_int;

struct NumericDigits {
  BigInteger unscaled;
};

// PostgreSQL's own limits: of results of functions, and of what can be stored.
inline constexpr std::int32_t kMinSignificantDigits = 16;
inline constexpr std::int32_t kMaxDisplayScale = 1000;
inline constexpr std::int32_t kMaxResultScale = 2000;
inline constexpr std::int32_t kMaxStoredScale = 16383;
inline constexpr std::int32_t kMaxWholeDigits = 131072;

[[noreturn]] void fail_numeric_overflow();

BigInteger power_of_ten(std::int32_t exponent);
/// The unscaled number of a finite one.
BigInteger unscaled(const Numeric& number);
/// Where it is written with a larger scale.
BigInteger unscaled(const Numeric& number, std::int32_t scale);
std::int32_t count_digits(const BigInteger& number);
/// number / 10^count, halves away from 0.
BigInteger drop_digits(const BigInteger& number, std::int32_t count);
/// numerator / denominator, halves away from 0.
BigInteger divide_rounded(const BigInteger& numerator, const BigInteger& denominator);

/// The exponent of the first digit: 0 for 1 to 9, -1 for 0.1. Of 0: 0.
std::int32_t leading_exponent(const Numeric& number);

/// Numbers as PostgreSQL keeps them, in digits of base 10000: it chooses scales by these.
struct Leading {
  std::int32_t weight = 0;  ///< the exponent, to base 10000, of the first digit
  std::int32_t digit = 0;   ///< the first such digit; 0: the number is 0
};
Leading leading_of(const Numeric& number);

/// The quotient, rounded to `scale` digits after the point. Both are finite, the divisor is not 0.
Numeric divide_to(const Numeric& left, const Numeric& right, std::int32_t scale);

/// Whether it overflows what can be stored; else itself.
Numeric checked(Numeric number);

}  // namespace firedrill::sim::postgres
