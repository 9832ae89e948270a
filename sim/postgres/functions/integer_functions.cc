#include <array>
#include <cstdint>
#include <limits>
#include <numeric>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/functions/number_ranges.h"

namespace firedrill::sim::postgres {

namespace {

using Int2 = std::int16_t;
using Int4 = std::int32_t;
using Int8 = std::int64_t;

// All integers are kept in 64 bits: what Integer names is the type of the result, which is the
// larger one of the operands'.

template <class Integer>
Value add(Call& call) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(call[0].integer(), call[1].integer(), &sum)) {
    fail_integer_range<Integer>();
  }
  return integer_value<Integer>(sum);
}

template <class Integer>
Value subtract(Call& call) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(call[0].integer(), call[1].integer(), &difference)) {
    fail_integer_range<Integer>();
  }
  return integer_value<Integer>(difference);
}

template <class Integer>
Value multiply(Call& call) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(call[0].integer(), call[1].integer(), &product)) {
    fail_integer_range<Integer>();
  }
  return integer_value<Integer>(product);
}

template <class Integer>
Value negated(std::int64_t number) {
  if (number == std::numeric_limits<Integer>::min()) fail_integer_range<Integer>();
  return Value::of(-number);
}

template <class Integer>
Value divide(Call& call) {
  const std::int64_t divisor = call[1].integer();
  if (divisor == 0) fail_zero_division();
  if (divisor == -1) return negated<Integer>(call[0].integer());
  return Value::of(call[0].integer() / divisor);
}

Value remainder(Call& call) {
  const std::int64_t divisor = call[1].integer();
  if (divisor == 0) fail_zero_division();
  return Value::of(divisor == -1 ? std::int64_t{0} : call[0].integer() % divisor);
}

template <class Integer>
Value negate(Call& call) {
  return negated<Integer>(call[0].integer());
}

Value keep(Call& call) {
  return call[0];
}

template <class Integer>
Value magnitude(Call& call) {
  return call[0].integer() < 0 ? negated<Integer>(call[0].integer()) : call[0];
}

Value bit_and(Call& call) {
  return Value::of(call[0].integer() & call[1].integer());
}

Value bit_or(Call& call) {
  return Value::of(call[0].integer() | call[1].integer());
}

Value bit_xor(Call& call) {
  return Value::of(call[0].integer() ^ call[1].integer());
}

Value bit_not(Call& call) {
  return Value::of(~call[0].integer());
}

/// How far: as the processor takes it, which looks at the low bits only. int2 is shifted as int4.
template <class Integer>
std::int64_t shift_count(std::int64_t count) {
  return count & (sizeof(Integer) == sizeof(Int8) ? 63 : 31);
}

template <class Integer>
Value shift_left(Call& call) {
  const auto bits = static_cast<std::uint64_t>(call[0].integer());
  const std::uint64_t shifted = bits << shift_count<Integer>(call[1].integer());
  return Value::of(static_cast<std::int64_t>(static_cast<Integer>(shifted)));
}

template <class Integer>
Value shift_right(Call& call) {
  return Value::of(call[0].integer() >> shift_count<Integer>(call[1].integer()));
}

std::uint64_t unsigned_magnitude(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return number < 0 ? 0 - bits : bits;
}

template <class Integer>
Value common_divisor(Call& call) {
  const std::uint64_t divisor =
      std::gcd(unsigned_magnitude(call[0].integer()), unsigned_magnitude(call[1].integer()));
  if (!std::in_range<Integer>(divisor)) fail_integer_range<Integer>();
  return Value::of(static_cast<std::int64_t>(divisor));
}

template <class Integer>
Value common_multiple(Call& call) {
  const std::uint64_t left = unsigned_magnitude(call[0].integer());
  const std::uint64_t right = unsigned_magnitude(call[1].integer());
  if (left == 0 || right == 0) return Value::of(std::int64_t{0});
  std::uint64_t multiple = 0;
  if (__builtin_mul_overflow(left / std::gcd(left, right), right, &multiple) ||
      !std::in_range<Integer>(multiple)) {
    fail_integer_range<Integer>();
  }
  return Value::of(static_cast<std::int64_t>(multiple));
}

template <class Integer>
Value narrow(Call& call) {
  return integer_value<Integer>(call[0].integer());
}

// oid has 32 bits without a sign; int4 and oid are the same bits.
Value wrap_to_oid(Call& call) {
  return Value::of(static_cast<std::int64_t>(static_cast<std::uint32_t>(call[0].integer())));
}

Value wrap_to_int4(Call& call) {
  return Value::of(static_cast<std::int64_t>(static_cast<Int4>(call[0].integer())));
}

Value narrow_to_oid(Call& call) {
  if (!std::in_range<std::uint32_t>(call[0].integer())) {
    fail(sqlstate::kNumericValueOutOfRange, "OID out of range");
  }
  return call[0];
}

constexpr auto kOperators = std::to_array<OperatorRow>({
    {"+", "int2", "int2", "int2", add<Int2>},
    {"+", "int2", "int4", "int4", add<Int4>},
    {"+", "int4", "int2", "int4", add<Int4>},
    {"+", "int4", "int4", "int4", add<Int4>},
    {"+", "int2", "int8", "int8", add<Int8>},
    {"+", "int8", "int2", "int8", add<Int8>},
    {"+", "int4", "int8", "int8", add<Int8>},
    {"+", "int8", "int4", "int8", add<Int8>},
    {"+", "int8", "int8", "int8", add<Int8>},
    {"-", "int2", "int2", "int2", subtract<Int2>},
    {"-", "int2", "int4", "int4", subtract<Int4>},
    {"-", "int4", "int2", "int4", subtract<Int4>},
    {"-", "int4", "int4", "int4", subtract<Int4>},
    {"-", "int2", "int8", "int8", subtract<Int8>},
    {"-", "int8", "int2", "int8", subtract<Int8>},
    {"-", "int4", "int8", "int8", subtract<Int8>},
    {"-", "int8", "int4", "int8", subtract<Int8>},
    {"-", "int8", "int8", "int8", subtract<Int8>},
    {"*", "int2", "int2", "int2", multiply<Int2>},
    {"*", "int2", "int4", "int4", multiply<Int4>},
    {"*", "int4", "int2", "int4", multiply<Int4>},
    {"*", "int4", "int4", "int4", multiply<Int4>},
    {"*", "int2", "int8", "int8", multiply<Int8>},
    {"*", "int8", "int2", "int8", multiply<Int8>},
    {"*", "int4", "int8", "int8", multiply<Int8>},
    {"*", "int8", "int4", "int8", multiply<Int8>},
    {"*", "int8", "int8", "int8", multiply<Int8>},
    {"/", "int2", "int2", "int2", divide<Int2>},
    {"/", "int2", "int4", "int4", divide<Int4>},
    {"/", "int4", "int2", "int4", divide<Int4>},
    {"/", "int4", "int4", "int4", divide<Int4>},
    {"/", "int2", "int8", "int8", divide<Int8>},
    {"/", "int8", "int2", "int8", divide<Int8>},
    {"/", "int4", "int8", "int8", divide<Int8>},
    {"/", "int8", "int4", "int8", divide<Int8>},
    {"/", "int8", "int8", "int8", divide<Int8>},
    {"%", "int2", "int2", "int2", remainder},
    {"%", "int4", "int4", "int4", remainder},
    {"%", "int8", "int8", "int8", remainder},
    {"&", "int2", "int2", "int2", bit_and},
    {"&", "int4", "int4", "int4", bit_and},
    {"&", "int8", "int8", "int8", bit_and},
    {"|", "int2", "int2", "int2", bit_or},
    {"|", "int4", "int4", "int4", bit_or},
    {"|", "int8", "int8", "int8", bit_or},
    {"#", "int2", "int2", "int2", bit_xor},
    {"#", "int4", "int4", "int4", bit_xor},
    {"#", "int8", "int8", "int8", bit_xor},
    {"~", "", "int2", "int2", bit_not},
    {"~", "", "int4", "int4", bit_not},
    {"~", "", "int8", "int8", bit_not},
    {"<<", "int2", "int4", "int2", shift_left<Int2>},
    {"<<", "int4", "int4", "int4", shift_left<Int4>},
    {"<<", "int8", "int4", "int8", shift_left<Int8>},
    {">>", "int2", "int4", "int2", shift_right<Int2>},
    {">>", "int4", "int4", "int4", shift_right<Int4>},
    {">>", "int8", "int4", "int8", shift_right<Int8>},
    {"+", "", "int2", "int2", keep},
    {"+", "", "int4", "int4", keep},
    {"+", "", "int8", "int8", keep},
    {"-", "", "int2", "int2", negate<Int2>},
    {"-", "", "int4", "int4", negate<Int4>},
    {"-", "", "int8", "int8", negate<Int8>},
    {"@", "", "int2", "int2", magnitude<Int2>},
    {"@", "", "int4", "int4", magnitude<Int4>},
    {"@", "", "int8", "int8", magnitude<Int8>},
});

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"abs", "int2", "int2", magnitude<Int2>},
    {"abs", "int4", "int4", magnitude<Int4>},
    {"abs", "int8", "int8", magnitude<Int8>},
    {"mod", "int2 int2", "int2", remainder},
    {"mod", "int4 int4", "int4", remainder},
    {"mod", "int8 int8", "int8", remainder},
    {"gcd", "int4 int4", "int4", common_divisor<Int4>},
    {"gcd", "int8 int8", "int8", common_divisor<Int8>},
    {"lcm", "int4 int4", "int4", common_multiple<Int4>},
    {"lcm", "int8 int8", "int8", common_multiple<Int8>},
});

using enum CastContext;

constexpr auto kCasts = std::to_array<CastRow>({
    {"int2", "int4", implicit, nullptr},
    {"int2", "int8", implicit, nullptr},
    {"int4", "int8", implicit, nullptr},
    {"int4", "int2", assignment, narrow<Int2>},
    {"int8", "int2", assignment, narrow<Int2>},
    {"int8", "int4", assignment, narrow<Int4>},
    {"int2", "oid", implicit, wrap_to_oid},
    {"int4", "oid", implicit, wrap_to_oid},
    {"int8", "oid", implicit, narrow_to_oid},
    {"oid", "int4", assignment, wrap_to_int4},
    {"oid", "int8", assignment, nullptr},
    {"oid", "regclass", implicit, nullptr},
    {"regclass", "oid", implicit, nullptr},
    {"int2", "regclass", implicit, wrap_to_oid},
    {"int4", "regclass", implicit, wrap_to_oid},
    {"int8", "regclass", implicit, narrow_to_oid},
    {"regclass", "int4", assignment, wrap_to_int4},
    {"regclass", "int8", assignment, nullptr},
    {"oid", "regnamespace", implicit, nullptr},
    {"regnamespace", "oid", implicit, nullptr},
    {"oid", "regtype", implicit, nullptr},
    {"regtype", "oid", implicit, nullptr},
    {"int2", "regtype", implicit, wrap_to_oid},
    {"int4", "regtype", implicit, wrap_to_oid},
    {"int8", "regtype", implicit, narrow_to_oid},
    {"regtype", "int4", assignment, wrap_to_int4},
    {"regtype", "int8", assignment, nullptr},
});

}  // namespace

FunctionFamily integer_family() {
  return {.functions = kFunctions, .operators = kOperators, .casts = kCasts};
}

}  // namespace firedrill::sim::postgres
