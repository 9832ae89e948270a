#include <array>
#include <utility>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/interval_arithmetic.h"

/// (a, b) OVERLAPS (c, d) of times.
namespace firedrill::sim::postgres {

namespace {

enum class End : std::uint8_t { time, span, zoned_span, clock_span };

/// An end that is an interval, from the beginning on.
Value end_of(Call& call, std::size_t at, End end) {
  const Value& begin = call[at];
  const Value& given = call[at + 1];
  if (end == End::time) return given;
  if (begin.is_null() || given.is_null()) return {};
  const auto& span = given.as<Interval>();
  if (end == End::clock_span) return Value::of(add_to_time(begin.integer(), span));
  const std::int32_t zone = end == End::zoned_span ? call.environment.zone_offset() : 0;
  return Value::of(add_to_timestamp(begin.integer(), span, zone));
}

struct Period {
  Value begin;
  Value end;
  bool is_unknown() const { return begin.is_null(); }
};

/// The one end that is known is the beginning; of two, the lesser.
Period ordered(Value begin, Value end) {
  if (begin.is_null()) std::swap(begin, end);
  if (!end.is_null() && begin.integer() > end.integer()) std::swap(begin, end);
  return {std::move(begin), std::move(end)};
}

Value overlap(Period first, Period second) {
  if (first.is_unknown() || second.is_unknown()) return {};
  if (first.begin.integer() == second.begin.integer()) {
    return first.end.is_null() || second.end.is_null() ? Value() : Value::of(true);
  }
  if (first.begin.integer() < second.begin.integer()) std::swap(first, second);
  if (second.end.is_null()) return {};
  if (first.begin.integer() < second.end.integer()) return Value::of(true);
  return first.end.is_null() ? Value() : Value::of(false);
}

template <End kFirst, End kSecond>
Value overlaps(Call& call) {
  Period first = ordered(call[0], end_of(call, 0, kFirst));
  Period second = ordered(call[2], end_of(call, 2, kSecond));
  return overlap(std::move(first), std::move(second));
}

constexpr std::array kFunctions = {
    FunctionRow{"overlaps", "timestamp timestamp timestamp timestamp", "bool",
                overlaps<End::time, End::time>, false},
    FunctionRow{"overlaps", "timestamp interval timestamp timestamp", "bool",
                overlaps<End::span, End::time>, false},
    FunctionRow{"overlaps", "timestamp timestamp timestamp interval", "bool",
                overlaps<End::time, End::span>, false},
    FunctionRow{"overlaps", "timestamp interval timestamp interval", "bool",
                overlaps<End::span, End::span>, false},
    FunctionRow{"overlaps", "timestamptz timestamptz timestamptz timestamptz", "bool",
                overlaps<End::time, End::time>, false},
    FunctionRow{"overlaps", "timestamptz interval timestamptz timestamptz", "bool",
                overlaps<End::zoned_span, End::time>, false},
    FunctionRow{"overlaps", "timestamptz timestamptz timestamptz interval", "bool",
                overlaps<End::time, End::zoned_span>, false},
    FunctionRow{"overlaps", "timestamptz interval timestamptz interval", "bool",
                overlaps<End::zoned_span, End::zoned_span>, false},
    FunctionRow{"overlaps", "time time time time", "bool", overlaps<End::time, End::time>, false},
    FunctionRow{"overlaps", "time interval time time", "bool", overlaps<End::clock_span, End::time>,
                false},
    FunctionRow{"overlaps", "time time time interval", "bool", overlaps<End::time, End::clock_span>,
                false},
    FunctionRow{"overlaps", "time interval time interval", "bool",
                overlaps<End::clock_span, End::clock_span>, false},
};

}  // namespace

FunctionFamily overlaps_family() {
  return {.functions = kFunctions};
}

}  // namespace firedrill::sim::postgres
