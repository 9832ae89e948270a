#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "tests/postgres/row_cases.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

const std::vector<RowCase> kSyntaxRows = {
    {"regexp_match", "text text", {"abc", "b"}, "_text", "{b}"},
    {"regexp_match", "text text", {"abc", "x"}, "_text", "<null>"},
    {"regexp_match", "text text", {"aab", "a*"}, "_text", "{aa}"},
    {"regexp_match", "text text", {"aab", "a+b"}, "_text", "{aab}"},
    {"regexp_match", "text text", {"ab", "a?b"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"aaa", "a{2}"}, "_text", "{aa}"},
    {"regexp_match", "text text", {"aaaa", "a{2,3}"}, "_text", "{aaa}"},
    {"regexp_match", "text text", {"aaaa", "a{2,}"}, "_text", "{aaaa}"},
    {"regexp_match", "text text", {"aaaa", "a{0}b?"}, "_text", "{\"\"}"},
    {"regexp_match", "text text", {"a{", "a{"}, "_text", "{\"a{\"}"},
    {"regexp_match", "text text", {"a{,2}", "a{,2}"}, "_text", "{\"a{,2}\"}"},
    {"regexp_match", "text text", {"abc", "(a)(b)|c"}, "_text", "{a,b}"},
    {"regexp_match", "text text", {"abc", "(?:a)(b)"}, "_text", "{b}"},
    {"regexp_match", "text text", {"a|b", "a\\|b"}, "_text", "{a|b}"},
    {"regexp_match", "text text", {"abc", "[a-b]+"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"a]b", "[]a]+"}, "_text", "{a]}"},
    {"regexp_match", "text text", {"xyz", "[^x-y]"}, "_text", "{z}"},
    {"regexp_match", "text text", {"a-b", "[a-]+"}, "_text", "{a-}"},
    {"regexp_match", "text text", {"ab1 ", "[[:alpha:]]+"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"ab1 ", "[[:digit:][:space:]]+"}, "_text", "{\"1 \"}"},
    {"regexp_match", "text text", {"aé", "[[:alnum:]]+"}, "_text", "{a}"},
    {"regexp_match", "text text", {"a", "[[.a.]]"}, "_text", "{a}"},
    {"regexp_match", "text text", {"a", "[[=a=]]"}, "_text", "{a}"},
    {"regexp_match", "text text", {"ab12", "\\d+"}, "_text", "{12}"},
    {"regexp_match", "text text", {"ab12", "\\D+"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"a b", "\\s"}, "_text", "{\" \"}"},
    {"regexp_match", "text text", {"a_b ", "\\w+"}, "_text", "{a_b}"},
    {"regexp_match", "text text", {"a_b ", "\\W"}, "_text", "{\" \"}"},
    {"regexp_match", "text text", {"a1", "[\\d]"}, "_text", "{1}"},
    {"regexp_match", "text text", {"A", "\\x41"}, "_text", "{A}"},
    {"regexp_match", "text text", {"A", "\\u0041"}, "_text", "{A}"},
    {"regexp_match", "text text", {"\t", "\\t"}, "_text", "{\"\t\"}"},
    {"regexp_match", "text text", {"a.b", "a\\.b"}, "_text", "{a.b}"},
    {"regexp_match", "text text", {"abab", "(ab)\\1"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"aa", "(a)\\1+"}, "_text", "{a}"},
    {"regexp_match", "text text", {"abc", "^b"}, "_text", "<null>"},
    {"regexp_match", "text text", {"abc", "c$"}, "_text", "{c}"},
    {"regexp_match", "text text", {"a\nb", "^b"}, "_text", "<null>"},
    {"regexp_match", "text text", {"foo bar", "\\mbar"}, "_text", "{bar}"},
    {"regexp_match", "text text", {"foo bar", "foo\\M"}, "_text", "{foo}"},
    {"regexp_match", "text text", {"foo bar", "o\\y"}, "_text", "{o}"},
    {"regexp_match", "text text", {"foo", "o\\Yo"}, "_text", "{oo}"},
    {"regexp_match", "text text", {"abc", "\\Aa"}, "_text", "{a}"},
    {"regexp_match", "text text", {"abc", "c\\Z"}, "_text", "{c}"},
    {"regexp_match", "text text", {"foobar", "foo(?=bar)"}, "_text", "{foo}"},
    {"regexp_match", "text text", {"foobaz", "foo(?!bar)"}, "_text", "{foo}"},
    {"regexp_match", "text text", {"foobar", "(?<=foo)bar"}, "_text", "{bar}"},
    {"regexp_match", "text text", {"foobar", "(?<!foo)bar"}, "_text", "<null>"},
    {"regexp_match", "text text", {"foo bar", "[[:<:]]bar"}, "_text", "{bar}"},
    {"regexp_match", "text text", {"foo bar", "foo[[:>:]]"}, "_text", "{foo}"},
    {"regexp_match", "text text", {"ABC", "(?i)b"}, "_text", "{B}"},
    {"regexp_match", "text text", {"a b", "(?x)a #c\n\\ b"}, "_text", "{\"a b\"}"},
    {"regexp_match", "text text", {"a\nb", "(?n)a.b"}, "_text", "<null>"},
    {"regexp_match", "text text", {"a.b", "***=."}, "_text", "{.}"},
    {"regexp_match", "text text", {"ab", "***:b"}, "_text", "{b}"},
    {"regexp_match", "text text", {"a", "(?#comment)a"}, "_text", "{a}"},
    {"regexp_match", "text text", {"日本語", "本."}, "_text", "{本語}"},
    {"regexp_match", "text text", {"", ""}, "_text", "{\"\"}"},
};

TEST(PostgresRegularExpressions, Syntax) {
  expect_rows(pattern_family(), RowForm::function, kSyntaxRows);
}

const std::vector<RowCase> kPreferencesRows = {
    {"regexp_match", "text text", {"aaa", "a*?"}, "_text", "{\"\"}"},
    {"regexp_match", "text text", {"aaa", "a+?"}, "_text", "{a}"},
    {"regexp_match", "text text", {"aab", "a+?b"}, "_text", "{aab}"},
    {"regexp_match", "text text", {"aaa", "(a{1,2}?)(a*)"}, "_text", "{a,\"\"}"},
    {"regexp_match", "text text", {"aaa", "(a{1,2})(a*?)"}, "_text", "{aa,a}"},
    {"regexp_match", "text text", {"xaax", "(?:x.*?x|a)"}, "_text", "{xaax}"},
    {"regexp_match", "text text", {"abcabc", "(.*?)c"}, "_text", "{ab}"},
    {"regexp_match", "text text", {"abcabc", "(.*)c"}, "_text", "{abcab}"},
    {"regexp_match", "text text", {"abcd", "(a|ab)(c|bcd)"}, "_text", "{a,bcd}"},
    {"regexp_match", "text text", {"abcd", "(?:(a)|b)*"}, "_text", "{NULL}"},
    {"regexp_match", "text text", {"ab", "(a)|(b)"}, "_text", "{a,NULL}"},
    {"regexp_match", "text text", {"ab", "((a)|(b))*"}, "_text", "{b,NULL,b}"},
    {"regexp_match", "text text", {"", "(a*)*"}, "_text", "{\"\"}"},
    {"regexp_match", "text text", {"", "(a*?)*"}, "_text", "{NULL}"},
    {"regexp_match", "text text", {"", "(a?\?){0,2}"}, "_text", "{NULL}"},
    {"regexp_match", "text text", {"b", "((a)*?)*b"}, "_text", "{NULL,NULL}"},
    {"regexp_match", "text text", {"c1b1cab a", "((c[^a])*?)?\?"}, "_text", "{NULL,NULL}"},
    {"regexp_match", "text text", {"aaaa", "(a*)(a*?)"}, "_text", "{aaaa,\"\"}"},
    {"regexp_match", "text text", {"aaaa", "(a*?)(a*)"}, "_text", "{\"\",\"\"}"},
    {"regexp_match", "text text", {"foobar", "(o+?)(b|ob)"}, "_text", "{o,ob}"},
    {"regexp_match", "text text", {"aXbXc", "^(.*?)X(.*)$"}, "_text", "{a,bXc}"},
    {"regexp_match", "text text", {"abab", "(a|ab|b)+"}, "_text", "{b}"},
    {"regexp_match", "text text", {"xyxy", "(x|y|xy)*?y"}, "_text", "{x}"},
    {"regexp_match", "text text", {"aab", "(a)*ab"}, "_text", "{a}"},
    {"regexp_match", "text text", {"aaab", "(a|aa)+b"}, "_text", "{a}"},
    {"regexp_match", "text text", {"abcbc", "(a(bc)*?)+"}, "_text", "{abcbc,bc}"},
    {"regexp_match",
     "text text",
     {"ba xc", "(((.b)+?)|(.|[ab])+?(b{0,1}?){0,1}?)"},
     "_text",
     "{\"ba xc\",NULL,NULL,c,NULL}"},
};

TEST(PostgresRegularExpressions, Preferences) {
  expect_rows(pattern_family(), RowForm::function, kPreferencesRows);
}

const std::vector<RowCase> kErrorsRows = {
    {"regexp_match",
     "text text",
     {"a", "("},
     "_text",
     "2201B: invalid regular expression: parentheses () not balanced"},
    {"regexp_match",
     "text text",
     {"a", ")"},
     "_text",
     "2201B: invalid regular expression: parentheses () not balanced"},
    {"regexp_match",
     "text text",
     {"a", "["},
     "_text",
     "2201B: invalid regular expression: brackets [] not balanced"},
    {"regexp_match",
     "text text",
     {"a", "[b-a]"},
     "_text",
     "2201B: invalid regular expression: invalid character range"},
    {"regexp_match",
     "text text",
     {"a", "[[:foo:]]"},
     "_text",
     "2201B: invalid regular expression: invalid character class"},
    {"regexp_match",
     "text text",
     {"a", "[[.foo"},
     "_text",
     "2201B: invalid regular expression: brackets [] not balanced"},
    {"regexp_match",
     "text text",
     {"a", "*"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "a**"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "a{2,1}"},
     "_text",
     "2201B: invalid regular expression: invalid repetition count(s)"},
    {"regexp_match",
     "text text",
     {"a", "a{300}"},
     "_text",
     "2201B: invalid regular expression: invalid repetition count(s)"},
    {"regexp_match",
     "text text",
     {"a", "a{1"},
     "_text",
     "2201B: invalid regular expression: braces {} not balanced"},
    {"regexp_match",
     "text text",
     {"a", "\\"},
     "_text",
     "2201B: invalid regular expression: invalid escape \\ sequence"},
    {"regexp_match",
     "text text",
     {"a", "\\1"},
     "_text",
     "2201B: invalid regular expression: invalid backreference number"},
    {"regexp_match",
     "text text",
     {"a", "(a)\\2"},
     "_text",
     "2201B: invalid regular expression: invalid backreference number"},
    {"regexp_match",
     "text text",
     {"a", "\\q"},
     "_text",
     "2201B: invalid regular expression: invalid escape \\ sequence"},
    {"regexp_match",
     "text text",
     {"a", "a|*"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "(?z)a"},
     "_text",
     "2201B: invalid regular expression: invalid embedded option"},
    {"regexp_match",
     "text text",
     {"a", "(?"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "****"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "[a-[:digit:]]"},
     "_text",
     "2201B: invalid regular expression: invalid character range"},
    {"regexp_match",
     "text text",
     {"a", "(?<=a)*"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "^*"},
     "_text",
     "2201B: invalid regular expression: quantifier operand invalid"},
    {"regexp_match",
     "text text",
     {"a", "\\x"},
     "_text",
     "2201B: invalid regular expression: invalid escape \\ sequence"},
    {"regexp_match", "text text", {"a", "[\\W]"}, "_text", "<null>"},
    {"regexp_match",
     "text text",
     {"a", "(?=(a)\\1)"},
     "_text",
     "2201B: invalid regular expression: invalid backreference number"},
};

TEST(PostgresRegularExpressions, Errors) {
  expect_rows(pattern_family(), RowForm::function, kErrorsRows);
}

const std::vector<RowCase> kFlagsRows = {
    {"regexp_match", "text text text", {"ABC", "b", "i"}, "_text", "{B}"},
    {"regexp_match", "text text text", {"ABC", "b", "ic"}, "_text", "<null>"},
    {"regexp_match", "text text text", {"a.b", ".b", "q"}, "_text", "{.b}"},
    {"regexp_match", "text text text", {"a\nb", "a.b", "n"}, "_text", "<null>"},
    {"regexp_match", "text text text", {"a\nb", "a.b", "s"}, "_text", "{\"a\nb\"}"},
    {"regexp_match", "text text text", {"a\nb", "^b", "n"}, "_text", "{b}"},
    {"regexp_match", "text text text", {"a\nb", "^b", "w"}, "_text", "{b}"},
    {"regexp_match", "text text text", {"a\nb", "a.b", "p"}, "_text", "<null>"},
    {"regexp_match", "text text text", {"a b", "a b", "x"}, "_text", "<null>"},
    {"regexp_match",
     "text text text",
     {"a", "a", "g"},
     "_text",
     "22023: regexp_match() does not support the \"global\" option / Use the regexp_matches "
     "function instead."},
    {"regexp_match",
     "text text text",
     {"a", "a", "z"},
     "_text",
     "22023: invalid regular expression option: \"z\""},
    {"regexp_match", "text text text", {std::nullopt, "a", "i"}, "_text", "<null>"},
    {"regexp_match", "text text text", {"AB", "a(b)", "iq"}, "_text", "<null>"},
};

TEST(PostgresRegularExpressions, Flags) {
  expect_rows(pattern_family(), RowForm::function, kFlagsRows);
}

TEST(PostgresRegularExpressions, BasicOnesAndNamedCharactersAreRefused) {
  const std::vector<RowCase> rows = {
      {"regexp_match",
       "text text text",
       {"a", "a", "b"},
       "_text",
       "0A000: a basic regular expression is not supported by the simulated PostgreSQL"},
      {"regexp_match",
       "text text text",
       {"a", "a", "e"},
       "_text",
       "0A000: a basic regular expression is not supported by the simulated PostgreSQL"},
      {"regexp_match",
       "text text text",
       {"a", "[[.hyphen.]]", ""},
       "_text",
       "0A000: a named collating element is not supported by the simulated PostgreSQL"},
  };
  expect_rows(pattern_family(), RowForm::function, rows);
}

TEST(PostgresRegularExpressions, WhatTheStackDoesNotBearIsRefused) {
  const auto repeated = [](std::string_view what, int count) {
    std::string text;
    for (; count > 0; --count) text += what;
    return text;
  };
  const std::string nested = repeated("(", 61) + repeated(")", 61);
  const std::string groups = repeated("(a)", 102);
  const std::vector<RowCase> rows = {
      {"regexp_match",
       "text text",
       {"a", nested},
       "_text",
       "0A000: a regular expression of so many levels is not supported by the simulated "
       "PostgreSQL"},
      {"regexp_match",
       "text text",
       {"a", groups},
       "_text",
       "0A000: a regular expression of so many groups is not supported by the simulated "
       "PostgreSQL"},
      {"regexp_match",
       "text text",
       {"a", "((a{255}){255}){255}"},
       "_text",
       "2201B: invalid regular expression: regular expression is too complex"},
  };
  expect_rows(pattern_family(), RowForm::function, rows);
}

}  // namespace

}  // namespace firedrill::sim::postgres
