#include "sim/postgres/values/datetime.h"

#include <array>

#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime_decoder.h"

namespace firedrill::sim::postgres {

namespace {

using Outcome = DecodedDatetime::Outcome;

[[noreturn]] void fail_out_of_range(std::string_view type, std::string_view text) {
  fail(sqlstate::kDatetimeFieldOverflow,
       std::string(type) + " out of range: \"" + std::string(text) + "\"");
}

std::int64_t parse_moment(const DecodedDatetime& decoded, std::int32_t zone_offset,
                          std::string_view text) {
  if (decoded.outcome == Outcome::infinity) return kTimestampInfinity;
  if (decoded.outcome == Outcome::minus_infinity) return kTimestampMinusInfinity;
  if (decoded.outcome == Outcome::epoch) return kUnixEpochTimestamp;
  std::int64_t timestamp = 0;
  if (!try_timestamp_of(decoded.time, zone_offset, timestamp)) fail_out_of_range("timestamp", text);
  return timestamp;
}

std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string print_clock(const CalendarTime& time) {
  std::string text =
      padded(time.hour, 2) + ":" + padded(time.minute, 2) + ":" + padded(time.second, 2);
  if (time.microsecond == 0) return text;
  text += "." + padded(time.microsecond, 6);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string print_calendar_date(const CalendarTime& date) {
  const std::int32_t year = date.year > 0 ? date.year : 1 - date.year;
  return padded(year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}

std::string print_era(const CalendarTime& date) {
  return date.year > 0 ? "" : " BC";
}

std::string print_offset(std::int32_t zone_offset) {
  const std::int32_t size = zone_offset < 0 ? -zone_offset : zone_offset;
  std::string text = (zone_offset < 0 ? "-" : "+") + padded(size / 3600, 2);
  if (size % 3600 != 0) text += ":" + padded(size / 60 % 60, 2);
  if (size % 60 != 0) text += ":" + padded(size % 60, 2);
  return text;
}

}  // namespace

std::int64_t parse_date(std::string_view text, const Environment& environment) {
  const DecodedDatetime decoded = decode_datetime(text, "date", environment);
  if (decoded.outcome == Outcome::infinity) return kDateInfinity;
  if (decoded.outcome == Outcome::minus_infinity) return kDateMinusInfinity;
  if (decoded.outcome == Outcome::epoch) return kUnixEpochJulianDay - kEpochJulianDay;
  const CalendarTime& time = decoded.time;
  if (!has_julian_day(time.year, time.month)) fail_out_of_range("date", text);
  const std::int64_t days = julian_day(time.year, time.month, time.day) - kEpochJulianDay;
  if (!is_valid_date(days)) fail_out_of_range("date", text);
  return days;
}

std::int64_t parse_time(std::string_view text) {
  return time_of_day(decode_time_only(text, "time").time);
}

std::int64_t parse_timestamp(std::string_view text, const Environment& environment) {
  return parse_moment(decode_datetime(text, "timestamp", environment), 0, text);
}

std::int64_t parse_timestamptz(std::string_view text, const Environment& environment) {
  const DecodedDatetime decoded = decode_datetime(text, "timestamp with time zone", environment);
  return parse_moment(decoded, decoded.zone_offset.value_or(environment.zone_offset()), text);
}

std::string print_date(std::int64_t days) {
  if (days == kDateInfinity) return "infinity";
  if (days == kDateMinusInfinity) return "-infinity";
  const CalendarTime date = date_of_julian_day(days + kEpochJulianDay);
  return print_calendar_date(date) + print_era(date);
}

std::string print_time(std::int64_t us) {
  CalendarTime time;
  set_time_of_day(time, us);
  return print_clock(time);
}

std::string print_timestamp(std::int64_t us) {
  if (us == kTimestampInfinity) return "infinity";
  if (us == kTimestampMinusInfinity) return "-infinity";
  const CalendarTime time = calendar_time(us);
  return print_calendar_date(time) + " " + print_clock(time) + print_era(time);
}

std::string print_timestamptz(std::int64_t us, std::int32_t zone_offset) {
  if (is_infinite_timestamp(us)) return print_timestamp(us);
  const CalendarTime time = local_calendar_time(us, zone_offset);
  return print_calendar_date(time) + " " + print_clock(time) + print_offset(zone_offset) +
         print_era(time);
}

std::int64_t round_time(std::int64_t us, std::int32_t precision) {
  constexpr auto kScales =
      std::to_array<std::int64_t>({1'000'000, 100'000, 10'000, 1'000, 100, 10});
  if (precision < 0 || precision >= 6 || is_infinite_timestamp(us)) return us;
  const std::int64_t scale = kScales[static_cast<std::size_t>(precision)];
  const std::int64_t half = scale / 2;
  return us >= 0 ? (us + half) / scale * scale : -((-us + half) / scale * scale);
}

}  // namespace firedrill::sim::postgres
