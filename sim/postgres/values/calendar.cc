#include "sim/postgres/values/calendar.h"

#include <array>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int32_t days_in_month(std::int64_t year, std::int32_t month) {
  constexpr std::array<std::int32_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::int64_t julian_day(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Years from March on, so that the leap day is a year's last.
  const std::int64_t shifted = year * 12 + (month - 1) - 2;
  const std::int64_t march_year = floor_divide(shifted, 12);
  const std::int64_t march_month = shifted - march_year * 12;
  const std::int64_t leap_days =
      floor_divide(march_year, 4) - floor_divide(march_year, 100) + floor_divide(march_year, 400);
  constexpr std::int64_t kFirstMarchOfYearZero = 1721120;
  return kFirstMarchOfYearZero + march_year * 365 + leap_days + (march_month * 153 + 2) / 5 + day -
         1;
}

bool has_julian_day(std::int64_t year, std::int64_t month) {
  const bool is_late_enough = year > -4713 || (year == -4713 && month >= 11);
  return is_late_enough && (year < 5874898 || (year == 5874898 && month < 6));
}

CalendarTime date_of_julian_day(std::int64_t julian) {
  constexpr std::int64_t kFirstMarchOfYearZero = 1721120;
  constexpr std::int64_t kDaysOfFourCenturies = 146097;
  const std::int64_t since = julian - kFirstMarchOfYearZero;
  const std::int64_t era = floor_divide(since, kDaysOfFourCenturies);
  const std::int64_t day_of_era = since - era * kDaysOfFourCenturies;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_march_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_march_year + 2) / 153;
  CalendarTime date;
  date.day = static_cast<std::int32_t>(day_of_march_year - (153 * march_month + 2) / 5 + 1);
  date.month = static_cast<std::int32_t>(march_month < 10 ? march_month + 3 : march_month - 9);
  date.year = static_cast<std::int32_t>(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
  return date;
}

CalendarTime calendar_time(std::int64_t timestamp) {
  return local_calendar_time(timestamp, 0);
}

CalendarTime local_calendar_time(std::int64_t timestamp, std::int32_t zone_offset) {
  if (!is_valid_timestamp(timestamp)) fail_timestamp_out_of_range();
  const std::int64_t local = timestamp + zone_offset * kMicrosecondsPerSecond;
  const std::int64_t days = floor_divide(local, kMicrosecondsPerDay);
  CalendarTime time = date_of_julian_day(days + kEpochJulianDay);
  set_time_of_day(time, local - days * kMicrosecondsPerDay);
  return time;
}

bool try_timestamp_of(const CalendarTime& time, std::int32_t zone_offset, std::int64_t& timestamp) {
  if (!has_julian_day(time.year, time.month)) return false;
  const std::int64_t days = julian_day(time.year, time.month, time.day) - kEpochJulianDay;
  // The zone may bring back what lies beyond the range's end, and the other way round.
  const std::int64_t clock = time_of_day(time) - zone_offset * kMicrosecondsPerSecond;
  if (__builtin_mul_overflow(days, kMicrosecondsPerDay, &timestamp)) return false;
  if (__builtin_add_overflow(timestamp, clock, &timestamp)) return false;
  return is_valid_timestamp(timestamp);
}

std::int64_t timestamp_of(const CalendarTime& time) {
  return timestamp_of(time, 0);
}

std::int64_t timestamp_of(const CalendarTime& time, std::int32_t zone_offset) {
  std::int64_t timestamp = 0;
  if (!try_timestamp_of(time, zone_offset, timestamp)) fail_timestamp_out_of_range();
  return timestamp;
}

std::int64_t time_of_day(const CalendarTime& time) {
  return time.hour * kMicrosecondsPerHour + time.minute * kMicrosecondsPerMinute +
         time.second * kMicrosecondsPerSecond + time.microsecond;
}

void set_time_of_day(CalendarTime& time, std::int64_t microseconds) {
  time.hour = static_cast<std::int32_t>(microseconds / kMicrosecondsPerHour);
  time.minute = static_cast<std::int32_t>(microseconds / kMicrosecondsPerMinute % 60);
  time.second = static_cast<std::int32_t>(microseconds / kMicrosecondsPerSecond % 60);
  time.microsecond = static_cast<std::int32_t>(microseconds % kMicrosecondsPerSecond);
}

std::int32_t day_of_week(std::int64_t julian) {
  return static_cast<std::int32_t>((julian + 1) % 7 + ((julian + 1) % 7 < 0 ? 7 : 0));
}

std::int32_t day_of_year(const CalendarTime& date) {
  return static_cast<std::int32_t>(julian_day(date.year, date.month, date.day) -
                                   julian_day(date.year, 1, 1) + 1);
}

std::int64_t julian_day_of_iso_week(std::int32_t year, std::int32_t week) {
  const std::int64_t fourth = julian_day(year, 1, 4);
  const std::int64_t days_since_monday = (day_of_week(fourth) + 6) % 7;
  return fourth - days_since_monday + (week - 1) * std::int64_t{7};
}

IsoWeek iso_week(const CalendarTime& date) {
  const std::int64_t julian = julian_day(date.year, date.month, date.day);
  IsoWeek found{.year = date.year + 1};
  while (julian_day_of_iso_week(found.year, 1) > julian) --found.year;
  found.week = static_cast<std::int32_t>((julian - julian_day_of_iso_week(found.year, 1)) / 7 + 1);
  return found;
}

void fail_timestamp_out_of_range() {
  fail(sqlstate::kDatetimeFieldOverflow, "timestamp out of range");
}

void fail_date_out_of_range() {
  fail(sqlstate::kDatetimeFieldOverflow, "date out of range");
}

void fail_interval_out_of_range() {
  fail(sqlstate::kDatetimeFieldOverflow, "interval out of range");
}

}  // namespace firedrill::sim::postgres
