#include "sim/postgres/values/numeric.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/numeric_digits.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::array<std::int64_t, 19> kSmallPowers = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t at = 1; at < powers.size(); ++at) powers[at] = powers[at - 1] * 10;
  return powers;
}();

/// The unscaled number with a larger scale, in one word. False: it does not fit.
bool rescale_small(const Numeric& number, std::int32_t scale, std::int64_t& result) {
  const std::int64_t* small = number.small();
  const auto shift = static_cast<std::size_t>(scale - number.scale());
  if (small == nullptr || shift >= kSmallPowers.size()) return false;
  return !__builtin_mul_overflow(*small, kSmallPowers[shift], &result);
}

[[noreturn]] void fail_division() {
  fail(sqlstate::kDivisionByZero, "division by zero");
}

Numeric signed_infinity(int sign) {
  return sign < 0 ? Numeric::minus_infinity() : Numeric::infinity();
}

bool are_finite(const Numeric& left, const Numeric& right) {
  return left.is_finite() && right.is_finite();
}

bool is_any_nan(const Numeric& left, const Numeric& right) {
  return left.is_nan() || right.is_nan();
}

Numeric add_special(const Numeric& left, const Numeric& right) {
  if (is_any_nan(left, right)) return Numeric::nan();
  if (right.is_finite()) return left;
  if (left.is_finite() || left.sign() == right.sign()) return right;
  return Numeric::nan();
}

Numeric multiply_special(const Numeric& left, const Numeric& right) {
  if (is_any_nan(left, right) || left.sign() * right.sign() == 0) return Numeric::nan();
  return signed_infinity(left.sign() * right.sign());
}

/// Of a division: `left` is an infinity, or `right` is.
Numeric divide_special(const Numeric& left, const Numeric& right) {
  if (is_any_nan(left, right) || (left.is_infinite() && right.is_infinite())) return Numeric::nan();
  if (right.is_infinite()) return Numeric();
  if (right.is_zero()) fail_division();
  return signed_infinity(left.sign() * right.sign());
}

Numeric remainder_special(const Numeric& left, const Numeric& right) {
  if (is_any_nan(left, right)) return Numeric::nan();
  if (left.is_finite()) return left;
  if (right.is_zero()) fail_division();
  return Numeric::nan();
}

/// At least 16 significant digits, and no fewer after the point than the operands have.
std::int32_t quotient_scale(const Numeric& left, const Numeric& right) {
  const Leading numerator = leading_of(left);
  const Leading denominator = leading_of(right);
  std::int32_t weight = numerator.weight - denominator.weight;
  if (numerator.digit <= denominator.digit) --weight;
  const std::int32_t scale =
      std::max({kMinSignificantDigits - weight * 4, left.scale(), right.scale(), 0});
  return std::min(scale, kMaxDisplayScale);
}

int order_of_form(const Numeric& number) {
  if (number.is_nan()) return 2;
  return number.is_finite() ? 0 : number.sign();
}

int sign_of(const BigInteger& number) {
  return number.sign();
}

}  // namespace

Numeric::Numeric(NumericDigits&& unscaled_number, std::int32_t scale) : scale_(scale) {
  const BigInteger& number = unscaled_number.unscaled;
  if (number <= std::numeric_limits<std::int64_t>::max() &&
      number >= std::numeric_limits<std::int64_t>::min()) {
    small_ = static_cast<std::int64_t>(number);
  } else {
    digits_ = std::make_shared<const NumericDigits>(std::move(unscaled_number));
  }
}

int Numeric::sign() const {
  if (form_ == Form::infinity) return 1;
  if (form_ == Form::minus_infinity) return -1;
  if (digits_ != nullptr) return sign_of(digits_->unscaled);
  return (small_ > 0) - (small_ < 0);
}

bool Numeric::is_integral() const {
  return !is_finite() || needed_scale(*this) == 0;
}

int compare_numerics(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) {
    const int difference = order_of_form(left) - order_of_form(right);
    return (difference > 0) - (difference < 0);
  }
  const std::int32_t scale = std::max(left.scale(), right.scale());
  std::int64_t first = 0;
  std::int64_t second = 0;
  if (rescale_small(left, scale, first) && rescale_small(right, scale, second)) {
    return (first > second) - (first < second);
  }
  if (left.sign() != right.sign()) return left.sign() < right.sign() ? -1 : 1;
  const int order = unscaled(left, scale).compare(unscaled(right, scale));
  return (order > 0) - (order < 0);
}

Numeric operator+(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return add_special(left, right);
  const std::int32_t scale = std::max(left.scale(), right.scale());
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t sum = 0;
  if (rescale_small(left, scale, first) && rescale_small(right, scale, second) &&
      !__builtin_add_overflow(first, second, &sum)) {
    return Numeric(sum, scale);
  }
  return checked(Numeric(NumericDigits{unscaled(left, scale) + unscaled(right, scale)}, scale));
}

Numeric operator-(const Numeric& left, const Numeric& right) {
  return left + -right;
}

Numeric operator*(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return multiply_special(left, right);
  const std::int32_t scale = left.scale() + right.scale();
  std::int64_t product = 0;
  if (left.small() != nullptr && right.small() != nullptr && scale <= kMaxStoredScale &&
      !__builtin_mul_overflow(*left.small(), *right.small(), &product)) {
    return Numeric(product, scale);
  }
  const Numeric exact(NumericDigits{unscaled(left) * unscaled(right)}, scale);
  return checked(scale > kMaxStoredScale ? round_to(exact, kMaxStoredScale) : exact);
}

Numeric operator/(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return divide_special(left, right);
  if (right.is_zero()) fail_division();
  return checked(divide_to(left, right, quotient_scale(left, right)));
}

Numeric operator%(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return remainder_special(left, right);
  if (right.is_zero()) fail_division();
  const std::int32_t scale = std::max(left.scale(), right.scale());
  std::int64_t first = 0;
  std::int64_t second = 0;
  if (rescale_small(left, scale, first) && rescale_small(right, scale, second)) {
    return Numeric(second == -1 ? 0 : first % second, scale);
  }
  return Numeric(NumericDigits{unscaled(left, scale) % unscaled(right, scale)}, scale);
}

Numeric operator-(const Numeric& number) {
  if (!number.is_finite()) return number.is_nan() ? number : signed_infinity(-number.sign());
  const std::int64_t* small = number.small();
  if (small != nullptr && *small != std::numeric_limits<std::int64_t>::min()) {
    return Numeric(-*small, number.scale());
  }
  return Numeric(NumericDigits{-unscaled(number)}, number.scale());
}

Numeric divide_whole(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return divide_special(left, right);
  if (right.is_zero()) fail_division();
  const std::int32_t scale = std::max(left.scale(), right.scale());
  return checked(Numeric(NumericDigits{unscaled(left, scale) / unscaled(right, scale)}, 0));
}

Numeric greatest_common_divisor(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return Numeric::nan();
  const std::int32_t scale = std::max(left.scale(), right.scale());
  return Numeric(NumericDigits{gcd(unscaled(left, scale), unscaled(right, scale))}, scale);
}

Numeric least_common_multiple(const Numeric& left, const Numeric& right) {
  if (!are_finite(left, right)) return Numeric::nan();
  const std::int32_t scale = std::max(left.scale(), right.scale());
  if (left.is_zero() || right.is_zero()) return Numeric(0, scale);
  return checked(Numeric(NumericDigits{lcm(unscaled(left, scale), unscaled(right, scale))}, scale));
}

Numeric absolute(const Numeric& number) {
  return !number.is_nan() && number.sign() < 0 ? -number : number;
}

}  // namespace firedrill::sim::postgres
