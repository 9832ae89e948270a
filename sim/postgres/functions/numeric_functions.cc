#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/functions/number_ranges.h"
#include "sim/postgres/values/numeric.h"

namespace firedrill::sim::postgres {

namespace {

const Numeric& number(Call& call, std::size_t index = 0) {
  return call[index].as<Numeric>();
}

using Unary = Numeric (*)(const Numeric&);
using Binary = Numeric (*)(const Numeric&, const Numeric&);

template <Unary kFunction>
Value unary(Call& call) {
  return Value::boxed(kFunction(number(call)));
}

template <Binary kFunction>
Value binary(Call& call) {
  return Value::boxed(kFunction(number(call, 0), number(call, 1)));
}

Value keep(Call& call) {
  return call[0];
}

/// How far the scale of round() and trunc() goes: as far as digits do.
constexpr std::int64_t kMinRoundingScale = -131072;
constexpr std::int64_t kMaxRoundingScale = 16383;

std::int32_t scale_argument(Call& call) {
  return static_cast<std::int32_t>(
      std::clamp(call[1].integer(), kMinRoundingScale, kMaxRoundingScale));
}

Value round_whole(Call& call) {
  return Value::boxed(round_to(number(call), 0));
}

Value round_scaled(Call& call) {
  return Value::boxed(round_to(number(call), scale_argument(call)));
}

Value cut_whole(Call& call) {
  return Value::boxed(cut_to(number(call), 0));
}

Value cut_scaled(Call& call) {
  return Value::boxed(cut_to(number(call), scale_argument(call)));
}

Value sign(Call& call) {
  return number(call).is_nan() ? call[0] : Value::boxed(Numeric(number(call).sign()));
}

Value logarithm_10(Call& call) {
  return Value::boxed(logarithm(Numeric(10), number(call)));
}

Value scale(Call& call) {
  return number(call).is_finite() ? Value::of(number(call).scale()) : Value();
}

Value min_scale(Call& call) {
  return number(call).is_finite() ? Value::of(needed_scale(number(call))) : Value();
}

Value trim_scale(Call& call) {
  if (!number(call).is_finite()) return call[0];
  return Value::boxed(round_to(number(call), needed_scale(number(call))));
}

Value factorial_of(Call& call) {
  return Value::boxed(factorial(call[0].integer()));
}

[[noreturn]] void fail_bucket(std::string message) {
  fail("2201G", std::move(message));
}

void check_buckets(Call& call) {
  if (call[3].integer() <= 0) fail_bucket("count must be greater than zero");
  if (number(call, 0).is_nan() || number(call, 1).is_nan() || number(call, 2).is_nan()) {
    fail_bucket("operand, lower bound, and upper bound cannot be NaN");
  }
  if (!number(call, 1).is_finite() || !number(call, 2).is_finite()) {
    fail_bucket("lower and upper bounds must be finite");
  }
  if (number(call, 1) == number(call, 2)) fail_bucket("lower bound cannot equal upper bound");
}

/// Which of `count` buckets of the same width between two bounds has it: from 1; 0 and count + 1
/// are outside. The bounds may be either way round.
Value width_bucket(Call& call) {
  check_buckets(call);
  const Numeric& low = number(call, 1);
  const Numeric& high = number(call, 2);
  const std::int64_t count = call[3].integer();
  const int direction = compare_numerics(high, low);
  if (compare_numerics(number(call), low) * direction < 0) return Value::of(std::int64_t{0});
  if (compare_numerics(number(call), high) * direction >= 0) {
    return integer_value<std::int32_t>(count + 1);
  }
  const Numeric into = absolute(number(call) - low) * Numeric(count);
  // Rounded, so that what is just below the bound may be in the bucket after the last one.
  const Numeric bucket = round_down(into / absolute(high - low));
  return integer_value<std::int32_t>(*to_integer(bucket) + 1);
}

Value from_integer(Call& call) {
  return Value::boxed(Numeric(call[0].integer()));
}

template <class Integer>
Value to_integer_type(Call& call) {
  const Numeric& from = number(call);
  if (!from.is_finite()) {
    fail(sqlstate::kFeatureNotSupported, std::string("cannot convert ") +
                                             (from.is_nan() ? "NaN" : "infinity") + " to " +
                                             std::string(integer_title<Integer>()));
  }
  const std::optional<std::int64_t> whole = to_integer(from);
  if (!whole) fail_integer_range<Integer>();
  return integer_value<Integer>(*whole);
}

Value to_float8_type(Call& call) {
  return Value::of(to_float8(number(call)));
}

Value to_float4_type(Call& call) {
  return Value::of(to_float4(number(call)));
}

Value from_float8_type(Call& call) {
  return Value::boxed(from_float8(call[0].real()));
}

Value from_float4_type(Call& call) {
  return Value::boxed(from_float4(call[0].real()));
}

constexpr auto kOperators = std::to_array<OperatorRow>({
    {"+", "numeric", "numeric", "numeric", binary<(operator+)>},
    {"-", "numeric", "numeric", "numeric", binary<(operator-)>},
    {"*", "numeric", "numeric", "numeric", binary<(operator*)>},
    {"/", "numeric", "numeric", "numeric", binary<(operator/)>},
    {"%", "numeric", "numeric", "numeric", binary<(operator%)>},
    {"^", "numeric", "numeric", "numeric", binary<power>},
    {"+", "", "numeric", "numeric", keep},
    {"-", "", "numeric", "numeric", unary<(operator-)>},
    {"@", "", "numeric", "numeric", unary<absolute>},
});

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"abs", "numeric", "numeric", unary<absolute>},
    {"ceil", "numeric", "numeric", unary<round_up>},
    {"ceiling", "numeric", "numeric", unary<round_up>},
    {"floor", "numeric", "numeric", unary<round_down>},
    {"round", "numeric", "numeric", round_whole},
    {"round", "numeric int4", "numeric", round_scaled},
    {"trunc", "numeric", "numeric", cut_whole},
    {"trunc", "numeric int4", "numeric", cut_scaled},
    {"sign", "numeric", "numeric", sign},
    {"sqrt", "numeric", "numeric", unary<square_root>},
    {"exp", "numeric", "numeric", unary<exponential>},
    {"ln", "numeric", "numeric", unary<natural_logarithm>},
    {"log", "numeric", "numeric", logarithm_10},
    {"log10", "numeric", "numeric", logarithm_10},
    {"log", "numeric numeric", "numeric", binary<logarithm>},
    {"power", "numeric numeric", "numeric", binary<power>},
    {"pow", "numeric numeric", "numeric", binary<power>},
    {"mod", "numeric numeric", "numeric", binary<(operator%)>},
    {"div", "numeric numeric", "numeric", binary<divide_whole>},
    {"gcd", "numeric numeric", "numeric", binary<greatest_common_divisor>},
    {"lcm", "numeric numeric", "numeric", binary<least_common_multiple>},
    {"scale", "numeric", "int4", scale},
    {"min_scale", "numeric", "int4", min_scale},
    {"trim_scale", "numeric", "numeric", trim_scale},
    {"factorial", "int8", "numeric", factorial_of},
    {"width_bucket", "numeric numeric numeric int4", "int4", width_bucket},
});

using enum CastContext;

constexpr auto kCasts = std::to_array<CastRow>({
    {"int2", "numeric", implicit, from_integer},
    {"int4", "numeric", implicit, from_integer},
    {"int8", "numeric", implicit, from_integer},
    {"float4", "numeric", assignment, from_float4_type},
    {"float8", "numeric", assignment, from_float8_type},
    {"numeric", "int2", assignment, to_integer_type<std::int16_t>},
    {"numeric", "int4", assignment, to_integer_type<std::int32_t>},
    {"numeric", "int8", assignment, to_integer_type<std::int64_t>},
    {"numeric", "float4", implicit, to_float4_type},
    {"numeric", "float8", implicit, to_float8_type},
});

}  // namespace

FunctionFamily numeric_family() {
  return {.functions = kFunctions, .operators = kOperators, .casts = kCasts};
}

}  // namespace firedrill::sim::postgres
