#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "sim/postgres/engine_cache.h"
#include "tests/postgres/script.h"

// What sessions, and engines, share of texts that they hear again.

namespace firedrill {
namespace {

using test::answers;

TEST(PostgresPlans, ATextMeansWhatTheSearchPathSaysToEachSessionAndEachTime) {
  EXPECT_EQ(answers("A: create schema s; create table s.t (v text); create table t (v int);"
                    " insert into s.t values ('in s'); insert into t values (1)\n"
                    "A: select v from t\n"
                    "B: set search_path = s\n"
                    "B: select v from t\n"
                    "A: select v from t\n"
                    "A: set search_path = s, public\n"
                    "A: select v from t\n"
                    "A: begin\nA: set local search_path = public\nA: select v from t\nA: commit\n"
                    "A: select v from t\n"),
            "A: CREATE SCHEMA\nA: CREATE TABLE\nA: CREATE TABLE\nA: INSERT 0 1\nA: INSERT 0 1\n"
            "A: 1\nA: SELECT 1\n"
            "B: SET\nB: in s\nB: SELECT 1\n"
            "A: 1\nA: SELECT 1\n"
            "A: SET\nA: in s\nA: SELECT 1\n"
            "A: BEGIN\nA: SET\nA: 1\nA: SELECT 1\nA: COMMIT\n"
            "A: in s\nA: SELECT 1\n");
}

TEST(PostgresPlans, WhatATransactionHasDefinedIsItsOwn) {
  EXPECT_EQ(answers("A: create schema s; create table t (v text); insert into t values ('old')\n"
                    "A: set search_path = s, public\n"
                    "B: set search_path = s, public\n"
                    "A: begin\n"
                    "A: create table s.t (v int)\n"
                    "A: select v from t\n"
                    "B: select v from t\n"
                    "A: select v from t\n"
                    "B: select v from t\n"
                    "A: rollback\n"
                    "A: select v from t\n"
                    "B: create table s.t (v int)\n"
                    "A: select v from t\n"
                    "B: select v from t\n"),
            "A: CREATE SCHEMA\nA: CREATE TABLE\nA: INSERT 0 1\nA: SET\nB: SET\n"
            "A: BEGIN\nA: CREATE TABLE\n"
            "A: SELECT 0\nB: old\nB: SELECT 1\nA: SELECT 0\nB: old\nB: SELECT 1\n"
            "A: ROLLBACK\nA: old\nA: SELECT 1\n"
            "B: CREATE TABLE\nA: SELECT 0\nB: SELECT 0\n");
}

TEST(PostgresPlans, SessionsMayBeInTheMiddleOfTheSame) {
  const std::string change =
      "with x as (select k, v from t where k = any (array[1, 2]) for update), y as (select max(v) "
      "as"
      " most from x) update t set v = x.v + (select 10 * most from y) from x where x.k = t.k"
      " returning t.k, t.v, (select count(*) from x)\n";
  EXPECT_EQ(
      answers("A: create table t (k int primary key, v int); insert into t values (1, 1), (2, "
              "2), (3, 3)\n"
              "A: begin; update t set v = 5 where k = 2\n"
              "B: " +
              change + "C: " + change + "A: commit\n" + "D: select * from t order by k\n"),
      "A: CREATE TABLE\nA: INSERT 0 3\nA: BEGIN\nA: UPDATE 1\nB: waits\nC: waits\n"
      "A: COMMIT\n"
      "B: 1|51|2\nB: 2|55|2\nB: UPDATE 2\n"
      "C: 1|601|2\nC: 2|605|2\nC: UPDATE 2\n"
      "D: 1|601\nD: 2|605\nD: 3|3\nD: SELECT 3\n");
}

TEST(PostgresPlans, AReferenceIsLookedUpByTheReferringColumnsType) {
  EXPECT_EQ(
      answers("A: create table p (k numeric primary key); create table c (k int references p);"
              " insert into p values (1), (2)\n"
              "A: insert into c values (1)\n"
              "A: delete from p where k = 2\n"
              "A: delete from p where k = 1\n"
              "B: insert into c values (1)\n"
              "B: insert into c values (2)\n"),
      "A: CREATE TABLE\nA: CREATE TABLE\nA: INSERT 0 2\nA: INSERT 0 1\nA: DELETE 1\n"
      "A: ERROR 23503 update or delete on table \"p\" violates foreign key constraint "
      "\"c_k_fkey\" on table \"c\"\n"
      "B: INSERT 0 1\n"
      "B: ERROR 23503 insert or update on table \"c\" violates foreign key constraint "
      "\"c_k_fkey\"\n");
}

TEST(PostgresPlans, SessionsInTheMiddleOfTheSameHaveTheirOwnParameters) {
  using namespace sim::postgres;
  Engine engine;
  const SessionId holder = engine.connect(0);
  engine.query(holder, "create table t (k int primary key, v int); insert into t values (1, 1)", 1);
  engine.query(holder, "begin; update t set v = 5", 1);
  const std::string change =
      "update t set v = v + abs($1::int) where k = 1 or abs($1::int) = 0 returning abs($1::int), v";
  const SessionId first = engine.connect(1);
  const SessionId second = engine.connect(1);
  engine.execute(first, change, {"-10"}, 2);
  engine.execute(second, change, {"-100"}, 3);
  engine.query(holder, "commit", 4);
  const auto row = [&](SessionId session) {
    const auto results = engine.take_results(session);
    const StatementResult& last = results.back();
    std::string text;
    for (std::size_t i = 0; i < 2; ++i) {
      text += engine.text(session, last.columns[i], last.rows.at(0)[i]).value_or("NULL") + " ";
    }
    return text;
  };
  EXPECT_EQ(row(first), "10 15 ");
  EXPECT_EQ(row(second), "100 115 ");
}

/// A reference is looked up behind the same table lock each time.
TEST(PostgresPlans, AReferenceThatIsLookedUpAgainWaitsForTheTable) {
  EXPECT_EQ(answers("A: create table p (k int primary key); create table c (k int references p);"
                    " insert into p values (1), (2)\n"
                    "B: insert into c values (1)\n"
                    "A: begin\nA: lock table p in exclusive mode\n"
                    "B: insert into c values (2)\n"
                    "A: commit\n"),
            "A: CREATE TABLE\nA: CREATE TABLE\nA: INSERT 0 2\nB: INSERT 0 1\n"
            "A: BEGIN\nA: LOCK TABLE\nB: waits\nA: COMMIT\nB: INSERT 0 1\n");
}

std::string packed(const sim::postgres::ParseTree& tree) {
  std::string bytes;
  for (const auto* statement : tree.statements()) {
    std::string each(pg_query__raw_stmt__get_packed_size(statement), '\0');
    pg_query__raw_stmt__pack(statement, reinterpret_cast<std::uint8_t*>(each.data()));
    bytes += each;
  }
  return bytes;
}

TEST(PostgresPlans, EnginesThatShareTreesAnswerAsOthersDoAndLeaveThemAsTheyAre) {
  using namespace sim::postgres;
  const std::string script =
      "set synchronous_commit = off;"
      "create table t (k int primary key, v text check (v <> '') default 'x' || 1, n int generated "
      "always as (k + 1) stored);"
      "create index on t ((lower(v))) where k > 0;"
      "create view w as select k, v from t where k > 0;"
      "insert into t (k, v) values (1, 'A'), (2, default) on conflict (k) do update set v = "
      "excluded.v returning *;"
      "with recursive r(i) as (select 1 union all select i + 1 from r where i < 3) select i, "
      "count(*)"
      " over (order by i), array[i, 2] from r where i in (1, 2) or i between 2 and 3 group by i"
      " having count(*) = 1 order by 1 desc limit 2;"
      "select w.v, (select max(n) from t) from w join t using (k) where w.v like '%' order by k for"
      " update;"
      "selec 1";
  const auto cache = make_engine_cache();
  const auto answer = [&](Engine& engine) {
    const SessionId session = engine.connect(0);
    std::string heard;
    for (std::size_t at = 0; at < script.size();) {
      const std::size_t end = std::min(script.find(';', at), script.size());
      engine.query(session, std::string_view(script).substr(at, end - at), 1);
      at = end + 1;
    }
    for (const StatementResult& result : engine.take_results(session)) {
      heard += result.error ? result.error->message : result.tag;
      for (const Row& row : result.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          heard += "|" + engine.text(session, result.columns[i], row[i]).value_or("NULL");
        }
      }
      heard += '\n';
    }
    return heard;
  };
  Engine alone;
  Engine first({.cache = cache});
  const std::string expected = answer(alone);
  EXPECT_TRUE(expected.ends_with("syntax error at or near \"selec\"\n")) << expected;
  EXPECT_EQ(answer(first), expected);
  const std::string select =
      "select w.v, (select max(n) from t) from w join t using (k) where w.v "
      "like '%' order by k for update";
  const auto tree = cache->parses.parsed(select);
  EXPECT_EQ(tree, cache->parses.parsed(select));
  const std::string before = packed(*tree);
  const auto second = std::make_unique<Engine>(Engine::Options{.cache = cache});
  EXPECT_EQ(answer(*second), expected);
  EXPECT_EQ(answer(*second->recover(second->log_end())), answer(*alone.recover(alone.log_end())));
  EXPECT_EQ(packed(*tree), before);
  EXPECT_EQ(packed(ParseTree(select)), before);
}

TEST(PostgresPlans, AParametersTypeThatIsGoneIsMissedBeforeWhatElseIs) {
  const std::string told = answers(
      "A: create type mood as enum ('sad'); create table t (g mood)\n"
      "A: prepare p (mood) as update t set g = $1\n"
      "A: alter table t drop column g; drop type mood\n"
      "A: execute p('sad')\n"
      "A: execute p(nothing)\n");
  EXPECT_NE(told.find("cache lookup failed for type "), std::string::npos) << told;
  EXPECT_EQ(told.find("column \"g\""), std::string::npos) << told;
  EXPECT_NE(told.find("\"nothing\""), std::string::npos) << told;
}

TEST(PostgresPlans, TheCacheForgetsRatherThanGrow) {
  sim::postgres::ParseCache cache;
  const auto first = cache.parsed("select 0");
  for (int i = 1; i < 100; ++i) cache.parsed("select " + std::to_string(i));
  EXPECT_EQ(cache.parsed("select 0"), first);
  for (int i = 100; i < 2100; ++i) cache.parsed("select " + std::to_string(i));
  EXPECT_NE(cache.parsed("select 0"), first);
  EXPECT_EQ(packed(*cache.parsed("select 0")), packed(*first));
  const std::string padded = "select 0" + std::string(20'000, ' ');
  EXPECT_NE(cache.parsed(padded), cache.parsed(padded));
}

}  // namespace
}  // namespace firedrill
