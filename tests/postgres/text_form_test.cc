#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/values/array.h"
#include "sim/postgres/values/interval.h"
#include "sim/postgres/values/numeric.h"
#include "tests/postgres/text_caller.h"

namespace firedrill::sim::postgres {

namespace {

struct TextCase {
  std::string_view type, text, expected;
};

const std::vector<TextCase> kTextCases = {
    {"int4", "", "22P02: invalid input syntax for type integer: \"\""},
    {"int4", " 12 ", "12"},
    {"int4", "+5", "5"},
    {"int4", "-0", "0"},
    {"int4", "1x", "22P02: invalid input syntax for type integer: \"1x\""},
    {"int4", "1 2", "22P02: invalid input syntax for type integer: \"1 2\""},
    {"int4", "2147483648", "22003: value \"2147483648\" is out of range for type integer"},
    {"int4", "-2147483648", "-2147483648"},
    {"int4", "99999999999x", "22003: value \"99999999999x\" is out of range for type integer"},
    {"int4", "0x10", "22P02: invalid input syntax for type integer: \"0x10\""},
    {"int4", "1.0", "22P02: invalid input syntax for type integer: \"1.0\""},
    {"int2", "32768", "22003: value \"32768\" is out of range for type smallint"},
    {"int2", "-32768", "-32768"},
    {"int8", "9223372036854775808",
     "22003: value \"9223372036854775808\" is out of range for type bigint"},
    {"int8", "-9223372036854775808", "-9223372036854775808"},
    {"int8", "x", "22P02: invalid input syntax for type bigint: \"x\""},
    {"oid", "4294967295", "4294967295"},
    {"oid", "4294967296", "22003: value \"4294967296\" is out of range for type oid"},
    {"oid", "-1", "4294967295"},
    {"oid", "x", "22P02: invalid input syntax for type oid: \"x\""},
    {"oid", "", "22P02: invalid input syntax for type oid: \"\""},
    {"bool", " t ", "t"},
    {"bool", "TRUE", "t"},
    {"bool", "ye", "t"},
    {"bool", "on", "t"},
    {"bool", "of", "f"},
    {"bool", "o", "22P02: invalid input syntax for type boolean: \"o\""},
    {"bool", "1", "t"},
    {"bool", "0", "f"},
    {"bool", "2", "22P02: invalid input syntax for type boolean: \"2\""},
    {"bool", "", "22P02: invalid input syntax for type boolean: \"\""},
    {"float8", "0.1", "0.1"},
    {"float8", "1e15", "1e+15"},
    {"float8", "1e16", "1e+16"},
    {"float8", "123456789012345", "123456789012345"},
    {"float8", "1e-5", "1e-05"},
    {"float8", "0.0001", "0.0001"},
    {"float8", "1e23", "9.999999999999999e+22"},
    {"float8", "-0", "-0"},
    {"float8", "1e400", "22003: \"1e400\" is out of range for type double precision"},
    {"float8", "1e-400", "22003: \"1e-400\" is out of range for type double precision"},
    {"float8", "5e-324", "5e-324"},
    {"float8", " inf ", "Infinity"},
    {"float8", "-Infinity", "-Infinity"},
    {"float8", "nan", "NaN"},
    {"float8", "x", "22P02: invalid input syntax for type double precision: \"x\""},
    {"float8", "", "22P02: invalid input syntax for type double precision: \"\""},
    {"float8", "1e", "22P02: invalid input syntax for type double precision: \"1e\""},
    {"float8", "0x1p3", "8"},
    {"float8", "268311120110899591", "2.6831112011089958e+17"},
    {"float8", "100000000000000000000", "1e+20"},
    {"float4", "0.1", "0.1"},
    {"float4", "1e6", "1e+06"},
    {"float4", "123456.7", "123456.7"},
    {"float4", "100000", "100000"},
    {"float4", "16777217", "1.6777216e+07"},
    {"float4", "1e40", "22003: \"1e40\" is out of range for type real"},
    {"float4", "1e-50", "22003: \"1e-50\" is out of range for type real"},
    {"float4", "x", "22P02: invalid input syntax for type real: \"x\""},
    {"numeric", "1.50", "1.50"},
    {"numeric", ".5", "0.5"},
    {"numeric", "5.", "5"},
    {"numeric", "+.5e+2", "50"},
    {"numeric", "1e-3", "0.001"},
    {"numeric", "1e", "22P02: invalid input syntax for type numeric: \"1e\""},
    {"numeric", "1e200000", "22003: value overflows numeric format"},
    {"numeric", "1e-20000", "22003: value overflows numeric format"},
    {"numeric", "NaN", "NaN"},
    {"numeric", " -inf ", "-Infinity"},
    {"numeric", "+infinity", "Infinity"},
    {"numeric", "1.2.3", "22P02: invalid input syntax for type numeric: \"1.2.3\""},
    {"numeric", "", "22P02: invalid input syntax for type numeric: \"\""},
    {"numeric", "--1", "22P02: invalid input syntax for type numeric: \"--1\""},
    {"numeric", "00012.300", "12.300"},
    {"numeric", "0x1", "22P02: invalid input syntax for type numeric: \"0x1\""},
    {"numeric", "-0.0", "0.0"},
    {"numeric", "123456789012345678901234567890.12", "123456789012345678901234567890.12"},
    {"text", "a b", "a b"},
    {"text", "", ""},
    {"varchar", "é", "é"},
    {"bpchar", "a  ", "a  "},
    {"name", "abc", "abc"},
    {"name", "éééééééééééééééééééééééééééééééééééééééé", "ééééééééééééééééééééééééééééééé"},
    {"char", "abc", "a"},
    {"char", "", ""},
    {"char", "\\303", "\\303"},
    {"json", "{\"b\":1, \"a\":[ ]}", "{\"b\":1, \"a\":[ ]}"},
    {"jsonb", "{\"b\":1, \"a\":[ ]}", "{\"a\": [], \"b\": 1}"},
    {"bytea", "ab", "\\x6162"},
    {"bytea", "\\x6162", "\\x6162"},
    {"uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {"uuid", "x", "22P02: invalid input syntax for type uuid: \"x\""},
    {"date", "2020-02-30", "22008: date/time field value out of range: \"2020-02-30\""},
    {"date", "2020-02-29", "2020-02-29"},
    {"time", "10:11:12.5", "10:11:12.5"},
    {"timestamp", "2020-01-02 03:04:05.678", "2020-01-02 03:04:05.678"},
    {"timestamptz", "2020-01-02 03:04:05+02", "2020-01-02 01:04:05+00"},
    {"interval", "1 year 2 days 03:00", "1 year 2 days 03:00:00"},
    {"_int4", "{1,NULL,3}", "{1,NULL,3}"},
    {"_int4", "{1,x}", "22P02: invalid input syntax for type integer: \"x\""},
    {"record", "(1)", "0A000: input of anonymous composite types is not implemented"},
    {"anyarray", "x", "0A000: cannot accept a value of type anyarray"},
};

struct LengthCase {
  std::string_view type;
  std::int32_t length;
  std::string_view text, cast, assigned;
};

const std::vector<LengthCase> kLengthCases = {
    {"varchar", 2, "abc", "ab", "22001: value too long for type character varying(2)"},
    {"varchar", 2, "ab  ", "ab", "ab"},
    {"varchar", 2, "éöü", "éö", "22001: value too long for type character varying(2)"},
    {"varchar", 5, "ab", "ab", "ab"},
    {"bpchar", 3, "a", "a  ", "a  "},
    {"bpchar", 2, "abc", "ab", "22001: value too long for type character(2)"},
    {"bpchar", 2, "ab   ", "ab", "ab"},
    {"bpchar", 3, "éö", "éö ", "éö "},
};

/// In and out again.
std::string there_and_back(const Environment& environment, Type type, std::string_view text) {
  return outcome([&] { return to_text(environment, type.id, from_text(environment, type, text)); });
}

/// create type mood as enum ('sad', 'ok', 'happy'), where the labels' oids are in another order.
StubEnvironment with_mood() {
  StubEnvironment environment;
  environment.stub_types.added.push_back(
      {.id = static_cast<TypeId>(16400),
       .name = "mood",
       .title = "mood",
       .category = 'E',
       .length = 4,
       .kind = Kind::integer,
       .labels = {{16405, "sad"}, {16402, "ok"}, {16403, "happy"}}});
  return environment;
}

}  // namespace

TEST(PostgresTextForm, ThereAndBack) {
  const StubEnvironment environment;
  for (const TextCase& row : kTextCases) {
    const TypeId type = environment.types().find(row.type)->id;
    EXPECT_EQ(there_and_back(environment, {.id = type}, row.text), row.expected)
        << row.type << " '" << row.text << "'";
  }
}

TEST(PostgresTextForm, Lengths) {
  const StubEnvironment environment;
  for (const LengthCase& row : kLengthCases) {
    const Type type{environment.types().find(row.type)->id, row.length + 4};
    const auto applied = [&](bool is_explicit) {
      return outcome([&] {
        return apply_modifier(environment, type, Value::of(row.text), is_explicit).text();
      });
    };
    EXPECT_EQ(applied(true), row.cast) << row.text;
    EXPECT_EQ(applied(false), row.assigned) << row.text;
    EXPECT_EQ(there_and_back(environment, type, row.text), row.assigned) << row.text;
  }
}

TEST(PostgresTextForm, Modifiers) {
  const StubEnvironment environment;
  EXPECT_EQ(there_and_back(environment, {TypeId::numeric, ((4 << 16) | 1) + 4}, "1.25"), "1.3");
  EXPECT_EQ(there_and_back(environment, {TypeId::timestamp, 0}, "2020-01-01 00:00:00.5"),
            "2020-01-01 00:00:01");
  EXPECT_EQ(there_and_back(environment, {TypeId::varchar_array, 6}, "{ab,a}"), "{ab,a}");
  EXPECT_TRUE(apply_modifier(environment, {TypeId::varchar, 6}, Value(), false).is_null());
}

TEST(PostgresTextForm, Enums) {
  const StubEnvironment environment = with_mood();
  const Type mood{.id = static_cast<TypeId>(16400)};
  EXPECT_EQ(there_and_back(environment, mood, "ok"), "ok");
  EXPECT_EQ(there_and_back(environment, mood, "x"),
            "22P02: invalid input value for enum mood: \"x\"");
  const auto order = [&](std::string_view left, std::string_view right) {
    return compare(environment.types(), mood.id, from_text(environment, mood, left),
                   from_text(environment, mood, right));
  };
  EXPECT_EQ(order("sad", "ok"), -1);
  EXPECT_EQ(order("happy", "ok"), 1);
  EXPECT_EQ(order("ok", "ok"), 0);
}

TEST(PostgresTextForm, OnlyUtf8) {
  const StubEnvironment environment;
  EXPECT_EQ(there_and_back(environment, {.id = TypeId::text}, "a\x80"),
            "22021: invalid byte sequence for encoding \"UTF8\": 0x80");
  EXPECT_EQ(there_and_back(environment, {.id = TypeId::text}, std::string_view("a\0b", 3)),
            "22021: invalid byte sequence for encoding \"UTF8\": 0x00");
}

TEST(PostgresTextForm, WhatHasNoText) {
  const StubEnvironment environment;
  EXPECT_EQ(to_text(environment, TypeId::void_, Value::of("")), "");
  EXPECT_EQ(to_text(environment, TypeId::regtype, Value::of(1043)), "character varying");
  EXPECT_EQ(to_text(environment, TypeId::regtype, Value::of(0)), "-");
  EXPECT_EQ(there_and_back(environment, {.id = TypeId::regclass}, "x"),
            "0A000: regclass is not supported by the simulated PostgreSQL");
}

TEST(PostgresTextForm, JsonHasNoOrder) {
  const StubEnvironment environment;
  const auto order = [&](TypeId type, const Value& value) {
    return outcome(
        [&] { return std::to_string(compare(environment.types(), type, value, value)); });
  };
  EXPECT_EQ(order(TypeId::json, Value::of("1")),
            "42883: could not identify a comparison function for type json");
  const Value array = from_text(environment, {.id = TypeId::json_array}, "{1}");
  EXPECT_EQ(order(TypeId::json_array, array),
            "42883: could not identify a comparison function for type json");
}

}  // namespace firedrill::sim::postgres
