// The same bytes to a real server and to the model: the same messages back.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/postgres_wire/frames.h"
#include "tests/postgres_wire/socket.h"
#include "tests/support/postgres_server.h"

namespace firedrill::test {
namespace {

class WireOfBoth : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real = std::make_unique<PostgresServer>();
    model = std::make_unique<PostgresWire>();
  }
  static void TearDownTestSuite() {
    model.reset();
    real.reset();
  }

  /// Each of these is said, and answered up to a ReadyForQuery, before the next.
  static void compare(const std::vector<std::string>& said) {
    WireClient to_real(real->port());
    WireClient to_model(model->port());
    for (const std::string& bytes : said) {
      const std::string expected = to_real.ask(bytes);
      EXPECT_EQ(to_model.ask(bytes), expected) << "on " << testing::PrintToString(bytes);
    }
  }
  /// What a connection hears on its first bytes, up to its end or to a ReadyForQuery.
  static void compare_beginnings(const std::vector<std::string>& beginnings) {
    for (const std::string& bytes : beginnings) {
      WireSocket to_real(real->port());
      WireSocket to_model(model->port());
      to_real.send(bytes);
      to_model.send(bytes);
      EXPECT_EQ(lines_of(to_model.read()), lines_of(to_real.read()))
          << "on " << testing::PrintToString(bytes);
    }
  }
  /// What a session hears on bytes that end it.
  static void compare_ends(const std::vector<std::string>& ends) {
    for (const std::string& bytes : ends) {
      WireClient to_real(real->port());
      WireClient to_model(model->port());
      to_real.send(bytes);
      to_model.send(bytes);
      EXPECT_EQ(lines_of(to_model.read_all()), lines_of(to_real.read_all()))
          << "on " << testing::PrintToString(bytes);
    }
  }

  static std::unique_ptr<PostgresServer> real;
  static std::unique_ptr<PostgresWire> model;
};

std::unique_ptr<PostgresServer> WireOfBoth::real;
std::unique_ptr<PostgresWire> WireOfBoth::model;

std::string run_unnamed(std::string_view sql, const Parameters& parameters = {},
                        const std::vector<int>& formats = {},
                        const std::vector<int>& result_formats = {}) {
  return parse("", sql) + describe('S', "") +
         bind_portal("", "", parameters, formats, result_formats) + describe('P', "") +
         execute("") + sync();
}

TEST_F(WireOfBoth, HowASessionBegins) {
  compare_beginnings({
      startup(),
      startup({"user", "postgres", "database", "postgres", "application_name", "me"}),
      startup({"user", "postgres", "client_encoding", "utf-8", "DateStyle", "ISO, MDY"}),
      startup({"user", "postgres", "options", "-c search_path=a,b --application-name=x\\ y"}),
      startup({"user", "postgres"}, (3U << 16U) + 1),
      startup({"user", "postgres", "_pq_.unheard_of", "1"}),
      startup({"user", "nobody", "database", "postgres"}),
      startup({"user", "postgres", "database", "nothing"}),
      startup({"user", "postgres", "no_such_setting", "1"}),
      startup({"user", "postgres", "client_encoding", "klingon"}),
      startup({"user", "postgres", "options", "-c no_such_setting=1"}),
      startup({"user", "postgres", "options", "-c application_name"}),
      startup({"user", "postgres", "options", "what"}),
      startup({"database", "postgres"}),
      startup({"user", ""}),
      startup({"user", "postgres"}, 4U << 16U),
      packet(int32(3U << 16U) + "user"),
      packet(int32(3U << 16U) + zero_ended("user") + zero_ended("postgres")),
      packet(int32(3U << 16U) + zero_ended("user") + zero_ended("postgres") + '\0' + "x"),
  });
}

TEST_F(WireOfBoth, WhatIsNoBeginning) {
  for (const std::string& bytes :
       {startup({"user", "postgres"}, 2U << 16U), int32(0), int32(7) + "abc", int32(10'005) + "abc",
        std::string("GET / HTTP/1.0\r\n\r\n"), packet(int32(80877102) + int32(1) + int32(1)),
        packet(int32(80877102))}) {
    WireSocket to_real(real->port());
    WireSocket to_model(model->port());
    to_real.send(bytes);
    to_model.send(bytes);
    EXPECT_EQ(to_model.read_bytes(), to_real.read_bytes()) << testing::PrintToString(bytes);
  }
}

TEST_F(WireOfBoth, WhoAsksForEncryptionHearsNoAndGoesOn) {
  WireSocket to_real(real->port());
  WireSocket to_model(model->port());
  const std::string ask = packet(int32(80877103));
  for (WireSocket* each : {&to_real, &to_model}) {
    each->send(ask);
    EXPECT_EQ(each->byte(), 'N');
    each->send(ask);  // once is enough
  }
  EXPECT_EQ(lines_of(to_model.read()), lines_of(to_real.read()));
}

TEST_F(WireOfBoth, WhatEndsASession) {
  compare_ends({
      message('X'),
      message('z'),
      message('\0'),
      message('p', "secret"),
      std::string("Q") + int32(3),
      std::string("Q") + int32(0x7fffffff),
      std::string("Q") + int32(-1),
      std::string("S") + int32(10'001),
      std::string("E") + int32(20'000) + "x",
      std::string("d") + int32(3),
      query("select 1") + message('X') + query("select 2"),
  });
}

TEST_F(WireOfBoth, SimpleQueries) {
  compare({query("select 1 as one, null as two, 'x'::text, 1.50, true"),
           query(""),
           query(" ; ;"),
           query("select 1; select 'a'; select 2"),
           query("select 1; selekt; select 2"),
           query("select 1; select nothing; select 2"),
           query("begin; select 1"),
           query("select no_such"),
           query("select 1"),
           query("rollback"),
           query("create table wire_t (a int primary key, b varchar(5) not null, c numeric(8,2))"),
           query("insert into wire_t values (1, 'x', 1), (2, 'y', null)"),
           query("insert into wire_t values (1, 'x', 1)"),
           query("insert into wire_t (a) values (3)"),
           query("insert into wire_t values (3, 'too long')"),
           query("update wire_t set c = 5 where a = 1 returning *"),
           query("select * from wire_t order by a"),
           query("select a + 1, b || '!', w.c from wire_t w order by 1"),
           query("show search_path"),
           query("set application_name to 'you'; set application_name to 'me'"),
           query("begin; set application_name to 'other'"),
           query("rollback"),
           query("reset all"),
           query("select \xff"),
           message('Q', "select 1"),
           message('Q', zero_ended("select 1") + "x"),
           message('d', "lost") + message('c') + message('f', zero_ended("x")) + query("select 1"),
           query("drop table wire_t")});
}

TEST_F(WireOfBoth, StatementsAndPortals) {
  compare(
      {run_unnamed("select 1 as a, $1::text as b", {"x"}),
       run_unnamed("select $1 + 1, $2 || 'x', $3::int[]", {"41", "y", "{1,2,NULL}"}),
       run_unnamed(""),
       run_unnamed("show search_path"),
       run_unnamed("create table wire_u (id serial primary key, t text, v varchar(3))"),
       run_unnamed("insert into wire_u (t, v) values ($1, $2)", {"a", "b"}),
       run_unnamed("insert into wire_u (t, v) values ($1, $2) returning id, v", {"a", "b"}),
       run_unnamed("update wire_u set t = $1 where id = $2", {std::nullopt, "1"}),
       run_unnamed("select * from wire_u where id = any($1) order by id", {"{1,2,3}"}),
       run_unnamed("delete from wire_u where id > $1", {"0"}),
       run_unnamed("drop table wire_u"),
       parse("s", "select $1::int * 2 as twice") + describe('S', "s") + sync(),
       bind_portal("p", "s", {"21"}) + execute("p") + bind_portal("p", "s", {"22"}) + sync(),
       bind_portal("p", "s", {"21"}) + describe('P', "p") + execute("p") + sync() + execute("p"),
       sync(),
       execute("p") + sync(),
       parse("s", "select 2") + sync(),
       query("execute s(4)"),
       query("deallocate s"),
       bind_portal("", "s") + sync(),
       query("prepare q as select 5 as five"),
       bind_portal("", "q") + describe('P', "") + execute("") + sync(),
       close('S', "q") + close('P', "none") + close('S', "none") + sync(),
       describe('S', "q") + sync(),
       describe('P', "q") + sync(),
       describe('X', "q") + sync(),
       close('X', "q") + sync(),
       parse("", "select 1; select 2") + sync(),
       parse("", "select $1") + sync(),
       parse("", "select $1") + describe('S', "") + sync(),
       parse("", "select $2::int") + sync(),
       parse("", "select $1 + $1", {23}) + describe('S', "") + sync(),
       parse("", "select $1 = $2, $1 = 5", {0, 20}) + describe('S', "") + sync(),
       parse("", "select \xff") + sync(),
       parse("", "selekt 1") + parse("", "select 1") + sync(),
       query("select 1"),
       bind_portal("", "") + sync()});
}

TEST_F(WireOfBoth, WhatBindRefuses) {
  compare({parse("s", "select $1::int as n, $2::text as t") + sync(),
           bind_portal("", "s", {"x", "y"}) + sync(), bind_portal("p", "s", {"1", "\xff"}) + sync(),
           bind_portal("", "s", {"1"}) + sync(), bind_portal("", "s", {"1", "2", "3"}) + sync(),
           bind_portal("", "s", {"1", "2"}, {0, 0, 0}) + sync(),
           bind_portal("", "s", {"1", "2"}, {}, {0, 0, 0}) + sync(),
           bind_portal("", "s", {"1", "2"}, {7}) + sync(),
           bind_portal("", "s", {"1", "2"}, {}, {7}) + execute("") + sync(),
           bind_portal("p", "s", {std::string("\0\0\0", 3), "2"}, {1, 0}) + sync(),
           bind_portal("p", "s", {std::string("\0\0\0\1\2", 5), "2"}, {1, 0}) + sync(),
           bind_portal("", "s", {"1", "2"}) + execute("") + sync(),
           message('B', zero_ended("") + zero_ended("s") + int16(0)) + sync(),
           message('P', zero_ended("") + zero_ended("select 1") + int16(0) + "x") + sync(),
           message('P', zero_ended("") + "select 1") + sync(),
           message('E', zero_ended("") + int32(0) + "x") + sync(), message('D') + sync(),
           message('S', "x")});
}

TEST_F(WireOfBoth, ARowLimitSuspendsAPortal) {
  const std::string five = parse("", "select x from generate_series(1, 5) x order by x");
  compare({five + bind_portal("", "") + execute("", 2) + execute("", 2) + execute("", 2) +
               execute("", 2) + sync(),
           five + bind_portal("", "") + execute("", 5) + execute("") + execute("", -1) + sync(),
           five + bind_portal("", "") + execute("", 2) + sync() + execute("", 2),
           sync(),
           query("begin"),
           five + bind_portal("a", "") + bind_portal("b", "") + execute("a", 2) + execute("b", 3) +
               sync(),
           execute("a", 2) + close('P', "b") + sync(),
           query("savepoint s"),
           bind_portal("c", "") + sync(),
           five + bind_portal("c", "") + execute("c", 1) + sync(),
           query("rollback to s"),
           execute("c", 1) + sync(),
           query("rollback"),
           execute("a", 2) + sync(),
           parse("", "select 6 / (3 - x) from generate_series(1, 5) x") + bind_portal("", "") +
               execute("", 1) + execute("", 5) + sync(),
           query("create table wire_v (a int)"),
           parse("", "insert into wire_v values (1), (2), (3) returning a") + bind_portal("", "") +
               execute("", 2) + execute("", 2) + sync(),
           parse("", "insert into wire_v values (4)") + bind_portal("", "") + execute("", 1) +
               execute("", 1) + sync(),
           query("select count(*) from wire_v"),
           query("drop table wire_v")});
}

TEST_F(WireOfBoth, ATransactionLastsUntilSync) {
  compare({query("create table wire_w (a int unique)"),
           parse("i", "insert into wire_w values ($1)") + sync(),
           bind_portal("", "i", {"1"}) + execute("") + bind_portal("", "i", {"2"}) + execute("") +
               sync(),
           bind_portal("", "i", {"3"}) + execute("") + bind_portal("", "i", {"1"}) + execute("") +
               bind_portal("", "i", {"4"}) + execute("") + sync(),
           query("select a from wire_w order by a"),
           bind_portal("", "i", {"5"}) + execute("") + query("select count(*) from wire_w"),
           bind_portal("", "i", {"6"}) + execute("") + message('H') + message('z', "") + sync()});
  compare({query("select a from wire_w order by a"),
           parse("", "begin") + bind_portal("", "") + execute("") + sync(),
           parse("", "select no_such") + parse("", "select 1") + sync(),
           parse("", "select 1") + sync(),
           parse("", "commit") + bind_portal("", "") + execute("") + sync(),
           parse("", "select 1") + bind_portal("", "") + execute("") + parse("", "vacuum") +
               bind_portal("", "") + execute("") + sync(),
           query("drop table wire_w")});
}

TEST_F(WireOfBoth, BinaryResults) {
  const auto binary = [](const std::string& sql) { return run_unnamed(sql, {}, {}, {1}); };
  compare(
      {binary("select true, 1::int2, 2::int4, -3::int8, 4::oid"),
       binary("select 1.5::float4, -2.25::float8, 'nan'::float8, 'infinity'::float4"),
       binary("select 'text', 'x'::varchar(3), 'y'::char(3), 'n'::name, 'c'::\"char\""),
       binary("select '\\x00ff'::bytea, '00112233-4455-6677-8899-aabbccddeeff'::uuid"),
       binary("select date '2024-02-29', time '23:59:59.5', timestamp '2024-02-29 12:00'"),
       binary("select timestamptz '2024-02-29 12:00+02', interval '1 month 2 days 3.5 s'"),
       binary("select date 'infinity', timestamp '-infinity'"),
       binary("select 0::numeric, 1.50, -12345.678, 1e20::numeric, 0.00001, 10000::numeric"),
       binary("select 'nan'::numeric, 'infinity'::numeric, '-infinity'::numeric, 0.00::numeric"),
       binary("select '{\"a\": [1, null]}'::json, '{\"a\": [1, null]}'::jsonb"),
       binary(
           "select array[1, null, 3], array[[1, 2], [3, 4]], '{}'::text[], '[0:1]={1,2}'::int[]"),
       binary("select row(1, 'x'::text, null::int4)"),
       run_unnamed("select 1, 'x', 2::int8", {}, {}, {0, 1, 1})});
}

TEST_F(WireOfBoth, BinaryParameters) {
  const auto both_ways = [](const std::string& type, const std::string& bytes) {
    return parse("", "select $1::" + type) + bind_portal("", "", {bytes}, {1}, {0}) + execute("") +
           bind_portal("", "", {bytes}, {1}, {1}) + execute("") + sync();
  };
  const auto raw = [](std::initializer_list<int> bytes) {
    std::string made;
    for (const int byte : bytes) made += static_cast<char>(byte);
    return made;
  };
  compare(
      {both_ways("bool", raw({1})),
       both_ways("bool", raw({7})),
       both_ways("int2", raw({255, 254})),
       both_ways("int4", raw({0, 0, 1, 0})),
       both_ways("int8", raw({255, 255, 255, 255, 255, 255, 255, 254})),
       both_ways("int8", raw({1})),
       both_ways("oid", raw({255, 255, 255, 255})),
       both_ways("float8", raw({63, 240, 0, 0, 0, 0, 0, 0})),
       both_ways("float4", raw({63, 128, 0, 0})),
       both_ways("text", "text"),
       both_ways("text", raw({255})),
       both_ways("varchar", "varchar"),
       both_ways("bytea", raw({0, 255})),
       both_ways("uuid", "0123456789abcdef"),
       both_ways("uuid", "0123"),
       both_ways("date", raw({0, 0, 0, 1})),
       both_ways("date", raw({128, 0, 0, 1})),
       both_ways("time", raw({0, 0, 0, 0, 0, 15, 66, 64})),
       both_ways("time", raw({1, 0, 0, 0, 0, 15, 66, 64})),
       both_ways("timestamp", raw({0, 2, 0, 0, 0, 15, 66, 64})),
       both_ways("timestamptz", raw({127, 255, 255, 255, 255, 255, 255, 255})),
       both_ways("timestamptz", raw({127, 255, 255, 255, 255, 255, 255, 254})),
       both_ways("interval", int32(0) + int32(1) + int32(2) + int32(3)),
       both_ways("json", "{\"a\":1}"),
       both_ways("jsonb", "\1{\"a\": 1}"),
       both_ways("jsonb", "\2{\"a\": 1}"),
       both_ways("numeric", int16(2) + int16(0) + int16(0) + int16(2) + int16(12) + int16(3400)),
       both_ways("numeric", int16(1) + int16(-1) + int16(0x4000) + int16(3) + int16(5000)),
       both_ways("numeric", int16(1) + int16(3) + int16(0) + int16(0) + int16(7)),
       both_ways("numeric", int16(0) + int16(0) + int16(0xC000) + int16(0)),
       both_ways("numeric", int16(1) + int16(0) + int16(1) + int16(0) + int16(1)),
       both_ways("numeric", int16(1) + int16(0) + int16(0) + int16(0) + int16(10'000)),
       both_ways("int[]", int32(1) + int32(1) + int32(23) + int32(2) + int32(1) + int32(4) +
                              int32(7) + int32(-1)),
       both_ways("int[]", int32(0) + int32(0) + int32(23)),
       both_ways("int[]", int32(1) + int32(0) + int32(25) + int32(1) + int32(1) + int32(0)),
       both_ways("int[]", int32(1) + int32(9) + int32(23)),
       both_ways("int[]", int32(-1) + int32(0) + int32(23)),
       both_ways("int[]", int32(7) + int32(0) + int32(23)),
       both_ways("text[]",
                 int32(1) + int32(0) + int32(25) + int32(1) + int32(1) + int32(2) + "ab")});
}

TEST_F(WireOfBoth, CopyFromTheClient) {
  const auto copy = [](const std::string& sql, const std::vector<std::string>& data) {
    std::string bytes = query(sql);
    for (const std::string& each : data) bytes += message('d', each);
    return bytes + message('c');
  };
  const std::string to = "copy wire_c (a, b) from stdin";
  compare(
      {query("create table wire_c (a int primary key, b varchar(5), c int not null default 7,"
             " g int generated always as (a * 2) stored)"),
       copy(to, {"1\tx\n2\t\\N\n"}),
       copy(to, {"3\tx", "\n4", "\tz\n", "5\ty"}),
       copy(to, {"6\n"}),
       copy(to, {"6\tx\ty\n"}),
       copy(to, {"6\tx\n7x\ty\n"}),
       copy(to, {"6\tx\n7\tyyyyyyy\n"}),
       copy(to, {"6\tx\n\\N\ty\n"}),
       copy(to, {"6\tx\n1\ty\n"}),
       copy(to, {"6\tx\xff\n"}),
       copy(to, {"6\tx\\xff\n"}),
       copy(to, {"10\tx\n\\.\n11\tzzz\n"}),
       copy(to, {"12\tx\r\n13\tzzz\n"}),
       copy(to, {"12\tx\n13\tzzz\r\n"}),
       copy(to, {"14\t\\x41\\102\\n\\\\\\q\n"}),
       copy(to, {}),
       copy(to, {""}),
       copy("copy wire_c (a, c) from stdin", {"15\t\\N\n"}),
       copy("copy wire_c (a, zz) from stdin", {}),
       copy("copy wire_c (g) from stdin", {}),
       copy("copy wire_c (a, a) from stdin", {}),
       copy("copy no_such from stdin", {}),
       query(to) + message('d', "16\tx\n") + message('f', zero_ended("because")),
       query(to) + message('d', "16\tx\n") + message('H') + sync() + message('c'),
       copy(to + " csv", {"20,\"a,\"\"b\"\n21,\n22,\"\"\n"}),
       copy(to + " csv", {"23,\"a\n"}),
       copy(to + " csv", {"24,\"a\nb\"\n25x,\n"}),
       copy(to + " (format csv, header)", {"any,thing\n26,q\n"}),
       copy(to + " (format csv, header match)", {"a,c\n27,q\n"}),
       copy(to + " (format csv, header match)", {"a,b\n27,q\n"}),
       copy(to + " (format csv, header match)", {}),
       copy(to + " (delimiter '|', null 'nil')", {"28|nil\n29|x\n"}),
       copy(to + " (format csv, quote '''', escape '\\', force_null (b))", {"30,'\\''\n31,''\n"}),
       copy(to + " (format csv, force_not_null (b))", {"32,\n"}),
       copy("select 5; copy wire_c (a) from stdin; select 6", {"40\n"}),
       query("copy wire_c to stdout"),
       query("copy wire_c (a, b) to stdout (format csv, header, force_quote (b))"),
       query("copy (select 1, null, E'a\\tb\\\\c\\nd', 'x,y\"', '', '\\.') to stdout csv header"),
       query("copy (select '\\.'::text) to stdout csv; select 1; copy (select 2) to stdout"),
       query("copy (delete from wire_c where a < 3 returning a) to stdout"),
       query("copy (update wire_c set c = 1) to stdout"),
       query("copy wire_c (g) to stdout"),
       parse("", to) + describe('S', "") + bind_portal("", "") + describe('P', "") + execute("") +
           message('d', "50\tx\n") + message('c') + sync(),
       parse("", to) + bind_portal("", "") + execute("") + message('d', "x\n") +
           message('d', "y\n") + message('c') + sync(),
       parse("", "copy (select 1 as q) to stdout") + bind_portal("", "") + execute("") + sync(),
       query("begin read only; " + to),
       query("rollback"),
       query("select a, b from wire_c order by a"),
       query("drop table wire_c")});
}

TEST_F(WireOfBoth, WhatCopyRefuses) {
  std::vector<std::string> said = {query("create table wire_d (a int, b text, c text)")};
  for (const char* options : {"delimiter 'ab'",
                              "delimiter E'\\n'",
                              "delimiter 'a'",
                              "null E'a\\n'",
                              "quote '\"'",
                              "format csv, quote 'ab'",
                              "format csv, quote ','",
                              "escape 'x'",
                              "format csv, escape 'xx'",
                              "force_quote (a)",
                              "format csv, force_quote (a)",
                              "format xx",
                              "format csv, format csv",
                              "zz",
                              "header 5",
                              "null ',', delimiter ','",
                              "format csv, null '\"'",
                              "encoding 'xx'",
                              "force_not_null (a)",
                              "format csv, force_not_null (zz)",
                              "delimiter ''",
                              "freeze 2",
                              "encoding 5",
                              "format csv, force_null (c)",
                              "quote ''",
                              "format csv, delimiter '\"'"}) {
    said.push_back(query("copy wire_d (a, b) from stdin (" + std::string(options) + ")"));
  }
  for (const char* options : {"header match", "format csv, force_null (a)",
                              "format csv, force_quote (zz)", "format csv, force_not_null (a)"}) {
    said.push_back(query("copy (select 1 as a) to stdout (" + std::string(options) + ")"));
  }
  said.push_back(query("drop table wire_d"));
  compare(said);
}

TEST_F(WireOfBoth, AMessageThatIsNoneOfCopysEndsTheConnection) {
  compare({query("create table wire_e (a int)")});
  compare_ends({query("copy wire_e from stdin") + message('d', "1\n") + query("select 1"),
                query("copy wire_e from stdin") + message('X')});
  compare({query("select * from wire_e"), query("drop table wire_e")});
}

}  // namespace
}  // namespace firedrill::test
