#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "tests/postgres/row_cases.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

const std::vector<RowCase> kLikeRows = {
    {"~~", "text text", {"abc", "a%"}, "bool", "true"},
    {"~~", "text text", {"abc", "_b_"}, "bool", "true"},
    {"~~", "text text", {"abc", "ab"}, "bool", "false"},
    {"~~", "text text", {"a%c", "a\\%c"}, "bool", "true"},
    {"~~", "text text", {"abc", "a\\%c"}, "bool", "false"},
    {"~~", "text text", {"", "%"}, "bool", "true"},
    {"~~", "text text", {"", "_"}, "bool", "false"},
    {"~~", "text text", {"日本", "__"}, "bool", "true"},
    {"~~", "text text", {"日本", "____"}, "bool", "false"},
    {"~~", "text text", {"abc", "abc\\"}, "bool", "false"},
    {"~~", "text text", {"a\\c", "a\\\\c"}, "bool", "true"},
    {"~~", "text text", {"aXbXc", "%X%X%"}, "bool", "true"},
    {"~~", "text text", {"abcabd", "%ab_"}, "bool", "true"},
    {"~~", "text text", {"abc", "%%c"}, "bool", "true"},
    {"~~", "text text", {"abc", ""}, "bool", "false"},
    {"~~", "text text", {"a\nb", "a_b"}, "bool", "true"},
    {"~~", "text text", {std::nullopt, "%"}, "bool", "<null>"},
    {"~~", "text text", {"é", "\\é"}, "bool", "true"},
    {"~~", "bpchar text", {"ab  ", "ab"}, "bool", "false"},
    {"~~", "bpchar text", {"ab  ", "ab%"}, "bool", "true"},
    {"~~", "name text", {"abc", "a%"}, "bool", "true"},
    {"~~", "bytea bytea", {"\\x00ff", "\\x5fff"}, "bool", "true"},
    {"~~", "bytea bytea", {"\\xc3a9", "\\x5f5f"}, "bool", "true"},
    {"!~~", "text text", {"abc", "a%"}, "bool", "false"},
    {"!~~", "text text", {"abc", "b%"}, "bool", "true"},
    {"!~~", "bpchar text", {"ab", "a%"}, "bool", "false"},
    {"!~~", "name text", {"abc", "x%"}, "bool", "true"},
    {"!~~", "bytea bytea", {"\\x41", "\\x25"}, "bool", "false"},
    {"!~~", "bytea bytea", {"\\x41", "\\x4242"}, "bool", "true"},
    {"~~*", "text text", {"ABC", "a%"}, "bool", "true"},
    {"~~*", "text text", {"É", "é"}, "bool", "false"},
    {"~~*", "text text", {"aBc", "A_C"}, "bool", "true"},
    {"~~*", "text text", {"ab", "abc\\"}, "bool", "false"},
    {"~~*", "bpchar text", {"AB", "ab"}, "bool", "true"},
    {"~~*", "name text", {"Abc", "aB%"}, "bool", "true"},
    {"!~~*", "text text", {"ABC", "a%"}, "bool", "false"},
    {"!~~*", "bpchar text", {"AB", "b%"}, "bool", "true"},
    {"!~~*", "name text", {"Abc", "x"}, "bool", "true"},
};

TEST(PostgresPatterns, Like) {
  expect_rows(pattern_family(), RowForm::operation, kLikeRows);
}

const std::vector<RowCase> kRegularExpressionsRows = {
    {"~", "text text", {"abc", "^a"}, "bool", "true"},
    {"~", "text text", {"abc", "B"}, "bool", "false"},
    {"~", "text text", {"a\nb", "a.b"}, "bool", "true"},
    {"~",
     "text text",
     {"abc", "("},
     "bool",
     "2201B: invalid regular expression: parentheses () not balanced"},
    {"~", "text text", {"", ""}, "bool", "true"},
    {"~", "bpchar text", {"ab  ", "b$"}, "bool", "false"},
    {"~", "bpchar text", {"ab  ", "b  $"}, "bool", "true"},
    {"~", "name text", {"abc", "c$"}, "bool", "true"},
    {"!~", "text text", {"abc", "b"}, "bool", "false"},
    {"!~", "text text", {"abc", "x"}, "bool", "true"},
    {"!~", "bpchar text", {"abc", "x"}, "bool", "true"},
    {"!~", "name text", {"abc", "a"}, "bool", "false"},
    {"~*", "text text", {"ABC", "b"}, "bool", "true"},
    {"~*", "text text", {"É", "é"}, "bool", "false"},
    {"~*", "text text", {"abc", "[A-B]C"}, "bool", "true"},
    {"~*", "bpchar text", {"AB", "ab"}, "bool", "true"},
    {"~*", "name text", {"Abc", "^aB"}, "bool", "true"},
    {"!~*", "text text", {"ABC", "b"}, "bool", "false"},
    {"!~*", "bpchar text", {"AB", "x"}, "bool", "true"},
    {"!~*", "name text", {"Abc", "x"}, "bool", "true"},
};

TEST(PostgresPatterns, RegularExpressions) {
  expect_rows(pattern_family(), RowForm::operation, kRegularExpressionsRows);
}

const std::vector<RowCase> kFunctionsRows = {
    {"like", "text text", {"abc", "a%"}, "bool", "true"},
    {"like", "name text", {"abc", "_"}, "bool", "false"},
    {"like", "bytea bytea", {"\\x4142", "\\x4125"}, "bool", "true"},
    {"notlike", "text text", {"abc", "a%"}, "bool", "false"},
    {"notlike", "name text", {"abc", "x"}, "bool", "true"},
    {"notlike", "bytea bytea", {"\\x41", "\\x41"}, "bool", "false"},
    {"like_escape", "text text", {"a%b", "#"}, "text", "a%b"},
    {"like_escape", "text text", {"a#%b", "#"}, "text", "a\\%b"},
    {"like_escape", "text text", {"a\\b", "#"}, "text", "a\\\\b"},
    {"like_escape", "text text", {"a#", "#"}, "text", "a\\"},
    {"like_escape", "text text", {"a##b", "#"}, "text", "a\\#b"},
    {"like_escape", "text text", {"a\\%", "\\"}, "text", "a\\%"},
    {"like_escape", "text text", {"a%", ""}, "text", "a%"},
    {"like_escape",
     "text text",
     {"a", "ab"},
     "text",
     "22025: invalid escape string / Escape string must be empty or one character."},
    {"like_escape", "text text", {"aé%", "é"}, "text", "a\\%"},
    {"like_escape", "text text", {std::nullopt, "#"}, "text", "<null>"},
    {"similar_to_escape", "text", {"a%_b"}, "text", "^(?:a.*.b)$"},
    {"similar_to_escape", "text", {"a\\%b"}, "text", "^(?:a\\%b)$"},
    {"similar_to_escape", "text", {std::nullopt}, "text", "<null>"},
    {"similar_to_escape", "text text", {"(a|b)*", "#"}, "text", "^(?:(?:a|b)*)$"},
    {"similar_to_escape", "text text", {"a#%", "#"}, "text", "^(?:a\\%)$"},
    {"similar_to_escape", "text text", {"[%_(]%", "\\"}, "text", "^(?:[%_(].*)$"},
    {"similar_to_escape", "text text", {"[]%]%", "#"}, "text", "^(?:[]%].*)$"},
    {"similar_to_escape", "text text", {"[^]%]%", "#"}, "text", "^(?:[^]%].*)$"},
    {"similar_to_escape", "text text", {"[^^]%]%", "#"}, "text", "^(?:[^^].*].*)$"},
    {"similar_to_escape", "text text", {"[[:alpha:]_]_", "#"}, "text", "^(?:[[:alpha:]_].)$"},
    {"similar_to_escape", "text text", {"[a[]%]%", "#"}, "text", "^(?:[a[]%].*)$"},
    {"similar_to_escape", "text text", {"[#]%]%", "#"}, "text", "^(?:[\\]%].*)$"},
    {"similar_to_escape", "text text", {"[\"#\"]", "#"}, "text", "^(?:[\"\\\"])$"},
    {"similar_to_escape", "text text", {"a.b^c$", "#"}, "text", "^(?:a\\.b\\^c\\$)$"},
    {"similar_to_escape", "text text", {"a\\d", ""}, "text", "^(?:a\\\\d)$"},
    {"similar_to_escape", "text text", {"#\"a#\"", "#"}, "text", "^(?:){1,1}?(a){1,1}(?:)$"},
    {"similar_to_escape", "text text", {"a#\"b#\"c", "#"}, "text", "^(?:a){1,1}?(b){1,1}(?:c)$"},
    {"similar_to_escape",
     "text text",
     {"#\"#\"#\"", "#"},
     "text",
     "2200C: SQL regular expression may not contain more than two escape-double-quote separators"},
    {"similar_to_escape",
     "text text",
     {"a", "##"},
     "text",
     "22025: invalid escape string / Escape string must be empty or one character."},
    {"similar_to_escape", "text text", {"a{1,2}?+*", "#"}, "text", "^(?:a{1,2}?+*)$"},
    {"similar_to_escape", "text text", {"é%", "é"}, "text", "^(?:\\%)$"},
    {"similar_to_escape", "text text", {"[é]%", "ü"}, "text", "^(?:[é]%)$"},
    {"similar_to_escape", "text text", {std::nullopt, "#"}, "text", "<null>"},
    {"similar_to_escape", "text text", {"a", std::nullopt}, "text", "<null>"},
    {"substring", "text text", {"foobar", "o.b"}, "text", "oob"},
    {"substring", "text text", {"foobar", "o(.)b"}, "text", "o"},
    {"substring", "text text", {"foobar", "x"}, "text", "<null>"},
    {"substring", "text text", {"foobar", "(x)?o"}, "text", "<null>"},
    {"substring", "text text", {"a", std::nullopt}, "text", "<null>"},
    {"substring", "text text text", {"foobar", "%#\"o_b#\"%", "#"}, "text", "oob"},
    {"substring", "text text text", {"foobar", "#\"o_b#\"%", "#"}, "text", "<null>"},
    {"substring", "text text text", {"abcdefg", "a#\"(b_d)#\"%", "#"}, "text", "bcd"},
    {"substring", "text text text", {"abcdefg", "a#\"%#\"g", "#"}, "text", "bcdef"},
    {"substring", "text text text", {"abc", "%", "#"}, "text", "abc"},
    {"substring", "text text text", {"abc", "#\"%", "#"}, "text", "abc"},
    {"substring", "text text text", {"abc", "a#\"b#\"", "#"}, "text", "<null>"},
    {"substring",
     "text text text",
     {"abc", "%#\"b#\"%#\"", "#"},
     "text",
     "2200C: SQL regular expression may not contain more than two escape-double-quote separators"},
    {"substring",
     "text text text",
     {"abc", "abc", "##"},
     "text",
     "22025: invalid escape string / Escape string must be empty or one character."},
    {"substring", "text text text", {"abcabc", "a#\"%#\"c", "#"}, "text", "bcab"},
};

TEST(PostgresPatterns, Functions) {
  expect_rows(pattern_family(), RowForm::function, kFunctionsRows);
}

}  // namespace

}  // namespace firedrill::sim::postgres
