#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/interval.h"

/// Dates, times, timestamps and intervals as text: DateStyle ISO, MDY, IntervalStyle postgres.
///
/// A date is days, a timestamp microseconds since 2000-01-01 (00:00 UTC, where it has a time zone);
/// a time is microseconds since midnight, up to 24:00:00. Infinities: INT32_MAX and INT32_MIN of
/// dates, INT64_MAX and INT64_MIN of timestamps. Zones: UTC and fixed offsets; all others are
/// refused (0A000).
namespace firedrill::sim::postgres {

// Throw 22007, 22008, 22009 and 22015 as PostgreSQL's input functions do.
std::int64_t parse_date(std::string_view text, const Environment& environment);
std::int64_t parse_time(std::string_view text);
std::int64_t parse_timestamp(std::string_view text, const Environment& environment);
std::int64_t parse_timestamptz(std::string_view text, const Environment& environment);
Interval parse_interval(std::string_view text);

std::string print_date(std::int64_t days);
std::string print_time(std::int64_t us);
std::string print_timestamp(std::int64_t us);
/// `zone_offset`: seconds east of UTC.
std::string print_timestamptz(std::int64_t us, std::int32_t zone_offset);
std::string print_interval(const Interval& interval);

/// <0, 0, >0: a month is 30 days, a day 24 hours.
int compare_intervals(const Interval& left, const Interval& right);

/// To `precision` digits after the second, 0 to 6, halves away from zero; infinities, and all
/// values where it is negative, stay. Of times and timestamps.
std::int64_t round_time(std::int64_t us, std::int32_t precision);

}  // namespace firedrill::sim::postgres
