#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/value.h"

/// What the families of numbers share: ranges, and the errors of leaving them.
namespace firedrill::sim::postgres {

/// As messages name the type.
template <class Integer>
constexpr std::string_view integer_title() {
  if constexpr (std::is_same_v<Integer, std::int16_t>) {
    return "smallint";
  } else if constexpr (std::is_same_v<Integer, std::int32_t>) {
    return "integer";
  } else {
    static_assert(std::is_same_v<Integer, std::int64_t>);
    return "bigint";
  }
}

template <class Integer>
[[noreturn]] void fail_integer_range() {
  fail(sqlstate::kNumericValueOutOfRange, std::string(integer_title<Integer>()) + " out of range");
}

/// `number` as a value of the type Integer, if it is within its range; else 22003.
template <class Integer>
Value integer_value(std::int64_t number) {
  if (!std::in_range<Integer>(number)) fail_integer_range<Integer>();
  return Value::of(number);
}

[[noreturn]] inline void fail_zero_division() {
  fail(sqlstate::kDivisionByZero, "division by zero");
}

[[noreturn]] inline void fail_real_overflow() {
  fail(sqlstate::kNumericValueOutOfRange, "value out of range: overflow");
}

[[noreturn]] inline void fail_real_underflow() {
  fail(sqlstate::kNumericValueOutOfRange, "value out of range: underflow");
}

}  // namespace firedrill::sim::postgres
