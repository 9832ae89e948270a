#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/numeric.h"
#include "tests/postgres/function_caller.h"

namespace firedrill::sim::postgres {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Value read(const Environment& environment, std::string_view type, const std::string& text) {
  if (type == "date") return Value::of(parse_date(text, environment));
  if (type == "time") return Value::of(parse_time(text));
  if (type == "timestamp") return Value::of(parse_timestamp(text, environment));
  if (type == "timestamptz") return Value::of(parse_timestamptz(text, environment));
  if (type == "interval") return Value::boxed(parse_interval(text));
  if (type == "float8") return Value::of(std::strtod(text.c_str(), nullptr));
  if (type == "int4") return Value::of(std::int64_t{std::strtol(text.c_str(), nullptr, 10)});
  return Value::of(text);
}

std::string write_real(double number) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

std::string write(const Environment& environment, std::string_view type, const Value& value) {
  if (value.is_null()) return "NULL";
  if (type == "date") return print_date(value.integer());
  if (type == "time") return print_time(value.integer());
  if (type == "timestamp") return print_timestamp(value.integer());
  if (type == "timestamptz") return print_timestamptz(value.integer(), environment.zone_offset());
  if (type == "interval") return print_interval(value.as<Interval>());
  if (type == "numeric") return print_numeric(value.as<Numeric>());
  if (type == "int4") return std::to_string(value.integer());
  if (type == "float8") return write_real(value.real());
  if (type == "bool") return value.boolean() ? "true" : "false";
  return value.text();
}

template <class Rows>
std::string_view result_of(const Rows& rows, std::string_view name, std::string_view types) {
  for (const auto& row : rows) {
    std::string arguments;
    if constexpr (requires { row.arguments; })
      arguments = row.arguments;
    else
      arguments = std::string(row.left) + " " + std::string(row.right);
    if (row.name == name && arguments == types) return row.result;
  }
  return "";
}

struct FunctionTestRow {
  std::string_view what;  ///< "function", "operator", "cast"
  const char* name;
  const char* types;
  const char* values;  ///< "|" between them
  const char* expected;
};

std::string call(FunctionCaller& caller, const FunctionTestRow& row) {
  const Environment& environment = caller.environment;
  const FunctionFamily family = datetime_family();
  const std::vector<std::string> types = split(row.types, ' ');
  const std::vector<std::string> texts = split(row.values, '|');
  std::vector<Value> values;
  for (std::size_t at = 0; at < types.size(); ++at)
    values.push_back(read(environment, types[at], texts[at]));
  if (row.what == "cast")
    return write(environment, row.name, caller.cast(row.types, row.name, values[0]));
  if (row.what == "operator")
    return write(environment, result_of(family.operators, row.name, row.types),
                 caller.binary(types[0], row.name, types[1], values[0], values[1]));
  return write(environment, result_of(family.functions, row.name, row.types),
               caller.function(row.name, row.types, values));
}

const FunctionTestRow kRows[] = {
    {"operator", "+", "date int4", "2024-02-28|2", "2024-03-01"},
    {"operator", "+", "int4 date", "2|2024-02-28", "2024-03-01"},
    {"operator", "-", "date int4", "2024-03-01|1", "2024-02-29"},
    {"operator", "-", "date date", "2024-03-01|2024-02-01", "29"},
    {"operator", "-", "date date", "infinity|2024-02-01", "22008: cannot subtract infinite dates"},
    {"operator", "+", "date int4", "5874897-12-31|1", "22008: date out of range"},
    {"operator", "+", "date interval", "2024-01-31|1 mon", "2024-02-29 00:00:00"},
    {"operator", "-", "date interval", "2024-03-31|1 mon", "2024-02-29 00:00:00"},
    {"operator", "+", "date time", "2024-01-01|10:00", "2024-01-01 10:00:00"},
    {"operator", "+", "timestamp interval", "2024-01-31 10:00|1 mon 1 day 01:00",
     "2024-03-01 11:00:00"},
    {"operator", "-", "timestamp interval", "2024-03-31|1 year 1 mon", "2023-02-28 00:00:00"},
    {"operator", "+", "timestamp interval", "294276-12-31|1 year", "22008: timestamp out of range"},
    {"operator", "+", "timestamptz interval", "infinity|1 day", "infinity"},
    {"operator", "-", "timestamp timestamp", "2024-03-01 01:00|2024-02-01 02:00",
     "28 days 23:00:00"},
    {"operator", "-", "timestamp timestamp", "infinity|2024-02-01",
     "22008: cannot subtract infinite timestamps"},
    {"operator", "+", "time interval", "23:00|02:30", "01:30:00"},
    {"operator", "-", "time interval", "01:00|1 day 02:30", "22:30:00"},
    {"operator", "-", "time time", "01:00|02:30", "-01:30:00"},
    {"operator", "*", "interval float8", "1 mon 1 day 01:00|1.5", "1 mon 16 days 13:30:00"},
    {"operator", "*", "float8 interval", "0.1|1 year", "1 mon 6 days"},
    {"operator", "/", "interval float8", "1 mon|4", "7 days 12:00:00"},
    {"operator", "/", "interval float8", "1 mon|0", "22012: division by zero"},
    {"operator", "*", "interval float8", "178000000 years|2", "22008: interval out of range"},
    {"operator", "+", "interval interval", "1 mon -1 day|00:00:01", "1 mon -1 days +00:00:01"},
    {"operator", "-", "interval interval", "1 mon|1 day", "1 mon -1 days"},
    {"operator", "+", "interval interval", "178000000 years|178000000 years",
     "22008: interval out of range"},
    {"cast", "timestamp", "date", "infinity", "infinity"},
    {"cast", "timestamp", "date", "300000-01-01", "22008: date out of range for timestamp"},
    {"cast", "date", "timestamp", "2024-01-01 23:59", "2024-01-01"},
    {"cast", "date", "timestamp", "1999-12-31 23:59", "1999-12-31"},
    {"cast", "time", "timestamp", "1999-12-31 23:59:01.5", "23:59:01.5"},
    {"cast", "time", "timestamp", "infinity", "NULL"},
    {"cast", "time", "interval", "-01:00", "23:00:00"},
    {"cast", "time", "interval", "3 days 25:00", "01:00:00"},
    {"cast", "interval", "time", "10:11:12.5", "10:11:12.5"},
    {"cast", "date", "timestamptz", "-infinity", "-infinity"},
    {"function", "extract", "text timestamp", "millennium|2021-01-03 13:14:15.678901", "3"},
    {"function", "date_part", "text timestamptz", "millennium|2021-01-03 13:14:15.678901+00", "3"},
    {"function", "date_trunc", "text timestamp", "millennium|2021-01-03 13:14:15.678901",
     "2001-01-01 00:00:00"},
    {"function", "extract", "text interval", "millennium|101 years 5 mons 3 days 27:05:06.789",
     "0"},
    {"function", "date_trunc", "text interval", "millennium|1234 years 5 mons 3 days 27:05:06.789",
     "1000 years"},
    {"function", "extract", "text date", "millennium|0044-03-15 BC", "-1"},
    {"function", "extract", "text timestamp", "century|2021-01-03 13:14:15.678901", "21"},
    {"function", "date_part", "text timestamptz", "century|2021-01-03 13:14:15.678901+00", "21"},
    {"function", "date_trunc", "text timestamp", "century|2021-01-03 13:14:15.678901",
     "2001-01-01 00:00:00"},
    {"function", "extract", "text interval", "century|101 years 5 mons 3 days 27:05:06.789", "1"},
    {"function", "date_trunc", "text interval", "century|1234 years 5 mons 3 days 27:05:06.789",
     "1200 years"},
    {"function", "extract", "text date", "century|0044-03-15 BC", "-1"},
    {"function", "extract", "text timestamp", "decade|2021-01-03 13:14:15.678901", "202"},
    {"function", "date_part", "text timestamptz", "decade|2021-01-03 13:14:15.678901+00", "202"},
    {"function", "date_trunc", "text timestamp", "decade|2021-01-03 13:14:15.678901",
     "2020-01-01 00:00:00"},
    {"function", "extract", "text interval", "decade|101 years 5 mons 3 days 27:05:06.789", "10"},
    {"function", "date_trunc", "text interval", "decade|1234 years 5 mons 3 days 27:05:06.789",
     "1230 years"},
    {"function", "extract", "text date", "decade|0044-03-15 BC", "-5"},
    {"function", "extract", "text timestamp", "year|2021-01-03 13:14:15.678901", "2021"},
    {"function", "date_part", "text timestamptz", "year|2021-01-03 13:14:15.678901+00", "2021"},
    {"function", "date_trunc", "text timestamp", "year|2021-01-03 13:14:15.678901",
     "2021-01-01 00:00:00"},
    {"function", "extract", "text interval", "year|101 years 5 mons 3 days 27:05:06.789", "101"},
    {"function", "date_trunc", "text interval", "year|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years"},
    {"function", "extract", "text date", "year|0044-03-15 BC", "-44"},
    {"function", "extract", "text timestamp", "quarter|2021-01-03 13:14:15.678901", "1"},
    {"function", "date_part", "text timestamptz", "quarter|2021-01-03 13:14:15.678901+00", "1"},
    {"function", "date_trunc", "text timestamp", "quarter|2021-01-03 13:14:15.678901",
     "2021-01-01 00:00:00"},
    {"function", "extract", "text interval", "quarter|101 years 5 mons 3 days 27:05:06.789", "2"},
    {"function", "date_trunc", "text interval", "quarter|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 3 mons"},
    {"function", "extract", "text date", "quarter|0044-03-15 BC", "1"},
    {"function", "extract", "text timestamp", "month|2021-01-03 13:14:15.678901", "1"},
    {"function", "date_part", "text timestamptz", "month|2021-01-03 13:14:15.678901+00", "1"},
    {"function", "date_trunc", "text timestamp", "month|2021-01-03 13:14:15.678901",
     "2021-01-01 00:00:00"},
    {"function", "extract", "text interval", "month|101 years 5 mons 3 days 27:05:06.789", "5"},
    {"function", "date_trunc", "text interval", "month|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 5 mons"},
    {"function", "extract", "text date", "month|0044-03-15 BC", "3"},
    {"function", "extract", "text timestamp", "week|2021-01-03 13:14:15.678901", "53"},
    {"function", "date_part", "text timestamptz", "week|2021-01-03 13:14:15.678901+00", "53"},
    {"function", "date_trunc", "text timestamp", "week|2021-01-03 13:14:15.678901",
     "2020-12-28 00:00:00"},
    {"function", "extract", "text interval", "week|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"week\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "week|1234 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"week\" not supported for type interval / Months usually have fractional "
     "weeks."},
    {"function", "extract", "text date", "week|0044-03-15 BC", "11"},
    {"function", "extract", "text timestamp", "day|2021-01-03 13:14:15.678901", "3"},
    {"function", "date_part", "text timestamptz", "day|2021-01-03 13:14:15.678901+00", "3"},
    {"function", "date_trunc", "text timestamp", "day|2021-01-03 13:14:15.678901",
     "2021-01-03 00:00:00"},
    {"function", "extract", "text interval", "day|101 years 5 mons 3 days 27:05:06.789", "3"},
    {"function", "date_trunc", "text interval", "day|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 5 mons 3 days"},
    {"function", "extract", "text date", "day|0044-03-15 BC", "15"},
    {"function", "extract", "text timestamp", "hour|2021-01-03 13:14:15.678901", "13"},
    {"function", "date_part", "text timestamptz", "hour|2021-01-03 13:14:15.678901+00", "13"},
    {"function", "date_trunc", "text timestamp", "hour|2021-01-03 13:14:15.678901",
     "2021-01-03 13:00:00"},
    {"function", "extract", "text interval", "hour|101 years 5 mons 3 days 27:05:06.789", "27"},
    {"function", "date_trunc", "text interval", "hour|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 5 mons 3 days 27:00:00"},
    {"function", "extract", "text date", "hour|0044-03-15 BC",
     "0A000: unit \"hour\" not supported for type date"},
    {"function", "extract", "text timestamp", "minute|2021-01-03 13:14:15.678901", "14"},
    {"function", "date_part", "text timestamptz", "minute|2021-01-03 13:14:15.678901+00", "14"},
    {"function", "date_trunc", "text timestamp", "minute|2021-01-03 13:14:15.678901",
     "2021-01-03 13:14:00"},
    {"function", "extract", "text interval", "minute|101 years 5 mons 3 days 27:05:06.789", "5"},
    {"function", "date_trunc", "text interval", "minute|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 5 mons 3 days 27:05:00"},
    {"function", "extract", "text date", "minute|0044-03-15 BC",
     "0A000: unit \"minute\" not supported for type date"},
    {"function", "extract", "text timestamp", "second|2021-01-03 13:14:15.678901", "15.678901"},
    {"function", "date_part", "text timestamptz", "second|2021-01-03 13:14:15.678901+00",
     "15.678901"},
    {"function", "date_trunc", "text timestamp", "second|2021-01-03 13:14:15.678901",
     "2021-01-03 13:14:15"},
    {"function", "extract", "text interval", "second|101 years 5 mons 3 days 27:05:06.789",
     "6.789000"},
    {"function", "date_trunc", "text interval", "second|1234 years 5 mons 3 days 27:05:06.789",
     "1234 years 5 mons 3 days 27:05:06"},
    {"function", "extract", "text date", "second|0044-03-15 BC",
     "0A000: unit \"second\" not supported for type date"},
    {"function", "extract", "text timestamp", "milliseconds|2021-01-03 13:14:15.678901",
     "15678.901"},
    {"function", "date_part", "text timestamptz", "milliseconds|2021-01-03 13:14:15.678901+00",
     "15678.901"},
    {"function", "date_trunc", "text timestamp", "milliseconds|2021-01-03 13:14:15.678901",
     "2021-01-03 13:14:15.678"},
    {"function", "extract", "text interval", "milliseconds|101 years 5 mons 3 days 27:05:06.789",
     "6789.000"},
    {"function", "date_trunc", "text interval",
     "milliseconds|1234 years 5 mons 3 days 27:05:06.789", "1234 years 5 mons 3 days 27:05:06.789"},
    {"function", "extract", "text date", "milliseconds|0044-03-15 BC",
     "0A000: unit \"milliseconds\" not supported for type date"},
    {"function", "extract", "text timestamp", "microseconds|2021-01-03 13:14:15.678901",
     "15678901"},
    {"function", "date_part", "text timestamptz", "microseconds|2021-01-03 13:14:15.678901+00",
     "15678901"},
    {"function", "date_trunc", "text timestamp", "microseconds|2021-01-03 13:14:15.678901",
     "2021-01-03 13:14:15.678901"},
    {"function", "extract", "text interval", "microseconds|101 years 5 mons 3 days 27:05:06.789",
     "6789000"},
    {"function", "date_trunc", "text interval",
     "microseconds|1234 years 5 mons 3 days 27:05:06.789", "1234 years 5 mons 3 days 27:05:06.789"},
    {"function", "extract", "text date", "microseconds|0044-03-15 BC",
     "0A000: unit \"microseconds\" not supported for type date"},
    {"function", "extract", "text timestamp", "dow|2021-01-03 13:14:15.678901", "0"},
    {"function", "date_part", "text timestamptz", "dow|2021-01-03 13:14:15.678901+00", "0"},
    {"function", "date_trunc", "text timestamp", "dow|2021-01-03 13:14:15.678901",
     "22023: unit \"dow\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "dow|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"dow\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "dow|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"dow\" not recognized for type interval"},
    {"function", "extract", "text date", "dow|0044-03-15 BC", "5"},
    {"function", "extract", "text timestamp", "isodow|2021-01-03 13:14:15.678901", "7"},
    {"function", "date_part", "text timestamptz", "isodow|2021-01-03 13:14:15.678901+00", "7"},
    {"function", "date_trunc", "text timestamp", "isodow|2021-01-03 13:14:15.678901",
     "22023: unit \"isodow\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "isodow|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"isodow\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "isodow|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"isodow\" not recognized for type interval"},
    {"function", "extract", "text date", "isodow|0044-03-15 BC", "5"},
    {"function", "extract", "text timestamp", "doy|2021-01-03 13:14:15.678901", "3"},
    {"function", "date_part", "text timestamptz", "doy|2021-01-03 13:14:15.678901+00", "3"},
    {"function", "date_trunc", "text timestamp", "doy|2021-01-03 13:14:15.678901",
     "22023: unit \"doy\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "doy|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"doy\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "doy|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"doy\" not recognized for type interval"},
    {"function", "extract", "text date", "doy|0044-03-15 BC", "74"},
    {"function", "extract", "text timestamp", "isoyear|2021-01-03 13:14:15.678901", "2020"},
    {"function", "date_part", "text timestamptz", "isoyear|2021-01-03 13:14:15.678901+00", "2020"},
    {"function", "date_trunc", "text timestamp", "isoyear|2021-01-03 13:14:15.678901",
     "22023: unit \"isoyear\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "isoyear|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"isoyear\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "isoyear|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"isoyear\" not recognized for type interval"},
    {"function", "extract", "text date", "isoyear|0044-03-15 BC", "-44"},
    {"function", "extract", "text timestamp", "julian|2021-01-03 13:14:15.678901",
     "2459218.55157035765046296296"},
    {"function", "date_part", "text timestamptz", "julian|2021-01-03 13:14:15.678901+00",
     "2459218.5515703578"},
    {"function", "date_trunc", "text timestamp", "julian|2021-01-03 13:14:15.678901",
     "22023: unit \"julian\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "julian|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"julian\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "julian|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"julian\" not recognized for type interval"},
    {"function", "extract", "text date", "julian|0044-03-15 BC", "1705428"},
    {"function", "extract", "text timestamp", "epoch|2021-01-03 13:14:15.678901",
     "1609679655.678901"},
    {"function", "date_part", "text timestamptz", "epoch|2021-01-03 13:14:15.678901+00",
     "1609679655.678901"},
    {"function", "date_trunc", "text timestamp", "epoch|2021-01-03 13:14:15.678901",
     "22023: unit \"epoch\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "epoch|101 years 5 mons 3 days 27:05:06.789",
     "3200634306.789000"},
    {"function", "date_trunc", "text interval", "epoch|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"epoch\" not recognized for type interval"},
    {"function", "extract", "text date", "epoch|0044-03-15 BC", "-63517824000"},
    {"function", "extract", "text timestamp", "foo|2021-01-03 13:14:15.678901",
     "22023: unit \"foo\" not recognized for type timestamp without time zone"},
    {"function", "date_part", "text timestamptz", "foo|2021-01-03 13:14:15.678901+00",
     "22023: unit \"foo\" not recognized for type timestamp with time zone"},
    {"function", "date_trunc", "text timestamp", "foo|2021-01-03 13:14:15.678901",
     "22023: unit \"foo\" not recognized for type timestamp without time zone"},
    {"function", "extract", "text interval", "foo|101 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"foo\" not recognized for type interval"},
    {"function", "date_trunc", "text interval", "foo|1234 years 5 mons 3 days 27:05:06.789",
     "22023: unit \"foo\" not recognized for type interval"},
    {"function", "extract", "text date", "foo|0044-03-15 BC",
     "22023: unit \"foo\" not recognized for type date"},
    {"function", "extract", "text timestamp", "timezone|2021-01-03 13:14:15.678901",
     "0A000: unit \"timezone\" not supported for type timestamp without time zone"},
    {"function", "date_part", "text timestamptz", "timezone|2021-01-03 13:14:15.678901+00", "0"},
    {"function", "date_trunc", "text timestamp", "timezone|2021-01-03 13:14:15.678901",
     "0A000: unit \"timezone\" not supported for type timestamp without time zone"},
    {"function", "extract", "text interval", "timezone|101 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"timezone\" not supported for type interval"},
    {"function", "date_trunc", "text interval", "timezone|1234 years 5 mons 3 days 27:05:06.789",
     "0A000: unit \"timezone\" not supported for type interval"},
    {"function", "extract", "text date", "timezone|0044-03-15 BC",
     "0A000: unit \"timezone\" not supported for type date"},
    {"function", "extract", "text timestamp", "year|infinity", "Infinity"},
    {"function", "extract", "text timestamp", "day|infinity", "NULL"},
    {"function", "extract", "text time", "epoch|10:11:12.5", "36672.500000"},
    {"function", "date_trunc", "text timestamptz text", "day|2024-01-01 10:00+00|UTC",
     "2024-01-01 00:00:00+00"},
    {"function", "age", "timestamp timestamp", "2024-03-01|2000-02-29 12:00", "24 years 12:00:00"},
    {"function", "age", "timestamp timestamp", "2000-02-29 12:00|2024-03-01",
     "-24 years -12:00:00"},
    {"function", "justify_days", "interval", "1 mon 35 days -25:00", "2 mons 5 days -25:00:00"},
    {"function", "justify_hours", "interval", "1 mon 35 days -25:00", "1 mon 33 days 23:00:00"},
    {"function", "justify_interval", "interval", "1 mon 35 days -25:00", "2 mons 3 days 23:00:00"},
    {"function", "make_date", "int4 int4 int4", "2024|2|30",
     "22008: date field value out of range: 2024-02-30"},
    {"function", "make_date", "int4 int4 int4", "-44|3|15", "0044-03-15 BC"},
    {"function", "make_time", "int4 int4 float8", "10|11|12.5", "10:11:12.5"},
    {"function", "make_time", "int4 int4 float8", "24|0|1",
     "22008: time field value out of range: 24:00:01"},
    {"function", "make_timestamp", "int4 int4 int4 int4 int4 float8", "2024|2|29|1|2|3.25",
     "2024-02-29 01:02:03.25"},
    {"function", "make_timestamptz", "int4 int4 int4 int4 int4 float8 text",
     "2024|2|29|1|2|3|+02:30", "2024-02-28 22:32:03+00"},
    {"function", "make_timestamptz", "int4 int4 int4 int4 int4 float8 text", "2024|2|29|1|2|3|5",
     "22023: invalid input syntax for type numeric time zone: \"5\" / Numeric time zones must have "
     "\"-\" or \"+\" as first character."},
    {"function", "make_interval", "int4 int4 int4 int4 int4 int4 float8", "1|2|3|4|5|6|7.5",
     "1 year 2 mons 25 days 05:06:07.5"},
    {"function", "make_interval", "int4 int4", "1|2", "1 year 2 mons"},
    {"function", "to_timestamp", "float8", "1700000000.5", "2023-11-14 22:13:20.5+00"},
    {"function", "to_timestamp", "float8", "1e15", "22008: timestamp out of range: \"1e+15\""},
    {"function", "isfinite", "timestamp", "infinity", "false"},
    {"function", "isfinite", "date", "2024-01-01", "true"},
    {"function", "date_bin", "interval timestamp timestamp",
     "15 minutes|2020-02-11 15:44:17|2001-01-01 00:02:30", "2020-02-11 15:32:30"},
    {"function", "date_bin", "interval timestamp timestamp", "1 mon|2020-02-11 15:44:17|2001-01-01",
     "0A000: timestamps cannot be binned into intervals containing months or years"},
    {"function", "date_bin", "interval timestamp timestamp", "0 s|2020-02-11|2001-01-01",
     "22008: stride must be greater than zero"},
    {"function", "timezone", "text timestamp", "UTC|2024-01-01 10:00", "2024-01-01 10:00:00+00"},
    {"function", "timezone", "text timestamptz", "UTC|2024-01-01 10:00+00", "2024-01-01 10:00:00"},
    {"function", "timezone", "text timestamp", "+02|2024-01-01 10:00", "2024-01-01 12:00:00+00"},
    {"function", "timezone", "text timestamptz", "+02|2024-01-01 10:00+00", "2024-01-01 08:00:00"},
    {"function", "timezone", "text timestamp", "-05:30|2024-01-01 10:00", "2024-01-01 04:30:00+00"},
    {"function", "timezone", "text timestamptz", "-05:30|2024-01-01 10:00+00",
     "2024-01-01 15:30:00"},
    {"function", "timezone", "text timestamp", "xyz+3|2024-01-01 10:00", "2024-01-01 13:00:00+00"},
    {"function", "timezone", "text timestamptz", "xyz+3|2024-01-01 10:00+00",
     "2024-01-01 07:00:00"},
    {"function", "timezone", "text timestamp", "foo|2024-01-01 10:00",
     "22023: time zone \"foo\" not recognized"},
    {"function", "timezone", "text timestamptz", "foo|2024-01-01 10:00+00",
     "22023: time zone \"foo\" not recognized"},
    {"function", "to_char", "timestamptz text",
     "2024-02-05 13:04:05.678901+00|YYYY-MM-DD HH24:MI:SS.US", "2024-02-05 13:04:05.678901"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|YYYY-MM-DD HH24:MI:SS.US",
     "0044-03-15 01:02:03.000000"},
    {"function", "to_char", "timestamptz text",
     "2024-02-05 13:04:05.678901+00|FMDay, DDth FMMonth YYYY", "Monday, 05th February 2024"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|FMDay, DDth FMMonth YYYY",
     "Friday, 15th March 0044"},
    {"function", "to_char", "timestamptz text",
     "2024-02-05 13:04:05.678901+00|Dy Mon DY MON day HH12:MI AM",
     "Mon Feb MON FEB monday    01:04 PM"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|Dy Mon DY MON day HH12:MI AM",
     "Fri Mar FRI MAR friday    01:02 AM"},
    {"function", "to_char", "timestamptz text",
     "2024-02-05 13:04:05.678901+00|Q WW IW IYYY-ID DDD J CC", "1 06 06 2024-1 036 2460346 21"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|Q WW IW IYYY-ID DDD J CC",
     "1 11 11 0044-5 074 1705428 -01"},
    {"function", "to_char", "timestamptz text", "2024-02-05 13:04:05.678901+00|YY Y,YYY TZ TZH OF",
     "24 2,024 UTC +00 +00"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|YY Y,YYY TZ TZH OF",
     "44 0,044  +00 +00"},
    {"function", "to_char", "timestamptz text",
     "2024-02-05 13:04:05.678901+00|\"a\\\"b\" MS FF3 SSSS \\YYYY", "a\"b 678 678 47045 \\2024"},
    {"function", "to_char", "timestamp text",
     "0044-03-15 01:02:03 BC|\"a\\\"b\" MS FF3 SSSS \\YYYY", "a\"b 000 000 3723 \\0044"},
    {"function", "to_char", "timestamptz text", "2024-02-05 13:04:05.678901+00|yyyy mon a.m. BC",
     "2024 feb p.m. AD"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|yyyy mon a.m. BC",
     "0044 mar a.m. BC"},
    {"function", "to_char", "timestamptz text", "2024-02-05 13:04:05.678901+00|", "NULL"},
    {"function", "to_char", "timestamp text", "0044-03-15 01:02:03 BC|", "NULL"},
    {"function", "to_char", "interval text",
     "1 year 2 mons 3 days 27:04:05.6|YYYY MM DD HH24:MI:SS.MS DDD", "0001 02 03 27:04:05.600 423"},
    {"function", "to_char", "interval text", "-3 days -27:04|DD HH24:MI", "-3 -27:-04"},
    {"function", "to_char", "interval text", "1 day|Month",
     "22007: invalid format specification for an interval value / Intervals are not tied to "
     "specific calendar dates."},
};

TEST(DatetimeFunctions, AnswerAsPostgresDoes) {
  FunctionCaller caller(datetime_family());
  for (const FunctionTestRow& row : kRows)
    EXPECT_EQ(outcome([&] { return call(caller, row); }), row.expected)
        << row.name << "(" << row.types << "): " << row.values;
}

TEST(DatetimeFunctions, TellTheTimeOfTheSession) {
  FunctionCaller caller(datetime_family());
  Environment& environment = caller.environment;
  caller.environment.offset = 3600;
  caller.environment.now = parse_timestamptz("2024-02-29 23:30:00.123456+00", environment);
  const auto answer = [&](std::string_view name, std::string_view type) {
    return write(environment, type, caller.function(name, "", {}));
  };
  EXPECT_EQ(answer("now", "timestamptz"), "2024-03-01 00:30:00.123456+01");
  EXPECT_EQ(answer("current_date", "date"), "2024-03-01");
  EXPECT_EQ(answer("localtimestamp", "timestamp"), "2024-03-01 00:30:00.123456");
  EXPECT_EQ(answer("localtime", "time"), "00:30:00.123456");
  EXPECT_EQ(write(environment, "timestamptz",
                  caller.function("current_timestamp", "int4", {Value::of(0)})),
            "2024-03-01 00:30:00+01");
  EXPECT_EQ(write(environment, "interval",
                  caller.function("age", "timestamp",
                                  {read(environment, "timestamp", "2024-01-31 12:00")})),
            "1 mon 12:00:00");
}

TEST(DatetimeFunctions, GenerateSeriesOfTimestamps) {
  FunctionCaller caller(datetime_family());
  const auto series = [&](const char* first, const char* last, const char* step) {
    const Environment& environment = caller.environment;
    std::string text;
    for (const Value& value : caller.set_function(
             "generate_series", "timestamp timestamp interval",
             {read(environment, "timestamp", first), read(environment, "timestamp", last),
              read(environment, "interval", step)}))
      text += print_timestamp(value.integer()).substr(0, 10) + " ";
    return text;
  };
  EXPECT_EQ(series("2024-01-31", "2024-04-30", "1 mon"),
            "2024-01-31 2024-02-29 2024-03-29 2024-04-29 ");
  EXPECT_EQ(series("2024-01-03", "2024-01-01", "-1 day"), "2024-01-03 2024-01-02 2024-01-01 ");
  EXPECT_EQ(series("2024-01-03", "2024-01-01", "1 day"), "");
  EXPECT_EQ(outcome([&] { return series("2024-01-01", "2024-01-01", "0"); }),
            "22023: step size cannot equal zero");
}

TEST(DatetimeFunctions, AggregateIntervals) {
  FunctionCaller caller(datetime_family());
  const auto aggregate = [&](std::string_view name, const std::vector<Row>& rows) {
    return write(caller.environment, "interval", caller.aggregate(name, "interval", rows));
  };
  const std::vector<Row> rows = {{Value::boxed(parse_interval("1 mon"))},
                                 {Value{}},
                                 {Value::boxed(parse_interval("1 day 01:00"))}};
  EXPECT_EQ(aggregate("sum", rows), "1 mon 1 day 01:00:00");
  EXPECT_EQ(aggregate("avg", rows), "15 days 12:30:00");
  EXPECT_EQ(aggregate("sum", {}), "NULL");
  EXPECT_EQ(aggregate("avg", {}), "NULL");
}

}  // namespace
}  // namespace firedrill::sim::postgres
