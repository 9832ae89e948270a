#pragma once

#include <cstdint>

#include "sim/postgres/values/interval.h"

/// What can be done with intervals. All throw 22008 "interval out of range".
namespace firedrill::sim::postgres {

Interval add_intervals(const Interval& left, const Interval& right);
Interval subtract_intervals(const Interval& left, const Interval& right);
Interval negate_interval(const Interval& interval);
/// Without an error: the smallest number is its own opposite. For what PostgreSQL does not check.
Interval opposite_interval(const Interval& interval);
/// Fractions of months go to days, of days to the time. Nothing rounds months or days up.
Interval multiply_interval(const Interval& interval, double factor);
/// Throws 22012, too.
Interval divide_interval(const Interval& interval, double divisor);

/// 24 hours become a day; 30 days become a month; both.
Interval justify_hours(const Interval& interval);
Interval justify_days(const Interval& interval);
Interval justify_interval(const Interval& interval);

/// Where a month is 30 days and a day 24 hours.
__extension__ typedef __int128 IntervalSpan;
IntervalSpan interval_span(const Interval& interval);

// Of timestamps; infinities stay. `zone_offset` in seconds east of UTC: days and months are those
// of its clock.
std::int64_t add_to_timestamp(std::int64_t timestamp, const Interval& interval,
                              std::int32_t zone_offset);
/// From midnight to midnight.
std::int64_t add_to_time(std::int64_t time, const Interval& interval);
/// Days and a time.
Interval timestamp_difference(std::int64_t left, std::int64_t right);
/// Years, months, days and a time, as a calendar counts them.
Interval timestamp_age(std::int64_t left, std::int64_t right, std::int32_t zone_offset);

}  // namespace firedrill::sim::postgres
