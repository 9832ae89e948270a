#include "sim/postgres/values/interval_arithmetic.h"

#include <algorithm>
#include <cmath>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/calendar.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::int32_t kDaysPerMonth = 30;

/// Left to right, unless it overflows.
template <class T>
T checked_sum(T left, T right) {
  T sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) fail_interval_out_of_range();
  return sum;
}

template <class T>
T checked_difference(T left, T right) {
  T difference = 0;
  if (__builtin_sub_overflow(left, right, &difference)) fail_interval_out_of_range();
  return difference;
}

/// To microseconds, as PostgreSQL rounds fractions of seconds.
double round_to_microsecond(double seconds) {
  return std::rint(seconds * 1e6) / 1e6;
}

std::int32_t truncated(double number) {
  const bool fits = number >= INT32_MIN && number <= INT32_MAX;
  if (!fits) fail_interval_out_of_range();
  return static_cast<std::int32_t>(number);
}

/// Takes over so many `size`s from `small` as it has whole ones, and lets them have one sign.
template <class Small>
void carry(Small& small, std::int32_t& large, Small size) {
  const Small whole = small / size;
  small -= whole * size;
  large = checked_sum(large, static_cast<std::int32_t>(whole));
}

template <class Small>
void align_signs(Small& small, std::int32_t& large, Small size) {
  if (large > 0 && small < 0) {
    small += size;
    --large;
  } else if (large < 0 && small > 0) {
    small -= size;
    ++large;
  }
}

/// `scale(x)`: x times the factor, or by the divisor.
template <class Scale>
Interval scaled(const Interval& interval, Scale scale) {
  const double months = scale(static_cast<double>(interval.months));
  const double days = scale(static_cast<double>(interval.days));
  Interval result{.months = truncated(months), .days = truncated(days)};
  const double days_of_months = round_to_microsecond((months - result.months) * kDaysPerMonth);
  double seconds = round_to_microsecond(
      (days - result.days + days_of_months - static_cast<int>(days_of_months)) * 86400);
  if (std::fabs(seconds) >= 86400) {
    const int whole = static_cast<int>(seconds / 86400);
    result.days = checked_sum(result.days, whole);
    seconds -= whole * 86400;
  }
  result.days = checked_sum(result.days, static_cast<std::int32_t>(days_of_months));
  const double microseconds =
      std::rint(scale(static_cast<double>(interval.microseconds)) + seconds * 1e6);
  // 2^63
  const bool fits = microseconds >= -9223372036854775808.0 && microseconds < 9223372036854775808.0;
  if (!fits) fail_interval_out_of_range();
  result.microseconds = static_cast<std::int64_t>(microseconds);
  return result;
}

std::int64_t add_months(std::int64_t timestamp, std::int32_t months, std::int32_t zone_offset) {
  if (months == 0) return timestamp;
  CalendarTime time = local_calendar_time(timestamp, zone_offset);
  std::int64_t month = std::int64_t{time.month} - 1 + months;
  std::int64_t year = time.year + month / 12;
  month %= 12;
  if (month < 0) {
    month += 12;
    --year;
  }
  if (year > INT32_MAX || year < INT32_MIN) fail_timestamp_out_of_range();
  time.year = static_cast<std::int32_t>(year);
  time.month = static_cast<std::int32_t>(month) + 1;
  time.day = std::min(time.day, days_in_month(time.year, time.month));
  return timestamp_of(time, zone_offset);
}

std::int64_t add_days(std::int64_t timestamp, std::int32_t days, std::int32_t zone_offset) {
  if (days == 0) return timestamp;
  const CalendarTime time = local_calendar_time(timestamp, zone_offset);
  const std::int64_t julian = julian_day(time.year, time.month, time.day) + days;
  if (julian < 0 || julian > INT32_MAX) fail_timestamp_out_of_range();
  CalendarTime moved = date_of_julian_day(julian);
  set_time_of_day(moved, time_of_day(time));
  return timestamp_of(moved, zone_offset);
}

/// Borrows for `part`, while it is negative.
void borrow(std::int32_t& part, std::int32_t& larger, std::int32_t size) {
  while (part < 0) {
    part += size;
    --larger;
  }
}

/// Field by field; `left` is not before `right`. Months that are borrowed are as long as that of
/// `right`.
Interval symbolic_difference(const CalendarTime& left, const CalendarTime& right) {
  CalendarTime result{.year = left.year - right.year,
                      .month = left.month - right.month,
                      .day = left.day - right.day,
                      .hour = left.hour - right.hour,
                      .minute = left.minute - right.minute,
                      .second = left.second - right.second,
                      .microsecond = left.microsecond - right.microsecond};
  borrow(result.microsecond, result.second, 1'000'000);
  borrow(result.second, result.minute, 60);
  borrow(result.minute, result.hour, 60);
  borrow(result.hour, result.day, 24);
  borrow(result.day, result.month, days_in_month(right.year, right.month));
  borrow(result.month, result.year, 12);
  return {.months = result.year * 12 + result.month,
          .days = result.day,
          .microseconds = time_of_day(result)};
}

}  // namespace

Interval add_intervals(const Interval& left, const Interval& right) {
  return {.months = checked_sum(left.months, right.months),
          .days = checked_sum(left.days, right.days),
          .microseconds = checked_sum(left.microseconds, right.microseconds)};
}

Interval subtract_intervals(const Interval& left, const Interval& right) {
  return {.months = checked_difference(left.months, right.months),
          .days = checked_difference(left.days, right.days),
          .microseconds = checked_difference(left.microseconds, right.microseconds)};
}

Interval negate_interval(const Interval& interval) {
  return subtract_intervals({}, interval);
}

Interval opposite_interval(const Interval& interval) {
  return {.months = static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(interval.months)),
          .days = static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(interval.days)),
          .microseconds =
              static_cast<std::int64_t>(0U - static_cast<std::uint64_t>(interval.microseconds))};
}

Interval multiply_interval(const Interval& interval, double factor) {
  return scaled(interval, [factor](double part) { return part * factor; });
}

Interval divide_interval(const Interval& interval, double divisor) {
  if (divisor == 0) fail(sqlstate::kDivisionByZero, "division by zero");
  return scaled(interval, [divisor](double part) { return part / divisor; });
}

Interval justify_hours(const Interval& interval) {
  Interval result = interval;
  carry(result.microseconds, result.days, kMicrosecondsPerDay);
  align_signs(result.microseconds, result.days, kMicrosecondsPerDay);
  return result;
}

Interval justify_days(const Interval& interval) {
  Interval result = interval;
  carry(result.days, result.months, kDaysPerMonth);
  align_signs(result.days, result.months, kDaysPerMonth);
  return result;
}

Interval justify_interval(const Interval& interval) {
  Interval result = interval;
  // Ahead of the rest, so that days do not overflow where a month takes them.
  if ((result.days > 0 && result.microseconds > 0) || (result.days < 0 && result.microseconds < 0))
    carry(result.days, result.months, kDaysPerMonth);
  carry(result.microseconds, result.days, kMicrosecondsPerDay);
  carry(result.days, result.months, kDaysPerMonth);
  const bool is_behind =
      result.months > 0 && (result.days < 0 || (result.days == 0 && result.microseconds < 0));
  const bool is_ahead =
      result.months < 0 && (result.days > 0 || (result.days == 0 && result.microseconds > 0));
  if (is_behind) {
    result.days += kDaysPerMonth;
    --result.months;
  } else if (is_ahead) {
    result.days -= kDaysPerMonth;
    ++result.months;
  }
  align_signs(result.microseconds, result.days, kMicrosecondsPerDay);
  return result;
}

IntervalSpan interval_span(const Interval& interval) {
  const std::int64_t days = std::int64_t{interval.months} * kDaysPerMonth + interval.days;
  return IntervalSpan{days} * kMicrosecondsPerDay + interval.microseconds;
}

std::int64_t add_to_timestamp(std::int64_t timestamp, const Interval& interval,
                              std::int32_t zone_offset) {
  if (is_infinite_timestamp(timestamp)) return timestamp;
  const std::int64_t moved =
      add_days(add_months(timestamp, interval.months, zone_offset), interval.days, zone_offset);
  std::int64_t result = 0;
  if (__builtin_add_overflow(moved, interval.microseconds, &result) || !is_valid_timestamp(result))
    fail_timestamp_out_of_range();
  return result;
}

std::int64_t add_to_time(std::int64_t time, const Interval& interval) {
  const std::int64_t moved =
      (time + interval.microseconds % kMicrosecondsPerDay) % kMicrosecondsPerDay;
  return moved < 0 ? moved + kMicrosecondsPerDay : moved;
}

Interval timestamp_difference(std::int64_t left, std::int64_t right) {
  if (is_infinite_timestamp(left) || is_infinite_timestamp(right))
    fail(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite timestamps");
  // PostgreSQL 15 does not notice what does not fit.
  const auto difference = static_cast<std::uint64_t>(left) - static_cast<std::uint64_t>(right);
  return justify_hours({.microseconds = static_cast<std::int64_t>(difference)});
}

Interval timestamp_age(std::int64_t left, std::int64_t right, std::int32_t zone_offset) {
  if (is_infinite_timestamp(left) || is_infinite_timestamp(right)) unsupported("age() of infinity");
  const CalendarTime first = local_calendar_time(left, zone_offset);
  const CalendarTime second = local_calendar_time(right, zone_offset);
  return left < right ? negate_interval(symbolic_difference(second, first))
                      : symbolic_difference(first, second);
}

}  // namespace firedrill::sim::postgres
