#include <gtest/gtest.h>

#include <string>

#include "sim/postgres/values/datetime.h"
#include "tests/postgres/function_caller.h"

namespace firedrill::sim::postgres {
namespace {

/// As the type's input function reads `text`, and its output function writes that.
std::string through(const StubEnvironment& environment, std::string_view type,
                    std::string_view text) {
  return outcome([&]() -> std::string {
    if (type == "date") return print_date(parse_date(text, environment));
    if (type == "time") return print_time(parse_time(text));
    if (type == "timestamp") return print_timestamp(parse_timestamp(text, environment));
    return print_timestamptz(parse_timestamptz(text, environment), environment.zone_offset());
  });
}

struct TextRow {
  const char* type;
  const char* text;
  const char* expected;
};

const TextRow kRows[] = {
    {"date", "1999-01-08", "1999-01-08"},
    {"date", "January 8, 1999", "1999-01-08"},
    {"date", "1/8/1999", "1999-01-08"},
    {"date", "1/18/1999", "1999-01-18"},
    {"date", "01/02/03", "2003-01-02"},
    {"date", "08-Jan-99", "1999-01-08"},
    {"date", "Jan-08-99", "1999-01-08"},
    {"date", "19990108", "1999-01-08"},
    {"date", "990108", "1999-01-08"},
    {"date", "1999.008", "1999-01-08"},
    {"date", "J2451187", "1999-01-08"},
    {"date", "January 8, 99 BC", "0099-01-08 BC"},
    {"date", "13/13/2000",
     "22008: date/time field value out of range: \"13/13/2000\" / Perhaps you need a different "
     "\"datestyle\" setting."},
    {"date", "2024-13-01",
     "22008: date/time field value out of range: \"2024-13-01\" / Perhaps you need a different "
     "\"datestyle\" setting."},
    {"date", "2001-02-29", "22008: date/time field value out of range: \"2001-02-29\""},
    {"date", "infinity", "infinity"},
    {"date", "-infinity", "-infinity"},
    {"date", "epoch", "1970-01-01"},
    {"date", "0000-01-01", "22008: date/time field value out of range: \"0000-01-01\""},
    {"date", "4714-11-24 BC", "4714-11-24 BC"},
    {"date", "4714-11-23 BC", "22008: date out of range: \"4714-11-23 BC\""},
    {"date", "5874897-12-31", "5874897-12-31"},
    {"date", "5874898-01-01", "22008: date out of range: \"5874898-01-01\""},
    {"date", "2001-01-01 foo", "22007: invalid input syntax for type date: \"2001-01-01 foo\""},
    {"date", "y2001m02d04", "2001-02-04"},
    {"date", "Sep 31 2000", "22008: date/time field value out of range: \"Sep 31 2000\""},
    {"date", "30/9/2000",
     "22008: date/time field value out of range: \"30/9/2000\" / Perhaps you need a different "
     "\"datestyle\" setting."},
    {"date", "2000-09-31", "22008: date/time field value out of range: \"2000-09-31\""},
    {"date", "x", "22007: invalid input syntax for type date: \"x\""},
    {"date", "", "22007: invalid input syntax for type date: \"\""},
    {"date", "1-1-1", "2001-01-01"},
    {"date", "2001-01-01 BC", "2001-01-01 BC"},
    {"timestamp", "1999-01-08 04:05:06", "1999-01-08 04:05:06"},
    {"timestamp", "1999-01-08T04:05:06.5+02", "1999-01-08 04:05:06.5"},
    {"timestamp", "20010101T040506.25-07", "2001-01-01 04:05:06.25"},
    {"timestamp", "2001-01-01 24:00", "2001-01-02 00:00:00"},
    {"timestamp", "2001-01-01 24:00:01",
     "22008: date/time field value out of range: \"2001-01-01 24:00:01\""},
    {"timestamp", "2001-01-01 23:59:60", "2001-01-02 00:00:00"},
    {"timestamp", "2001-01-01 10:60",
     "22008: date/time field value out of range: \"2001-01-01 10:60\""},
    {"timestamp", "2001-01-01 12:00 AM", "2001-01-01 00:00:00"},
    {"timestamp", "2001-01-01 01:00 PM", "2001-01-01 13:00:00"},
    {"timestamp", "2001-01-01 13:00 PM",
     "22008: date/time field value out of range: \"2001-01-01 13:00 PM\""},
    {"timestamp", "294276-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999"},
    {"timestamp", "294277-01-01", "22008: timestamp out of range: \"294277-01-01\""},
    {"timestamp", "4714-11-24 BC", "4714-11-24 00:00:00 BC"},
    {"timestamp", "2001-01-01 04:05:06.7891235", "2001-01-01 04:05:06.789124"},
    {"timestamp", "2001-01-01 04:05:06.9999999", "2001-01-01 04:05:07"},
    {"timestamp", "2001-01-01 mon", "2001-01-01 00:00:00"},
    {"timestamp", "mon 2001-01-01",
     "22007: invalid input syntax for type timestamp: \"mon 2001-01-01\""},
    {"timestamp", "epoch", "1970-01-01 00:00:00"},
    {"timestamp", "infinity", "infinity"},
    {"timestamp", "-infinity", "-infinity"},
    {"timestamp", "04:05:06", "22007: invalid input syntax for type timestamp: \"04:05:06\""},
    {"timestamp", "2001-01-01 10:00 foo",
     "22007: invalid input syntax for type timestamp: \"2001-01-01 10:00 foo\""},
    {"timestamp", "J2451187.25", "1999-01-08 06:00:00"},
    {"timestamp", "x", "22007: invalid input syntax for type timestamp: \"x\""},
    {"timestamptz", "1999-01-08 04:05:06 -8:00", "1999-01-08 12:05:06+00"},
    {"timestamptz", "1999-01-08T04:05:06Z", "1999-01-08 04:05:06+00"},
    {"timestamptz", "1999-01-08 04:05:06+05:30", "1999-01-07 22:35:06+00"},
    {"timestamptz", "2001-01-01 10:00 UTC", "2001-01-01 10:00:00+00"},
    {"timestamptz", "2001-01-01 10:00 -08:00:30", "2001-01-01 18:00:30+00"},
    {"timestamptz", "2001-01-01 10:00+16",
     "22009: time zone displacement out of range: \"2001-01-01 10:00+16\""},
    {"timestamptz", "2001-01-01 10:00 utc dst", "2001-01-01 09:00:00+00"},
    {"timestamptz", "2001-01-01 10:00 dst",
     "22007: invalid input syntax for type timestamp with time zone: \"2001-01-01 10:00 dst\""},
    {"timestamptz", "2001-01-01 10:00 UTC+3", "2001-01-01 13:00:00+00"},
    {"timestamptz", "2001-01-01 foo",
     "22007: invalid input syntax for type timestamp with time zone: \"2001-01-01 foo\""},
    {"timestamptz", "294277-01-01 00:30+01", "294276-12-31 23:30:00+00"},
    {"timestamptz", "2001-01-01 allballs", "2001-01-01 00:00:00+00"},
    {"timestamptz", "x", "22007: invalid input syntax for type timestamp with time zone: \"x\""},
    {"timestamptz", "infinity", "infinity"},
    {"time", "04:05:06.789", "04:05:06.789"},
    {"time", "04:05", "04:05:00"},
    {"time", "040506", "04:05:06"},
    {"time", "0405", "04:05:00"},
    {"time", "04:05 PM", "16:05:00"},
    {"time", "12:00 AM", "00:00:00"},
    {"time", "13:05 PM", "22008: date/time field value out of range: \"13:05 PM\""},
    {"time", "040506.5+02", "04:05:06.5"},
    {"time", "24:00:00", "24:00:00"},
    {"time", "24:00:01", "22008: date/time field value out of range: \"24:00:01\""},
    {"time", "25:00", "22008: date/time field value out of range: \"25:00\""},
    {"time", "23:59:60", "24:00:00"},
    {"time", "10:20.5", "00:10:20.5"},
    {"time", "2001-01-01 10:00", "10:00:00"},
    {"time", "10:00 2001-01-01", "22007: invalid input syntax for type time: \"10:00 2001-01-01\""},
    {"time", "10", "22007: invalid input syntax for type time: \"10\""},
    {"time", "allballs", "00:00:00"},
    {"time", "x", "22007: invalid input syntax for type time: \"x\""},
    {"time", "10:00 dst", "22007: invalid input syntax for type time: \"10:00 dst\""},
};

TEST(DatetimeText, ReadsAndWritesAsPostgresDoes) {
  const StubEnvironment environment;
  for (const TextRow& row : kRows)
    EXPECT_EQ(through(environment, row.type, row.text), row.expected)
        << row.type << ": " << row.text;
}

struct RoundingRow {
  const char* text;
  std::int32_t precision;
  const char* expected;
};

const RoundingRow kRoundings[] = {
    {"2024-01-01 10:11:12.3456789", 0, "2024-01-01 10:11:12"},
    {"2024-01-01 10:11:12.3456789", 1, "2024-01-01 10:11:12.3"},
    {"2024-01-01 10:11:12.3456789", 2, "2024-01-01 10:11:12.35"},
    {"2024-01-01 10:11:12.3456789", 3, "2024-01-01 10:11:12.346"},
    {"2024-01-01 10:11:12.3456789", 4, "2024-01-01 10:11:12.3457"},
    {"2024-01-01 10:11:12.3456789", 5, "2024-01-01 10:11:12.34568"},
    {"2024-01-01 10:11:12.3456789", 6, "2024-01-01 10:11:12.345679"},
    {"1999-12-31 23:59:59.9999995", 0, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 1, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 2, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 3, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 4, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 5, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.9999995", 6, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.55", 0, "2000-01-01 00:00:00"},
    {"1999-12-31 23:59:59.55", 1, "1999-12-31 23:59:59.5"},
    {"1999-12-31 23:59:59.55", 2, "1999-12-31 23:59:59.55"},
    {"1999-12-31 23:59:59.55", 3, "1999-12-31 23:59:59.55"},
    {"1999-12-31 23:59:59.55", 4, "1999-12-31 23:59:59.55"},
    {"1999-12-31 23:59:59.55", 5, "1999-12-31 23:59:59.55"},
    {"1999-12-31 23:59:59.55", 6, "1999-12-31 23:59:59.55"},
    {"infinity", 0, "infinity"},
    {"infinity", 1, "infinity"},
    {"infinity", 2, "infinity"},
    {"infinity", 3, "infinity"},
    {"infinity", 4, "infinity"},
    {"infinity", 5, "infinity"},
    {"infinity", 6, "infinity"},
};

TEST(DatetimeText, RoundsToThePrecision) {
  const StubEnvironment environment;
  for (const RoundingRow& row : kRoundings)
    EXPECT_EQ(print_timestamp(round_time(parse_timestamp(row.text, environment), row.precision)),
              row.expected)
        << row.text << ", " << row.precision;
}

TEST(DatetimeText, KnowsTheDaysAroundTheTransaction) {
  StubEnvironment environment;
  environment.offset = 2 * 3600;
  environment.now = parse_timestamptz("2024-02-28 23:30:00+00", environment);
  EXPECT_EQ(through(environment, "date", "today"), "2024-02-29");
  EXPECT_EQ(through(environment, "date", "tomorrow"), "2024-03-01");
  EXPECT_EQ(through(environment, "date", "yesterday"), "2024-02-28");
  EXPECT_EQ(through(environment, "timestamp", "now"), "2024-02-29 01:30:00");
  EXPECT_EQ(through(environment, "timestamptz", "now"), "2024-02-29 01:30:00+02");
  EXPECT_EQ(through(environment, "timestamptz", "today 12:00"), "2024-02-29 12:00:00+02");
}

TEST(DatetimeText, WritesOffsetsAsTheyAre) {
  EXPECT_EQ(print_timestamptz(0, 0), "2000-01-01 00:00:00+00");
  EXPECT_EQ(print_timestamptz(0, -5 * 3600 - 1800), "1999-12-31 18:30:00-05:30");
  EXPECT_EQ(print_timestamptz(0, 3661), "2000-01-01 01:01:01+01:01:01");
}

TEST(DatetimeText, RefusesZonesWithRules) {
  const StubEnvironment environment;
  for (const char* zone : {"Europe/Berlin", "CET", "EST", "Japan"})
    EXPECT_EQ(
        through(environment, "timestamptz", std::string("2024-01-01 10:00 ") + zone).substr(0, 5),
        "0A000")
        << zone;
}

}  // namespace
}  // namespace firedrill::sim::postgres
