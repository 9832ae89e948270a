#include <array>
#include <cstdlib>
#include <optional>

#include "sim/postgres/functions/datetime_functions.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime_fields.h"
#include "sim/postgres/values/interval.h"

/// to_char() of timestamps and intervals.
namespace firedrill::sim::postgres::datetime_format {

namespace {

/// What a format can say about.
struct Moment {
  CalendarTime time;
  std::int64_t hours = 0;  ///< of an interval: more than a day has
  bool is_interval = false;
  std::optional<std::int32_t> zone_offset;
};

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

/// Those that the model has, the longer ones first where one begins another; in lower case, which
/// all may be written in, as in upper case.
constexpr auto kPatterns = std::to_array<std::string_view>({
    "a.d.", "a.m.", "ad",   "am",    "b.c.", "bc",    "cc",   "day",  "ddd",  "dd",    "dy",
    "d",    "ff1",  "ff2",  "ff3",   "ff4",  "ff5",   "ff6",  "hh24", "hh12", "hh",    "iddd",
    "id",   "iw",   "iyyy", "iyy",   "iy",   "i",     "j",    "mi",   "mm",   "month", "mon",
    "ms",   "of",   "p.m.", "pm",    "q",    "sssss", "ssss", "ss",   "tzh",  "tzm",   "tz",
    "us",   "ww",   "w",    "y,yyy", "yyyy", "yyy",   "yy",   "y",
});
constexpr auto kRefusedPatterns = std::to_array<std::string_view>({"fx", "rm", "tm"});

enum class Letters : std::uint8_t { lower, upper, capitalized };

struct Pattern {
  std::string_view name;
  Letters letters = Letters::upper;
};

std::string with_letters(std::string_view text, Letters letters) {
  std::string result(text);
  if (letters == Letters::capitalized) return result;
  for (char& c : result) c = letters == Letters::upper ? upper(c) : lower(c);
  return result;
}

bool is_name(std::string_view pattern) {
  return pattern == "month" || pattern == "mon" || pattern == "day" || pattern == "dy";
}

bool is_offset(std::string_view pattern) {
  return pattern == "tzh" || pattern == "tzm" || pattern == "of";
}

/// How `name` is written at the beginning of `text`; nothing: it is not.
std::optional<Letters> letters_of(std::string_view text, std::string_view name) {
  if (text.starts_with(with_letters(name, Letters::upper))) return Letters::upper;
  if (text.starts_with(name)) return Letters::lower;
  const bool is_capitalized = is_name(name) && text.size() >= name.size() &&
                              text[0] == upper(name[0]) &&
                              text.substr(1).starts_with(name.substr(1));
  if (is_capitalized) return Letters::capitalized;
  return {};
}

std::optional<Pattern> find_pattern(std::string_view text) {
  for (const std::string_view name : kRefusedPatterns)
    if (letters_of(text, name))
      unsupported("the pattern \"" + std::string(name) + "\" of to_char()");
  for (const std::string_view name : kPatterns)
    if (const auto letters = letters_of(text, name)) return Pattern{name, *letters};
  return {};
}

/// As "%0*d" writes it: the width has the sign within.
std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(std::abs(number));
  const std::size_t sign = number < 0 ? 1 : 0;
  if (digits.size() + sign < width) digits.insert(0, width - sign - digits.size(), '0');
  return (number < 0 ? "-" : "") + digits;
}

std::string_view ordinal_suffix(std::string_view number) {
  const char last = number.back();
  const bool is_teen = number.size() > 1 && number[number.size() - 2] == '1';
  if (is_teen || last < '1' || last > '3') return "th";
  return last == '1' ? "st" : last == '2' ? "nd" : "rd";
}

class Formatter {
 public:
  Formatter(const Moment& moment, std::string_view format) : moment_(moment), rest_(format) {}

  std::string format() {
    while (!rest_.empty()) step();
    return text_;
  }

 private:
  const CalendarTime& time() const { return moment_.time; }

  void step() {
    fills_ = true;
    if (rest_.starts_with("FM") || rest_.starts_with("fm")) {
      fills_ = false;
      rest_.remove_prefix(2);
      if (rest_.empty()) return;
    }
    if (const std::optional<Pattern> pattern = find_pattern(rest_)) {
      rest_.remove_prefix(pattern->name.size());
      const std::string written = write(*pattern);
      const std::string suffix = take_ordinal_suffix(written);
      // Offsets lose the suffix.
      text_ += written + (is_offset(pattern->name) ? "" : suffix);
      return;
    }
    if (rest_[0] == '"') return write_quoted();
    if (rest_.starts_with("\\\"")) rest_.remove_prefix(1);
    write_next();
  }

  void write_next() {
    text_ += rest_[0];
    rest_.remove_prefix(1);
  }

  void write_quoted() {
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      write_next();
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
  }

  /// The "TH" behind a number.
  std::string take_ordinal_suffix(std::string_view written) {
    if (rest_.starts_with("SP")) unsupported("the pattern suffix \"SP\" of to_char()");
    const bool is_upper_case = rest_.starts_with("TH");
    if (!is_upper_case && !rest_.starts_with("th")) return "";
    const bool is_number = !written.empty() && is_digit(written.back());
    if (!is_number) unsupported("the pattern suffix \"TH\" behind what is no number");
    rest_.remove_prefix(2);
    return with_letters(ordinal_suffix(written), is_upper_case ? Letters::upper : Letters::lower);
  }

  std::string number(std::int64_t value, std::size_t width) const {
    if (!fills_) return std::to_string(value);
    return padded(value, value < 0 ? width + 1 : width);
  }
  /// The same, where a sign takes the place of a digit.
  std::string number_with_sign(std::int64_t value, std::size_t width) const {
    return fills_ ? padded(value, width) : std::to_string(value);
  }

  std::string name(std::string_view text, Letters letters, std::size_t width) const {
    std::string written = with_letters(text, letters);
    if (fills_ && written.size() < width) written.append(width - written.size(), ' ');
    return written;
  }

  void require_a_date() const {
    if (moment_.is_interval)
      throw SqlError{.sqlstate = std::string(sqlstate::kInvalidDatetimeFormat),
                     .message = "invalid format specification for an interval value",
                     .hint = "Intervals are not tied to specific calendar dates."};
  }

  std::string write(const Pattern& pattern) const {
    const std::string_view what = pattern.name;
    if (what == "am" || what == "pm") return half_day("am", "pm", pattern.letters);
    if (what == "a.m." || what == "p.m.") return half_day("a.m.", "p.m.", pattern.letters);
    if (what[0] == 'h') return hour(what);
    if (what == "mi") return number(time().minute, 2);
    if (what[0] == 's' || what[0] == 'u' || what == "ms" || what.starts_with("ff"))
      return second(what);
    if (what == "mm") return number(time().month, 2);
    if (what == "dd") return number_with_sign(time().day, 2);
    if (what == "ddd") return number_with_sign(day_of_the_year(), 3);
    if (what == "q") return quarter();
    if (what == "ww") return number_with_sign((day_of_the_year() - 1) / 7 + 1, 2);
    if (what == "w") return std::to_string((time().day - 1) / 7 + 1);
    if (what == "cc") return number(century(), 2);
    if (what == "y,yyy" || what.starts_with("y")) return year(what, time().year);
    require_a_date_or_week(what);
    return write_of_date(pattern);
  }

  /// Weeks of intervals have no rule worth having.
  void require_a_date_or_week(std::string_view what) const {
    const bool is_refused = moment_.is_interval && (what == "iw" || what == "j" || what == "iddd" ||
                                                    what.starts_with("iy") || what == "i");
    if (is_refused) unsupported("the pattern \"" + std::string(what) + "\" of an interval");
    require_a_date();
  }

  std::string write_of_date(const Pattern& pattern) const {
    const std::string_view what = pattern.name;
    const IsoWeek week = iso_week(time());
    const std::int64_t julian = julian_day(time().year, time().month, time().day);
    const auto weekday = static_cast<std::size_t>(day_of_week(julian));
    const std::size_t iso_weekday = weekday == 0 ? 7 : weekday;
    const std::string_view month = kMonths[static_cast<std::size_t>(time().month - 1)];
    if (what == "month") return name(month, pattern.letters, 9);
    if (what == "mon") return with_letters(month.substr(0, 3), pattern.letters);
    if (what == "day") return name(kWeekdays[weekday], pattern.letters, 9);
    if (what == "dy") return with_letters(kWeekdays[weekday].substr(0, 3), pattern.letters);
    if (what == "d") return std::to_string(weekday + 1);
    if (what == "id") return std::to_string(iso_weekday);
    if (what == "iddd") return number((week.week - 1) * 7 + static_cast<int>(iso_weekday), 3);
    if (what == "iw") return number(week.week, 2);
    if (what == "j") return std::to_string(julian);
    if (what[0] == 'i') return year(what, week.year);
    if (what == "ad" || what == "bc") return era("ad", "bc", pattern.letters);
    if (what == "a.d." || what == "b.c.") return era("a.d.", "b.c.", pattern.letters);
    return zone(pattern);
  }

  std::string half_day(std::string_view am, std::string_view pm, Letters letters) const {
    return with_letters(moment_.hours % 24 >= 12 ? pm : am, letters);
  }
  std::string era(std::string_view ad, std::string_view bc, Letters letters) const {
    return with_letters(time().year <= 0 ? bc : ad, letters);
  }

  std::string hour(std::string_view what) const {
    if (what == "hh24") return number(moment_.hours, 2);
    return number(moment_.hours % 12 == 0 ? 12 : moment_.hours % 12, 2);
  }

  std::string second(std::string_view what) const {
    if (what == "ss") return number(time().second, 2);
    if (what == "ms") return padded(time().microsecond / 1000, 3);
    if (what == "us") return padded(time().microsecond, 6);
    if (what[0] == 's')
      return std::to_string(moment_.hours * 3600 + time().minute * 60 + time().second);
    const auto digits = static_cast<std::size_t>(what.back() - '0');
    std::int32_t divisor = 1;
    for (std::size_t at = digits; at < 6; ++at) divisor *= 10;
    return padded(time().microsecond / divisor, digits);
  }

  std::int32_t day_of_the_year() const {
    if (!moment_.is_interval) return day_of_year(time());
    return (time().year * 12 + time().month) * 30 + time().day;
  }

  std::string quarter() const {
    return time().month == 0 ? "" : std::to_string((time().month - 1) / 3 + 1);
  }

  std::int32_t century() const {
    if (moment_.is_interval) return time().year / 100;
    return time().year > 0 ? (time().year - 1) / 100 + 1 : time().year / 100 - 1;
  }

  /// "yyyy", "yyy", ..., the same of ISO's weeks ("iyyy"), and "y,yyy".
  std::string year(std::string_view what, std::int32_t astronomical) const {
    const bool is_before_christ = !moment_.is_interval && astronomical <= 0;
    const std::int32_t value = is_before_christ ? 1 - astronomical : astronomical;
    if (what == "y,yyy") return std::to_string(value / 1000) + "," + padded(value % 1000, 3);
    if (what.size() == 4) return number(value, 4);
    const std::int32_t modulus = what.size() == 3 ? 1000 : what.size() == 2 ? 100 : 10;
    return number(value % modulus, what.size());
  }

  std::string zone(const Pattern& pattern) const {
    const std::int32_t offset = moment_.zone_offset.value_or(0);
    const std::int32_t minutes = std::abs(offset) / 60 % 60;
    const std::string sign = offset < 0 ? "-" : "+";
    const std::string hours = sign + padded(std::abs(offset) / 3600, 2);
    if (pattern.name == "tzh") return hours;
    if (pattern.name == "tzm") return padded(minutes, 2);
    if (pattern.name == "of")
      return (fills_ ? hours : sign + std::to_string(std::abs(offset) / 3600)) +
             (minutes == 0 ? "" : ":" + padded(minutes, 2));
    if (!moment_.zone_offset) return "";
    if (offset == 0) return with_letters("UTC", pattern.letters);
    return hours + (minutes == 0 ? "" : ":" + padded(minutes, 2));
  }

  const Moment& moment_;
  std::string_view rest_;
  std::string text_;
  bool fills_ = true;  ///< no FM before the pattern
};

Value formatted(const Moment& moment, const std::string& format) {
  if (format.empty()) return {};
  return Value::of(Formatter(moment, format).format());
}

}  // namespace

Value timestamp_to_char(Call& call) {
  if (is_infinite_timestamp(call[0].integer())) return {};
  const CalendarTime time = calendar_time(call[0].integer());
  return formatted({time, time.hour, false, {}}, call[1].text());
}

Value timestamptz_to_char(Call& call) {
  if (is_infinite_timestamp(call[0].integer())) return {};
  const std::int32_t offset = call.environment.zone_offset();
  const CalendarTime time = local_calendar_time(call[0].integer(), offset);
  return formatted({time, time.hour, false, offset}, call[1].text());
}

Value interval_to_char(Call& call) {
  const auto& interval = call[0].as<Interval>();
  Moment moment;
  moment.is_interval = true;
  set_time_of_day(moment.time, interval.microseconds % kMicrosecondsPerDay);
  moment.hours = interval.microseconds / kMicrosecondsPerHour;
  moment.time.year = interval.months / 12;
  moment.time.month = interval.months % 12;
  moment.time.day = interval.days;
  return formatted(moment, call[1].text());
}

}  // namespace firedrill::sim::postgres::datetime_format
