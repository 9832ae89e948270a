#pragma once

#include <cstdint>

/// The proleptic Gregorian calendar, by Julian days.
namespace firedrill::sim::postgres {

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosecondsPerMinute = 60 * kMicrosecondsPerSecond;
inline constexpr std::int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;
inline constexpr std::int64_t kMicrosecondsPerDay = 24 * kMicrosecondsPerHour;
inline constexpr std::int64_t kSecondsPerDay = 86400;

/// The Julian days of 2000-01-01, from which values count, and of 1970-01-01.
inline constexpr std::int64_t kEpochJulianDay = 2451545;
inline constexpr std::int64_t kUnixEpochJulianDay = 2440588;
inline constexpr std::int64_t kUnixEpochTimestamp =
    (kUnixEpochJulianDay - kEpochJulianDay) * kMicrosecondsPerDay;

// Infinities, and what finite values there are: from the first on, before the end.
inline constexpr std::int64_t kTimestampInfinity = INT64_MAX;
inline constexpr std::int64_t kTimestampMinusInfinity = INT64_MIN;
inline constexpr std::int64_t kDateInfinity = INT32_MAX;
inline constexpr std::int64_t kDateMinusInfinity = INT32_MIN;
inline constexpr std::int64_t kFirstTimestamp = -kEpochJulianDay * kMicrosecondsPerDay;
inline constexpr std::int64_t kEndTimestamp = 9223371331200000000;
inline constexpr std::int64_t kFirstDate = -kEpochJulianDay;
inline constexpr std::int64_t kEndDate = 2147483494 - kEpochJulianDay;
inline constexpr std::int64_t kEndTimestampDate = 109203528 - kEpochJulianDay;

/// A moment by the calendar; the year 0 is 1 BC.
struct CalendarTime {
  std::int32_t year = 0;
  std::int32_t month = 0;  ///< from 1
  std::int32_t day = 0;    ///< from 1
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int32_t microsecond = 0;
};

constexpr bool is_infinite_timestamp(std::int64_t timestamp) {
  return timestamp == kTimestampInfinity || timestamp == kTimestampMinusInfinity;
}
constexpr bool is_infinite_date(std::int64_t days) {
  return days == kDateInfinity || days == kDateMinusInfinity;
}
constexpr bool is_valid_timestamp(std::int64_t timestamp) {
  return timestamp >= kFirstTimestamp && timestamp < kEndTimestamp;
}
constexpr bool is_valid_date(std::int64_t days) {
  return days >= kFirstDate && days < kEndDate;
}

bool is_leap_year(std::int64_t year);
/// `month` from 1 to 12.
std::int32_t days_in_month(std::int64_t year, std::int32_t month);

/// `month` and `day` may lie outside of their year and month.
std::int64_t julian_day(std::int64_t year, std::int64_t month, std::int64_t day);
/// Days that have a Julian day, and no more than a date can hold.
bool has_julian_day(std::int64_t year, std::int64_t month);
/// The date alone; `julian` is not negative.
CalendarTime date_of_julian_day(std::int64_t julian);

/// Of a finite timestamp, and back: throws 22008 outside of the range.
CalendarTime calendar_time(std::int64_t timestamp);
std::int64_t timestamp_of(const CalendarTime& time);
/// As a clock `zone_offset` seconds east of UTC shows it: maybe a little outside of the range.
CalendarTime local_calendar_time(std::int64_t timestamp, std::int32_t zone_offset);
/// Back: throws 22008.
std::int64_t timestamp_of(const CalendarTime& time, std::int32_t zone_offset);
/// As `timestamp_of`; false instead of the error. The clock's fields may be any.
bool try_timestamp_of(const CalendarTime& time, std::int32_t zone_offset, std::int64_t& timestamp);

/// Microseconds since midnight, and back.
std::int64_t time_of_day(const CalendarTime& time);
void set_time_of_day(CalendarTime& time, std::int64_t microseconds);

/// 0: Sunday.
std::int32_t day_of_week(std::int64_t julian);
std::int32_t day_of_year(const CalendarTime& date);

/// A day by the weeks of ISO 8601.
struct IsoWeek {
  std::int32_t year = 0;
  std::int32_t week = 0;
};
IsoWeek iso_week(const CalendarTime& date);
/// Of the week's Monday.
std::int64_t julian_day_of_iso_week(std::int32_t year, std::int32_t week);

[[noreturn]] void fail_timestamp_out_of_range();
[[noreturn]] void fail_date_out_of_range();
[[noreturn]] void fail_interval_out_of_range();

}  // namespace firedrill::sim::postgres
