#include <gtest/gtest.h>

#include <string>

#include "sim/postgres/values/datetime.h"
#include "tests/postgres/function_caller.h"

namespace firedrill::sim::postgres {
namespace {

struct TextRow {
  const char* text;
  const char* expected;
};

const TextRow kRows[] = {
    {"1 day 02:03:04", "1 day 02:03:04"},
    {"P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"},
    {"1.5 days", "1 day 12:00:00"},
    {"3 weeks ago", "-21 days"},
    {"-1 mon +2 days", "-1 mons +2 days"},
    {"1-2", "1 year 2 mons"},
    {"-1-2", "-1 years -2 mons"},
    {"1-2 3 4:05:06", "1 year 2 mons 3 days 04:05:06"},
    {"1 2:03", "1 day 02:03:00"},
    {"1 -2:03", "1 day -02:03:00"},
    {"1.5 mons", "1 mon 15 days"},
    {"1.5 years", "1 year 6 mons"},
    {"0.1 mons", "3 days"},
    {"1.25 weeks", "8 days 18:00:00"},
    {"1.99999999 months", "1 mon 29 days 23:59:59.97408"},
    {"2.3 decades", "23 years"},
    {"1 century 2 decades", "120 years"},
    {"0.0000005 s", "00:00:00"},
    {"0.0000015 s", "00:00:00.000001"},
    {"P1.5Y", "1 year 6 mons"},
    {"P0.5D", "12:00:00"},
    {"PT1.5H", "01:30:00"},
    {"PT6.123456789S", "00:00:06.123457"},
    {"P-1Y-2M3DT-4H", "-1 years -2 mons +3 days -04:00:00"},
    {"P00010203T040506", "1 year 2 mons 3 days 04:05:06"},
    {"P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06"},
    {"P1-2", "1 year 2 mons"},
    {"PT", "00:00:00"},
    {"P", "22007: invalid input syntax for type interval: \"P\""},
    {"5", "00:00:05"},
    {"1.5", "00:00:01.5"},
    {"infinity", "22007: invalid input syntax for type interval: \"infinity\""},
    {"day", "22007: invalid input syntax for type interval: \"day\""},
    {"ago", "22007: invalid input syntax for type interval: \"ago\""},
    {"1 day 2 day", "22007: invalid input syntax for type interval: \"1 day 2 day\""},
    {"99999999999 days", "22015: interval field value out of range: \"99999999999 days\""},
    {"2147483648 days", "22015: interval field value out of range: \"2147483648 days\""},
    {"-2147483648 days ago", "22015: interval field value out of range: \"-2147483648 days ago\""},
    {"178956970 years 7 mons", "178956970 years 7 mons"},
    {"178956970 years 8 mons", "22008: interval out of range"},
    {"9223372036854775807 us", "2562047788:00:54.775807"},
    {"9223372036854775808 us",
     "22015: interval field value out of range: \"9223372036854775808 us\""},
    {"2562047788:00:54.775808",
     "22015: interval field value out of range: \"2562047788:00:54.775808\""},
    {"-2562047788:00:54.775808",
     "22007: invalid input syntax for type interval: \"-2562047788:00:54.775808\""},
    {"1:60", "22015: interval field value out of range: \"1:60\""},
    {"100:00", "100:00:00"},
    {"1:2.5", "00:01:02.5"},
    {"1 day foo", "22007: invalid input syntax for type interval: \"1 day foo\""},
    {"", "22007: invalid input syntax for type interval: \"\""},
    {"1-13", "22015: interval field value out of range: \"1-13\""},
    {"1 2 hours", "1 day 02:00:00"},
    {"1 year 1 year", "22007: invalid input syntax for type interval: \"1 year 1 year\""},
    {"00:00", "00:00:00"},
    {"1 mm", "22007: invalid input syntax for type interval: \"1 mm\""},
    {"25 hours", "25:00:00"},
    {"-0.5 us", "00:00:00"},
    {"PT010203.5", "01:02:03"},
};

TEST(IntervalText, ReadsAndWritesAsPostgresDoes) {
  for (const TextRow& row : kRows)
    EXPECT_EQ(outcome([&] { return print_interval(parse_interval(row.text)); }), row.expected)
        << row.text;
}

struct OrderRow {
  const char* left;
  const char* right;
  int expected;
};

const OrderRow kOrders[] = {
    {"1 mon", "30 days", 0},
    {"1 day", "24:00", 0},
    {"1 day", "23:59:59.999999", 1},
    {"-1 mon", "-29 days", -1},
    {"178000000 years", "-178000000 years", 1},
    {"1 year", "365 days", -1},
    {"1 year", "360 days", 0},
};

TEST(IntervalText, OrdersMonthsOfThirtyDays) {
  for (const OrderRow& row : kOrders)
    EXPECT_EQ(compare_intervals(parse_interval(row.left), parse_interval(row.right)), row.expected)
        << row.left << " and " << row.right;
}

}  // namespace
}  // namespace firedrill::sim::postgres
