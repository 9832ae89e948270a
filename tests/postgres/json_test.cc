#include "sim/postgres/values/json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/fiber.h"
#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/text_form.h"
#include "tests/postgres/function_caller.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

struct TextCase {
  std::string text;
  std::string expected;
};

struct OrderCase {
  const char* left;
  const char* right;
  int expected;
};

std::string as_jsonb(std::string_view text) {
  return outcome([&] { return print_json(parse_json(text)); });
}

std::string as_json(std::string_view text) {
  return outcome([&] {
    check_json_text(text);
    return std::string(text);
  });
}

std::string nested(std::string_view open, std::string_view inner, std::string_view close,
                   int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += inner;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(PostgresJson, TextsOfJsonb) {
  const std::vector<TextCase> cases = {
      {"{\"b\": 1, \"aa\": 2, \"a\": [true, null, \"x\"], \"b\": 3}",
       "{\"a\": [true, null, \"x\"], \"b\": 3, \"aa\": 2}"},
      {"[ ]", "[]"},
      {"{}", "{}"},
      {" 1.50 ", "1.50"},
      {"1e3", "1000"},
      {"-0", "0"},
      {"\"\\u00e9\\ud83d\\ude00\\/\\n\\u0001\\\\\"", "\"é😀/\\n\\u0001\\\\\""},
      {"12345678901234567890123", "12345678901234567890123"},
      {"1E-5", "0.00001"},
      {"", "22P02: invalid input syntax for type json / The input string ended unexpectedly."},
      {"  ", "22P02: invalid input syntax for type json / The input string ended unexpectedly."},
      {"x", "22P02: invalid input syntax for type json / Token \"x\" is invalid."},
      {"tru", "22P02: invalid input syntax for type json / Token \"tru\" is invalid."},
      {"[1,]", "22P02: invalid input syntax for type json / Expected JSON value, but found \"]\"."},
      {"[1 2]",
       "22P02: invalid input syntax for type json / Expected \",\" or \"]\", but found \"2\"."},
      {"[,", "22P02: invalid input syntax for type json / Expected JSON value, but found \",\"."},
      {"{\"a\"}", "22P02: invalid input syntax for type json / Expected \":\", but found \"}\"."},
      {"{\"a\":}",
       "22P02: invalid input syntax for type json / Expected JSON value, but found \"}\"."},
      {"{\"a\":1,}",
       "22P02: invalid input syntax for type json / Expected string, but found \"}\"."},
      {"{a:1}", "22P02: invalid input syntax for type json / Token \"a\" is invalid."},
      {"{\"a\":1 \"b\"}",
       "22P02: invalid input syntax for type json / Expected \",\" or \"}\", but found \"\"b\"\"."},
      {"[1}",
       "22P02: invalid input syntax for type json / Expected \",\" or \"]\", but found \"}\"."},
      {"{\"a\":1]",
       "22P02: invalid input syntax for type json / Expected \",\" or \"}\", but found \"]\"."},
      {"1 2",
       "22P02: invalid input syntax for type json / Expected end of input, but found \"2\"."},
      {"\"a", "22P02: invalid input syntax for type json / Token \"\"a\" is invalid."},
      {"\"a\\", "22P02: invalid input syntax for type json / Token \"\"a\\\" is invalid."},
      {"\"\\u12", "22P02: invalid input syntax for type json / Token \"\"\\u12\" is invalid."},
      {"\"\\u12x4\"",
       "22P02: invalid input syntax for type json / \"\\u\" must be followed by four hexadecimal "
       "digits."},
      {"\"\\q\"",
       "22P02: invalid input syntax for type json / Escape sequence \"\\q\" is invalid."},
      {"\"\\é\"",
       "22P02: invalid input syntax for type json / Escape sequence \"\\é\" is invalid."},
      {"\"a\"",
       "22P02: invalid input syntax for type json / Character with value 0x01 must be escaped."},
      {"\"a\nb\"",
       "22P02: invalid input syntax for type json / Character with value 0x0a must be escaped."},
      {"01", "22P02: invalid input syntax for type json / Token \"01\" is invalid."},
      {"1.", "22P02: invalid input syntax for type json / Token \"1.\" is invalid."},
      {"-", "22P02: invalid input syntax for type json / Token \"-\" is invalid."},
      {"1e", "22P02: invalid input syntax for type json / Token \"1e\" is invalid."},
      {".5", "22P02: invalid input syntax for type json / Token \".\" is invalid."},
      {"+1", "22P02: invalid input syntax for type json / Token \"+\" is invalid."},
      {"1x_é", "22P02: invalid input syntax for type json / Token \"1x_é\" is invalid."},
      {"$", "22P02: invalid input syntax for type json / Token \"$\" is invalid."},
      {"\"\\u0000\"",
       "22P05: unsupported Unicode escape sequence / \\u0000 cannot be converted to text."},
      {"\"\\ud83d\"",
       "22P02: invalid input syntax for type json / Unicode low surrogate must follow a high "
       "surrogate."},
      {"\"\\ude00\"",
       "22P02: invalid input syntax for type json / Unicode low surrogate must follow a high "
       "surrogate."},
      {"\"\\ud83d\\ud83d\"",
       "22P02: invalid input syntax for type json / Unicode high surrogate must not follow a high "
       "surrogate."},
      {"\"\\ud83dx\"",
       "22P02: invalid input syntax for type json / Unicode low surrogate must follow a high "
       "surrogate."},
      {"\"\\ud83d\\n\"",
       "22P02: invalid input syntax for type json / Unicode low surrogate must follow a high "
       "surrogate."},
      {"[[1]", "22P02: invalid input syntax for type json / The input string ended unexpectedly."},
      {"{\"a\":{\"b\":[1,{\"c\":\"d\"}]}}", "{\"a\": {\"b\": [1, {\"c\": \"d\"}]}}"},
      {"'a'", "22P02: invalid input syntax for type json / Token \"'\" is invalid."},
      {"nulll", "22P02: invalid input syntax for type json / Token \"nulll\" is invalid."},
      {"1e400000", "22003: value overflows numeric format"},
  };
  for (const TextCase& each : cases) EXPECT_EQ(as_jsonb(each.text), each.expected) << each.text;
}

TEST(PostgresJson, TextsOfJson) {
  const std::vector<TextCase> cases = {
      {"{\"a\" : 1}", "{\"a\" : 1}"},
      {"\"\\u0000\"", "\"\\u0000\""},
      {"\"\\ud83d\"", "\"\\ud83d\""},
      {"\"\\q\"",
       "22P02: invalid input syntax for type json / Escape sequence \"\\q\" is invalid."},
      {"[1,", "22P02: invalid input syntax for type json / The input string ended unexpectedly."},
      {"\"\\u00\"",
       "22P02: invalid input syntax for type json / \"\\u\" must be followed by four hexadecimal "
       "digits."},
      {"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"},
  };
  for (const TextCase& each : cases) EXPECT_EQ(as_json(each.text), each.expected) << each.text;
}

TEST(PostgresJson, Order) {
  const std::vector<OrderCase> cases = {
      {"null", "\"a\"", -1},
      {"\"a\"", "\"b\"", -1},
      {"\"a\"", "\"aa\"", -1},
      {"\"b\"", "\"aa\"", 1},
      {"\"a\"", "1", -1},
      {"1", "1.0", 0},
      {"1", "true", -1},
      {"false", "true", -1},
      {"true", "[]", 1},
      {"[]", "null", -1},
      {"[]", "{}", -1},
      {"1", "[1]", -1},
      {"1", "[0,0]", -1},
      {"[1]", "[0,0]", -1},
      {"[1,2]", "[1,3]", -1},
      {"[[]]", "[1]", 1},
      {"[[1]]", "[{}]", -1},
      {"{\"a\":1}", "{\"b\":0}", -1},
      {"{\"aa\":1}", "{\"b\":1}", -1},
      {"{\"a\":1,\"b\":2}", "{\"c\":9}", 1},
      {"{\"a\":1}", "{\"a\":2}", -1},
      {"1", "{}", -1},
      {"{\"a\":[1]}", "{\"a\":1}", 1},
  };
  for (const OrderCase& each : cases) {
    const Json left = parse_json(each.left);
    const Json right = parse_json(each.right);
    EXPECT_EQ(compare_json(left, right), each.expected) << each.left << " " << each.right;
    EXPECT_EQ(compare_json(right, left), -each.expected) << each.left << " " << each.right;
  }
}

constexpr int kDepth = static_cast<int>(Json::kMaxDepth);
constexpr std::string_view kTooDeep =
    "54001: stack depth limit exceeded / Increase the configuration parameter "
    "\"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is "
    "adequate.";

TEST(PostgresJson, RefusesDeeperNesting) {
  EXPECT_EQ(as_jsonb(nested("[", "", "]", kDepth + 1)), kTooDeep);
  EXPECT_EQ(as_jsonb(nested("{\"a\": ", "1", "}", kDepth + 1)), kTooDeep);
  EXPECT_EQ(as_json(nested("[", "", "", 200000)), kTooDeep);
  const Json deepest = parse_json(nested("{\"a\": ", "1", "}", kDepth));
  EXPECT_EQ(outcome([&] { return print_json(Json::array({deepest})); }), kTooDeep);
  EXPECT_EQ(outcome([&] { return print_json(Json::object({{"a", deepest}})); }), kTooDeep);
}

/// All that recurses, with trees of its own, so that they go on the same stack, too.
void go_through(std::string_view text, std::string_view path_text) {
  FunctionCaller caller(json_family());
  const Json json = parse_json(text);
  EXPECT_EQ(print_json(json), text);
  EXPECT_FALSE(print_json_indented(json).empty());
  EXPECT_EQ(compare_json(json, parse_json(text)), 0);
  check_json_text(text);
  const Value boxed = Value::boxed(json);
  EXPECT_TRUE(caller.binary("jsonb", "@>", "jsonb", boxed, boxed).boolean());
  const Value stripped = caller.function("jsonb_strip_nulls", "jsonb", {boxed});
  EXPECT_EQ(compare_json(stripped.as<Json>(), json), 0);
  const Value path = from_text(caller.environment, {.id = TypeId::text_array}, path_text);
  const Value changed =
      caller.function("jsonb_set", "jsonb _text jsonb", {boxed, path, Value::boxed(Json())});
  EXPECT_NE(compare_json(changed.as<Json>(), json), 0);
}

/// "{step,step,...}"
std::string path_of(std::string_view step, int length) {
  std::string path = "{" + std::string(step);
  for (int i = 1; i < length; ++i) path += "," + std::string(step);
  return path + "}";
}

TEST(PostgresJson, NestsAsDeeplyAsTheStackOfAFiberBears) {
  Stacks stacks;
  Fiber arrays(stacks, [] { go_through(nested("[", "", "]", kDepth), path_of("0", kDepth)); });
  arrays.resume();
  EXPECT_TRUE(arrays.is_done());
  Fiber objects(stacks,
                [] { go_through(nested("{\"a\": ", "1", "}", kDepth), path_of("a", kDepth)); });
  objects.resume();
  EXPECT_TRUE(objects.is_done());
}

TEST(PostgresJson, FindsKeysAndElements) {
  const Json json = parse_json(R"({"b": 1, "aa": [1, 2], "a": null})");
  EXPECT_EQ(json.find("b")->type(), Json::Type::number);
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(print_json(*json.find("aa")->at(-1)), "2");
  EXPECT_EQ(json.find("aa")->at(2), nullptr);
  EXPECT_EQ(json.at(0), nullptr);
}

}  // namespace

}  // namespace firedrill::sim::postgres
