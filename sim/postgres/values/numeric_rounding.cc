#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/numeric_digits.h"

namespace firedrill::sim::postgres {

namespace {

/// Digits behind the `scale`th after the point are rounded, or cut, off; none is added.
template <class Drop>
Numeric without_digits(const Numeric& number, std::int32_t scale, Drop drop) {
  const std::int32_t shown = std::max(scale, 0);
  if (scale >= number.scale()) {
    if (scale == number.scale()) return number;
    return Numeric(NumericDigits{unscaled(number, scale)}, scale);
  }
  const std::int32_t count = number.scale() - scale;
  BigInteger digits = drop(unscaled(number), power_of_ten(count));
  if (scale < 0) digits *= power_of_ten(-scale);
  return Numeric(NumericDigits{std::move(digits)}, shown);
}

Numeric cut_toward(const Numeric& number, int direction) {
  if (!number.is_finite()) return number;
  const Numeric whole = cut_to(number, 0);
  if (number.sign() != direction || whole == number) return whole;
  return whole + Numeric(direction);
}

[[noreturn]] void fail_fit(std::string detail) {
  throw SqlError{.sqlstate = std::string(sqlstate::kNumericValueOutOfRange),
                 .message = "numeric field overflow",
                 .detail = std::move(detail)};
}

std::string described_field(std::int32_t precision, std::int32_t scale) {
  return "A field with precision " + std::to_string(precision) + ", scale " + std::to_string(scale);
}

}  // namespace

Numeric round_to(const Numeric& number, std::int32_t scale) {
  if (!number.is_finite()) return number;
  // Fewer than none of the digits are left.
  if (scale < 0 && leading_exponent(number) + 1 + scale < 0) return Numeric();
  return without_digits(number, scale, divide_rounded);
}

Numeric cut_to(const Numeric& number, std::int32_t scale) {
  if (!number.is_finite()) return number;
  if (scale < 0 && leading_exponent(number) + 1 + scale <= 0) return Numeric();
  return without_digits(number, scale, [](const BigInteger& digits, const BigInteger& unit) {
    return BigInteger(digits / unit);
  });
}

Numeric round_up(const Numeric& number) {
  return cut_toward(number, 1);
}

Numeric round_down(const Numeric& number) {
  return cut_toward(number, -1);
}

std::int32_t needed_scale(const Numeric& number) {
  BigInteger digits = unscaled(number);
  std::int32_t scale = number.scale();
  if (digits.is_zero()) return 0;
  for (; scale > 0 && digits % 10 == 0; --scale) digits /= 10;
  return scale;
}

std::optional<std::int64_t> to_integer(const Numeric& number) {
  if (!number.is_finite()) return std::nullopt;
  const Numeric whole = round_to(number, 0);
  if (whole.small() == nullptr) return std::nullopt;
  return *whole.small();
}

Numeric fit(const Numeric& number, std::int32_t precision, std::int32_t scale) {
  if (number.is_nan()) return number;
  if (!number.is_finite()) {
    fail_fit(described_field(precision, scale) + " cannot hold an infinite value.");
  }
  const Numeric rounded = round_to(number, scale);
  const std::int32_t whole_digits = precision - scale;
  if (!rounded.is_zero() && leading_exponent(rounded) + 1 > whole_digits) {
    fail_fit(described_field(precision, scale) + " must round to an absolute value less than " +
             (whole_digits != 0 ? "10^" + std::to_string(whole_digits) : "1") + ".");
  }
  return rounded;
}

}  // namespace firedrill::sim::postgres
