#include <charconv>
#include <cmath>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/datetime_decoder.h"
#include "sim/postgres/values/datetime_fields.h"
#include "sim/postgres/values/interval_arithmetic.h"

namespace firedrill::sim::postgres {

namespace {

using enum DatetimeError;

/// What is read adds up here; each function is false where it overflows.
class IntervalSum {
 public:
  bool add_years(std::int64_t years, std::int32_t size) { return add(years_, years, size); }
  bool add_months(std::int64_t months) { return add(months_, months, 1); }
  bool add_days(std::int64_t days, std::int32_t size) { return add(days_, days, size); }
  bool add_microseconds(std::int64_t count, double fraction, std::int64_t size) {
    std::int64_t product = 0;
    return !__builtin_mul_overflow(count, size, &product) &&
           !__builtin_add_overflow(microseconds_, product, &microseconds_) &&
           add_fraction_of_time(fraction, size);
  }
  bool add_fraction_of_time(double fraction, std::int64_t size) {
    if (fraction == 0) return true;
    fraction *= static_cast<double>(size);
    const auto whole = static_cast<std::int64_t>(fraction);
    if (__builtin_add_overflow(microseconds_, whole, &microseconds_)) return false;
    fraction -= static_cast<double>(whole);
    const std::int64_t rounding = fraction > 0.5 ? 1 : fraction < -0.5 ? -1 : 0;
    return !__builtin_add_overflow(microseconds_, rounding, &microseconds_);
  }
  /// Whole days, the rest as time.
  bool add_fraction_of_days(double fraction, std::int32_t size) {
    if (fraction == 0) return true;
    fraction *= size;
    const auto whole = static_cast<std::int32_t>(fraction);
    return add(days_, whole, 1) && add_fraction_of_time(fraction - whole, kMicrosecondsPerDay);
  }
  bool add_fraction_of_years(double fraction, std::int32_t size) {
    return add(months_, static_cast<std::int64_t>(std::rint(fraction * size * 12)), 1);
  }
  /// `count` and `fraction` of `unit`.
  DatetimeError add(Unit unit, std::int64_t count, double fraction);
  /// In the place of what was there.
  void set_time(std::int64_t microseconds) { microseconds_ = microseconds; }
  bool negate() {
    return !__builtin_sub_overflow(0, years_, &years_) &&
           !__builtin_sub_overflow(0, months_, &months_) &&
           !__builtin_sub_overflow(0, days_, &days_) &&
           !__builtin_sub_overflow(std::int64_t{0}, microseconds_, &microseconds_);
  }
  Interval interval() const {
    const std::int64_t months = std::int64_t{years_} * 12 + months_;
    if (months < INT32_MIN || months > INT32_MAX) fail_interval_out_of_range();
    return {
        .months = static_cast<std::int32_t>(months), .days = days_, .microseconds = microseconds_};
  }

 private:
  static bool add(std::int32_t& part, std::int64_t count, std::int32_t size) {
    if (count < INT32_MIN || count > INT32_MAX) return false;
    const std::int64_t sum = part + count * size;
    if (count * size < INT32_MIN || count * size > INT32_MAX) return false;
    if (sum < INT32_MIN || sum > INT32_MAX) return false;
    part = static_cast<std::int32_t>(sum);
    return true;
  }

  std::int32_t years_ = 0;
  std::int32_t months_ = 0;
  std::int32_t days_ = 0;
  std::int64_t microseconds_ = 0;
};

std::int64_t microseconds_in(Unit unit) {
  switch (unit) {
    case Unit::microsecond: return 1;
    case Unit::millisecond: return 1000;
    case Unit::second: return kMicrosecondsPerSecond;
    case Unit::minute: return kMicrosecondsPerMinute;
    case Unit::hour: return kMicrosecondsPerHour;
    default: return 0;
  }
}

std::int32_t years_in(Unit unit) {
  switch (unit) {
    case Unit::year: return 1;
    case Unit::decade: return 10;
    case Unit::century: return 100;
    case Unit::millennium: return 1000;
    default: return 0;
  }
}

DatetimeError overflow_unless(bool fits) {
  return fits ? none : field_overflow;
}

DatetimeError IntervalSum::add(Unit unit, std::int64_t count, double fraction) {
  if (const std::int64_t size = microseconds_in(unit); size != 0)
    return overflow_unless(add_microseconds(count, fraction, size));
  if (const std::int32_t size = years_in(unit); size != 0)
    return overflow_unless(add_years(count, size) && add_fraction_of_years(fraction, size));
  switch (unit) {
    case Unit::day:
      return overflow_unless(add_days(count, 1) &&
                             add_fraction_of_time(fraction, kMicrosecondsPerDay));
    case Unit::week:
      return overflow_unless(add_days(count, 7) && add_fraction_of_days(fraction, 7));
    case Unit::month:
      return overflow_unless(add_months(count) && add_fraction_of_days(fraction, 30));
    default: return bad_format;
  }
}

constexpr std::uint64_t bit(Unit unit) {
  return std::uint64_t{1} << static_cast<unsigned>(unit);
}
constexpr std::uint64_t kAllSeconds =
    bit(Unit::second) | bit(Unit::millisecond) | bit(Unit::microsecond);

/// '1 day 02:03:04', '@ 3 weeks ago', '1-2': units stand behind their numbers, so it is read from
/// the right to the left.
class VerboseInterval {
 public:
  DatetimeError read(std::string_view text) {
    // The room of PostgreSQL's buffer.
    constexpr std::size_t kRoom = 256;
    std::vector<DatetimeField> fields;
    if (const DatetimeError error = split_datetime(text, kRoom, fields); error != none)
      return error;
    for (std::size_t at = fields.size(); at-- > 0;)
      if (const DatetimeError error = read_field(fields[at]); error != none) return error;
    if (seen_ == 0) return bad_format;
    return overflow_unless(!is_ago_ || sum_.negate());
  }
  const IntervalSum& sum() const { return sum_; }

 private:
  DatetimeError read_field(const DatetimeField& field) {
    found_ = 0;
    const DatetimeError error = read_by_type(field);
    if (error != none) return error;
    if ((found_ & seen_) != 0) return bad_format;
    seen_ |= found_;
    return none;
  }

  DatetimeError read_by_type(const DatetimeField& field) {
    switch (field.type) {
      case FieldType::time: return read_clock(field.text, false);
      case FieldType::zone:
        if (field.text.find(':') != std::string::npos && reads_as_clock(field.text)) return none;
        return read_number(field.text);
      case FieldType::date:
      case FieldType::number: return read_number(field.text);
      case FieldType::string:
      case FieldType::special: break;
    }
    return read_word(field.text);
  }

  bool reads_as_clock(std::string_view text) {
    return read_clock(text.substr(1), text[0] == '-') == none;
  }

  DatetimeError read_clock(std::string_view text, bool is_negative) {
    DecodedClock clock;
    if (const DatetimeError error = decode_clock(text, clock); error != none) return error;
    const std::int64_t rest = clock.minutes * kMicrosecondsPerMinute +
                              clock.seconds * kMicrosecondsPerSecond + clock.microseconds;
    std::int64_t total = 0;
    if (__builtin_mul_overflow(clock.hours, kMicrosecondsPerHour, &total) ||
        __builtin_add_overflow(total, rest, &total))
      return field_overflow;
    sum_.set_time(is_negative ? -total : total);
    found_ = bit(Unit::hour) | bit(Unit::minute) | kAllSeconds;
    // So that '1 02:03' has a day.
    unit_ = Unit::day;
    return none;
  }

  DatetimeError read_number(std::string_view text) {
    if (unit_ == Unit::none) unit_ = Unit::second;
    const ScannedInteger scanned = scan_integer(text);
    if (scanned.overflows) return field_overflow;
    const std::string_view rest = text.substr(scanned.end);
    if (rest.starts_with('-')) return read_years_and_months(scanned.value, rest, text[0] == '-');
    double fraction = 0;
    if (!rest.empty() && (rest[0] != '.' || !scan_fraction(rest, fraction))) return bad_format;
    if (text[0] == '-') fraction = -fraction;
    return add(scanned.value, fraction);
  }

  /// The "-2" of '1-2'.
  DatetimeError read_years_and_months(std::int64_t years, std::string_view rest, bool is_negative) {
    const ScannedInteger months = scan_integer(rest.substr(1));
    if (!months.fits_int32() || months.value < 0 || months.value >= 12) return field_overflow;
    if (1 + months.end != rest.size()) return bad_format;
    unit_ = Unit::month;
    std::int64_t total = 0;
    if (__builtin_mul_overflow(years, std::int64_t{12}, &total) ||
        __builtin_add_overflow(total, is_negative ? -months.value : months.value, &total))
      return field_overflow;
    return add(total, 0);
  }

  DatetimeError add(std::int64_t count, double fraction) {
    const Unit unit = unit_;
    found_ = unit == Unit::second && fraction != 0 ? kAllSeconds : bit(unit);
    // So that '1 2 hours' has a day.
    if (unit == Unit::hour) unit_ = Unit::day;
    return sum_.add(unit, count, fraction);
  }

  DatetimeError read_word(std::string_view text) {
    const Word word = find_interval_word(text);
    switch (word.kind) {
      case WordKind::ignored: return none;
      case WordKind::unit: unit_ = word.unit; return none;
      case WordKind::ago:
        is_ago_ = true;
        // No number may stand before it without a unit.
        unit_ = Unit::epoch;
        return none;
      default: return bad_format;
    }
  }

  IntervalSum sum_;
  std::uint64_t seen_ = 0;  ///< a bit for each unit that the text has given
  std::uint64_t found_ = 0;
  Unit unit_ = Unit::none;  ///< of the number to the left
  bool is_ago_ = false;
};

/// 'P1Y2M3DT4H5M6S', 'P0001-02-03T04:05:06', 'P00010203T040506'.
class IsoInterval {
 public:
  DatetimeError read(std::string_view text) {
    if (text.size() < 2 || text[0] != 'P') return bad_format;
    rest_ = text.substr(1);
    while (!rest_.empty() && !is_complete_) {
      if (rest_[0] == 'T') {
        rest_.remove_prefix(1);
        begin_time();
        continue;
      }
      if (const DatetimeError error = is_time_ ? read_time() : read_date(); error != none)
        return error;
    }
    return none;
  }
  const IntervalSum& sum() const { return sum_; }

 private:
  void begin_time() {
    is_time_ = true;
    has_field_ = false;
  }

  DatetimeError read_number() {
    const bool is_number =
        !rest_.empty() && (is_digit(rest_[0]) || rest_[0] == '-' || rest_[0] == '.');
    if (!is_number) return bad_format;
    double number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc{}) return bad_format;
    std::size_t first = rest_[0] == '-' ? 1 : 0;
    const std::size_t point = rest_.find_first_not_of("0123456789", first);
    integer_width_ = (point == std::string_view::npos ? rest_.size() : point) - first;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    constexpr double kMost = 1.0e15;
    if (std::isnan(number) || number < -kMost || number > kMost) return field_overflow;
    count_ = static_cast<std::int64_t>(number);
    fraction_ = number - static_cast<double>(count_);
    return none;
  }

  /// '\0': at the end.
  char take_unit() {
    if (rest_.empty()) return '\0';
    const char unit = rest_[0];
    rest_.remove_prefix(1);
    return unit;
  }

  DatetimeError read_date() {
    if (const DatetimeError error = read_number(); error != none) return error;
    const char unit = take_unit();
    switch (unit) {
      case 'Y': return add(Unit::year);
      case 'M': return add(Unit::month);
      case 'W': return add(Unit::week);
      case 'D': return add(Unit::day);
      case 'T':
      case '\0':
        if (integer_width_ == 8 && !has_field_) return read_basic_date(unit);
        return read_extended_date(unit);
      case '-': return read_extended_date(unit);
      default: return bad_format;
    }
  }

  DatetimeError add(Unit unit) {
    has_field_ = true;
    return sum_.add(unit, count_, fraction_);
  }

  DatetimeError read_basic_date(char unit) {
    const bool fits = sum_.add_years(count_ / 10000, 1) && sum_.add_months((count_ / 100) % 100) &&
                      sum_.add_days(count_ % 100, 1) &&
                      sum_.add_fraction_of_time(fraction_, kMicrosecondsPerDay);
    end_date(unit);
    return overflow_unless(fits);
  }

  void end_date(char unit) {
    if (unit == '\0')
      is_complete_ = true;
    else
      begin_time();
  }

  /// "0001-02-03"; the days, and the months, may be left out.
  DatetimeError read_extended_date(char unit) {
    if (has_field_) return bad_format;
    for (const Unit part : {Unit::year, Unit::month, Unit::day}) {
      if (part != Unit::year) {
        if (const DatetimeError error = read_number(); error != none) return error;
        unit = take_unit();
      }
      if (const DatetimeError error = sum_.add(part, count_, fraction_); error != none)
        return error;
      if (unit == '\0' || unit == 'T') {
        end_date(unit);
        return none;
      }
      if (unit != '-') return bad_format;
    }
    return bad_format;
  }

  DatetimeError read_time() {
    if (const DatetimeError error = read_number(); error != none) return error;
    const char unit = take_unit();
    switch (unit) {
      case 'H': return add(Unit::hour);
      case 'M': return add(Unit::minute);
      case 'S': return add(Unit::second);
      case '\0':
        if (integer_width_ == 6 && !has_field_) return read_basic_time();
        return read_extended_time(unit);
      case ':': return read_extended_time(unit);
      default: return bad_format;
    }
  }

  DatetimeError read_basic_time() {
    is_complete_ = true;
    return overflow_unless(sum_.add_microseconds(count_ / 10000, 0, kMicrosecondsPerHour) &&
                           sum_.add_microseconds((count_ / 100) % 100, 0, kMicrosecondsPerMinute) &&
                           sum_.add_microseconds(count_ % 100, 0, kMicrosecondsPerSecond) &&
                           // As PostgreSQL 15 does it: the fraction is lost.
                           sum_.add_fraction_of_time(fraction_, 1));
  }

  DatetimeError read_extended_time(char unit) {
    if (has_field_) return bad_format;
    for (const Unit part : {Unit::hour, Unit::minute, Unit::second}) {
      if (part != Unit::hour) {
        if (const DatetimeError error = read_number(); error != none) return error;
        unit = take_unit();
      }
      if (const DatetimeError error = sum_.add(part, count_, fraction_); error != none)
        return error;
      if (unit == '\0') {
        is_complete_ = true;
        return none;
      }
      if (unit != ':') return bad_format;
    }
    return bad_format;
  }

  IntervalSum sum_;
  std::string_view rest_;
  std::int64_t count_ = 0;
  double fraction_ = 0;
  std::size_t integer_width_ = 0;
  bool is_time_ = false;
  bool has_field_ = false;
  bool is_complete_ = false;
};

/// Writes what an interval has, one part after the other.
class IntervalPrinter {
 public:
  std::string print(const Interval& interval) {
    add(interval.months / 12, "year");
    add(interval.months % 12, "mon");
    add(interval.days, "day");
    if (text_.empty() || interval.microseconds != 0) add_clock(interval.microseconds);
    return text_;
  }

 private:
  void add(std::int32_t count, std::string_view unit) {
    if (count == 0) return;
    if (!text_.empty()) text_ += ' ';
    if (was_negative_ && count > 0) text_ += '+';
    text_ += std::to_string(count) + " " + std::string(unit) + (count != 1 ? "s" : "");
    was_negative_ = count < 0;
  }

  void add_clock(std::int64_t microseconds) {
    const bool is_negative = microseconds < 0;
    const std::uint64_t size = is_negative ? 0 - static_cast<std::uint64_t>(microseconds)
                                           : static_cast<std::uint64_t>(microseconds);
    constexpr std::uint64_t kHour = kMicrosecondsPerHour;
    const std::uint64_t hours = size / kHour;
    // Minutes and seconds as a time has them, without its hours.
    const std::string rest = print_time(static_cast<std::int64_t>(size % kHour)).substr(2);
    if (!text_.empty()) text_ += ' ';
    text_ += is_negative ? "-" : was_negative_ ? "+" : "";
    text_ += (hours < 10 ? "0" : "") + std::to_string(hours) + rest;
  }

  std::string text_;
  bool was_negative_ = false;
};

}  // namespace

Interval parse_interval(std::string_view text) {
  VerboseInterval verbose;
  DatetimeError error = verbose.read(text);
  if (error == none) return verbose.sum().interval();
  IsoInterval iso;
  if (error == bad_format) error = iso.read(text);
  if (error == none) return iso.sum().interval();
  fail_datetime(error == field_overflow ? interval_overflow : error, text, "interval");
}

std::string print_interval(const Interval& interval) {
  return IntervalPrinter().print(interval);
}

int compare_intervals(const Interval& left, const Interval& right) {
  const IntervalSpan first = interval_span(left);
  const IntervalSpan second = interval_span(right);
  return first < second ? -1 : first > second ? 1 : 0;
}

}  // namespace firedrill::sim::postgres
