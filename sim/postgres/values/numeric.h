#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

struct NumericDigits;

/// An exact decimal number of any size, as PostgreSQL's numeric: unscaled / 10^scale, where the
/// scale is also how many digits are shown after the point (1.50 is not 1.5, but equals it); or
/// NaN, or an infinity.
class Numeric {
 public:
  /// 0, with scale 0.
  Numeric() = default;
  explicit Numeric(std::int64_t whole) : small_(whole) {}
  /// unscaled / 10^scale.
  Numeric(std::int64_t unscaled, std::int32_t scale) : small_(unscaled), scale_(scale) {}
  Numeric(NumericDigits&& unscaled, std::int32_t scale);
  static Numeric nan() { return Numeric(Form::nan); }
  static Numeric infinity() { return Numeric(Form::infinity); }
  static Numeric minus_infinity() { return Numeric(Form::minus_infinity); }

  bool is_finite() const { return form_ == Form::finite; }
  bool is_nan() const { return form_ == Form::nan; }
  bool is_infinite() const { return !is_finite() && !is_nan(); }
  /// -1, 0, 1. Not of NaN.
  int sign() const;
  bool is_zero() const { return is_finite() && sign() == 0; }
  /// Whether no digit after the point is other than 0.
  bool is_integral() const;
  /// Digits after the point; 0 of what is not finite.
  std::int32_t scale() const { return scale_; }

  /// What is kept. Null where it does not fit.
  const std::int64_t* small() const { return digits_ == nullptr ? &small_ : nullptr; }
  const NumericDigits* digits() const { return digits_.get(); }

 private:
  enum class Form : std::uint8_t { finite, nan, infinity, minus_infinity };
  explicit Numeric(Form form) : form_(form) {}

  std::int64_t small_ = 0;
  std::int32_t scale_ = 0;
  Form form_ = Form::finite;
  /// The unscaled number, where it is too large for small_; else null.
  std::shared_ptr<const NumericDigits> digits_;
};
template <>
inline constexpr Kind kind_of<Numeric> = Kind::numeric;

// As text: 22P02 for what is no number, 22003 for what is too large.
Numeric parse_numeric(std::string_view text);
std::string print_numeric(const Numeric& number);

/// As its own type orders them: NaN equals NaN, and is above all else.
int compare_numerics(const Numeric& left, const Numeric& right);
inline bool operator==(const Numeric& left, const Numeric& right) {
  return compare_numerics(left, right) == 0;
}

// With the scales of PostgreSQL's results. 22003 on overflow, 22012 for a division by 0.
Numeric operator+(const Numeric& left, const Numeric& right);
Numeric operator-(const Numeric& left, const Numeric& right);
Numeric operator*(const Numeric& left, const Numeric& right);
Numeric operator/(const Numeric& left, const Numeric& right);
Numeric operator%(const Numeric& left, const Numeric& right);
Numeric operator-(const Numeric& number);
/// The quotient, cut to a whole number.
Numeric divide_whole(const Numeric& left, const Numeric& right);
Numeric greatest_common_divisor(const Numeric& left, const Numeric& right);
Numeric least_common_multiple(const Numeric& left, const Numeric& right);
Numeric absolute(const Numeric& number);

// To so many digits after the point (which are then shown), or before it (negative). Halves are
// rounded away from 0.
Numeric round_to(const Numeric& number, std::int32_t scale);
Numeric cut_to(const Numeric& number, std::int32_t scale);
Numeric round_up(const Numeric& number);    ///< ceil()
Numeric round_down(const Numeric& number);  ///< floor()
/// How many digits after the point are needed. Of a finite number.
std::int32_t needed_scale(const Numeric& number);

Numeric square_root(const Numeric& number);
/// To so many digits after the point.
Numeric square_root(const Numeric& number, std::int32_t scale);
Numeric exponential(const Numeric& number);
Numeric natural_logarithm(const Numeric& number);
Numeric logarithm(const Numeric& base, const Numeric& number);
Numeric power(const Numeric& base, const Numeric& exponent);
Numeric factorial(std::int64_t number);

/// As a whole number, rounded; none: it does not fit, or is not finite.
std::optional<std::int64_t> to_integer(const Numeric& number);
/// Throws 22003 where `type` ("double precision", "real") has no such number.
double to_float8(const Numeric& number);
double to_float4(const Numeric& number);
/// By the first 15 (of a float4: 6) digits.
Numeric from_float8(double number);
Numeric from_float4(double number);

/// As numeric(precision, scale) keeps it; the scale may be negative. 22003 "numeric field
/// overflow".
Numeric fit(const Numeric& number, std::int32_t precision, std::int32_t scale);

}  // namespace firedrill::sim::postgres
