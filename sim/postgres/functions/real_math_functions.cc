#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>
#include <string>

#include "sim/postgres/functions/number_ranges.h"
#include "sim/postgres/functions/real_functions.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kInvalidForPower = "2201F";
constexpr std::string_view kInvalidForLogarithm = "2201E";
constexpr std::string_view kInvalidForBucket = "2201G";

using Unary = double (*)(double);

/// Defined for all numbers, and never infinite for a finite one.
template <Unary kFunction>
Value plain(Call& call) {
  return Value::of(kFunction(call[0].real()));
}

[[noreturn]] void fail_input() {
  fail(sqlstate::kNumericValueOutOfRange, "input is out of range");
}

/// A function of an angle: none of infinity.
template <Unary kFunction>
Value of_angle(Call& call) {
  if (std::isinf(call[0].real())) fail_input();
  return Value::of(kFunction(call[0].real()));
}

/// A function of what is between two bounds.
template <Unary kFunction, int kLeast, int kMost>
Value of_range(Call& call) {
  const double argument = call[0].real();
  if (argument < kLeast || argument > kMost) fail_input();
  return Value::of(kFunction(argument));
}

double cotangent(double angle) {
  return 1.0 / std::tan(angle);
}

double sign_of(double number) {
  return number > 0 ? 1 : number < 0 ? -1 : 0;
}

Value checked(double result, bool is_infinity_allowed) {
  if (std::isinf(result) && !is_infinity_allowed) fail_real_overflow();
  return Value::of(result);
}

Value inverse_hyperbolic_cosine(Call& call) {
  if (call[0].real() < 1) fail_input();
  return Value::of(std::acosh(call[0].real()));
}

Value arc_tangent_2(Call& call) {
  return Value::of(std::atan2(call[0].real(), call[1].real()));
}

Value exponential(Call& call) {
  const double argument = call[0].real();
  const double result = std::exp(argument);
  if (result == 0 && !std::isinf(argument)) fail_real_underflow();
  return checked(result, std::isinf(argument));
}

template <Unary kFunction>
Value logarithm(Call& call) {
  const double argument = call[0].real();
  if (argument == 0) fail(kInvalidForLogarithm, "cannot take logarithm of zero");
  if (argument < 0) fail(kInvalidForLogarithm, "cannot take logarithm of a negative number");
  return checked(kFunction(argument), std::isinf(argument));
}

constexpr double kRadiansOfDegree = 0.0174532925199432957692;

Value degrees(Call& call) {
  const double argument = call[0].real();
  const double result = argument / kRadiansOfDegree;
  if (result == 0 && argument != 0) fail_real_underflow();
  return checked(result, std::isinf(argument));
}

Value radians(Call& call) {
  const double argument = call[0].real();
  const double result = argument * kRadiansOfDegree;
  if (result == 0 && argument != 0) fail_real_underflow();
  return checked(result, std::isinf(argument));
}

Value pi(Call&) {
  return Value::of(std::numbers::pi);
}

Value random(Call& call) {
  return Value::of(call.environment.random());
}

Value set_seed(Call& call) {
  const double seed = call[0].real();
  if (seed < -1 || seed > 1 || std::isnan(seed)) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", seed);
    fail(sqlstate::kInvalidParameterValue,
         "setseed parameter " + std::string(text.data()) + " is out of allowed range [-1,1]");
  }
  call.environment.seed_random(seed);
  return Value::of("");
}

void check_buckets(Call& call) {
  if (call[3].integer() <= 0) fail(kInvalidForBucket, "count must be greater than zero");
  if (std::isnan(call[0].real()) || std::isnan(call[1].real()) || std::isnan(call[2].real())) {
    fail(kInvalidForBucket, "operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(call[1].real()) || std::isinf(call[2].real())) {
    fail(kInvalidForBucket, "lower and upper bounds must be finite");
  }
  if (call[1].real() == call[2].real()) {
    fail(kInvalidForBucket, "lower bound cannot equal upper bound");
  }
}

/// What a processor makes of a number that is no int4.
std::int64_t cut_to_int4(double number) {
  constexpr double kEnd = 2147483648.0;
  if (!(number < kEnd)) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int64_t>(number);
}

/// As that of numeric.
Value width_bucket(Call& call) {
  check_buckets(call);
  const double sign = call[1].real() < call[2].real() ? 1 : -1;
  const double operand = call[0].real() * sign;
  const double low = call[1].real() * sign;
  const double high = call[2].real() * sign;
  const auto count = static_cast<double>(call[3].integer());
  if (operand < low) return Value::of(std::int64_t{0});
  if (operand >= high) return integer_value<std::int32_t>(call[3].integer() + 1);
  return Value::of(cut_to_int4(count * (operand - low) / (high - low) + 1));
}

double truncated(double number) {
  return number >= 0 ? std::floor(number) : -std::floor(-number);
}

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"abs", "float4", "float4", plain<std::fabs>},
    {"abs", "float8", "float8", plain<std::fabs>},
    {"ceil", "float8", "float8", plain<std::ceil>},
    {"ceiling", "float8", "float8", plain<std::ceil>},
    {"floor", "float8", "float8", plain<std::floor>},
    {"round", "float8", "float8", plain<std::rint>},
    {"trunc", "float8", "float8", plain<truncated>},
    {"sign", "float8", "float8", plain<sign_of>},
    {"sqrt", "float8", "float8", real_square_root},
    {"cbrt", "float8", "float8", real_cube_root},
    {"power", "float8 float8", "float8", real_power},
    {"pow", "float8 float8", "float8", real_power},
    {"exp", "float8", "float8", exponential},
    {"ln", "float8", "float8", logarithm<std::log>},
    {"log", "float8", "float8", logarithm<std::log10>},
    {"log10", "float8", "float8", logarithm<std::log10>},
    {"pi", "", "float8", pi},
    {"degrees", "float8", "float8", degrees},
    {"radians", "float8", "float8", radians},
    {"sin", "float8", "float8", of_angle<std::sin>},
    {"cos", "float8", "float8", of_angle<std::cos>},
    {"tan", "float8", "float8", of_angle<std::tan>},
    {"cot", "float8", "float8", of_angle<cotangent>},
    {"asin", "float8", "float8", of_range<std::asin, -1, 1>},
    {"acos", "float8", "float8", of_range<std::acos, -1, 1>},
    {"atan", "float8", "float8", plain<std::atan>},
    {"atan2", "float8 float8", "float8", arc_tangent_2},
    {"sinh", "float8", "float8", plain<std::sinh>},
    {"cosh", "float8", "float8", plain<std::cosh>},
    {"tanh", "float8", "float8", plain<std::tanh>},
    {"asinh", "float8", "float8", plain<std::asinh>},
    {"acosh", "float8", "float8", inverse_hyperbolic_cosine},
    {"atanh", "float8", "float8", of_range<std::atanh, -1, 1>},
    {.name = "random", .arguments = "", .result = "float8", .body = random, .is_volatile = true},
    {.name = "setseed",
     .arguments = "float8",
     .result = "void",
     .body = set_seed,
     .is_volatile = true},
    {"width_bucket", "float8 float8 float8 int4", "int4", width_bucket},
});

}  // namespace

Value real_power(Call& call) {
  const double base = call[0].real();
  const double exponent = call[1].real();
  if (std::isnan(base)) return exponent == 0 ? Value::of(1.0) : call[0];
  if (std::isnan(exponent)) return base == 1 ? Value::of(1.0) : call[1];
  if (base == 0 && exponent < 0) {
    fail(kInvalidForPower, "zero raised to a negative power is undefined");
  }
  if (base < 0 && std::floor(exponent) != exponent) {
    fail(kInvalidForPower,
         "a negative number raised to a non-integer power yields a complex result");
  }
  const double result = std::pow(base, exponent);
  const bool is_infinity_allowed = std::isinf(base) || std::isinf(exponent);
  if (result == 0 && base != 0 && !is_infinity_allowed) fail_real_underflow();
  return checked(result, is_infinity_allowed);
}

Value real_square_root(Call& call) {
  if (call[0].real() < 0) {
    fail(kInvalidForPower, "cannot take square root of a negative number");
  }
  return Value::of(std::sqrt(call[0].real()));
}

Value real_cube_root(Call& call) {
  return Value::of(std::cbrt(call[0].real()));
}

std::span<const FunctionRow> real_function_rows() {
  return kFunctions;
}

}  // namespace firedrill::sim::postgres
