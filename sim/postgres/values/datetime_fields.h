#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How PostgreSQL cuts the text of a date, a time or an interval into fields, and the words that it
/// knows.
namespace firedrill::sim::postgres {

enum class FieldType : std::uint8_t {
  number,
  string,
  date,
  time,
  zone,     ///< a sign and digits: an offset, or a signed number
  special,  ///< a sign and letters
};

struct DatetimeField {
  FieldType type = FieldType::number;
  std::string text;  ///< lower case
};

/// Why a text was not understood; how it is reported: fail_datetime().
enum class DatetimeError : std::uint8_t {
  none,
  bad_format,
  field_overflow,
  month_or_day_overflow,
  interval_overflow,
  zone_overflow,
};

/// 22007, 22008, ...: as PostgreSQL reports `error` for `text` as a value of `type`.
[[noreturn]] void fail_datetime(DatetimeError error, std::string_view text, std::string_view type);

/// Fields of `text`; all of them together, each with a byte more, may have `room` bytes.
DatetimeError split_datetime(std::string_view text, std::size_t room,
                             std::vector<DatetimeField>& fields);

/// What a word is about; for a number, which of a value's parts it is.
enum class Unit : std::uint8_t {
  none,
  microsecond,
  millisecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
  decade,
  century,
  millennium,
  julian,
  day_of_week,
  iso_day_of_week,
  day_of_year,
  iso_year,
  zone,
  zone_hour,
  zone_minute,
  time,  ///< ISO's "t"
  epoch,
};

enum class WordKind : std::uint8_t {
  unknown,
  ignored,
  unit,
  ago,
  month,
  weekday,
  half_day,  ///< value 0: am, 1: pm
  era,       ///< value 0: ad, 1: bc
  iso_time,
  daylight,  ///< "dst"
  epoch,
  infinity,
  minus_infinity,
  now,
  today,
  tomorrow,
  yesterday,
  all_balls,
  zone,          ///< value: seconds east of UTC
  refused_zone,  ///< PostgreSQL knows it, the model does not
};

struct Word {
  WordKind kind = WordKind::unknown;
  std::int32_t value = 0;
  Unit unit = Unit::none;
};

/// Words of dates and times (no zones), and units of intervals. `word` is lower case.
Word find_datetime_word(std::string_view word);
Word find_interval_word(std::string_view word);
/// "utc", "gmt", ...: `zone`, `refused_zone` or `unknown`.
Word find_zone_word(std::string_view word);

/// As strtol() reads: a sign, digits. `end` is where it stopped; 0 where there is no number.
struct ScannedInteger {
  std::int64_t value = 0;
  std::size_t end = 0;
  bool overflows = false;  ///< int64; see fits_int32 for the rest
  bool fits_int32() const { return !overflows && value >= INT32_MIN && value <= INT32_MAX; }
};
ScannedInteger scan_integer(std::string_view text);

/// ".25" as 0.25; false where more than digits follows the point.
bool scan_fraction(std::string_view text, double& fraction);

// ASCII alone: the server's locale is C.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace firedrill::sim::postgres
