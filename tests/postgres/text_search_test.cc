#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/text_search.h"
#include "tests/postgres/row_cases.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

const std::vector<RowCase> kVectorsRows = {
    {"to_tsvector",
     "text text",
     {"simple", "The quick Brown fox"},
     "tsvector",
     "'brown':3 'fox':4 'quick':2 'the':1"},
    {"to_tsvector", "text text", {"simple", ""}, "tsvector", ""},
    {"to_tsvector", "text text", {"simple", "foo foo bar"}, "tsvector", "'bar':3 'foo':1,2"},
    {"to_tsvector",
     "text text",
     {"simple", "12 3.14 -5 +7 1e10 1.2.3"},
     "tsvector",
     "'+7':4 '-5':3 '1.2.3':6 '12':1 '1e10':5 '3.14':2"},
    {"to_tsvector",
     "text text",
     {"simple", "-1.2.3 x 2020-01-02 -021.2.3"},
     "tsvector",
     "'-01':4 '-02':5 '021.2.3':6 '1.2.3':1 '2020':3 'x':2"},
    {"to_tsvector", "text text", {"simple", "foo-bar"}, "tsvector", "'bar':3 'foo':2 'foo-bar':1"},
    {"to_tsvector",
     "text text",
     {"simple", "x1-y2 a-1 é-b a-12b-c"},
     "tsvector",
     "'-1':5 '12b':11 'a':4,10 'a-12b-c':9 'b':8 'c':12 'x1':2 'x1-y2':1 'y2':3 'é':7 'é-b':6"},
    {"to_tsvector",
     "text text",
     {"simple", "foo_bar x_y.com"},
     "tsvector",
     "'bar':2 'foo':1 'x_y.com':3"},
    {"to_tsvector",
     "text text",
     {"simple", "a@b.com www.site.org"},
     "tsvector",
     "'a@b.com':1 'www.site.org':2"},
    {"to_tsvector",
     "text text",
     {"simple", "http://ex.com/p?q=1"},
     "tsvector",
     "'/p?q=1':3 'ex.com':2 'ex.com/p?q=1':1"},
    {"to_tsvector",
     "text text",
     {"simple", "host.com:80/a b.c"},
     "tsvector",
     "'/a':3 'b.c':4 'host.com:80':2 'host.com:80/a':1"},
    {"to_tsvector",
     "text text",
     {"simple", "/usr/local/x.txt ~/x a/~/b"},
     "tsvector",
     "'/usr/local/x.txt':1 '/x':2 'a/~/b':3"},
    {"to_tsvector",
     "text text",
     {"simple", "don't e.g. u.s.a"},
     "tsvector",
     "'don':1 'e.g':3 't':2 'u.s.a':4"},
    {"to_tsvector",
     "text text",
     {"simple", "<b>bold</b> <a href=\"x\">t</a>"},
     "tsvector",
     "'bold':1 't':2"},
    {"to_tsvector", "text text", {"simple", "&amp; &lt;x &#12; &#xFF; &;"}, "tsvector", "'x':1"},
    {"to_tsvector", "text text", {"simple", "<script>x</script> y"}, "tsvector", "'y':1"},
    {"to_tsvector", "text text", {"simple", "<!-- c --> z <?xml v?>"}, "tsvector", "'z':1"},
    {"to_tsvector",
     "text text",
     {"simple", "日本語 é Ünï"},
     "tsvector",
     "'Ünï':3 'é':2 '日本語':1"},
    {"to_tsvector", "text text", {"simple", "1st 2nd"}, "tsvector", "'1st':1 '2nd':2"},
    {"to_tsvector", "text text", {"simple", "12-34"}, "tsvector", "'-34':2 '12':1"},
    {"to_tsvector", "text text", {"simple", ". .. ../x ./y"}, "tsvector", "'/x':1 '/y':2"},
    {"to_tsvector", "text text", {"simple", "v1.0b 1,000"}, "tsvector", "'000':3 '1':2 'v1.0b':1"},
    {"to_tsvector",
     "text text",
     {"simple", "ab--cd -x- a-"},
     "tsvector",
     "'a':4 'ab':1 'cd':2 'x':3"},
    {"to_tsvector",
     "text text",
     {"simple", "ftp://f a:b a://b"},
     "tsvector",
     "'a':2 'b':3,4 'f':1"},
    {"to_tsvector", "text", {"a b"}, "tsvector", "'a':1 'b':2"},
    {"to_tsvector", "text", {std::nullopt}, "tsvector", "<null>"},
};

TEST(PostgresTextSearch, Vectors) {
  FunctionCases cases(text_search_family());
  cases.caller().environment.settings["default_text_search_config"] = "simple";
  expect_rows(cases, RowForm::function, kVectorsRows);
}

const std::vector<RowCase> kVectorInputRows = {
    {"strip", "tsvector", {"a b"}, "tsvector", "'a' 'b'"},
    {"strip", "tsvector", {"a:1"}, "tsvector", "'a'"},
    {"strip", "tsvector", {"'a b':2"}, "tsvector", "'a b'"},
    {"strip", "tsvector", {"a b a"}, "tsvector", "'a' 'b'"},
    {"strip", "tsvector", {""}, "tsvector", ""},
    {"strip", "tsvector", {"b:3,1 a:2A,2B"}, "tsvector", "'a' 'b'"},
    {"strip", "tsvector", {"a:0"}, "tsvector", "42601: wrong position info in tsvector: \"a:0\""},
    {"strip", "tsvector", {"a:1E"}, "tsvector", "42601: syntax error in tsvector: \"a:1E\""},
    {"strip", "tsvector", {"a:1,"}, "tsvector", "42601: syntax error in tsvector: \"a:1,\""},
    {"strip", "tsvector", {"a:99999"}, "tsvector", "'a'"},
    {"strip", "tsvector", {"'a"}, "tsvector", "42601: syntax error in tsvector: \"'a\""},
    {"strip", "tsvector", {"a\\"}, "tsvector", "42601: there is no escaped character: \"a\\\""},
    {"strip", "tsvector", {"'it''s'"}, "tsvector", "'it''s'"},
    {"strip", "tsvector", {"a\\ b"}, "tsvector", "'a b'"},
    {"strip", "tsvector", {"a:1AB"}, "tsvector", "42601: syntax error in tsvector: \"a:1AB\""},
    {"strip", "tsvector", {":a"}, "tsvector", "':a'"},
    {"strip", "tsvector", {"a:1*"}, "tsvector", "'a'"},
    {"strip", "tsvector", {"a:1,1B x"}, "tsvector", "'a' 'x'"},
    {"setweight", "tsvector char", {"a:1,2B b", "A"}, "tsvector", "'a':1A,2A 'b'"},
    {"setweight", "tsvector char", {"a:1", "d"}, "tsvector", "'a':1"},
    {"setweight", "tsvector char", {"a", "b"}, "tsvector", "'a'"},
    {"setweight", "tsvector char", {"a:1", "x"}, "tsvector", "XX000: unrecognized weight: 120"},
};

TEST(PostgresTextSearch, VectorInput) {
  expect_rows(text_search_family(), RowForm::function, kVectorInputRows);
}

const std::vector<RowCase> kFunctionsRows = {
    {"length", "tsvector", {"a b a"}, "int4", "2"},
    {"length", "tsvector", {""}, "int4", "0"},
    {"numnode", "tsquery", {"a & b | !c"}, "int4", "6"},
    {"numnode", "tsquery", {""}, "int4", "0"},
    {"tsquery_phrase", "tsquery tsquery", {"a", "b & c"}, "tsquery", "'a' <-> ( 'b' & 'c' )"},
    {"tsquery_phrase", "tsquery tsquery int4", {"a", "b", "2"}, "tsquery", "'a' <2> 'b'"},
    {"tsquery_phrase", "tsquery tsquery int4", {"a", "b", "0"}, "tsquery", "'a' <0> 'b'"},
    {"tsquery_phrase",
     "tsquery tsquery int4",
     {"a", "b", "16385"},
     "tsquery",
     "22023: distance in phrase operator must be an integer value between zero and 16384 "
     "inclusive"},
    {"tsquery_phrase",
     "tsquery tsquery int4",
     {"a", "b", "-1"},
     "tsquery",
     "22023: distance in phrase operator must be an integer value between zero and 16384 "
     "inclusive"},
    {"tsquery_phrase", "tsquery tsquery int4", {"", "b", "1"}, "tsquery", "'b'"},
};

TEST(PostgresTextSearch, Functions) {
  expect_rows(text_search_family(), RowForm::function, kFunctionsRows);
}

const std::vector<RowCase> kQueriesRows = {
    {"to_tsquery", "text text", {"simple", "foo & bar"}, "tsquery", "'foo' & 'bar'"},
    {"to_tsquery", "text text", {"simple", "Foo | !Bar"}, "tsquery", "'foo' | !'bar'"},
    {"to_tsquery",
     "text text",
     {"simple", "foo bar"},
     "tsquery",
     "42601: syntax error in tsquery: \"foo bar\""},
    {"to_tsquery",
     "text text",
     {"simple", "foo-bar & x"},
     "tsquery",
     "'foo-bar' <-> 'foo' <-> 'bar' & 'x'"},
    {"to_tsquery", "text text", {"simple", "a:*"}, "tsquery", "'a':*"},
    {"to_tsquery", "text text", {"simple", "a:ABd*"}, "tsquery", "'a':*ABD"},
    {"to_tsquery", "text text", {"simple", ""}, "tsquery", ""},
    {"to_tsquery",
     "text text",
     {"simple", "&"},
     "tsquery",
     "42601: syntax error in tsquery: \"&\""},
    {"to_tsquery", "text text", {"simple", "!"}, "tsquery", "42601: no operand in tsquery: \"!\""},
    {"to_tsquery",
     "text text",
     {"simple", "(a"},
     "tsquery",
     "42601: syntax error in tsquery: \"(a\""},
    {"to_tsquery",
     "text text",
     {"simple", "a)"},
     "tsquery",
     "42601: syntax error in tsquery: \"a)\""},
    {"to_tsquery", "text text", {"simple", "a <-> b"}, "tsquery", "'a' <-> 'b'"},
    {"to_tsquery", "text text", {"simple", "a <2> b <0> c"}, "tsquery", "'a' <2> 'b' <0> 'c'"},
    {"to_tsquery",
     "text text",
     {"simple", "a <16385> b"},
     "tsquery",
     "22023: distance in phrase operator must be an integer value between zero and 16384 "
     "inclusive"},
    {"to_tsquery",
     "text text",
     {"simple", "a <x> b"},
     "tsquery",
     "42601: syntax error in tsquery: \"a <x> b\""},
    {"to_tsquery", "text text", {"simple", "'foo bar' & c"}, "tsquery", "'foo' <-> 'bar' & 'c'"},
    {"to_tsquery", "text text", {"simple", "'foo bar':*A"}, "tsquery", "'foo':*A <-> 'bar':*A"},
    {"to_tsquery", "text text", {"simple", "' '"}, "tsquery", ""},
    {"to_tsquery", "text text", {"simple", ". & a"}, "tsquery", "'a'"},
    {"to_tsquery", "text text", {"simple", "!."}, "tsquery", ""},
    {"to_tsquery",
     "text text",
     {"simple", "a & (b | c) & d"},
     "tsquery",
     "'a' & ( 'b' | 'c' ) & 'd'"},
    {"to_tsquery", "text text", {"simple", "(a | b) <-> c"}, "tsquery", "( 'a' | 'b' ) <-> 'c'"},
    {"to_tsquery",
     "text text",
     {"simple", "a <-> (b <-> c)"},
     "tsquery",
     "'a' <-> ( 'b' <-> 'c' )"},
    {"to_tsquery", "text text", {"simple", "a & !b | c"}, "tsquery", "'a' & !'b' | 'c'"},
    {"to_tsquery", "text text", {"simple", "!!a"}, "tsquery", "!!'a'"},
    {"to_tsquery",
     "text text",
     {"simple", "a:x"},
     "tsquery",
     "42601: syntax error in tsquery: \"a:x\""},
    {"to_tsquery",
     "text text",
     {"simple", "a b.com/x"},
     "tsquery",
     "42601: syntax error in tsquery: \"a b.com/x\""},
    {"to_tsquery", "text text", {"simple", "a@b.com | x"}, "tsquery", "'a@b.com' | 'x'"},
    {"to_tsquery",
     "text text",
     {"simple", "a & & b"},
     "tsquery",
     "42601: syntax error in tsquery: \"a & & b\""},
    {"to_tsquery", "text", {"a & B"}, "tsquery", "'a' & 'b'"},
    {"plainto_tsquery",
     "text text",
     {"simple", "The fat, Rats!"},
     "tsquery",
     "'the' & 'fat' & 'rats'"},
    {"plainto_tsquery", "text text", {"simple", ""}, "tsquery", ""},
    {"plainto_tsquery", "text text", {"simple", "a-b & c"}, "tsquery", "'a-b' & 'a' & 'b' & 'c'"},
    {"plainto_tsquery", "text text", {"simple", "!x | y"}, "tsquery", "'x' & 'y'"},
    {"plainto_tsquery", "text", {"A b"}, "tsquery", "'a' & 'b'"},
    {"phraseto_tsquery",
     "text text",
     {"simple", "the fat Rats"},
     "tsquery",
     "'the' <-> 'fat' <-> 'rats'"},
    {"phraseto_tsquery",
     "text text",
     {"simple", "a-b c"},
     "tsquery",
     "'a-b' <-> 'a' <-> 'b' <-> 'c'"},
    {"phraseto_tsquery", "text text", {"simple", "..."}, "tsquery", ""},
    {"phraseto_tsquery", "text", {"A b"}, "tsquery", "'a' <-> 'b'"},
};

TEST(PostgresTextSearch, Queries) {
  FunctionCases cases(text_search_family());
  cases.caller().environment.settings["default_text_search_config"] = "simple";
  expect_rows(cases, RowForm::function, kQueriesRows);
}

const std::vector<RowCase> kQueryInputRows = {
    {"&&", "tsquery tsquery", {"a|b", "c"}, "tsquery", "( 'a' | 'b' ) & 'c'"},
    {"&&", "tsquery tsquery", {"", "c"}, "tsquery", "'c'"},
    {"&&", "tsquery tsquery", {"a:B*", "'x y'"}, "tsquery", "'a':*B & 'x y'"},
    {"||", "tsquery tsquery", {"a", "b&c"}, "tsquery", "'a' | 'b' & 'c'"},
    {"||", "tsquery tsquery", {"a", ""}, "tsquery", "'a'"},
    {"<->", "tsquery tsquery", {"a", "b|c"}, "tsquery", "'a' <-> ( 'b' | 'c' )"},
    {"<->", "tsquery tsquery", {"a & b", "c"}, "tsquery", "( 'a' & 'b' ) <-> 'c'"},
    {"<->", "tsquery tsquery", {"'it''s'", "a\\ b"}, "tsquery", "'it''s' <-> 'a b'"},
    {"<->", "tsquery tsquery", {"a", ":b"}, "tsquery", "42601: syntax error in tsquery: \":b\""},
    {"<->", "tsquery tsquery", {"'a", "b"}, "tsquery", "42601: syntax error in tsquery: \"'a\""},
    {"<->",
     "tsquery tsquery",
     {"a\\", "b"},
     "tsquery",
     "42601: there is no escaped character: \"a\\\""},
    {"<->", "tsquery tsquery", {"a:1", "b"}, "tsquery", "42601: syntax error in tsquery: \"a:1\""},
    {"<->",
     "tsquery tsquery",
     {"a:a:b", "c"},
     "tsquery",
     "42601: syntax error in tsquery: \"a:a:b\""},
    {"<->", "tsquery tsquery", {"!a", "b"}, "tsquery", "!'a' <-> 'b'"},
};

TEST(PostgresTextSearch, QueryInput) {
  expect_rows(text_search_family(), RowForm::operation, kQueryInputRows);
}

const std::vector<RowCase> kMatchingRows = {
    {"@@", "tsvector tsquery", {"a:1 b:2", "a & b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "a & c"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "a | c"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "!c"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "!a"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "a <-> b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "b <-> a"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:3", "a <-> b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:3", "a <2> b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1", "a <0> a"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"abc:1", "ab:*"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"abc:1", "ab"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1A", "a:A"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1", "a:A"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a", "a:A"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a b", "a <-> b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:2 c:3", "a <-> (b <-> c)"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2 c:3", "(a <-> b) <-> c"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "a <-> !b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 c:2", "a <-> !b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"b:2", "!a <-> b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "!a <-> b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "(a | x) <-> b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2", "(a & x) <-> b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:4 ab:2,7 c", "!c:A <2> a:*"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"d:4 b:3 a", "!b <-> !a"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 ab:3 b:4", "a:* <-> b"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1 b:2 c:4", "(a <-> b) <2> c"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1B b:2", "a:A <-> b"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"a:1 b:5", "!(a <-> b)"}, "bool", "true"},
    {"@@", "tsvector tsquery", {"a:1", ""}, "bool", "false"},
    {"@@", "tsvector tsquery", {"", "a"}, "bool", "false"},
    {"@@", "tsvector tsquery", {"", "!a"}, "bool", "true"},
    {"@@", "tsvector tsquery", {std::nullopt, "a"}, "bool", "<null>"},
    {"@@", "tsquery tsvector", {"a", "a:1"}, "bool", "true"},
    {"@@", "tsquery tsvector", {"b", "a:1"}, "bool", "false"},
    {"||", "tsvector tsvector", {"a:1 b:2", "a:1 c"}, "tsvector", "'a':1,3 'b':2 'c'"},
    {"||", "tsvector tsvector", {"a", "b:3"}, "tsvector", "'a' 'b':3"},
    {"||", "tsvector tsvector", {"a:16380", "b:9"}, "tsvector", "'a':16380 'b':16383"},
    {"||", "tsvector tsvector", {"a:16380", "a:9,10A"}, "tsvector", "'a':16380,16383"},
    {"||", "tsvector tsvector", {"", "b:1A"}, "tsvector", "'b':1A"},
    {"||", "tsvector tsvector", {"a:1A", "a:1,2B"}, "tsvector", "'a':1A,2,3B"},
};

TEST(PostgresTextSearch, Matching) {
  expect_rows(text_search_family(), RowForm::operation, kMatchingRows);
}

const std::vector<RowCase> kRankingRows = {
    {"ts_rank", "tsvector tsquery", {"a:1 b:2", "a"}, "float4", "0.06079271"},
    {"ts_rank", "tsvector tsquery", {"a:1 b:2", "a & b"}, "float4", "0.09910322"},
    {"ts_rank", "tsvector tsquery", {"a:1 b:9", "a & b"}, "float4", "0.0644614"},
    {"ts_rank", "tsvector tsquery", {"a:1 b:2", "a | b"}, "float4", "0.06079271"},
    {"ts_rank", "tsvector tsquery", {"a:1A b:2", "a | b"}, "float4", "0.33435988"},
    {"ts_rank", "tsvector tsquery", {"a b", "a & b"}, "float4", "1e-16"},
    {"ts_rank", "tsvector tsquery", {"a:1", "b"}, "float4", "0"},
    {"ts_rank", "tsvector tsquery", {"a:1", "b & c"}, "float4", "1e-20"},
    {"ts_rank", "tsvector tsquery", {"a:1,3,5", "a"}, "float4", "0.082745634"},
    {"ts_rank", "tsvector tsquery", {"a:1B,2C,3A", "a"}, "float4", "0.88149434"},
    {"ts_rank", "tsvector tsquery", {"abc:1 abd:4", "ab:*"}, "float4", "0.12158542"},
    {"ts_rank", "tsvector tsquery", {"a:1 b:200", "a & b"}, "float4", "1e-16"},
    {"ts_rank", "tsvector tsquery", {"a:1 b:2", "a <-> b"}, "float4", "0.09910322"},
    {"ts_rank", "tsvector tsquery", {"", "a"}, "float4", "0"},
    {"ts_rank", "tsvector tsquery", {"a:1", ""}, "float4", "0"},
    {"ts_rank", "tsvector tsquery", {"a:1 ab:2", "a & a:*"}, "float4", "0.12158542"},
    {"ts_rank", "tsvector tsquery", {"a:1 ab:2", "a:* & a"}, "float4", "0.06079271"},
    {"ts_rank", "tsvector tsquery", {"d bc:1 ab", "b | d:*"}, "float4", "0.030396355"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "0"}, "float4", "0.18784232"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "1"}, "float4", "0.08089928"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "2"}, "float4", "0.04696058"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "4"}, "float4", "0.18784232"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "8"}, "float4", "0.062614106"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "16"}, "float4", "0.09392116"},
    {"ts_rank", "tsvector tsquery int4", {"a:1,4 b:2 c:3", "a & b", "32"}, "float4", "0.15813741"},
    {"ts_rank",
     "tsvector tsquery int4",
     {"a:1,4 b:2 c:3", "a & b", "63"},
     "float4",
     "0.0033594796"},
};

TEST(PostgresTextSearch, Ranking) {
  expect_rows(text_search_family(), RowForm::function, kRankingRows);
}

TEST(PostgresTextSearch, Negation) {
  FunctionCaller caller(text_search_family());
  const auto negated = [&](std::string_view text) {
    const Value query = caller.prefix("!!", "tsquery", Value::boxed(parse_tsquery(text)));
    return print_tsquery(query.as<TsQuery>());
  };
  EXPECT_EQ(negated("a & b"), "!( 'a' & 'b' )");
  EXPECT_EQ(negated(""), "");
}

TEST(PostgresTextSearch, LongQueriesAreRefusedAsDeepOnes) {
  std::string text = "a";
  for (int i = 1; i < 500; ++i) text += " <-> a";
  EXPECT_FALSE(matches(parse_tsvector("a:1"), parse_tsquery(text)));
  const std::string_view refused = "54001: stack depth limit exceeded";
  const auto parsed = [](const std::string& query) {
    return outcome([&] { return print_tsquery(parse_tsquery(query)); });
  };
  EXPECT_TRUE(parsed(text + " & a").starts_with(refused));
  EXPECT_TRUE(parsed(std::string(101, '(') + "a").starts_with(refused));
}

TEST(PostgresTextSearch, PositionsOfOneLexeme) {
  std::string text;
  for (int i = 1; i <= 300; ++i) text += "a:" + std::to_string(i) + " ";
  const TsVector vector = parse_tsvector(text);
  ASSERT_EQ(vector.lexemes.size(), 1U);
  EXPECT_EQ(vector.lexemes[0].positions.size(), 256U);
}

TEST(PostgresTextSearch, OtherConfigurationsAreRefused) {
  const std::vector<RowCase> rows = {
      {"to_tsvector",
       "text text",
       {"english", "a"},
       "tsvector",
       "0A000: the text search configuration \"english\" is not supported by the simulated "
       "PostgreSQL"},
  };
  expect_rows(text_search_family(), RowForm::function, rows);
}

}  // namespace

}  // namespace firedrill::sim::postgres
