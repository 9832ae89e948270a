#include "sim/postgres/functions/datetime_functions.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/interval_arithmetic.h"

namespace firedrill::sim::postgres::datetime_operators {

namespace {

const Interval& interval_of(const Value& value) {
  return value.as<Interval>();
}

Value infinity_for_timestamp(std::int64_t days) {
  return Value::of(days == kDateInfinity ? kTimestampInfinity : kTimestampMinusInfinity);
}

std::int64_t midnight(std::int64_t days) {
  if (days == kDateInfinity) return kTimestampInfinity;
  if (days == kDateMinusInfinity) return kTimestampMinusInfinity;
  if (days >= kEndTimestampDate)
    fail(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
  return days * kMicrosecondsPerDay;
}

/// To UTC (a negative offset), or from it; infinities stay.
std::int64_t shifted(std::int64_t timestamp, std::int64_t seconds) {
  if (is_infinite_timestamp(timestamp)) return timestamp;
  const std::int64_t result = timestamp + seconds * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result)) fail_timestamp_out_of_range();
  return result;
}

std::int64_t to_local(const Call& call, std::int64_t timestamptz) {
  return shifted(timestamptz, call.environment.zone_offset());
}
std::int64_t to_universal(const Call& call, std::int64_t timestamp) {
  return shifted(timestamp, -std::int64_t{call.environment.zone_offset()});
}

std::int64_t days_of(std::int64_t timestamp) {
  const std::int64_t days = timestamp / kMicrosecondsPerDay;
  return timestamp % kMicrosecondsPerDay < 0 ? days - 1 : days;
}

Value date_of(std::int64_t timestamp) {
  if (timestamp == kTimestampInfinity) return Value::of(kDateInfinity);
  if (timestamp == kTimestampMinusInfinity) return Value::of(kDateMinusInfinity);
  return Value::of(days_of(timestamp));
}

Value time_of(std::int64_t timestamp) {
  if (is_infinite_timestamp(timestamp)) return {};
  return Value::of(timestamp - days_of(timestamp) * kMicrosecondsPerDay);
}

Value moved_date(std::int64_t date, std::int64_t days) {
  if (is_infinite_date(date)) return Value::of(date);
  if (!is_valid_date(date + days)) fail_date_out_of_range();
  return Value::of(date + days);
}

Value moved_midnight(const Value& date, const Interval& interval) {
  return Value::of(add_to_timestamp(midnight(date.integer()), interval, 0));
}

Value moved_timestamp(const Value& timestamp, const Interval& interval, std::int32_t zone_offset) {
  return Value::of(add_to_timestamp(timestamp.integer(), interval, zone_offset));
}

Value moment_of(const Value& date, const Value& time) {
  if (is_infinite_date(date.integer())) return infinity_for_timestamp(date.integer());
  const std::int64_t timestamp = midnight(date.integer()) + time.integer();
  if (!is_valid_timestamp(timestamp)) fail_timestamp_out_of_range();
  return Value::of(timestamp);
}

}  // namespace

Value date_plus_days(Call& call) {
  return moved_date(call[0].integer(), call[1].integer());
}
Value days_plus_date(Call& call) {
  return moved_date(call[1].integer(), call[0].integer());
}
Value date_minus_days(Call& call) {
  return moved_date(call[0].integer(), -call[1].integer());
}

Value date_minus_date(Call& call) {
  if (is_infinite_date(call[0].integer()) || is_infinite_date(call[1].integer()))
    fail(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite dates");
  return Value::of(call[0].integer() - call[1].integer());
}

Value date_plus_interval(Call& call) {
  return moved_midnight(call[0], interval_of(call[1]));
}
Value interval_plus_date(Call& call) {
  return moved_midnight(call[1], interval_of(call[0]));
}
Value date_minus_interval(Call& call) {
  return moved_midnight(call[0], opposite_interval(interval_of(call[1])));
}

Value date_plus_time(Call& call) {
  return moment_of(call[0], call[1]);
}
Value time_plus_date(Call& call) {
  return moment_of(call[1], call[0]);
}

Value timestamp_plus_interval(Call& call) {
  return moved_timestamp(call[0], interval_of(call[1]), 0);
}
Value interval_plus_timestamp(Call& call) {
  return moved_timestamp(call[1], interval_of(call[0]), 0);
}
Value timestamp_minus_interval(Call& call) {
  return moved_timestamp(call[0], opposite_interval(interval_of(call[1])), 0);
}
Value timestamptz_plus_interval(Call& call) {
  return moved_timestamp(call[0], interval_of(call[1]), call.environment.zone_offset());
}
Value interval_plus_timestamptz(Call& call) {
  return moved_timestamp(call[1], interval_of(call[0]), call.environment.zone_offset());
}
Value timestamptz_minus_interval(Call& call) {
  return moved_timestamp(call[0], opposite_interval(interval_of(call[1])),
                         call.environment.zone_offset());
}

Value moment_minus_moment(Call& call) {
  return Value::boxed(timestamp_difference(call[0].integer(), call[1].integer()));
}

Value time_plus_interval(Call& call) {
  return Value::of(add_to_time(call[0].integer(), interval_of(call[1])));
}
Value interval_plus_time(Call& call) {
  return Value::of(add_to_time(call[1].integer(), interval_of(call[0])));
}
Value time_minus_interval(Call& call) {
  const Interval clock{.microseconds = -(interval_of(call[1]).microseconds % kMicrosecondsPerDay)};
  return Value::of(add_to_time(call[0].integer(), clock));
}
Value time_minus_time(Call& call) {
  return Value::boxed(Interval{.microseconds = call[0].integer() - call[1].integer()});
}

Value interval_plus_interval(Call& call) {
  return Value::boxed(add_intervals(interval_of(call[0]), interval_of(call[1])));
}
Value interval_minus_interval(Call& call) {
  return Value::boxed(subtract_intervals(interval_of(call[0]), interval_of(call[1])));
}
Value interval_times_real(Call& call) {
  return Value::boxed(multiply_interval(interval_of(call[0]), call[1].real()));
}
Value real_times_interval(Call& call) {
  return Value::boxed(multiply_interval(interval_of(call[1]), call[0].real()));
}
Value interval_by_real(Call& call) {
  return Value::boxed(divide_interval(interval_of(call[0]), call[1].real()));
}
Value minus_interval(Call& call) {
  return Value::boxed(negate_interval(interval_of(call[0])));
}

Value date_to_timestamp(Call& call) {
  return Value::of(midnight(call[0].integer()));
}
Value date_to_timestamptz(Call& call) {
  const std::int64_t local = midnight(call[0].integer());
  if (is_infinite_timestamp(local)) return Value::of(local);
  const std::int64_t result = local - call.environment.zone_offset() * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(result))
    fail(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
  return Value::of(result);
}

Value timestamp_to_date(Call& call) {
  return date_of(call[0].integer());
}
Value timestamp_to_time(Call& call) {
  return time_of(call[0].integer());
}
Value timestamp_to_timestamptz(Call& call) {
  return Value::of(to_universal(call, call[0].integer()));
}

Value timestamptz_to_date(Call& call) {
  return date_of(to_local(call, call[0].integer()));
}
Value timestamptz_to_time(Call& call) {
  return time_of(to_local(call, call[0].integer()));
}
Value timestamptz_to_timestamp(Call& call) {
  return Value::of(to_local(call, call[0].integer()));
}

Value interval_to_time(Call& call) {
  return Value::of(add_to_time(0, interval_of(call[0])));
}
Value time_to_interval(Call& call) {
  return Value::boxed(Interval{.microseconds = call[0].integer()});
}

Value date_and_time_to_timestamptz(Call& call) {
  return Value::of(to_universal(call, moment_of(call[0], call[1]).integer()));
}

}  // namespace firedrill::sim::postgres::datetime_operators
