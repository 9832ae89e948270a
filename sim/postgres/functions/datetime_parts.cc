#include <algorithm>
#include <limits>

#include "sim/postgres/functions/datetime_functions.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime_fields.h"
#include "sim/postgres/values/interval.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/time_zone.h"

/// extract(), date_part() and date_trunc().
namespace firedrill::sim::postgres::datetime_parts {

namespace {

/// What extract() gives, and what date_part() does: their last digits may differ.
struct Part {
  Numeric exact;
  double real = 0;
  bool is_null = false;
};

Part whole(std::int64_t number) {
  return {Numeric(number), static_cast<double>(number)};
}

Part infinite(bool is_positive) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {is_positive ? Numeric::infinity() : Numeric::minus_infinity(),
          is_positive ? kInfinity : -kInfinity};
}

/// The unit that the caller names; where it is none of those that the type has, an error.
class NamedUnit {
 public:
  NamedUnit(const std::string& name, std::string_view type) : name_(name), type_(type) {
    std::ranges::transform(name_, name_.begin(), lower);
    word_ = find_interval_word(name_);
  }

  /// For a value's part.
  Unit part() const {
    const Word word = word_.kind == WordKind::unknown ? find_datetime_word(name_) : word_;
    switch (word.kind) {
      case WordKind::unit:
      case WordKind::epoch: return word.unit;
      case WordKind::now:
      case WordKind::today:
      case WordKind::tomorrow:
      case WordKind::yesterday:
      case WordKind::infinity:
      case WordKind::minus_infinity:
      case WordKind::all_balls:
        if (type_ == "interval" || type_ == "time without time zone") fail_as_unknown();
        fail_as_unsupported();
      default: fail_as_unknown();
    }
  }
  /// To cut to.
  Unit precision() const {
    if (word_.kind != WordKind::unit) fail_as_unknown();
    return word_.unit;
  }

  [[noreturn]] void fail_as_unsupported(std::string detail = {}) const {
    throw SqlError{.sqlstate = std::string(sqlstate::kFeatureNotSupported),
                   .message = "unit \"" + name_ + "\" not supported for type " + type_,
                   .detail = std::move(detail)};
  }

 private:
  [[noreturn]] void fail_as_unknown() const {
    fail(sqlstate::kInvalidParameterValue,
         "unit \"" + name_ + "\" not recognized for type " + type_);
  }

  std::string name_;
  std::string type_;
  Word word_;  ///< among the units of intervals
};

/// Years without a year 0.
std::int32_t historical_year(std::int32_t year) {
  return year > 0 ? year : year - 1;
}

std::int32_t decade_of(std::int32_t year) {
  return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
}
/// The century (100) or millennium (1000) of a year.
std::int32_t age_of(std::int32_t year, std::int32_t size) {
  return year > 0 ? (year + size - 1) / size : -((size - 1 - (year - 1)) / size);
}

/// Of any value that has a clock; nothing: another unit.
bool clock_part(Unit unit, const CalendarTime& time, Part& part) {
  switch (unit) {
    case Unit::microsecond:
      part = whole(time.second * kMicrosecondsPerSecond + time.microsecond);
      return true;
    case Unit::millisecond:
      part = {Numeric(time.second * kMicrosecondsPerSecond + time.microsecond, 3),
              time.second * 1000.0 + time.microsecond / 1000.0};
      return true;
    case Unit::second:
      part = {Numeric(time.second * kMicrosecondsPerSecond + time.microsecond, 6),
              time.second + time.microsecond / 1e6};
      return true;
    case Unit::minute: part = whole(time.minute); return true;
    case Unit::hour: part = whole(time.hour); return true;
    default: return false;
  }
}

/// Of any value that has a date.
bool date_part(Unit unit, const CalendarTime& date, Part& part) {
  const std::int32_t weekday = day_of_week(julian_day(date.year, date.month, date.day));
  switch (unit) {
    case Unit::day: part = whole(date.day); return true;
    case Unit::month: part = whole(date.month); return true;
    case Unit::quarter: part = whole((date.month - 1) / 3 + 1); return true;
    case Unit::week: part = whole(iso_week(date).week); return true;
    case Unit::year: part = whole(historical_year(date.year)); return true;
    case Unit::decade: part = whole(decade_of(date.year)); return true;
    case Unit::century: part = whole(age_of(date.year, 100)); return true;
    case Unit::millennium: part = whole(age_of(date.year, 1000)); return true;
    case Unit::iso_year: part = whole(historical_year(iso_week(date).year)); return true;
    case Unit::day_of_week: part = whole(weekday); return true;
    case Unit::iso_day_of_week: part = whole(weekday == 0 ? 7 : weekday); return true;
    case Unit::day_of_year: part = whole(day_of_year(date)); return true;
    default: return false;
  }
}

/// Of an infinity: what grows with time is infinite, what repeats is not known.
bool infinite_part(Unit unit, bool is_positive, Part& part) {
  switch (unit) {
    case Unit::day:
    case Unit::month:
    case Unit::quarter:
    case Unit::week:
    case Unit::day_of_week:
    case Unit::iso_day_of_week:
    case Unit::day_of_year: part.is_null = true; return true;
    case Unit::year:
    case Unit::decade:
    case Unit::century:
    case Unit::millennium:
    case Unit::julian:
    case Unit::iso_year:
    case Unit::epoch: part = infinite(is_positive); return true;
    default: return false;
  }
}

Part julian_part(const CalendarTime& time) {
  const std::int64_t day = julian_day(time.year, time.month, time.day);
  const double seconds =
      ((time.hour * 60) + time.minute) * 60 + time.second + time.microsecond / 1e6;
  return {Numeric(day) + Numeric(time_of_day(time)) / Numeric(kMicrosecondsPerDay),
          static_cast<double>(day) + seconds / 86400.0};
}

Part epoch_part(std::int64_t timestamp) {
  std::int64_t since = 0;
  const bool fits = !__builtin_sub_overflow(timestamp, kUnixEpochTimestamp, &since);
  if (fits) return {Numeric(since, 6), static_cast<double>(since) / 1e6};
  const Numeric exact = (Numeric(timestamp) - Numeric(kUnixEpochTimestamp)) / Numeric(1'000'000);
  return {round_to(exact, 6),
          static_cast<double>(timestamp) / 1e6 - static_cast<double>(kUnixEpochTimestamp) / 1e6};
}

bool zone_part(Unit unit, std::int32_t zone_offset, Part& part) {
  switch (unit) {
    case Unit::zone: part = whole(zone_offset); return true;
    case Unit::zone_minute: part = whole(zone_offset / 60 % 60); return true;
    case Unit::zone_hour: part = whole(zone_offset / 3600); return true;
    default: return false;
  }
}

bool is_zone_unit(Unit unit) {
  return unit == Unit::zone || unit == Unit::zone_hour || unit == Unit::zone_minute;
}

Part infinite_timestamp_part(const NamedUnit& name, bool is_positive) {
  Part part;
  const Unit unit = name.part();
  if (infinite_part(unit, is_positive, part)) return part;
  part.is_null = true;
  Part ignored;
  if (is_zone_unit(unit) || clock_part(unit, {}, ignored)) return part;
  name.fail_as_unsupported();
}

Part part_of_timestamp(const Call& call) {
  const NamedUnit name(call[0].text(), "timestamp without time zone");
  const std::int64_t timestamp = call[1].integer();
  if (is_infinite_timestamp(timestamp)) return infinite_timestamp_part(name, timestamp > 0);
  const CalendarTime time = calendar_time(timestamp);
  const Unit unit = name.part();
  Part part;
  if (clock_part(unit, time, part) || date_part(unit, time, part)) return part;
  if (unit == Unit::julian) return julian_part(time);
  if (unit == Unit::epoch) return epoch_part(timestamp);
  name.fail_as_unsupported();
}

Part part_of_timestamptz(const Call& call) {
  const NamedUnit name(call[0].text(), "timestamp with time zone");
  const std::int64_t timestamp = call[1].integer();
  if (is_infinite_timestamp(timestamp)) return infinite_timestamp_part(name, timestamp > 0);
  const std::int32_t offset = call.environment.zone_offset();
  const CalendarTime time = local_calendar_time(timestamp, offset);
  const Unit unit = name.part();
  Part part;
  if (clock_part(unit, time, part) || date_part(unit, time, part)) return part;
  if (zone_part(unit, offset, part)) return part;
  if (unit == Unit::julian) return julian_part(time);
  if (unit == Unit::epoch) return epoch_part(timestamp);
  name.fail_as_unsupported();
}

Part part_of_date(const Call& call) {
  const NamedUnit name(call[0].text(), "date");
  const std::int64_t days = call[1].integer();
  const Unit unit = name.part();
  Part part;
  if (is_infinite_date(days)) {
    if (infinite_part(unit, days > 0, part)) return part;
    name.fail_as_unsupported();
  }
  if (date_part(unit, date_of_julian_day(days + kEpochJulianDay), part)) return part;
  if (unit == Unit::julian) return whole(days + kEpochJulianDay);
  if (unit == Unit::epoch)
    return whole((days + kEpochJulianDay - kUnixEpochJulianDay) * kSecondsPerDay);
  name.fail_as_unsupported();
}

Part part_of_time(const Call& call) {
  const NamedUnit name(call[0].text(), "time without time zone");
  const Unit unit = name.part();
  CalendarTime time;
  set_time_of_day(time, call[1].integer());
  Part part;
  if (clock_part(unit, time, part)) return part;
  if (unit == Unit::epoch)
    return {Numeric(call[1].integer(), 6), static_cast<double>(call[1].integer()) / 1e6};
  name.fail_as_unsupported();
}

/// Years of 365.25 days.
Part epoch_part(const Interval& interval) {
  const std::int64_t years = interval.months / 12;
  const std::int64_t months = interval.months % 12;
  const std::int64_t quarters_of_days =
      4 * 365 * years + years + 4 * 30 * months + std::int64_t{4} * interval.days;
  const std::int64_t seconds = quarters_of_days * (kSecondsPerDay / 4);
  double real = static_cast<double>(interval.microseconds) / 1e6;
  real += 365.25 * 86400 * static_cast<double>(years);
  real += 30.0 * 86400 * static_cast<double>(months);
  real += 86400.0 * interval.days;
  return {Numeric(seconds) + Numeric(interval.microseconds, 6), real};
}

Part part_of_interval(const Call& call) {
  const NamedUnit name(call[0].text(), "interval");
  const auto& interval = call[1].as<Interval>();
  const Unit unit = name.part();
  const std::int32_t years = interval.months / 12;
  if (unit == Unit::hour) return whole(interval.microseconds / kMicrosecondsPerHour);
  CalendarTime time;
  set_time_of_day(time, interval.microseconds % kMicrosecondsPerDay);
  Part part;
  if (clock_part(unit, time, part)) return part;
  switch (unit) {
    case Unit::day: return whole(interval.days);
    case Unit::month: return whole(interval.months % 12);
    case Unit::quarter: return whole(interval.months % 12 / 3 + 1);
    case Unit::year: return whole(years);
    case Unit::decade: return whole(years / 10);
    case Unit::century: return whole(years / 100);
    case Unit::millennium: return whole(years / 1000);
    case Unit::epoch: return epoch_part(interval);
    default: name.fail_as_unsupported();
  }
}

Value exactly(Part part) {
  return part.is_null ? Value{} : Value::boxed(std::move(part.exact));
}
Value approximately(const Part& part) {
  return part.is_null ? Value{} : Value::of(part.real);
}

std::int64_t microseconds_of(Unit unit) {
  switch (unit) {
    case Unit::microsecond: return 1;
    case Unit::millisecond: return 1000;
    case Unit::second: return kMicrosecondsPerSecond;
    case Unit::minute: return kMicrosecondsPerMinute;
    case Unit::hour: return kMicrosecondsPerHour;
    default: return 0;
  }
}

/// The first year of a century or a millennium.
std::int32_t first_year(std::int32_t year, std::int32_t size) {
  return year > 0 ? (year + size - 1) / size * size - size + 1
                  : -((size - 1 - (year - 1)) / size) * size + 1;
}

/// The first day of the `unit` that `date` is in; false: it has none.
bool truncate_date(Unit unit, CalendarTime& date) {
  switch (unit) {
    case Unit::millennium:
      date = {.year = first_year(date.year, 1000), .month = 1, .day = 1};
      return true;
    case Unit::century:
      date = {.year = first_year(date.year, 100), .month = 1, .day = 1};
      return true;
    case Unit::decade:
      date = {.year = decade_of(date.year) * 10, .month = 1, .day = 1};
      return true;
    case Unit::year: date = {.year = date.year, .month = 1, .day = 1}; return true;
    case Unit::quarter:
      date = {.year = date.year, .month = (date.month - 1) / 3 * 3 + 1, .day = 1};
      return true;
    case Unit::month: date = {.year = date.year, .month = date.month, .day = 1}; return true;
    case Unit::week: {
      const std::int64_t julian = julian_day(date.year, date.month, date.day);
      date = date_of_julian_day(julian - (day_of_week(julian) + 6) % 7);
      return true;
    }
    case Unit::day: set_time_of_day(date, 0); return true;
    default: return false;
  }
}

std::int64_t truncated(std::int64_t timestamp, const NamedUnit& name, std::int32_t zone_offset) {
  if (is_infinite_timestamp(timestamp)) return timestamp;
  const Unit unit = name.precision();
  CalendarTime time = local_calendar_time(timestamp, zone_offset);
  if (const std::int64_t size = microseconds_of(unit); size != 0)
    set_time_of_day(time, time_of_day(time) / size * size);
  else if (!truncate_date(unit, time))
    name.fail_as_unsupported();
  return timestamp_of(time, zone_offset);
}

/// How many months a unit has that months are cut to; 0: another unit.
std::int32_t months_of(Unit unit) {
  switch (unit) {
    case Unit::millennium: return 12000;
    case Unit::century: return 1200;
    case Unit::decade: return 120;
    case Unit::year: return 12;
    case Unit::quarter: return 3;
    case Unit::month: return 1;
    default: return 0;
  }
}

}  // namespace

Value extract_from_date(Call& call) {
  return exactly(part_of_date(call));
}
Value extract_from_time(Call& call) {
  return exactly(part_of_time(call));
}
Value extract_from_timestamp(Call& call) {
  return exactly(part_of_timestamp(call));
}
Value extract_from_timestamptz(Call& call) {
  return exactly(part_of_timestamptz(call));
}
Value extract_from_interval(Call& call) {
  return exactly(part_of_interval(call));
}

Value date_part_of_date(Call& call) {
  const std::vector<Value> one = {call[1]};
  Call cast{call.environment, call.site, one};
  const std::vector<Value> arguments = {call[0], datetime_operators::date_to_timestamp(cast)};
  return approximately(part_of_timestamp(Call{call.environment, call.site, arguments}));
}
Value date_part_of_time(Call& call) {
  return approximately(part_of_time(call));
}
Value date_part_of_timestamp(Call& call) {
  return approximately(part_of_timestamp(call));
}
Value date_part_of_timestamptz(Call& call) {
  return approximately(part_of_timestamptz(call));
}
Value date_part_of_interval(Call& call) {
  return approximately(part_of_interval(call));
}

Value truncate_timestamp(Call& call) {
  const NamedUnit name(call[0].text(), "timestamp without time zone");
  return Value::of(truncated(call[1].integer(), name, 0));
}

Value truncate_timestamptz(Call& call) {
  const NamedUnit name(call[0].text(), "timestamp with time zone");
  const std::int32_t offset =
      call.size() > 2 ? zone_offset_of(call[2].text()) : call.environment.zone_offset();
  return Value::of(truncated(call[1].integer(), name, offset));
}

Value truncate_interval(Call& call) {
  const NamedUnit name(call[0].text(), "interval");
  const Unit unit = name.precision();
  Interval interval = call[1].as<Interval>();
  if (const std::int64_t size = microseconds_of(unit); size != 0) {
    interval.microseconds -= interval.microseconds % size;
    return Value::boxed(interval);
  }
  interval.microseconds = 0;
  if (unit == Unit::day) return Value::boxed(interval);
  interval.days = 0;
  const std::int32_t size = months_of(unit);
  if (size == 0)
    name.fail_as_unsupported(unit == Unit::week ? "Months usually have fractional weeks." : "");
  interval.months -= interval.months % size;
  return Value::boxed(interval);
}

}  // namespace firedrill::sim::postgres::datetime_parts
