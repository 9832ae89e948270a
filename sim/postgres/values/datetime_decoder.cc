#include "sim/postgres/values/datetime_decoder.h"

#include <array>
#include <cmath>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/time_zone.h"

namespace firedrill::sim::postgres {

namespace {

/// Which parts a text has given already; each may come once.
using Parts = std::uint32_t;
constexpr Parts kYear = 1U << 0U;
constexpr Parts kMonth = 1U << 1U;
constexpr Parts kDay = 1U << 2U;
constexpr Parts kDayOfYear = 1U << 3U;
constexpr Parts kHour = 1U << 4U;
constexpr Parts kMinute = 1U << 5U;
constexpr Parts kSecond = 1U << 6U;
constexpr Parts kSubsecond = 1U << 7U;
constexpr Parts kZone = 1U << 8U;
constexpr Parts kDaylight = 1U << 9U;
constexpr Parts kHalfDay = 1U << 10U;
constexpr Parts kEra = 1U << 11U;
constexpr Parts kWeekday = 1U << 12U;
constexpr Parts kReserved = 1U << 13U;
constexpr Parts kDate = kYear | kMonth | kDay;
constexpr Parts kTime = kHour | kMinute | kSecond | kSubsecond;

enum class HalfDay : std::uint8_t { none, am, pm };

bool exceeds_a_day(const CalendarTime& time) {
  return time.hour < 0 || time.hour > 24 || time_of_day(time) > kMicrosecondsPerDay;
}

/// ".25" as 250000.
DatetimeError microseconds_of_fraction(std::string_view text, std::int32_t& microseconds) {
  double fraction = 0;
  if (!scan_fraction(text, fraction)) return DatetimeError::bad_format;
  microseconds = static_cast<std::int32_t>(std::rint(fraction * 1e6));
  return DatetimeError::none;
}

/// Reads one text from its fields, from the left to the right.
class Decoder {
 public:
  /// Without an environment: a time alone.
  Decoder(std::string_view text, std::string_view type, const Environment* environment)
      : text_(text), type_(type), environment_(environment) {
    // The room of PostgreSQL's buffer: MAXDATELEN + MAXDATEFIELDS.
    constexpr std::size_t kRoom = 128 + 25;
    require(split_datetime(text, kRoom, fields_));
    if (fields_.empty()) bad_format();
  }

  DecodedDatetime decode() {
    for (at_ = 0; at_ < fields_.size(); ++at_) {
      if (!read_field()) continue;
      if ((found_ & seen_) != 0) bad_format();
      seen_ |= found_;
    }
    validate_date();
    apply_half_day();
    require_completeness();
    return decoded_;
  }

 private:
  bool is_time_only() const { return environment_ == nullptr; }
  CalendarTime& time() { return decoded_.time; }
  const DatetimeField& field() const { return fields_[at_]; }
  const DatetimeField& last_field() const { return fields_.back(); }
  bool has_all(Parts parts) const { return (seen_ & parts) == parts; }
  /// A time alone counts as one after a date.
  Parts seen_for_numbers() const { return is_time_only() ? seen_ | kDate : seen_; }

  [[noreturn]] void fail_with(DatetimeError error) const { fail_datetime(error, text_, type_); }
  [[noreturn]] void bad_format() const { fail_with(DatetimeError::bad_format); }
  [[noreturn]] void overflow() const { fail_with(DatetimeError::field_overflow); }
  void require(DatetimeError error) const {
    if (error != DatetimeError::none) fail_with(error);
  }

  /// False: a word that says nothing.
  bool read_field() {
    switch (field().type) {
      case FieldType::date: read_date_field(); return true;
      case FieldType::time: read_time_field(); return true;
      case FieldType::zone:
        set_offset(field().text);
        found_ = kZone;
        return true;
      case FieldType::number: read_number_field(); return true;
      case FieldType::string:
      case FieldType::special: break;
    }
    return read_word();
  }

  // Fields with separators.

  void read_date_field() {
    if (is_time_only()) {
      read_date_field_of_time();
    } else if (prefix_ == Unit::julian) {
      read_julian_day_with_zone();
    } else if (prefix_ != Unit::none || has_all(kMonth | kDay)) {
      if (prefix_ != Unit::none || is_digit(field().text[0]))
        read_time_with_zone();
      else
        read_named_zone();
    } else {
      read_date(field().text);
    }
  }

  void read_date_field_of_time() {
    const bool is_dated =
        at_ == 0 && fields_.size() >= 2 &&
        (last_field().type == FieldType::date || fields_[1].type == FieldType::time);
    if (is_dated)
      read_date(field().text);
    else if (is_digit(field().text[0]))
      read_time_with_zone();
    else
      read_named_zone();
  }

  void read_julian_day_with_zone() {
    const ScannedInteger day = scan_integer(field().text);
    if (!day.fits_int32() || day.value < 0) overflow();
    set_julian_day(day.value);
    set_offset(std::string_view(field().text).substr(day.end));
    found_ = kDate | kTime | kZone;
    prefix_ = Unit::none;
  }

  /// "040506-08"
  void read_time_with_zone() {
    if (prefix_ != Unit::none && prefix_ != Unit::time) bad_format();
    prefix_ = Unit::none;
    if (has_all(kTime)) bad_format();
    const std::string_view text = field().text;
    const std::size_t sign = text.find('-');
    if (sign == std::string_view::npos) bad_format();
    set_offset(text.substr(sign));
    read_run_together(text.substr(0, sign), seen_for_numbers());
    found_ |= kZone;
  }

  void read_named_zone() {
    const std::optional<std::int32_t> offset = find_zone_offset(field().text);
    if (!offset)
      fail(sqlstate::kInvalidParameterValue, "time zone \"" + field().text + "\" not recognized");
    decoded_.zone_offset = offset;
    found_ = kZone;
  }

  void read_time_field() {
    if (is_time_only()) return read_clock(field().text);
    if (prefix_ != Unit::none && prefix_ != Unit::time) bad_format();
    prefix_ = Unit::none;
    read_clock(field().text);
    if (exceeds_a_day(time())) overflow();
  }

  void read_clock(std::string_view text) {
    DecodedClock clock;
    require(decode_clock(text, clock));
    if (clock.hours > INT32_MAX) overflow();
    time().hour = static_cast<std::int32_t>(clock.hours);
    time().minute = clock.minutes;
    time().second = clock.seconds;
    time().microsecond = clock.microseconds;
    found_ = kTime;
  }

  void set_offset(std::string_view text) {
    const ParsedOffset parsed = parse_zone_offset(text);
    if (parsed.outcome == ParsedOffset::Outcome::out_of_range)
      fail_with(DatetimeError::zone_overflow);
    if (parsed.outcome == ParsedOffset::Outcome::malformed) bad_format();
    decoded_.zone_offset = parsed.seconds;
  }

  void set_julian_day(std::int64_t julian) {
    const CalendarTime date = date_of_julian_day(julian);
    time().year = date.year;
    time().month = date.month;
    time().day = date.day;
    is_julian_ = true;
  }

  /// "1999-01-08", "1/8/1999", "8-Jan-1999", "1999.038": all of a date.
  void read_date(std::string_view text) {
    std::vector<std::string_view> numbers;
    bool has_text_month = false;
    Parts seen = seen_;
    Parts found = 0;
    const auto add = [&](Parts parts) {
      if ((seen & parts) != 0) bad_format();
      seen |= parts;
      found |= parts;
    };
    for (const std::string_view part : parts_of_date(text)) {
      if (is_digit(part[0])) {
        numbers.push_back(part);
        continue;
      }
      const Word word = find_datetime_word(part);
      if (word.kind != WordKind::month) bad_format();
      time().month = word.value;
      has_text_month = true;
      add(kMonth);
    }
    for (const std::string_view number : numbers) {
      read_number(number, has_text_month, seen);
      add(found_);
    }
    if ((seen & ~(kDayOfYear | kZone)) != kDate) bad_format();
    found_ = found;
  }

  std::vector<std::string_view> parts_of_date(std::string_view text) const {
    std::vector<std::string_view> parts;
    std::size_t at = 0;
    while (at < text.size()) {
      while (at < text.size() && !is_digit(text[at]) && !is_letter(text[at])) ++at;
      if (at == text.size()) bad_format();
      const auto belongs = is_digit(text[at]) ? is_digit : is_letter;
      const std::size_t first = at;
      while (at < text.size() && belongs(text[at])) ++at;
      parts.push_back(text.substr(first, at - first));
      // One separator, even where a part of the other sort follows at once.
      if (at < text.size()) ++at;
    }
    return parts;
  }

  // Numbers.

  void read_number_field() {
    if (prefix_ != Unit::none) return read_labelled_number();
    const std::string_view text = field().text;
    const std::size_t point = text.find('.');
    if (is_time_only()) return read_number_of_time(text, point);
    if (point != std::string_view::npos && (seen_ & kDate) == 0)
      read_date(text);
    else if (point != std::string_view::npos && point > 2)
      read_run_together(text, seen_);
    else if (text.size() >= 6 && ((seen_ & kDate) == 0 || (seen_ & kTime) == 0))
      read_run_together(text, seen_);
    else
      read_number(text, has_text_month_, seen_);
  }

  void read_number_of_time(std::string_view text, std::size_t point) {
    if (point == std::string_view::npos) {
      if (text.size() > 4)
        read_run_together(text, seen_for_numbers());
      else
        read_number(text, false, seen_for_numbers());
    } else if (at_ == 0 && fields_.size() >= 2 && last_field().type == FieldType::date) {
      read_date(text);
    } else if (point > 2) {
      read_run_together(text, seen_for_numbers());
    } else {
      bad_format();
    }
  }

  /// A number after "y", "m", "d", "j", "t", ...
  void read_labelled_number() {
    const std::string_view text = field().text;
    const ScannedInteger scanned = scan_integer(text);
    if (!scanned.fits_int32()) overflow();
    const std::string_view rest = text.substr(scanned.end);
    const bool may_have_fraction =
        prefix_ == Unit::julian || prefix_ == Unit::time || prefix_ == Unit::second;
    if (!rest.empty() && (rest[0] != '.' || !may_have_fraction)) bad_format();
    set_labelled(static_cast<std::int32_t>(scanned.value), rest);
    prefix_ = Unit::none;
    decoded_.outcome = DecodedDatetime::Outcome::moment;
  }

  void set_labelled(std::int32_t value, std::string_view fraction) {
    switch (prefix_) {
      case Unit::year: return set(time().year, value, kYear);
      case Unit::month:
        if (has_all(kMonth | kHour)) return set(time().minute, value, kMinute);
        return set(time().month, value, kMonth);
      case Unit::day: return set(time().day, value, kDay);
      case Unit::hour: return set(time().hour, value, kHour);
      case Unit::minute: return set(time().minute, value, kMinute);
      case Unit::second: return set_second(value, fraction);
      case Unit::julian: return set_fractional_julian_day(value, fraction);
      case Unit::time:
        read_run_together(field().text, seen_ | kDate);
        if (found_ != kTime) bad_format();
        return;
      default: bad_format();
    }
  }

  void set(std::int32_t& part, std::int32_t value, Parts found) {
    part = value;
    found_ = found;
  }

  void set_second(std::int32_t value, std::string_view fraction) {
    set(time().second, value, kSecond);
    if (fraction.empty()) return;
    require(microseconds_of_fraction(fraction, time().microsecond));
    found_ = kSecond | kSubsecond;
  }

  void set_fractional_julian_day(std::int32_t value, std::string_view fraction) {
    if (value < 0) overflow();
    set_julian_day(value);
    found_ = kDate;
    if (fraction.empty()) return;
    double part = 0;
    if (!scan_fraction(fraction, part)) bad_format();
    set_time_of_day(time(), static_cast<std::int64_t>(part * 86400e6));
    found_ |= kTime;
  }

  /// One number of a date: which one, is a question of what has been there before.
  void read_number(std::string_view text, bool has_text_month, Parts seen) {
    found_ = 0;
    const ScannedInteger scanned = scan_integer(text);
    if (!scanned.fits_int32()) overflow();
    if (scanned.end == 0) bad_format();
    const auto value = static_cast<std::int32_t>(scanned.value);
    const std::string_view rest = text.substr(scanned.end);
    if (rest.starts_with('.')) {
      if (scanned.end > 2) return read_run_together(text, seen | kDate);
      require(microseconds_of_fraction(rest, time().microsecond));
    } else if (!rest.empty()) {
      bad_format();
    }
    if (text.size() == 3 && (seen & kDate) == kYear && value >= 1 && value <= 366) {
      day_of_year_ = value;
      found_ = kDayOfYear | kMonth | kDay;
      return;
    }
    place_number(value, text, has_text_month, seen);
    if (found_ == kYear) has_short_year_ = text.size() <= 2;
  }

  /// In the order of MDY.
  void place_number(std::int32_t value, std::string_view text, bool has_text_month, Parts seen) {
    const bool is_long = text.size() >= 3;
    switch (seen & kDate) {
      case 0: return is_long ? set(time().year, value, kYear) : set(time().month, value, kMonth);
      case kYear:
      case kDay: return set(time().month, value, kMonth);
      case kMonth:
        return has_text_month && is_long ? set(time().year, value, kYear)
                                         : set(time().day, value, kDay);
      case kYear | kMonth:
        if (!has_text_month || !is_long || !has_short_year_) return set(time().day, value, kDay);
        // What was taken for a year of two digits was the day.
        set(time().day, time().year, kDay);
        time().year = value;
        has_short_year_ = false;
        return;
      case kMonth | kDay: return set(time().year, value, kYear);
      case kDate: return read_run_together(text, seen);
      default: bad_format();
    }
  }

  /// "20011225", "040506", "0405", "040506.789"
  void read_run_together(std::string_view text, Parts seen) {
    const std::size_t point = text.find('.');
    if (point != std::string_view::npos) {
      require(microseconds_of_fraction(text.substr(point), time().microsecond));
      text = text.substr(0, point);
    } else if ((seen & kDate) != kDate && text.size() >= 6) {
      return read_run_together_date(text);
    }
    const bool is_time = (seen & kTime) != kTime && (text.size() == 6 || text.size() == 4);
    if (!is_time) bad_format();
    time().hour = number_at(text, 0, 2);
    time().minute = number_at(text, 2, 2);
    time().second = text.size() == 6 ? number_at(text, 4, 2) : 0;
    found_ = kTime;
  }

  void read_run_together_date(std::string_view text) {
    const std::size_t year_digits = text.size() - 4;
    time().year = number_at(text, 0, year_digits);
    time().month = number_at(text, year_digits, 2);
    time().day = number_at(text, year_digits + 2, 2);
    if (year_digits == 2) has_short_year_ = true;
    found_ = kDate;
  }

  static std::int32_t number_at(std::string_view text, std::size_t at, std::size_t digits) {
    return static_cast<std::int32_t>(scan_integer(text.substr(at, digits)).value);
  }

  // Words.

  bool read_word() {
    const std::string_view text = field().text;
    const Word zone = find_zone_word(text);
    const Word word = zone.kind == WordKind::zone ? zone : find_datetime_word(text);
    switch (word.kind) {
      case WordKind::ignored: return false;
      case WordKind::now:
      case WordKind::today:
      case WordKind::tomorrow:
      case WordKind::yesterday: read_current(word.kind); return true;
      case WordKind::all_balls:
        set_time_of_day(time(), 0);
        decoded_.zone_offset = 0;
        decoded_.outcome = DecodedDatetime::Outcome::moment;
        found_ = kTime | kZone;
        return true;
      case WordKind::epoch: return read_special(DecodedDatetime::Outcome::epoch);
      case WordKind::infinity: return read_special(DecodedDatetime::Outcome::infinity);
      case WordKind::minus_infinity: return read_special(DecodedDatetime::Outcome::minus_infinity);
      default: read_plain_word(word); return true;
    }
  }

  bool read_special(DecodedDatetime::Outcome outcome) {
    if (is_time_only()) bad_format();
    decoded_.outcome = outcome;
    found_ = kReserved;
    return true;
  }

  void read_plain_word(const Word& word) {
    switch (word.kind) {
      case WordKind::month: return read_month(word.value);
      case WordKind::weekday:
        if (is_time_only()) bad_format();
        found_ = kWeekday;
        return;
      case WordKind::half_day:
        half_day_ = word.value == 0 ? HalfDay::am : HalfDay::pm;
        found_ = kHalfDay;
        return;
      case WordKind::era:
        is_before_christ_ = word.value == 1;
        found_ = kEra;
        return;
      case WordKind::unit:
        prefix_ = word.unit;
        found_ = 0;
        return;
      case WordKind::iso_time: return read_iso_time();
      case WordKind::daylight:
        decoded_.zone_offset = decoded_.zone_offset.value_or(0) + 3600;
        found_ = kDaylight;
        return;
      case WordKind::zone:
        decoded_.zone_offset = 0;
        found_ = kZone;
        return;
      default: read_unknown_word();
    }
  }

  void read_month(std::int32_t month) {
    if (is_time_only()) bad_format();
    found_ = kMonth;
    const bool was_day = (seen_ & kMonth) != 0 && !has_text_month_ && (seen_ & kDay) == 0 &&
                         time().month >= 1 && time().month <= 31;
    if (was_day) {
      time().day = time().month;
      found_ = kDay;
    }
    has_text_month_ = true;
    time().month = month;
  }

  /// The "T" of ISO 8601.
  void read_iso_time() {
    if (!is_time_only() && !has_all(kDate)) bad_format();
    const bool is_followed =
        at_ + 1 < fields_.size() &&
        (fields_[at_ + 1].type == FieldType::number || fields_[at_ + 1].type == FieldType::time ||
         fields_[at_ + 1].type == FieldType::date);
    if (!is_followed) bad_format();
    prefix_ = Unit::time;
    found_ = 0;
  }

  void read_unknown_word() {
    const std::optional<std::int32_t> offset = find_zone_offset(field().text);
    if (!offset) bad_format();
    decoded_.zone_offset = offset;
    found_ = kZone;
  }

  void read_current(WordKind kind) {
    if (is_time_only()) {
      if (kind != WordKind::now) bad_format();
      unsupported("the time \"now\"");
    }
    const std::int64_t local =
        environment_->transaction_time() + environment_->zone_offset() * kMicrosecondsPerSecond;
    decoded_.outcome = DecodedDatetime::Outcome::moment;
    if (kind == WordKind::now) {
      time() = calendar_time(local);
      decoded_.zone_offset = environment_->zone_offset();
      found_ = kDate | kTime | kZone;
      return;
    }
    const int days = kind == WordKind::tomorrow ? 1 : kind == WordKind::yesterday ? -1 : 0;
    time() = calendar_time(local + days * kMicrosecondsPerDay);
    set_time_of_day(time(), 0);
    found_ = kDate;
  }

  // At the end.

  void validate_date() {
    if ((seen_ & kYear) != 0 && !is_julian_) validate_year();
    if ((seen_ & kDayOfYear) != 0) {
      const std::int64_t first = julian_day(time().year, 1, 1);
      set_julian_day(first + day_of_year_ - 1);
    }
    const bool has_month = (seen_ & kMonth) != 0;
    if (has_month && (time().month < 1 || time().month > 12))
      fail_with(DatetimeError::month_or_day_overflow);
    if ((seen_ & kDay) != 0 && (time().day < 1 || time().day > 31))
      fail_with(DatetimeError::month_or_day_overflow);
    if (has_all(kDate) && time().day > days_in_month(time().year, time().month)) overflow();
  }

  void validate_year() {
    std::int32_t& year = time().year;
    if (is_before_christ_) {
      if (year <= 0) overflow();
      year = 1 - year;
    } else if (has_short_year_) {
      if (year < 0) overflow();
      if (year < 70)
        year += 2000;
      else if (year < 100)
        year += 1900;
    } else if (year <= 0) {
      overflow();
    }
  }

  void apply_half_day() {
    if (half_day_ == HalfDay::none) return;
    if (time().hour > 12) overflow();
    if (half_day_ == HalfDay::am && time().hour == 12) time().hour = 0;
    if (half_day_ == HalfDay::pm && time().hour != 12) time().hour += 12;
  }

  void require_completeness() {
    if (is_time_only()) {
      if (is_invalid_clock()) overflow();
      if (!has_all(kTime)) bad_format();
      if ((seen_ & kDaylight) != 0 && (seen_ & kZone) == 0) bad_format();
    } else if (decoded_.outcome == DecodedDatetime::Outcome::moment) {
      if (!has_all(kDate)) bad_format();
      if ((seen_ & kZone) != 0) return;
      if ((seen_ & kDaylight) != 0) bad_format();
      decoded_.zone_offset.reset();
    }
  }

  bool is_invalid_clock() {
    return exceeds_a_day(time()) || time().minute < 0 || time().minute > 59 || time().second < 0 ||
           time().second > 60 || time().microsecond < 0;
  }

  std::string_view text_;
  std::string_view type_;
  const Environment* environment_;
  std::vector<DatetimeField> fields_;
  std::size_t at_ = 0;
  Parts seen_ = 0;
  Parts found_ = 0;           ///< by the field at `at_`
  Unit prefix_ = Unit::none;  ///< what the next number is
  DecodedDatetime decoded_;
  std::int32_t day_of_year_ = 0;
  HalfDay half_day_ = HalfDay::none;
  bool has_text_month_ = false;
  bool is_julian_ = false;
  bool has_short_year_ = false;
  bool is_before_christ_ = false;
};

}  // namespace

DatetimeError decode_clock(std::string_view text, DecodedClock& clock) {
  const ScannedInteger first = scan_integer(text);
  if (first.overflows) return DatetimeError::field_overflow;
  std::string_view rest = text.substr(first.end);
  if (!rest.starts_with(':')) return DatetimeError::bad_format;
  const ScannedInteger second = scan_integer(rest.substr(1));
  if (!second.fits_int32()) return DatetimeError::field_overflow;
  rest.remove_prefix(1 + second.end);
  std::array<std::int64_t, 3> parts = {first.value, second.value, 0};
  if (rest.starts_with(':')) {
    const ScannedInteger third = scan_integer(rest.substr(1));
    if (!third.fits_int32()) return DatetimeError::field_overflow;
    rest.remove_prefix(1 + third.end);
    parts[2] = third.value;
  } else if (rest.starts_with('.')) {
    parts = {0, first.value, second.value};
  }
  std::int32_t microseconds = 0;
  if (rest.starts_with('.')) {
    const DatetimeError error = microseconds_of_fraction(rest, microseconds);
    if (error != DatetimeError::none) return error;
  } else if (!rest.empty()) {
    return DatetimeError::bad_format;
  }
  const bool is_valid =
      parts[0] >= 0 && parts[1] >= 0 && parts[1] <= 59 && parts[2] >= 0 && parts[2] <= 60;
  if (!is_valid) return DatetimeError::field_overflow;
  clock = {parts[0], static_cast<std::int32_t>(parts[1]), static_cast<std::int32_t>(parts[2]),
           microseconds};
  return DatetimeError::none;
}

DecodedDatetime decode_datetime(std::string_view text, std::string_view type,
                                const Environment& environment) {
  return Decoder(text, type, &environment).decode();
}

DecodedDatetime decode_time_only(std::string_view text, std::string_view type) {
  return Decoder(text, type, nullptr).decode();
}

}  // namespace firedrill::sim::postgres
