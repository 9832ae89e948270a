#include "sim/postgres/functions/real_functions.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/functions/number_ranges.h"

namespace firedrill::sim::postgres {

namespace {

// Both types are kept as double; Real says to which of them a result is rounded.

/// An infinity that no operand was is an overflow.
template <class Real>
Value checked_overflow(Real result, bool is_infinity_allowed) {
  if (std::isinf(result) && !is_infinity_allowed) fail_real_overflow();
  return Value::of(static_cast<double>(result));
}

template <class Real>
Value add(Call& call) {
  const Real left = static_cast<Real>(call[0].real());
  const Real right = static_cast<Real>(call[1].real());
  return checked_overflow<Real>(left + right, std::isinf(left) || std::isinf(right));
}

template <class Real>
Value subtract(Call& call) {
  const Real left = static_cast<Real>(call[0].real());
  const Real right = static_cast<Real>(call[1].real());
  return checked_overflow<Real>(left - right, std::isinf(left) || std::isinf(right));
}

template <class Real>
Value multiply(Call& call) {
  const Real left = static_cast<Real>(call[0].real());
  const Real right = static_cast<Real>(call[1].real());
  const Real product = left * right;
  if (product == 0 && left != 0 && right != 0) fail_real_underflow();
  return checked_overflow<Real>(product, std::isinf(left) || std::isinf(right));
}

template <class Real>
Value divide(Call& call) {
  const Real left = static_cast<Real>(call[0].real());
  const Real right = static_cast<Real>(call[1].real());
  if (right == 0 && !std::isnan(left)) fail_zero_division();
  const Real quotient = left / right;
  if (quotient == 0 && left != 0 && !std::isinf(right)) fail_real_underflow();
  return checked_overflow<Real>(quotient, std::isinf(left));
}

Value keep(Call& call) {
  return call[0];
}

Value negate(Call& call) {
  return Value::of(-call[0].real());
}

Value magnitude(Call& call) {
  return Value::of(std::abs(call[0].real()));
}

template <class Real>
Value from_integer(Call& call) {
  return Value::of(static_cast<double>(static_cast<Real>(call[0].integer())));
}

/// Rounded, halves to the even one.
template <class Integer>
Value to_integer_type(Call& call) {
  const double whole = std::rint(call[0].real());
  // -2^31 and the like are exact; the other end is not, for int8.
  const double limit = -static_cast<double>(std::numeric_limits<Integer>::min());
  if (!(whole >= -limit && whole < limit)) fail_integer_range<Integer>();
  return Value::of(static_cast<std::int64_t>(whole));
}

Value to_float4_type(Call& call) {
  const double from = call[0].real();
  const auto real = static_cast<float>(from);
  if (std::isinf(real) && !std::isinf(from)) fail_real_overflow();
  if (real == 0 && from != 0) fail_real_underflow();
  return Value::of(static_cast<double>(real));
}

constexpr auto kOperators = std::to_array<OperatorRow>({
    {"+", "float4", "float4", "float4", add<float>},
    {"+", "float4", "float8", "float8", add<double>},
    {"+", "float8", "float4", "float8", add<double>},
    {"+", "float8", "float8", "float8", add<double>},
    {"-", "float4", "float4", "float4", subtract<float>},
    {"-", "float4", "float8", "float8", subtract<double>},
    {"-", "float8", "float4", "float8", subtract<double>},
    {"-", "float8", "float8", "float8", subtract<double>},
    {"*", "float4", "float4", "float4", multiply<float>},
    {"*", "float4", "float8", "float8", multiply<double>},
    {"*", "float8", "float4", "float8", multiply<double>},
    {"*", "float8", "float8", "float8", multiply<double>},
    {"/", "float4", "float4", "float4", divide<float>},
    {"/", "float4", "float8", "float8", divide<double>},
    {"/", "float8", "float4", "float8", divide<double>},
    {"/", "float8", "float8", "float8", divide<double>},
    {"^", "float8", "float8", "float8", real_power},
    {"+", "", "float4", "float4", keep},
    {"+", "", "float8", "float8", keep},
    {"-", "", "float4", "float4", negate},
    {"-", "", "float8", "float8", negate},
    {"@", "", "float4", "float4", magnitude},
    {"@", "", "float8", "float8", magnitude},
    {"|/", "", "float8", "float8", real_square_root},
    {"||/", "", "float8", "float8", real_cube_root},
});

using enum CastContext;

constexpr auto kCasts = std::to_array<CastRow>({
    {"int2", "float4", implicit, from_integer<float>},
    {"int4", "float4", implicit, from_integer<float>},
    {"int8", "float4", implicit, from_integer<float>},
    {"int2", "float8", implicit, from_integer<double>},
    {"int4", "float8", implicit, from_integer<double>},
    {"int8", "float8", implicit, from_integer<double>},
    {"float4", "float8", implicit, nullptr},
    {"float8", "float4", assignment, to_float4_type},
    {"float4", "int2", assignment, to_integer_type<std::int16_t>},
    {"float4", "int4", assignment, to_integer_type<std::int32_t>},
    {"float4", "int8", assignment, to_integer_type<std::int64_t>},
    {"float8", "int2", assignment, to_integer_type<std::int16_t>},
    {"float8", "int4", assignment, to_integer_type<std::int32_t>},
    {"float8", "int8", assignment, to_integer_type<std::int64_t>},
});

}  // namespace

FunctionFamily real_family() {
  return {.functions = real_function_rows(), .operators = kOperators, .casts = kCasts};
}

}  // namespace firedrill::sim::postgres
