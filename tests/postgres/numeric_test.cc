#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/numeric.h"
#include "tests/postgres/text_caller.h"

namespace firedrill::sim::postgres {

namespace {

struct BinaryCase {
  std::string_view left_type, name, right_type, left, right, result, expected;
};

const std::vector<BinaryCase> kBinaryCases = {
    {"numeric", "+", "numeric", "1.50", "2.5", "numeric", "4.00"},
    {"numeric", "+", "numeric", "9223372036854775807", "1", "numeric", "9223372036854775808"},
    {"numeric", "+", "numeric", "NaN", "1", "numeric", "NaN"},
    {"numeric", "+", "numeric", "Infinity", "-Infinity", "numeric", "NaN"},
    {"numeric", "+", "numeric", "Infinity", "1", "numeric", "Infinity"},
    {"numeric", "+", "numeric", "99999999999999999999.99", "0.01", "numeric",
     "100000000000000000000.00"},
    {"numeric", "-", "numeric", "1.5", "1.50", "numeric", "0.00"},
    {"numeric", "-", "numeric", "-9223372036854775808", "1", "numeric", "-9223372036854775809"},
    {"numeric", "-", "numeric", "Infinity", "Infinity", "numeric", "NaN"},
    {"numeric", "-", "numeric", "0", "-Infinity", "numeric", "Infinity"},
    {"numeric", "*", "numeric", "1.50", "2.5", "numeric", "3.750"},
    {"numeric", "*", "numeric", "99999999999", "99999999999.99", "numeric",
     "9999999999899000000000.01"},
    {"numeric", "*", "numeric", "0", "Infinity", "numeric", "NaN"},
    {"numeric", "*", "numeric", "-2", "Infinity", "numeric", "-Infinity"},
    {"numeric", "*", "numeric", "1e131071", "10", "numeric",
     "22003: value overflows numeric format"},
    {"numeric", "/", "numeric", "1", "3", "numeric", "0.33333333333333333333"},
    {"numeric", "/", "numeric", "10", "3", "numeric", "3.3333333333333333"},
    {"numeric", "/", "numeric", "2", "3", "numeric", "0.66666666666666666667"},
    {"numeric", "/", "numeric", "1.0", "3.00", "numeric", "0.33333333333333333333"},
    {"numeric", "/", "numeric", "10000", "3", "numeric", "3333.3333333333333333"},
    {"numeric", "/", "numeric", "1", "10000", "numeric", "0.000100000000000000000000"},
    {"numeric", "/", "numeric", "1e-20", "3", "numeric",
     "0.0000000000000000000033333333333333333333"},
    {"numeric", "/", "numeric", "7", "7", "numeric", "1.00000000000000000000"},
    {"numeric", "/", "numeric", "1", "0", "numeric", "22012: division by zero"},
    {"numeric", "/", "numeric", "Infinity", "0", "numeric", "22012: division by zero"},
    {"numeric", "/", "numeric", "NaN", "0", "numeric", "NaN"},
    {"numeric", "/", "numeric", "1", "Infinity", "numeric", "0"},
    {"numeric", "/", "numeric", "-1e30", "7", "numeric", "-142857142857142857142857142857"},
    {"numeric", "/", "numeric", "0", "5", "numeric", "0.00000000000000000000"},
    {"numeric", "/", "numeric", "0.00", "5", "numeric", "0.00000000000000000000"},
    {"numeric", "/", "numeric", "123456789012345678901234567890", "0.0000123", "numeric",
     "10037137318076884463515005519512195.1219512"},
    {"numeric", "/", "numeric", "-7", "2", "numeric", "-3.5000000000000000"},
    {"numeric", "%", "numeric", "7", "3", "numeric", "1"},
    {"numeric", "%", "numeric", "-7", "3", "numeric", "-1"},
    {"numeric", "%", "numeric", "7.5", "2", "numeric", "1.5"},
    {"numeric", "%", "numeric", "7", "2.50", "numeric", "2.00"},
    {"numeric", "%", "numeric", "7", "0", "numeric", "22012: division by zero"},
    {"numeric", "%", "numeric", "5", "Infinity", "numeric", "5"},
    {"numeric", "%", "numeric", "Infinity", "5", "numeric", "NaN"},
    {"numeric", "^", "numeric", "2", "10", "numeric", "1024.0000000000000000"},
    {"numeric", "^", "numeric", "2", "0.5", "numeric", "1.4142135623730950"},
    {"numeric", "^", "numeric", "2.5", "3", "numeric", "15.6250000000000000"},
    {"numeric", "^", "numeric", "10", "-3", "numeric", "0.0010000000000000"},
    {"numeric", "^", "numeric", "0", "0", "numeric", "1.0000000000000000"},
    {"numeric", "^", "numeric", "0", "-1", "numeric",
     "2201F: zero raised to a negative power is undefined"},
    {"numeric", "^", "numeric", "-8", "0.5", "numeric",
     "2201F: a negative number raised to a non-integer power yields a complex result"},
    {"numeric", "^", "numeric", "-2", "3", "numeric", "-8.0000000000000000"},
    {"numeric", "^", "numeric", "2", "1000", "numeric",
     "107150860718626732094842504906000181056140481170553360744375038837035105112493612249319837881"
     "569585812759467291755314682518714528569231404359845775746985748039345677748242309854210746050"
     "623711418779541821530464749835819412673987675591655439460770629145711964776865421676604298316"
     "52624386837205668069376.0000000000000000"},
    {"numeric", "^", "numeric", "1.00000001", "100000000", "numeric", "2.7182818148676362"},
    {"numeric", "^", "numeric", "0.5", "100", "numeric", "0.0000000000000000"},
    {"numeric", "^", "numeric", "10", "131073", "numeric", "22003: value overflows numeric format"},
    {"numeric", "^", "numeric", "Infinity", "-2", "numeric", "0"},
    {"numeric", "^", "numeric", "NaN", "0", "numeric", "1"},
    {"numeric", "^", "numeric", "-Infinity", "3", "numeric", "-Infinity"},
    {"numeric", "^", "numeric", "3.7", "2.345", "numeric", "21.499731831012566"},
    {"numeric", "^", "numeric", "1.01", "-1000.5", "numeric", "0.00004747506089485701"},
};

struct FunctionCase {
  std::string_view name, types;
  std::vector<std::string_view> arguments;
  std::string_view result, expected;
};

const std::vector<FunctionCase> kFunctionCases = {
    {"abs", "numeric", {"-1.50"}, "numeric", "1.50"},
    {"abs", "numeric", {"NaN"}, "numeric", "NaN"},
    {"abs", "numeric", {"-Infinity"}, "numeric", "Infinity"},
    {"ceil", "numeric", {"1.2"}, "numeric", "2"},
    {"ceil", "numeric", {"-1.2"}, "numeric", "-1"},
    {"ceil", "numeric", {"5.00"}, "numeric", "5"},
    {"ceil", "numeric", {"0.001"}, "numeric", "1"},
    {"ceil", "numeric", {"-0.5"}, "numeric", "0"},
    {"floor", "numeric", {"1.2"}, "numeric", "1"},
    {"floor", "numeric", {"-1.2"}, "numeric", "-2"},
    {"floor", "numeric", {"-0.5"}, "numeric", "-1"},
    {"round", "numeric", {"2.5"}, "numeric", "3"},
    {"round", "numeric", {"-2.5"}, "numeric", "-3"},
    {"round", "numeric", {"0.49"}, "numeric", "0"},
    {"round", "numeric", {"3.5"}, "numeric", "4"},
    {"round", "numeric", {"Infinity"}, "numeric", "Infinity"},
    {"trunc", "numeric", {"2.9"}, "numeric", "2"},
    {"trunc", "numeric", {"-2.9"}, "numeric", "-2"},
    {"sign", "numeric", {"-3.2"}, "numeric", "-1"},
    {"sign", "numeric", {"0.00"}, "numeric", "0"},
    {"sign", "numeric", {"Infinity"}, "numeric", "1"},
    {"sign", "numeric", {"NaN"}, "numeric", "NaN"},
    {"sqrt", "numeric", {"2"}, "numeric", "1.414213562373095"},
    {"sqrt", "numeric", {"4"}, "numeric", "2.000000000000000"},
    {"sqrt", "numeric", {"0"}, "numeric", "0.000000000000000"},
    {"sqrt", "numeric", {"1e20"}, "numeric", "10000000000.00000"},
    {"sqrt", "numeric", {"0.0001"}, "numeric", "0.01000000000000000"},
    {"sqrt", "numeric", {"-1"}, "numeric", "2201F: cannot take square root of a negative number"},
    {"sqrt", "numeric", {"Infinity"}, "numeric", "Infinity"},
    {"sqrt", "numeric", {"123456789.123456789"}, "numeric", "11111.11106611111"},
    {"exp", "numeric", {"1"}, "numeric", "2.7182818284590452"},
    {"exp", "numeric", {"0"}, "numeric", "1.0000000000000000"},
    {"exp", "numeric", {"-5.5"}, "numeric", "0.004086771438464067"},
    {"exp", "numeric", {"10.00"}, "numeric", "22026.465794806717"},
    {"exp", "numeric", {"6000"}, "numeric", "22003: value overflows numeric format"},
    {"exp",
     "numeric",
     {"-6000"},
     "numeric",
     "0."
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000000000"},
    {"exp", "numeric", {"0.001"}, "numeric", "1.0010005001667083"},
    {"ln", "numeric", {"2"}, "numeric", "0.6931471805599453"},
    {"ln", "numeric", {"10"}, "numeric", "2.3025850929940457"},
    {"ln", "numeric", {"0.5"}, "numeric", "-0.6931471805599453"},
    {"ln", "numeric", {"1"}, "numeric", "0.0000000000000000"},
    {"ln", "numeric", {"0"}, "numeric", "2201E: cannot take logarithm of zero"},
    {"ln", "numeric", {"-1"}, "numeric", "2201E: cannot take logarithm of a negative number"},
    {"ln", "numeric", {"1.0000001"}, "numeric", "0.00000009999999500000033"},
    {"ln", "numeric", {"1e100"}, "numeric", "230.25850929940457"},
    {"log", "numeric", {"100"}, "numeric", "2.0000000000000000"},
    {"log", "numeric", {"2"}, "numeric", "0.3010299956639812"},
    {"log", "numeric", {"0.001"}, "numeric", "-3.0000000000000000"},
    {"log", "numeric", {"0"}, "numeric", "2201E: cannot take logarithm of zero"},
    {"log", "numeric numeric", {"2", "8"}, "numeric", "3.0000000000000000"},
    {"log", "numeric numeric", {"1.1", "1e10"}, "numeric", "241.58857928096806"},
    {"log", "numeric numeric", {"10", "1"}, "numeric", "0.0000000000000000"},
    {"log", "numeric numeric", {"1", "10"}, "numeric", "22012: division by zero"},
    {"log", "numeric numeric", {"0", "1"}, "numeric", "2201E: cannot take logarithm of zero"},
    {"round", "numeric int4", {"1234.5678", "2"}, "numeric", "1234.57"},
    {"round", "numeric int4", {"1234.5678", "-2"}, "numeric", "1200"},
    {"round", "numeric int4", {"1.5", "4"}, "numeric", "1.5000"},
    {"round", "numeric int4", {"55", "-2"}, "numeric", "100"},
    {"round", "numeric int4", {"-0.055", "2"}, "numeric", "-0.06"},
    {"trunc", "numeric int4", {"1234.5678", "2"}, "numeric", "1234.56"},
    {"trunc", "numeric int4", {"1234.5678", "-2"}, "numeric", "1200"},
    {"trunc", "numeric int4", {"1.5", "4"}, "numeric", "1.5000"},
    {"trunc", "numeric int4", {"55", "-2"}, "numeric", "0"},
    {"trunc", "numeric int4", {"-0.055", "2"}, "numeric", "-0.05"},
    {"mod", "numeric numeric", {"10.5", "3"}, "numeric", "1.5"},
    {"div", "numeric numeric", {"-7.5", "2"}, "numeric", "-3"},
    {"div", "numeric numeric", {"1", "0"}, "numeric", "22012: division by zero"},
    {"gcd", "numeric numeric", {"8.40", "3.6"}, "numeric", "1.20"},
    {"lcm", "numeric numeric", {"8.4", "3.60"}, "numeric", "25.20"},
    {"lcm", "numeric numeric", {"0", "3.6"}, "numeric", "0.0"},
    {"power", "numeric numeric", {"9", "0.5"}, "numeric", "3.0000000000000000"},
    {"scale", "numeric", {"1.500"}, "int4", "3"},
    {"scale", "numeric", {"10"}, "int4", "0"},
    {"scale", "numeric", {"NaN"}, "int4", "NULL"},
    {"min_scale", "numeric", {"1.500"}, "int4", "1"},
    {"min_scale", "numeric", {"10"}, "int4", "0"},
    {"min_scale", "numeric", {"0.00"}, "int4", "0"},
    {"trim_scale", "numeric", {"1.500"}, "numeric", "1.5"},
    {"trim_scale", "numeric", {"100"}, "numeric", "100"},
    {"trim_scale", "numeric", {"0.00"}, "numeric", "0"},
    {"factorial", "int8", {"0"}, "numeric", "1"},
    {"factorial", "int8", {"5"}, "numeric", "120"},
    {"factorial", "int8", {"25"}, "numeric", "15511210043330985984000000"},
    {"factorial", "int8", {"-1"}, "numeric", "22003: factorial of a negative number is undefined"},
    {"factorial", "int8", {"40000"}, "numeric", "22003: value overflows numeric format"},
    {"width_bucket", "numeric numeric numeric int4", {"5", "0", "10", "5"}, "int4", "3"},
    {"width_bucket", "numeric numeric numeric int4", {"-1", "0", "10", "5"}, "int4", "0"},
    {"width_bucket", "numeric numeric numeric int4", {"10", "0", "10", "5"}, "int4", "6"},
    {"width_bucket", "numeric numeric numeric int4", {"3", "10", "0", "5"}, "int4", "4"},
    {"width_bucket",
     "numeric numeric numeric int4",
     {"3", "0", "0", "5"},
     "int4",
     "2201G: lower bound cannot equal upper bound"},
    {"width_bucket",
     "numeric numeric numeric int4",
     {"3", "0", "1", "0"},
     "int4",
     "2201G: count must be greater than zero"},
    {"width_bucket",
     "numeric numeric numeric int4",
     {"NaN", "0", "1", "2"},
     "int4",
     "2201G: operand, lower bound, and upper bound cannot be NaN"},
    {"width_bucket",
     "numeric numeric numeric int4",
     {"1", "-Infinity", "1", "2"},
     "int4",
     "2201G: lower and upper bounds must be finite"},
};

struct CastCase {
  std::string_view from, to, text, expected;
};

const std::vector<CastCase> kCastCases = {
    {"numeric", "int4", "2.5", "3"},
    {"numeric", "int4", "-2.5", "-3"},
    {"numeric", "int4", "2147483647.4", "2147483647"},
    {"numeric", "int4", "2147483647.5", "22003: integer out of range"},
    {"numeric", "int4", "NaN", "0A000: cannot convert NaN to integer"},
    {"numeric", "int4", "Infinity", "0A000: cannot convert infinity to integer"},
    {"numeric", "int2", "40000", "22003: smallint out of range"},
    {"numeric", "int8", "9223372036854775807.4", "9223372036854775807"},
    {"numeric", "int8", "9223372036854775807.5", "22003: bigint out of range"},
    {"numeric", "int8", "-9223372036854775808", "-9223372036854775808"},
    {"numeric", "float8", "0.1", "0.1"},
    {"numeric", "float8", "123456789012345678901234567890", "1.2345678901234568e+29"},
    {"numeric", "float4", "0.1", "0.1"},
    {"numeric", "float4", "1e40",
     "22003: \"10000000000000000000000000000000000000000\" is out of range for type real"},
    {"numeric", "float8", "NaN", "NaN"},
    {"float8", "numeric", "0.1", "0.1"},
    {"float8", "numeric", "123456789.123456789", "123456789.123457"},
    {"float8", "numeric", "1e300",
     "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000"},
    {"float8", "numeric", "Infinity", "Infinity"},
    {"float4", "numeric", "0.1", "0.1"},
    {"float4", "numeric", "1234567.8", "1234570"},
    {"int8", "numeric", "-9223372036854775808", "-9223372036854775808"},
    {"int4", "numeric", "7", "7"},
};

struct PrefixCase {
  std::string_view name, type, operand, expected;
};

const std::vector<PrefixCase> kPrefixCases = {
    {"-", "numeric", "1.50", "-1.50"},
    {"-", "numeric", "NaN", "NaN"},
    {"-", "numeric", "-Infinity", "Infinity"},
    {"-", "numeric", "-9223372036854775808", "9223372036854775808"},
    {"+", "numeric", "1.50", "1.50"},
    {"@", "numeric", "-1.50", "1.50"},
};

struct ModifierCase {
  std::string_view number;
  std::int32_t precision, scale;
  std::string_view expected;
};

const std::vector<ModifierCase> kModifierCases = {
    {"1.255", 5, 2, "1.26"},
    {"999.995", 5, 2,
     "22003: numeric field overflow / A field with precision 5, scale 2 must round to an absolute "
     "value less than 10^3."},
    {"999.994", 5, 2, "999.99"},
    {"NaN", 3, 1, "NaN"},
    {"Infinity", 3, 1,
     "22003: numeric field overflow / A field with precision 3, scale 1 cannot hold an infinite "
     "value."},
    {"12345", 3, -2, "12300"},
    {"99999", 3, -2,
     "22003: numeric field overflow / A field with precision 3, scale -2 must round to an absolute "
     "value less than 10^5."},
    {"0.0123", 2, 3, "0.012"},
    {"0.5", 2, 3,
     "22003: numeric field overflow / A field with precision 2, scale 3 must round to an absolute "
     "value less than 10^-1."},
    {"0.99", 1, 0, "1"},
    {"-0.4", 1, 0, "0"},
    {"0.009999", 2, 4,
     "22003: numeric field overflow / A field with precision 2, scale 4 must round to an absolute "
     "value less than 10^-2."},
    {"10", 1, 1,
     "22003: numeric field overflow / A field with precision 1, scale 1 must round to an absolute "
     "value less than 1."},
};

}  // namespace

TEST(PostgresNumeric, Operators) {
  TextCaller caller(numeric_family());
  for (const BinaryCase& row : kBinaryCases) {
    EXPECT_EQ(
        caller.binary(row.left_type, row.name, row.right_type, row.left, row.right, row.result),
        row.expected)
        << row.left << " " << row.name << " " << row.right;
  }
}

TEST(PostgresNumeric, Functions) {
  TextCaller caller(numeric_family());
  for (const FunctionCase& row : kFunctionCases) {
    EXPECT_EQ(caller.function(row.name, row.types, row.arguments, row.result), row.expected)
        << row.name << " of " << row.arguments.front();
  }
}

TEST(PostgresNumeric, Casts) {
  TextCaller caller(numeric_family());
  for (const CastCase& row : kCastCases) {
    EXPECT_EQ(caller.cast(row.from, row.to, row.text), row.expected)
        << row.text << ": " << row.from << " to " << row.to;
  }
}

TEST(PostgresNumeric, PrefixOperators) {
  TextCaller caller(numeric_family());
  for (const PrefixCase& row : kPrefixCases) {
    EXPECT_EQ(caller.prefix(row.name, row.type, row.operand), row.expected)
        << row.name << " " << row.operand;
  }
}

TEST(PostgresNumeric, Modifiers) {
  for (const ModifierCase& row : kModifierCases) {
    EXPECT_EQ(outcome([&] {
                return print_numeric(fit(parse_numeric(row.number), row.precision, row.scale));
              }),
              row.expected)
        << row.number << " as numeric(" << row.precision << ", " << row.scale << ")";
  }
}

TEST(PostgresNumeric, IsOrderedByValue) {
  const std::vector<std::string_view> ascending = {
      "-Infinity", "-1e30", "-9223372036854775809", "-1.5", "0",        "1e-30",
      "0.1",       "9.99",  "9223372036854775808",  "1e30", "Infinity", "NaN"};
  for (std::size_t left = 0; left < ascending.size(); ++left) {
    for (std::size_t right = 0; right < ascending.size(); ++right) {
      const int order =
          compare_numerics(parse_numeric(ascending[left]), parse_numeric(ascending[right]));
      EXPECT_EQ(order, (left > right) - (left < right)) << ascending[left] << ascending[right];
    }
  }
  EXPECT_EQ(parse_numeric("1.50"), parse_numeric("1.5"));
}

}  // namespace firedrill::sim::postgres
