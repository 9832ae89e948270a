#include "sim/postgres/values/array_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/postgres/function_caller.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

struct TextCase {
  const char* text;
  std::string expected;
};

struct OrderCase {
  const char* left;
  const char* right;
  int expected;
};

Array array_of(TypeId type, std::string_view text) {
  const StubEnvironment environment;
  return parse_array(environment, Type{type, -1}, text).as<Array>();
}

std::string round_trip(TypeId type, std::string_view text) {
  const StubEnvironment environment;
  return outcome([&] { return print_array(environment, array_of(type, text)); });
}

TEST(PostgresArrayText, Integers) {
  const std::vector<TextCase> cases = {
      {"{1,2,3}", "{1,2,3}"},
      {"{}", "{}"},
      {" { 1 , NULL , 3 } ", "{1,NULL,3}"},
      {"{{1,2},{3,4}}", "{{1,2},{3,4}}"},
      {"[0:2]={1,2,3}", "[0:2]={1,2,3}"},
      {"[-1:0][2:2]={{1},{2}}", "[-1:0][2:2]={{1},{2}}"},
      {"[2]={1,2}", "{1,2}"},
      {"{ }", "{}"},
      {"{{},{}}", "22P02: malformed array literal: \"{{},{}}\" / Unexpected \"}\" character."},
      {"{{1,2},{3}}",
       "22P02: malformed array literal: \"{{1,2},{3}}\" / Multidimensional arrays must have "
       "sub-arrays with matching dimensions."},
      {"{{1},2}", "22P02: malformed array literal: \"{{1},2}\" / Unexpected array element."},
      {"{1,{2}}", "22P02: malformed array literal: \"{1,{2}}\" / Unexpected \"{\" character."},
      {"{1,2", "22P02: malformed array literal: \"{1,2\" / Unexpected end of input."},
      {"{1,2}}", "22P02: malformed array literal: \"{1,2}}\" / Junk after closing right brace."},
      {"{1}x", "22P02: malformed array literal: \"{1}x\" / Junk after closing right brace."},
      {"{1,}", "22P02: malformed array literal: \"{1,}\" / Unexpected \"}\" character."},
      {"{,1}", "22P02: malformed array literal: \"{,1}\" / Unexpected \",\" character."},
      {"",
       "22P02: malformed array literal: \"\" / Array value must start with \"{\" or dimension "
       "information."},
      {"1,2",
       "22P02: malformed array literal: \"1,2\" / Array value must start with \"{\" or dimension "
       "information."},
      {"[1:2]",
       "22P02: malformed array literal: \"[1:2]\" / Missing \"=\" after array dimensions."},
      {"[1:2]={1}",
       "22P02: malformed array literal: \"[1:2]={1}\" / Specified array dimensions do not match "
       "array contents."},
      {"[2:1]={}", "2202E: upper bound cannot be less than lower bound"},
      {"[a]={1}",
       "22P02: malformed array literal: \"[a]={1}\" / \"[\" must introduce explicitly-specified "
       "array dimensions."},
      {"[1:]={1}", "22P02: malformed array literal: \"[1:]={1}\" / Missing array dimension value."},
      {"[1={1}",
       "22P02: malformed array literal: \"[1={1}\" / Missing \"]\" after array dimensions."},
      {"[1:2]x{1}",
       "22P02: malformed array literal: \"[1:2]x{1}\" / Missing \"=\" after array dimensions."},
      {"[1:2]=1,2",
       "22P02: malformed array literal: \"[1:2]=1,2\" / Array contents must start with \"{\"."},
      {"{{{{{{{1}}}}}}}", "54000: number of array dimensions (7) exceeds the maximum allowed (6)"},
      {"[1][1][1][1][1][1][1]={1}",
       "54000: number of array dimensions (7) exceeds the maximum allowed (6)"},
      {"{x}", "22P02: invalid input syntax for type integer: \"x\""},
      {"{1 2}", "22P02: invalid input syntax for type integer: \"1 2\""},
      {"{\"1\"}", "{1}"},
      {"{\"1\"2}", "22P02: malformed array literal: \"{\"1\"2}\" / Unexpected array element."},
      {"{{1},{{2}}}", "{{{1}},{{2}}}"},
      {"[2147483647:2147483647]={1}", "54000: array lower bound is too large: 2147483647"},
  };
  for (const TextCase& each : cases) {
    EXPECT_EQ(round_trip(TypeId::int4_array, each.text), each.expected) << each.text;
  }
}

TEST(PostgresArrayText, Texts) {
  const std::vector<TextCase> cases = {
      {"{a,\"b c\",NULL,\"NULL\",\"\",null}", "{a,\"b c\",NULL,\"NULL\",\"\",NULL}"},
      {"{\"a\\\"b\",\"c\\\\d\",\"{\",\"}\",\"x,y\"}",
       "{\"a\\\"b\",\"c\\\\d\",\"{\",\"}\",\"x,y\"}"},
      {"{a b , c }", "{\"a b\",c}"},
      {"{a\\,b,\\\"}", "{\"a,b\",\"\\\"\"}"},
      {"{\"a\" }", "{a}"},
      {"{é,\" \"}", "{é,\" \"}"},
      {"{\"a", "22P02: malformed array literal: \"{\"a\" / Unexpected end of input."},
      {"{a\"b\"}", "22P02: malformed array literal: \"{a\"b\"}\" / Unexpected array element."},
      {"{a\\", "22P02: malformed array literal: \"{a\\\" / Unexpected end of input."},
  };
  for (const TextCase& each : cases) {
    EXPECT_EQ(round_trip(TypeId::text_array, each.text), each.expected) << each.text;
  }
}

TEST(PostgresArrayText, Order) {
  const StubTypes types;
  const std::vector<OrderCase> cases = {
      {"{1,2}", "{1,3}", -1},  {"{1,2}", "{1,2,0}", -1},     {"{1,2}", "{1,2}", 0},
      {"{NULL}", "{9}", 1},    {"{NULL}", "{NULL}", 0},      {"{}", "{1}", -1},
      {"{{1,2}}", "{1,2}", 1}, {"[0:1]={1,2}", "{1,2}", -1}, {"{{1,2}}", "{{1},{2}}", -1},
      {"{2}", "{1,1}", 1},
  };
  for (const OrderCase& each : cases) {
    const Array left = array_of(TypeId::int4_array, each.left);
    const Array right = array_of(TypeId::int4_array, each.right);
    EXPECT_EQ(compare_arrays(types, left, right), each.expected) << each.left << " " << each.right;
    EXPECT_EQ(compare_arrays(types, right, left), -each.expected) << each.left << " " << each.right;
  }
}

Record record_of(std::vector<TypeId> types, Row values) {
  Record record{.types = {}, .names = {}, .values = std::move(values)};
  for (const TypeId type : types) {
    record.types.push_back(static_cast<std::uint32_t>(type));
    record.names.push_back("f" + std::to_string(record.types.size()));
  }
  return record;
}

std::string texts_as_record(const std::vector<std::string>& texts) {
  const StubEnvironment environment;
  Row values;
  for (const std::string& text : texts) values.push_back(Value::of(text));
  return print_record(environment,
                      record_of(std::vector<TypeId>(texts.size(), TypeId::text), values));
}

TEST(PostgresRecordText, QuotesWhatNeedsIt) {
  const StubEnvironment environment;
  EXPECT_EQ(texts_as_record({"a", "", "b c", "x,y", "(", "NULL"}),
            R"((a,"","b c","x,y","(",NULL))");
  EXPECT_EQ(texts_as_record({"a\"b", "c\\d", "{}"}), R"(("a""b","c\\d",{}))");
  EXPECT_EQ(
      print_record(environment, record_of({TypeId::int4, TypeId::int4}, {Value(), Value::of(1)})),
      "(,1)");
  EXPECT_EQ(print_record(environment, record_of({}, {})), "()");
}

std::string order_of(const Record& left, const Record& right) {
  const StubTypes types;
  return outcome([&] { return std::to_string(compare_records(types, left, right)); });
}

TEST(PostgresRecordText, Order) {
  using enum TypeId;
  const Record small = record_of({int4, int4}, {Value::of(1), Value::of(2)});
  const Record large = record_of({int4, int4}, {Value::of(1), Value()});
  EXPECT_EQ(order_of(small, large), "-1");
  EXPECT_EQ(order_of(large, small), "1");
  EXPECT_EQ(order_of(large, large), "0");
  EXPECT_EQ(order_of(small, record_of({int4, TypeId::text}, {Value::of(1), Value::of("a")})),
            "42804: cannot compare dissimilar column types integer and text at record column 2");
  EXPECT_EQ(order_of(small, record_of({int4}, {Value::of(1)})),
            "42804: cannot compare record types with different numbers of columns");
  EXPECT_EQ(order_of(small, record_of({int4}, {Value::of(2)})), "-1");
}

}  // namespace

}  // namespace firedrill::sim::postgres
