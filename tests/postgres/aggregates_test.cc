#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "tests/postgres/text_caller.h"

namespace firedrill::sim::postgres {

namespace {

struct AggregateCase {
  std::string_view name, type;
  std::vector<std::string_view> column;
  std::string_view result, expected;
};

const std::vector<AggregateCase> kCases = {
    {"sum", "int2", {"1", "NULL", "2", "4"}, "int8", "7"},
    {"avg", "int2", {"1", "2", "4"}, "numeric", "2.3333333333333333"},
    {"avg", "int2", {"NULL"}, "numeric", "NULL"},
    {"sum", "int2", {}, "int8", "NULL"},
    {"variance", "int2", {"1", "2", "4", "7"}, "numeric", "7.0000000000000000"},
    {"var_pop", "int2", {"1", "2", "4", "7"}, "numeric", "5.2500000000000000"},
    {"stddev", "int2", {"1", "2", "4", "7"}, "numeric", "2.6457513110645906"},
    {"stddev_pop", "int2", {"1", "2", "4", "7"}, "numeric", "2.2912878474779200"},
    {"var_samp", "int2", {"1"}, "numeric", "NULL"},
    {"stddev_pop", "int2", {"1"}, "numeric", "0"},
    {"stddev_samp", "int2", {"3", "3"}, "numeric", "0"},
    {"sum", "int4", {"1", "NULL", "2", "4"}, "int8", "7"},
    {"avg", "int4", {"1", "2", "4"}, "numeric", "2.3333333333333333"},
    {"avg", "int4", {"NULL"}, "numeric", "NULL"},
    {"sum", "int4", {}, "int8", "NULL"},
    {"variance", "int4", {"1", "2", "4", "7"}, "numeric", "7.0000000000000000"},
    {"var_pop", "int4", {"1", "2", "4", "7"}, "numeric", "5.2500000000000000"},
    {"stddev", "int4", {"1", "2", "4", "7"}, "numeric", "2.6457513110645906"},
    {"stddev_pop", "int4", {"1", "2", "4", "7"}, "numeric", "2.2912878474779200"},
    {"var_samp", "int4", {"1"}, "numeric", "NULL"},
    {"stddev_pop", "int4", {"1"}, "numeric", "0"},
    {"stddev_samp", "int4", {"3", "3"}, "numeric", "0"},
    {"sum", "int8", {"1", "NULL", "2", "4"}, "numeric", "7"},
    {"avg", "int8", {"1", "2", "4"}, "numeric", "2.3333333333333333"},
    {"avg", "int8", {"NULL"}, "numeric", "NULL"},
    {"sum", "int8", {}, "numeric", "NULL"},
    {"variance", "int8", {"1", "2", "4", "7"}, "numeric", "7.0000000000000000"},
    {"var_pop", "int8", {"1", "2", "4", "7"}, "numeric", "5.2500000000000000"},
    {"stddev", "int8", {"1", "2", "4", "7"}, "numeric", "2.6457513110645906"},
    {"stddev_pop", "int8", {"1", "2", "4", "7"}, "numeric", "2.2912878474779200"},
    {"var_samp", "int8", {"1"}, "numeric", "NULL"},
    {"stddev_pop", "int8", {"1"}, "numeric", "0"},
    {"stddev_samp", "int8", {"3", "3"}, "numeric", "0"},
    {"sum", "numeric", {"1", "NULL", "2", "4"}, "numeric", "7"},
    {"avg", "numeric", {"1", "2", "4"}, "numeric", "2.3333333333333333"},
    {"avg", "numeric", {"NULL"}, "numeric", "NULL"},
    {"sum", "numeric", {}, "numeric", "NULL"},
    {"variance", "numeric", {"1", "2", "4", "7"}, "numeric", "7.0000000000000000"},
    {"var_pop", "numeric", {"1", "2", "4", "7"}, "numeric", "5.2500000000000000"},
    {"stddev", "numeric", {"1", "2", "4", "7"}, "numeric", "2.6457513110645906"},
    {"stddev_pop", "numeric", {"1", "2", "4", "7"}, "numeric", "2.2912878474779200"},
    {"var_samp", "numeric", {"1"}, "numeric", "NULL"},
    {"stddev_pop", "numeric", {"1"}, "numeric", "0"},
    {"stddev_samp", "numeric", {"3", "3"}, "numeric", "0"},
    {"sum", "int8", {"9223372036854775807", "1"}, "numeric", "9223372036854775808"},
    {"sum", "numeric", {"1.50", "2.5", "NaN"}, "numeric", "NaN"},
    {"sum", "numeric", {"Infinity", "-Infinity"}, "numeric", "NaN"},
    {"avg", "numeric", {"1.10", "2.2"}, "numeric", "1.6500000000000000"},
    {"avg", "numeric", {"1000000.5", "3"}, "numeric", "500001.750000000000"},
    {"stddev", "numeric", {"1.5", "2.25", "NULL", "100"}, "numeric", "56.6537362698466105"},
    {"variance", "numeric", {"1", "NaN"}, "numeric", "NaN"},
    {"sum", "float4", {"0.1", "0.2", "0.3"}, "float4", "0.6"},
    {"avg", "float4", {"0.1", "0.2", "0.3"}, "float8", "0.2000000054637591"},
    {"variance", "float4", {"1", "2.5", "4"}, "float8", "2.25"},
    {"stddev_pop", "float4", {"1", "2.5", "4"}, "float8", "1.224744871391589"},
    {"var_samp", "float4", {"1"}, "float8", "NULL"},
    {"avg", "float4", {"Infinity", "-Infinity"}, "float8", "NaN"},
    {"sum", "float4", {"-0"}, "float4", "-0"},
    {"variance", "float4", {"1", "Infinity"}, "float8", "NaN"},
    {"sum", "float8", {"0.1", "0.2", "0.3"}, "float8", "0.6000000000000001"},
    {"avg", "float8", {"0.1", "0.2", "0.3"}, "float8", "0.20000000000000004"},
    {"variance", "float8", {"1", "2.5", "4"}, "float8", "2.25"},
    {"stddev_pop", "float8", {"1", "2.5", "4"}, "float8", "1.224744871391589"},
    {"var_samp", "float8", {"1"}, "float8", "NULL"},
    {"avg", "float8", {"Infinity", "-Infinity"}, "float8", "NaN"},
    {"sum", "float8", {"-0"}, "float8", "-0"},
    {"variance", "float8", {"1", "Infinity"}, "float8", "NaN"},
    {"sum", "float8", {"1e308", "1e308"}, "float8", "22003: value out of range: overflow"},
    {"avg", "float8", {"1e308", "1e308"}, "float8", "22003: value out of range: overflow"},
    {"min", "int4", {"3", "NULL", "-1"}, "int4", "-1"},
    {"max", "int4", {"3", "NULL", "-1"}, "int4", "3"},
    {"min", "text", {"b", "a", "B"}, "text", "B"},
    {"max", "text", {"b", "a", "B"}, "text", "b"},
    {"min", "numeric", {"1.0", "1.00"}, "numeric", "1.00"},
    {"max", "numeric", {"1.0", "1.00"}, "numeric", "1.00"},
    {"min", "float8", {"1", "NaN"}, "float8", "1"},
    {"max", "float8", {"1", "NaN"}, "float8", "NaN"},
    {"min", "bpchar", {"a ", "a"}, "bpchar", "a "},
    {"max", "bpchar", {"a ", "a"}, "bpchar", "a "},
    {"min", "interval", {"1 month", "30 days"}, "interval", "30 days"},
    {"max", "interval", {"1 month", "30 days"}, "interval", "30 days"},
    {"min", "date", {"2020-01-01", "infinity"}, "date", "2020-01-01"},
    {"max", "date", {"2020-01-01", "infinity"}, "date", "infinity"},
    {"min", "int4", {}, "int4", "NULL"},
    {"bool_and", "bool", {"t", "f"}, "bool", "f"},
    {"bool_or", "bool", {"t", "f"}, "bool", "t"},
    {"every", "bool", {"t", "NULL"}, "bool", "t"},
    {"bool_and", "bool", {}, "bool", "NULL"},
    {"bit_and", "int4", {"12", "10"}, "int4", "8"},
    {"bit_or", "int4", {"12", "10"}, "int4", "14"},
    {"bit_xor", "int4", {"12", "10"}, "int4", "6"},
    {"sum", "interval", {"1 day", "2 hours"}, "interval", "1 day 02:00:00"},
    {"avg", "interval", {"1 mon", "1 day"}, "interval", "15 days 12:00:00"},
};

std::vector<std::vector<std::string_view>> as_rows(const std::vector<std::string_view>& column) {
  std::vector<std::vector<std::string_view>> rows;
  for (const std::string_view text : column) rows.push_back({text});
  return rows;
}

}  // namespace

TEST(PostgresAggregates, OfOneColumn) {
  TextCaller caller(aggregate_family());
  for (const AggregateCase& row : kCases) {
    EXPECT_EQ(caller.aggregate(row.name, row.type, as_rows(row.column), row.result), row.expected)
        << row.name << " of " << row.column.size() << " values of " << row.type;
  }
}

TEST(PostgresAggregates, Count) {
  TextCaller caller(aggregate_family());
  EXPECT_EQ(caller.aggregate("count", "", {{}, {}}, "int8"), "2");
  EXPECT_EQ(caller.aggregate("count", "any", {{"1"}, {"NULL"}}, "int8", "int4"), "1");
  EXPECT_EQ(caller.aggregate("count", "any", {}, "int8", "int4"), "0");
}

TEST(PostgresAggregates, StringAggLeavesOutNulls) {
  TextCaller caller(aggregate_family());
  const auto joined = [&](const std::vector<std::vector<std::string_view>>& rows) {
    return caller.aggregate("string_agg", "text text", rows, "text");
  };
  EXPECT_EQ(joined({{"a", ","}, {"b", ";"}, {"NULL", "-"}, {"c", "NULL"}}), "a;bc");
  EXPECT_EQ(joined({{"NULL", ","}, {"", ","}, {"b", ","}}), ",b");
  EXPECT_EQ(joined({{"NULL", ","}}), "NULL");
}

TEST(PostgresAggregates, ArrayAggKeepsNulls) {
  TextCaller caller(aggregate_family());
  EXPECT_EQ(caller.aggregate("array_agg", "anynonarray", {{"1"}, {"NULL"}}, "_int4", "int4"),
            "{1,NULL}");
  EXPECT_EQ(caller.aggregate("array_agg", "anynonarray", {}, "_int4", "int4"), "NULL");
  const auto nested = [&](const std::vector<std::vector<std::string_view>>& rows) {
    return caller.aggregate("array_agg", "anyarray", rows, "_int4", "_int4");
  };
  EXPECT_EQ(nested({{"{1,2}"}, {"{3,4}"}}), "{{1,2},{3,4}}");
  EXPECT_EQ(nested({{"{1,2}"}, {"{3}"}}),
            "2202E: cannot accumulate arrays of different dimensionality");
  EXPECT_EQ(nested({{"{}"}}), "2202E: cannot accumulate empty arrays");
  EXPECT_EQ(nested({{"NULL"}}), "22004: cannot accumulate null arrays");
}

}  // namespace firedrill::sim::postgres
