#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "tests/postgres/text_caller.h"

namespace firedrill::sim::postgres {

namespace {

/// All of them in one.
template <class Row>
std::vector<Row> joined(std::initializer_list<std::span<const Row>> parts) {
  std::vector<Row> rows;
  for (const std::span<const Row> part : parts) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

FunctionFamily numbers() {
  static const std::vector<FunctionRow> kFunctions =
      joined<FunctionRow>({integer_family().functions, real_family().functions});
  static const std::vector<OperatorRow> kOperators =
      joined<OperatorRow>({integer_family().operators, real_family().operators});
  static const std::vector<CastRow> kCasts =
      joined<CastRow>({integer_family().casts, real_family().casts, boolean_family().casts});
  return {.functions = kFunctions, .operators = kOperators, .casts = kCasts};
}

struct BinaryCase {
  std::string_view left_type, name, right_type, left, right, result, expected;
};

const std::vector<BinaryCase> kBinaryCases = {
    {"int4", "+", "int4", "2147483647", "1", "int4", "22003: integer out of range"},
    {"int4", "+", "int8", "2147483647", "1", "int8", "2147483648"},
    {"int2", "+", "int2", "32767", "1", "int2", "22003: smallint out of range"},
    {"int2", "+", "int4", "32767", "1", "int4", "32768"},
    {"int8", "-", "int8", "-9223372036854775808", "1", "int8", "22003: bigint out of range"},
    {"int8", "*", "int4", "9223372036854775807", "2", "int8", "22003: bigint out of range"},
    {"int4", "*", "int4", "46341", "46341", "int4", "22003: integer out of range"},
    {"int4", "/", "int4", "-7", "2", "int4", "-3"},
    {"int4", "/", "int4", "1", "0", "int4", "22012: division by zero"},
    {"int4", "/", "int4", "-2147483648", "-1", "int4", "22003: integer out of range"},
    {"int8", "/", "int8", "-9223372036854775808", "-1", "int8", "22003: bigint out of range"},
    {"int2", "/", "int2", "-32768", "-1", "int2", "22003: smallint out of range"},
    {"int4", "%", "int4", "-7", "2", "int4", "-1"},
    {"int8", "%", "int8", "-9223372036854775808", "-1", "int8", "0"},
    {"int4", "%", "int4", "1", "0", "int4", "22012: division by zero"},
    {"int4", "&", "int4", "12", "10", "int4", "8"},
    {"int4", "|", "int4", "12", "10", "int4", "14"},
    {"int4", "#", "int4", "12", "10", "int4", "6"},
    {"int4", "<<", "int4", "1", "33", "int4", "2"},
    {"int2", "<<", "int4", "1", "15", "int2", "-32768"},
    {"int8", "<<", "int4", "1", "65", "int8", "2"},
    {"int4", ">>", "int4", "-5", "1", "int4", "-3"},
    {"int2", ">>", "int4", "-1", "20", "int2", "-1"},
    {"int4", "<<", "int4", "1", "-1", "int4", "-2147483648"},
    {"int4", "+", "int4", "NULL", "1", "int4", "NULL"},
    {"float8", "+", "float8", "0.1", "0.2", "float8", "0.30000000000000004"},
    {"float8", "*", "float8", "1e300", "1e300", "float8", "22003: value out of range: overflow"},
    {"float8", "*", "float8", "1e-300", "1e-300", "float8", "22003: value out of range: underflow"},
    {"float8", "/", "float8", "1", "0", "float8", "22012: division by zero"},
    {"float8", "/", "float8", "NaN", "0", "float8", "NaN"},
    {"float8", "/", "float8", "1", "3", "float8", "0.3333333333333333"},
    {"float8", "-", "float8", "Infinity", "Infinity", "float8", "NaN"},
    {"float4", "+", "float4", "0.1", "0.2", "float4", "0.3"},
    {"float4", "*", "float4", "1e30", "1e30", "float4", "22003: value out of range: overflow"},
    {"float4", "/", "float4", "1", "3", "float4", "0.33333334"},
    {"float4", "+", "float8", "0.1", "0.2", "float8", "0.30000000149011613"},
    {"float8", "^", "float8", "2", "0.5", "float8", "1.4142135623730951"},
    {"float8", "^", "float8", "0", "-1", "float8",
     "2201F: zero raised to a negative power is undefined"},
    {"float8", "^", "float8", "-8", "0.5", "float8",
     "2201F: a negative number raised to a non-integer power yields a complex result"},
    {"float8", "^", "float8", "10", "400", "float8", "22003: value out of range: overflow"},
};

const std::vector<BinaryCase> kComparisonCases = {
    {"int2", "=", "int8", "5", "6", "bool", "f"},
    {"int2", "<>", "int8", "5", "6", "bool", "t"},
    {"int2", "<", "int8", "5", "6", "bool", "t"},
    {"int2", "<=", "int8", "5", "6", "bool", "t"},
    {"int2", ">", "int8", "5", "6", "bool", "f"},
    {"int2", ">=", "int8", "5", "6", "bool", "f"},
    {"int8", "=", "int4", "7", "7", "bool", "t"},
    {"int8", "<>", "int4", "7", "7", "bool", "f"},
    {"int8", "<", "int4", "7", "7", "bool", "f"},
    {"int8", "<=", "int4", "7", "7", "bool", "t"},
    {"int8", ">", "int4", "7", "7", "bool", "f"},
    {"int8", ">=", "int4", "7", "7", "bool", "t"},
    {"float8", "=", "float8", "NaN", "Infinity", "bool", "f"},
    {"float8", "<>", "float8", "NaN", "Infinity", "bool", "t"},
    {"float8", "<", "float8", "NaN", "Infinity", "bool", "f"},
    {"float8", "<=", "float8", "NaN", "Infinity", "bool", "f"},
    {"float8", ">", "float8", "NaN", "Infinity", "bool", "t"},
    {"float8", ">=", "float8", "NaN", "Infinity", "bool", "t"},
    {"float4", "=", "float8", "0.1", "0.1", "bool", "f"},
    {"float4", "<>", "float8", "0.1", "0.1", "bool", "t"},
    {"float4", "<", "float8", "0.1", "0.1", "bool", "f"},
    {"float4", "<=", "float8", "0.1", "0.1", "bool", "f"},
    {"float4", ">", "float8", "0.1", "0.1", "bool", "t"},
    {"float4", ">=", "float8", "0.1", "0.1", "bool", "t"},
    {"numeric", "=", "numeric", "1.50", "1.5", "bool", "t"},
    {"numeric", "<>", "numeric", "1.50", "1.5", "bool", "f"},
    {"numeric", "<", "numeric", "1.50", "1.5", "bool", "f"},
    {"numeric", "<=", "numeric", "1.50", "1.5", "bool", "t"},
    {"numeric", ">", "numeric", "1.50", "1.5", "bool", "f"},
    {"numeric", ">=", "numeric", "1.50", "1.5", "bool", "t"},
    {"text", "=", "text", "a", "B", "bool", "f"},
    {"text", "<>", "text", "a", "B", "bool", "t"},
    {"text", "<", "text", "a", "B", "bool", "f"},
    {"text", "<=", "text", "a", "B", "bool", "f"},
    {"text", ">", "text", "a", "B", "bool", "t"},
    {"text", ">=", "text", "a", "B", "bool", "t"},
    {"text", "=", "name", "ab", "ab", "bool", "t"},
    {"text", "<>", "name", "ab", "ab", "bool", "f"},
    {"text", "<", "name", "ab", "ab", "bool", "f"},
    {"text", "<=", "name", "ab", "ab", "bool", "t"},
    {"text", ">", "name", "ab", "ab", "bool", "f"},
    {"text", ">=", "name", "ab", "ab", "bool", "t"},
    {"bpchar", "=", "bpchar", "ab  ", "ab", "bool", "t"},
    {"bpchar", "<>", "bpchar", "ab  ", "ab", "bool", "f"},
    {"bpchar", "<", "bpchar", "ab  ", "ab", "bool", "f"},
    {"bpchar", "<=", "bpchar", "ab  ", "ab", "bool", "t"},
    {"bpchar", ">", "bpchar", "ab  ", "ab", "bool", "f"},
    {"bpchar", ">=", "bpchar", "ab  ", "ab", "bool", "t"},
    {"bool", "=", "bool", "f", "t", "bool", "f"},
    {"bool", "<>", "bool", "f", "t", "bool", "t"},
    {"bool", "<", "bool", "f", "t", "bool", "t"},
    {"bool", "<=", "bool", "f", "t", "bool", "t"},
    {"bool", ">", "bool", "f", "t", "bool", "f"},
    {"bool", ">=", "bool", "f", "t", "bool", "f"},
    {"oid", "=", "oid", "4294967295", "1", "bool", "f"},
    {"oid", "<>", "oid", "4294967295", "1", "bool", "t"},
    {"oid", "<", "oid", "4294967295", "1", "bool", "f"},
    {"oid", "<=", "oid", "4294967295", "1", "bool", "f"},
    {"oid", ">", "oid", "4294967295", "1", "bool", "t"},
    {"oid", ">=", "oid", "4294967295", "1", "bool", "t"},
    {"char", "=", "char", "a", "b", "bool", "f"},
    {"char", "<>", "char", "a", "b", "bool", "t"},
    {"char", "<", "char", "a", "b", "bool", "t"},
    {"char", "<=", "char", "a", "b", "bool", "t"},
    {"char", ">", "char", "a", "b", "bool", "f"},
    {"char", ">=", "char", "a", "b", "bool", "f"},
    {"date", "=", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "f"},
    {"date", "<>", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "t"},
    {"date", "<", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "t"},
    {"date", "<=", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "t"},
    {"date", ">", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "f"},
    {"date", ">=", "timestamp", "2020-01-02", "2020-01-02 00:00:01", "bool", "f"},
    {"timestamptz", "=", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "t"},
    {"timestamptz", "<>", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "f"},
    {"timestamptz", "<", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "f"},
    {"timestamptz", "<=", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "t"},
    {"timestamptz", ">", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "f"},
    {"timestamptz", ">=", "date", "2020-01-02 00:00+00", "2020-01-02", "bool", "t"},
    {"date", "=", "timestamp", "infinity", "infinity", "bool", "t"},
    {"date", "<>", "timestamp", "infinity", "infinity", "bool", "f"},
    {"date", "<", "timestamp", "infinity", "infinity", "bool", "f"},
    {"date", "<=", "timestamp", "infinity", "infinity", "bool", "t"},
    {"date", ">", "timestamp", "infinity", "infinity", "bool", "f"},
    {"date", ">=", "timestamp", "infinity", "infinity", "bool", "t"},
    {"interval", "=", "interval", "1 month", "30 days", "bool", "t"},
    {"interval", "<>", "interval", "1 month", "30 days", "bool", "f"},
    {"interval", "<", "interval", "1 month", "30 days", "bool", "f"},
    {"interval", "<=", "interval", "1 month", "30 days", "bool", "t"},
    {"interval", ">", "interval", "1 month", "30 days", "bool", "f"},
    {"interval", ">=", "interval", "1 month", "30 days", "bool", "t"},
    {"jsonb", "=", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "t"},
    {"jsonb", "<>", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "f"},
    {"jsonb", "<", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "f"},
    {"jsonb", "<=", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "t"},
    {"jsonb", ">", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "f"},
    {"jsonb", ">=", "jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "bool", "t"},
    {"bytea", "=", "bytea", "\\x01", "\\x0100", "bool", "f"},
    {"bytea", "<>", "bytea", "\\x01", "\\x0100", "bool", "t"},
    {"bytea", "<", "bytea", "\\x01", "\\x0100", "bool", "t"},
    {"bytea", "<=", "bytea", "\\x01", "\\x0100", "bool", "t"},
    {"bytea", ">", "bytea", "\\x01", "\\x0100", "bool", "f"},
    {"bytea", ">=", "bytea", "\\x01", "\\x0100", "bool", "f"},
    {"uuid", "=", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "f"},
    {"uuid", "<>", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "t"},
    {"uuid", "<", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "t"},
    {"uuid", "<=", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "t"},
    {"uuid", ">", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "f"},
    {"uuid", ">=", "uuid", "00000000-0000-0000-0000-000000000001",
     "00000000-0000-0000-0000-0000000000ff", "bool", "f"},
    {"time", "=", "time", "10:00", "09:00", "bool", "f"},
    {"time", "<>", "time", "10:00", "09:00", "bool", "t"},
    {"time", "<", "time", "10:00", "09:00", "bool", "f"},
    {"time", "<=", "time", "10:00", "09:00", "bool", "f"},
    {"time", ">", "time", "10:00", "09:00", "bool", "t"},
    {"time", ">=", "time", "10:00", "09:00", "bool", "t"},
};

struct FunctionCase {
  std::string_view name, types;
  std::vector<std::string_view> arguments;
  std::string_view result, expected;
};

const std::vector<FunctionCase> kFunctionCases = {
    {"abs", "int4", {"-2147483648"}, "int4", "22003: integer out of range"},
    {"abs", "int2", {"-5"}, "int2", "5"},
    {"mod", "int4 int4", {"7", "-3"}, "int4", "1"},
    {"gcd", "int4 int4", {"-12", "18"}, "int4", "6"},
    {"gcd", "int4 int4", {"-2147483648", "0"}, "int4", "22003: integer out of range"},
    {"lcm", "int4 int4", {"4", "-6"}, "int4", "12"},
    {"lcm", "int8 int8", {"9223372036854775807", "2"}, "int8", "22003: bigint out of range"},
    {"ceil", "float8", {"-0.5"}, "float8", "-0"},
    {"floor", "float8", {"-0.5"}, "float8", "-1"},
    {"round", "float8", {"2.5"}, "float8", "2"},
    {"round", "float8", {"3.5"}, "float8", "4"},
    {"round", "float8", {"-2.5"}, "float8", "-2"},
    {"trunc", "float8", {"-2.9"}, "float8", "-2"},
    {"sign", "float8", {"-2"}, "float8", "-1"},
    {"sign", "float8", {"0"}, "float8", "0"},
    {"sign", "float8", {"NaN"}, "float8", "0"},
    {"sqrt", "float8", {"2"}, "float8", "1.4142135623730951"},
    {"sqrt", "float8", {"-1"}, "float8", "2201F: cannot take square root of a negative number"},
    {"cbrt", "float8", {"27"}, "float8", "3.0000000000000004"},
    {"exp", "float8", {"1"}, "float8", "2.718281828459045"},
    {"exp", "float8", {"1000"}, "float8", "22003: value out of range: overflow"},
    {"exp", "float8", {"-1000"}, "float8", "22003: value out of range: underflow"},
    {"ln", "float8", {"2"}, "float8", "0.6931471805599453"},
    {"ln", "float8", {"0"}, "float8", "2201E: cannot take logarithm of zero"},
    {"ln", "float8", {"-1"}, "float8", "2201E: cannot take logarithm of a negative number"},
    {"log", "float8", {"1000"}, "float8", "3"},
    {"degrees", "float8", {"1"}, "float8", "57.29577951308232"},
    {"radians", "float8", {"180"}, "float8", "3.141592653589793"},
    {"sin", "float8", {"1"}, "float8", "0.8414709848078965"},
    {"sin", "float8", {"Infinity"}, "float8", "22003: input is out of range"},
    {"cos", "float8", {"1"}, "float8", "0.5403023058681398"},
    {"tan", "float8", {"1"}, "float8", "1.5574077246549023"},
    {"cot", "float8", {"1"}, "float8", "0.6420926159343306"},
    {"asin", "float8", {"0.5"}, "float8", "0.5235987755982989"},
    {"asin", "float8", {"2"}, "float8", "22003: input is out of range"},
    {"acos", "float8", {"0.5"}, "float8", "1.0471975511965979"},
    {"atan", "float8", {"1"}, "float8", "0.7853981633974483"},
    {"sinh", "float8", {"1"}, "float8", "1.1752011936438014"},
    {"acosh", "float8", {"0.5"}, "float8", "22003: input is out of range"},
    {"atanh", "float8", {"2"}, "float8", "22003: input is out of range"},
    {"atan2", "float8 float8", {"1", "2"}, "float8", "0.4636476090008061"},
    {"power", "float8 float8", {"2", "10"}, "float8", "1024"},
    {"width_bucket", "float8 float8 float8 int4", {"5", "0", "10", "5"}, "int4", "3"},
    {"width_bucket", "float8 float8 float8 int4", {"10", "0", "10", "5"}, "int4", "6"},
    {"width_bucket", "float8 float8 float8 int4", {"3", "10", "0", "5"}, "int4", "4"},
    {"width_bucket",
     "float8 float8 float8 int4",
     {"3", "1", "1", "5"},
     "int4",
     "2201G: lower bound cannot equal upper bound"},
    {"width_bucket",
     "float8 float8 float8 int4",
     {"NaN", "1", "1", "5"},
     "int4",
     "2201G: operand, lower bound, and upper bound cannot be NaN"},
    {"width_bucket",
     "float8 float8 float8 int4",
     {"5", "0", "10", "0"},
     "int4",
     "2201G: count must be greater than zero"},
};

struct CastCase {
  std::string_view from, to, text, expected;
};

const std::vector<CastCase> kCastCases = {
    {"int4", "int2", "40000", "22003: smallint out of range"},
    {"int8", "int4", "2147483648", "22003: integer out of range"},
    {"int8", "int4", "-2147483648", "-2147483648"},
    {"int4", "oid", "-1", "4294967295"},
    {"oid", "int4", "4294967295", "-1"},
    {"int8", "oid", "-1", "22003: OID out of range"},
    {"oid", "int8", "4294967295", "4294967295"},
    {"int8", "float4", "16777217", "1.6777216e+07"},
    {"int8", "float8", "9007199254740993", "9.007199254740992e+15"},
    {"float8", "int4", "2.5", "2"},
    {"float8", "int4", "3.5", "4"},
    {"float8", "int4", "-2147483648.5", "-2147483648"},
    {"float8", "int4", "2147483647.5", "22003: integer out of range"},
    {"float8", "int8", "9223372036854775807", "22003: bigint out of range"},
    {"float8", "int2", "NaN", "22003: smallint out of range"},
    {"float8", "float4", "1e40", "22003: value out of range: overflow"},
    {"float8", "float4", "1e-50", "22003: value out of range: underflow"},
    {"float4", "float8", "0.1", "0.10000000149011612"},
    {"bool", "int4", "t", "1"},
    {"int4", "bool", "-5", "t"},
    {"bool", "text", "t", "true"},
    {"int4", "bool", "0", "f"},
};

struct PrefixCase {
  std::string_view name, type, operand, expected;
};

const std::vector<PrefixCase> kPrefixCases = {
    {"-", "int4", "-2147483648", "22003: integer out of range"},
    {"-", "int8", "5", "-5"},
    {"@", "int2", "-32768", "22003: smallint out of range"},
    {"~", "int4", "5", "-6"},
    {"|/", "float8", "2", "1.4142135623730951"},
    {"||/", "float8", "-27", "-3.0000000000000004"},
    {"-", "float8", "0", "-0"},
    {"+", "int4", "3", "3"},
    {"@", "float8", "-1.5", "1.5"},
};

}  // namespace

TEST(PostgresNumbers, Operators) {
  TextCaller caller(numbers());
  for (const BinaryCase& row : kBinaryCases) {
    EXPECT_EQ(
        caller.binary(row.left_type, row.name, row.right_type, row.left, row.right, row.result),
        row.expected)
        << row.left << " " << row.name << " " << row.right;
  }
}

TEST(PostgresNumbers, Functions) {
  TextCaller caller(numbers());
  for (const FunctionCase& row : kFunctionCases) {
    EXPECT_EQ(caller.function(row.name, row.types, row.arguments, row.result), row.expected)
        << row.name << " of " << row.arguments.front();
  }
}

TEST(PostgresNumbers, Casts) {
  TextCaller caller(numbers());
  for (const CastCase& row : kCastCases) {
    EXPECT_EQ(caller.cast(row.from, row.to, row.text), row.expected)
        << row.text << ": " << row.from << " to " << row.to;
  }
}

TEST(PostgresNumbers, PrefixOperators) {
  TextCaller caller(numbers());
  for (const PrefixCase& row : kPrefixCases) {
    EXPECT_EQ(caller.prefix(row.name, row.type, row.operand), row.expected)
        << row.name << " " << row.operand;
  }
}

TEST(PostgresNumbers, Comparisons) {
  TextCaller caller(comparison_family());
  for (const BinaryCase& row : kComparisonCases) {
    EXPECT_EQ(
        caller.binary(row.left_type, row.name, row.right_type, row.left, row.right, row.result),
        row.expected)
        << row.left << " " << row.name << " " << row.right;
  }
}

TEST(PostgresNumbers, RandomIsTheSessions) {
  TextCaller caller(numbers());
  EXPECT_EQ(caller.function("random", "", {}, "float8"), "0.5");
  EXPECT_EQ(caller.function("setseed", "float8", {"0.25"}, "void"), "");
  EXPECT_EQ(caller.function("random", "", {}, "float8"), "0.25");
  EXPECT_EQ(caller.function("setseed", "float8", {"1.5"}, "void"),
            "22023: setseed parameter 1.5 is out of allowed range [-1,1]");
}

}  // namespace firedrill::sim::postgres
