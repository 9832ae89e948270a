#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "sim/postgres/functions/datetime_functions.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/datetime_fields.h"
#include "sim/postgres/values/interval_arithmetic.h"
#include "sim/postgres/values/time_zone.h"

namespace firedrill::sim::postgres::datetime_making {

namespace {

std::int32_t offset_of(const Call& call) {
  return call.environment.zone_offset();
}

std::int32_t precision_of(const Call& call) {
  constexpr std::int64_t kMost = 6;
  return call.size() == 0 ? -1 : static_cast<std::int32_t>(std::min(call[0].integer(), kMost));
}

std::int64_t local_now(const Call& call) {
  return call.environment.transaction_time() + offset_of(call) * kMicrosecondsPerSecond;
}

std::int64_t floor_to_day(std::int64_t timestamp) {
  const std::int64_t rest = timestamp % kMicrosecondsPerDay;
  return timestamp - (rest < 0 ? rest + kMicrosecondsPerDay : rest);
}

[[noreturn]] void fail_field(const std::string& what) {
  fail(sqlstate::kDatetimeFieldOverflow, what);
}

std::int32_t small(const Value& value) {
  return static_cast<std::int32_t>(value.integer());
}

/// As PostgreSQL's messages have it: those of make_date() take the year 0 for 1 BC.
std::string spelled_date(const Call& call) {
  const std::int32_t year =
      call.size() == 3 && small(call[0]) < 0 ? small(call[0]) + 1 : small(call[0]);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%d-%02d-%02d", year, small(call[1]), small(call[2]));
  return text.data();
}

std::string spelled_time(const Value& hour, const Value& minute, const Value& second) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%d:%02d:%02g", small(hour), small(minute),
                second.real());
  return text.data();
}

/// The first three arguments as a date; years before Christ are negative.
CalendarTime date_of_arguments(const Call& call) {
  const std::int64_t year = call[0].integer();
  const std::int64_t month = call[1].integer();
  const std::int64_t day = call[2].integer();
  const std::int64_t astronomical = year < 0 ? year + 1 : year;
  const bool is_valid = year != 0 && month >= 1 && month <= 12 && day >= 1 &&
                        day <= days_in_month(astronomical, small(call[1]));
  if (!is_valid) fail_field("date field value out of range: " + spelled_date(call));
  if (!has_julian_day(astronomical, month)) fail_field("date out of range: " + spelled_date(call));
  return {.year = static_cast<std::int32_t>(astronomical),
          .month = small(call[1]),
          .day = small(call[2])};
}

std::int64_t time_of_arguments(const Value& hour, const Value& minute, const Value& second) {
  const double microseconds = std::rint(second.real() * 1e6);
  const bool is_valid = hour.integer() >= 0 && hour.integer() <= 24 && minute.integer() >= 0 &&
                        minute.integer() <= 59 && microseconds >= 0 && microseconds <= 60e6;
  if (!is_valid) fail_field("time field value out of range: " + spelled_time(hour, minute, second));
  const std::int64_t time = hour.integer() * kMicrosecondsPerHour +
                            minute.integer() * kMicrosecondsPerMinute +
                            static_cast<std::int64_t>(microseconds);
  if (time > kMicrosecondsPerDay)
    fail_field("time field value out of range: " + spelled_time(hour, minute, second));
  return time;
}

std::int64_t timestamp_of_arguments(const Call& call) {
  const CalendarTime date = date_of_arguments(call);
  const std::int64_t days = julian_day(date.year, date.month, date.day) - kEpochJulianDay;
  const std::int64_t time = time_of_arguments(call[3], call[4], call[5]);
  if (days >= kEndTimestampDate || days < kFirstDate)
    fail_field("timestamp out of range: " + spelled_date(call) + " " +
               spelled_time(call[3], call[4], call[5]));
  return days * kMicrosecondsPerDay + time;
}

/// A zone as make_timestamptz() takes it: numbers by ISO's sign.
std::int32_t offset_of_zone(const std::string& zone) {
  if (!zone.empty() && is_digit(zone[0]))
    throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                   .message = "invalid input syntax for type numeric time zone: \"" + zone + "\"",
                   .hint = "Numeric time zones must have \"-\" or \"+\" as first character."};
  const ParsedOffset parsed = parse_zone_offset(zone);
  if (parsed.outcome == ParsedOffset::Outcome::valid) return parsed.seconds;
  if (parsed.outcome == ParsedOffset::Outcome::out_of_range)
    fail(sqlstate::kInvalidParameterValue, "numeric time zone \"" + zone + "\" out of range");
  return zone_offset_of(zone);
}

std::int64_t shifted(std::int64_t timestamp, std::int64_t seconds) {
  if (is_infinite_timestamp(timestamp)) return timestamp;
  const std::int64_t result = timestamp + seconds * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) fail_timestamp_out_of_range();
  return result;
}

std::int32_t offset_of_interval(const Interval& zone) {
  if (zone.months != 0 || zone.days != 0)
    fail(sqlstate::kInvalidParameterValue,
         "interval time zone \"" + print_interval(zone) + "\" must not include months or days");
  return static_cast<std::int32_t>(zone.microseconds / kMicrosecondsPerSecond);
}

/// The argument at `index`, or 0.
std::int64_t argument_or_zero(const Call& call, std::size_t index) {
  return index < call.size() ? call[index].integer() : 0;
}

std::int32_t interval_part(std::int64_t large, std::int64_t size, std::int64_t small_part) {
  const std::int64_t sum = large * size + small_part;
  if (sum < INT32_MIN || sum > INT32_MAX) fail_interval_out_of_range();
  return static_cast<std::int32_t>(sum);
}

std::vector<Value> series(const Call& call, std::int32_t zone_offset) {
  std::int64_t at = call[0].integer();
  const std::int64_t last = call[1].integer();
  const auto& step = call[2].as<Interval>();
  const int direction = compare_intervals(step, {});
  if (direction == 0) fail(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
  if (is_infinite_timestamp(at) || is_infinite_timestamp(last))
    unsupported("generate_series() to or from infinity");
  std::vector<Value> values;
  while (direction > 0 ? at <= last : at >= last) {
    values.push_back(Value::of(at));
    at = add_to_timestamp(at, step, zone_offset);
  }
  return values;
}

}  // namespace

Value transaction_time(Call& call) {
  return Value::of(call.environment.transaction_time());
}
Value statement_time(Call& call) {
  return Value::of(call.environment.statement_time());
}
Value clock_time(Call& call) {
  return Value::of(call.environment.clock_time());
}
Value current_timestamp(Call& call) {
  return Value::of(round_time(call.environment.transaction_time(), precision_of(call)));
}
Value current_date(Call& call) {
  return Value::of(floor_to_day(local_now(call)) / kMicrosecondsPerDay);
}
Value local_timestamp(Call& call) {
  return Value::of(round_time(local_now(call), precision_of(call)));
}
Value local_time(Call& call) {
  const std::int64_t now = local_now(call);
  return Value::of(round_time(now - floor_to_day(now), precision_of(call)));
}

Value make_date(Call& call) {
  const CalendarTime date = date_of_arguments(call);
  const std::int64_t days = julian_day(date.year, date.month, date.day) - kEpochJulianDay;
  if (!is_valid_date(days)) fail_field("date out of range: " + spelled_date(call));
  return Value::of(days);
}
Value make_time(Call& call) {
  return Value::of(time_of_arguments(call[0], call[1], call[2]));
}
Value make_timestamp(Call& call) {
  return Value::of(timestamp_of_arguments(call));
}
Value make_timestamptz(Call& call) {
  const std::int64_t local = timestamp_of_arguments(call);
  constexpr std::size_t kZone = 6;
  const std::int32_t offset =
      call.size() > kZone ? offset_of_zone(call[kZone].text()) : offset_of(call);
  return Value::of(shifted(local, -offset));
}

Value make_interval(Call& call) {
  constexpr std::size_t kSeconds = 6;
  const double seconds = call.size() > kSeconds ? call[kSeconds].real() : 0;
  const double microseconds = std::rint(seconds * 1e6);
  constexpr double kMost = 9.2e18;
  std::int64_t time = argument_or_zero(call, 4) * kMicrosecondsPerHour +
                      argument_or_zero(call, 5) * kMicrosecondsPerMinute;
  const bool fits = microseconds > -kMost && microseconds < kMost &&
                    !__builtin_add_overflow(time, static_cast<std::int64_t>(microseconds), &time);
  if (!fits) fail_interval_out_of_range();
  return Value::boxed(
      Interval{.months = interval_part(argument_or_zero(call, 0), 12, argument_or_zero(call, 1)),
               .days = interval_part(argument_or_zero(call, 2), 7, argument_or_zero(call, 3)),
               .microseconds = time});
}

Value to_timestamp(Call& call) {
  const double seconds = call[0].real();
  if (std::isnan(seconds)) fail_field("timestamp cannot be NaN");
  if (std::isinf(seconds))
    return Value::of(seconds > 0 ? kTimestampInfinity : kTimestampMinusInfinity);
  constexpr double kFirst = static_cast<double>(-kUnixEpochJulianDay * kSecondsPerDay);
  constexpr double kEnd = static_cast<double>(
      (kEndTimestampDate + kEpochJulianDay - kUnixEpochJulianDay) * kSecondsPerDay);
  if (seconds < kFirst || seconds >= kEnd) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%g", seconds);
    fail_field("timestamp out of range: \"" + std::string(text.data()) + "\"");
  }
  constexpr auto kEpochs =
      static_cast<double>((kEpochJulianDay - kUnixEpochJulianDay) * kSecondsPerDay);
  const auto timestamp = static_cast<std::int64_t>(std::rint((seconds - kEpochs) * 1e6));
  if (!is_valid_timestamp(timestamp)) fail_timestamp_out_of_range();
  return Value::of(timestamp);
}

Value is_finite_date(Call& call) {
  return Value::of(!is_infinite_date(call[0].integer()));
}
Value is_finite_moment(Call& call) {
  return Value::of(!is_infinite_timestamp(call[0].integer()));
}
Value is_finite_interval(Call&) {
  return Value::of(true);
}

Value timestamp_age(Call& call) {
  if (call.size() == 2)
    return Value::boxed(postgres::timestamp_age(call[0].integer(), call[1].integer(), 0));
  return Value::boxed(postgres::timestamp_age(floor_to_day(local_now(call)), call[0].integer(), 0));
}

Value timestamptz_age(Call& call) {
  const std::int32_t offset = offset_of(call);
  if (call.size() == 2)
    return Value::boxed(postgres::timestamp_age(call[0].integer(), call[1].integer(), offset));
  const std::int64_t today = floor_to_day(local_now(call)) - offset * kMicrosecondsPerSecond;
  return Value::boxed(postgres::timestamp_age(today, call[0].integer(), offset));
}

Value justify_days(Call& call) {
  return Value::boxed(postgres::justify_days(call[0].as<Interval>()));
}
Value justify_hours(Call& call) {
  return Value::boxed(postgres::justify_hours(call[0].as<Interval>()));
}
Value justify_interval(Call& call) {
  return Value::boxed(postgres::justify_interval(call[0].as<Interval>()));
}

Value date_bin(Call& call) {
  const auto& stride = call[0].as<Interval>();
  const std::int64_t timestamp = call[1].integer();
  const std::int64_t origin = call[2].integer();
  if (is_infinite_timestamp(timestamp)) return Value::of(timestamp);
  if (is_infinite_timestamp(origin)) fail_field("origin out of range");
  if (stride.months != 0)
    fail(sqlstate::kFeatureNotSupported,
         "timestamps cannot be binned into intervals containing months or years");
  std::int64_t size = 0;
  std::int64_t difference = 0;
  if (__builtin_mul_overflow(stride.days, kMicrosecondsPerDay, &size) ||
      __builtin_add_overflow(size, stride.microseconds, &size))
    fail_interval_out_of_range();
  if (size <= 0) fail_field("stride must be greater than zero");
  if (__builtin_sub_overflow(timestamp, origin, &difference)) fail_interval_out_of_range();
  const std::int64_t rest = difference % size;
  std::int64_t result = timestamp - rest;
  if (rest < 0 && __builtin_sub_overflow(result, size, &result)) fail_timestamp_out_of_range();
  if (!is_valid_timestamp(result)) fail_timestamp_out_of_range();
  return Value::of(result);
}

Value timestamp_at_zone(Call& call) {
  if (is_infinite_timestamp(call[1].integer())) return call[1];
  return Value::of(shifted(call[1].integer(), -zone_offset_of(call[0].text())));
}
Value timestamptz_at_zone(Call& call) {
  if (is_infinite_timestamp(call[1].integer())) return call[1];
  return Value::of(shifted(call[1].integer(), zone_offset_of(call[0].text())));
}
Value timestamp_at_interval(Call& call) {
  if (is_infinite_timestamp(call[1].integer())) return call[1];
  return Value::of(shifted(call[1].integer(), -offset_of_interval(call[0].as<Interval>())));
}
Value timestamptz_at_interval(Call& call) {
  if (is_infinite_timestamp(call[1].integer())) return call[1];
  return Value::of(shifted(call[1].integer(), offset_of_interval(call[0].as<Interval>())));
}

std::vector<Value> timestamp_series(Call& call) {
  return series(call, 0);
}
std::vector<Value> timestamptz_series(Call& call) {
  return series(call, offset_of(call));
}

}  // namespace firedrill::sim::postgres::datetime_making
