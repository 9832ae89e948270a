#include <gtest/gtest.h>

#include <string>

#include "tests/postgres/script.h"

namespace firedrill {
namespace {

/// What EXPLAIN says of a statement over two tables.
std::string plan(const std::string& statement) {
  const std::string said = test::answers(
      "A: create table t (id int primary key, v int); create index v on t (v);"
      " create table u (id int primary key, t int)\nA: explain " +
      statement + "\n");
  std::string lines;
  std::size_t at = said.find("CREATE TABLE\n", said.find("CREATE INDEX")) + 13;
  for (std::size_t end = said.find('\n', at); end != std::string::npos;
       at = end + 1, end = said.find('\n', at)) {
    lines += said.substr(at + 3, end - at - 2);
  }
  return lines;
}

TEST(PostgresExplain, TellsHowRowsAreFound) {
  EXPECT_EQ(plan("select * from t"), "Seq Scan on t\nEXPLAIN\n");
  EXPECT_EQ(plan("select * from t a where id = 1"), "Index Scan using t_pkey on t a\nEXPLAIN\n");
  EXPECT_EQ(plan("select 1"), "Result\nEXPLAIN\n");
  EXPECT_EQ(plan("select * from generate_series(1, 2) n"), "Function Scan on n\nEXPLAIN\n");
}

TEST(PostgresExplain, NestsSteps) {
  EXPECT_EQ(plan("(costs off) select count(*) from u join t on t.id = u.t group by v order by 1"),
            "Sort\n"
            "  ->  GroupAggregate\n"
            "        ->  Nested Loop\n"
            "              ->  Seq Scan on u\n"
            "              ->  Index Scan using t_pkey on t\nEXPLAIN\n");
  EXPECT_EQ(plan("select id from t order by id limit 1"),
            "Limit\n  ->  Index Scan using t_pkey on t\nEXPLAIN\n");
  EXPECT_EQ(plan("select * from u left join t on t.id = u.t"),
            "Nested Loop Left Join\n"
            "  ->  Seq Scan on u\n"
            "  ->  Index Scan using t_pkey on t\nEXPLAIN\n");
}

TEST(PostgresExplain, RunsNothing) {
  EXPECT_EQ(plan("delete from t where v = 1"),
            "Delete on t\n  ->  Index Scan using v on t\nEXPLAIN\n");
  EXPECT_EQ(
      plan("insert into t select 1 / 0 from u"),
      "Insert on t\n  ->  Subquery Scan on \"*SELECT*\"\n        ->  Seq Scan on u\nEXPLAIN\n");
  EXPECT_EQ(plan("with x as materialized (select * from u) select * from x"),
            "CTE Scan on x\n  ->  CTE x: Seq Scan on u\nEXPLAIN\n");
}

TEST(PostgresExplain, RefusesWhatItDoesNotDo) {
  EXPECT_EQ(
      plan("analyze select 1"),
      "ERROR 0A000 EXPLAIN with the option analyze is not supported by the simulated PostgreSQL\n");
  EXPECT_EQ(
      plan("(format json) select 1"),
      "ERROR 0A000 EXPLAIN with the option format is not supported by the simulated PostgreSQL\n");
  EXPECT_EQ(plan("select * from nowhere"), "ERROR 42P01 relation \"nowhere\" does not exist\n");
}

}  // namespace
}  // namespace firedrill
