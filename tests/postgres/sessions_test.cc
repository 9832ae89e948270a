#include <gtest/gtest.h>

#include "tests/postgres/script.h"

// What sessions do to each other: each of these is what PostgreSQL 15 does with the same lines.
namespace firedrill::test {
namespace {

const std::string kTable = R"(A: create table t (id int primary key, qty int check (qty >= 0))
A: insert into t values (1, 5), (2, 6)
)";
const std::string kMade = "A: CREATE TABLE\nA: INSERT 0 2\n";

TEST(PostgresSessions, AnUpdateWaitsAndLooksAtTheRowAgain) {
  EXPECT_EQ(answers(kTable + R"(A: begin
A: update t set qty = qty - 4 where id = 1
B: update t set qty = qty - 1 where id = 1 and qty > 2 returning qty
A: commit
B: update t set qty = qty - 1 where id = 1 returning qty
)"),
            kMade + R"(A: BEGIN
A: UPDATE 1
B: waits
A: COMMIT
B: UPDATE 0
B: 0
B: UPDATE 1
)");
}

TEST(PostgresSessions, RepeatableReadRefusesAConcurrentUpdate) {
  EXPECT_EQ(answers(kTable + R"(B: begin isolation level repeatable read
B: select qty from t where id = 1
A: update t set qty = 1 where id = 1
B: select qty from t where id = 1
B: update t set qty = 2 where id = 1
B: select 1
B: commit
)"),
            kMade + R"(B: BEGIN
B: 5
B: SELECT 1
A: UPDATE 1
B: 5
B: SELECT 1
B: ERROR 40001 could not serialize access due to concurrent update
B: ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
B: ROLLBACK
)");
}

TEST(PostgresSessions, SerializableRefusesWriteSkew) {
  EXPECT_EQ(answers(kTable + R"(A: begin isolation level serializable
B: begin isolation level serializable
A: select sum(qty) from t
B: select sum(qty) from t
A: update t set qty = 0 where id = 1
B: update t set qty = 0 where id = 2
A: commit
B: commit
)"),
            kMade + R"(A: BEGIN
B: BEGIN
A: 11
A: SELECT 1
B: 11
B: SELECT 1
A: UPDATE 1
B: UPDATE 1
A: COMMIT
B: ERROR 40001 could not serialize access due to read/write dependencies among transactions
)");
}

TEST(PostgresSessions, ADeadlockEndsOneOfThemAfterASecond) {
  EXPECT_EQ(answers(kTable + R"(A: begin
B: begin
A: update t set qty = 1 where id = 1
B: update t set qty = 1 where id = 2
A: update t set qty = 1 where id = 2
B: update t set qty = 1 where id = 1
+
A: rollback
B: commit
)"),
            kMade + R"(A: BEGIN
B: BEGIN
A: UPDATE 1
B: UPDATE 1
A: waits
B: waits
A: ERROR 40P01 deadlock detected
B: UPDATE 1
A: ROLLBACK
B: COMMIT
)");
}

TEST(PostgresSessions, AUniqueKeyWaitsForWhoInsertsIt) {
  EXPECT_EQ(answers(kTable + R"(A: begin
A: insert into t values (3, 1)
B: insert into t values (3, 2)
C: insert into t values (3, 3) on conflict (id) do update set qty = t.qty + excluded.qty
A: commit
A: select qty from t where id = 3
)"),
            kMade + R"(A: BEGIN
A: INSERT 0 1
B: waits
C: waits
A: COMMIT
B: ERROR 23505 duplicate key value violates unique constraint "t_pkey"
C: INSERT 0 1
A: 4
A: SELECT 1
)");
}

TEST(PostgresSessions, SkipLockedAndNowait) {
  EXPECT_EQ(answers(kTable + R"(A: begin
A: select id from t order by id limit 1 for update skip locked
B: select id from t order by id limit 1 for update skip locked
B: select id from t where id = 1 for update nowait
A: commit
)"),
            kMade + R"(A: BEGIN
A: 1
A: SELECT 1
B: 2
B: SELECT 1
B: ERROR 55P03 could not obtain lock on row in relation "t"
A: COMMIT
)");
}

TEST(PostgresSessions, SavepointsUndoInPart) {
  EXPECT_EQ(answers(kTable + R"(A: begin
A: update t set qty = 1 where id = 1
A: savepoint s
A: update t set qty = -1 where id = 2
A: select 1
A: rollback to s
A: select qty from t order by id
A: commit
)"),
            kMade + R"(A: BEGIN
A: UPDATE 1
A: SAVEPOINT
A: ERROR 23514 new row for relation "t" violates check constraint "t_qty_check"
A: ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
A: ROLLBACK
A: 1
A: 6
A: SELECT 2
A: COMMIT
)");
}

TEST(PostgresSessions, DefinitionsAreRolledBackAndSeenByNobodyBefore) {
  EXPECT_EQ(answers(R"(A: begin
A: create table u (a int)
B: select * from u
A: insert into u values (1)
A: rollback
A: select * from u
)"),
            R"(A: BEGIN
A: CREATE TABLE
B: ERROR 42P01 relation "u" does not exist
A: INSERT 0 1
A: ROLLBACK
A: ERROR 42P01 relation "u" does not exist
)");
}

TEST(PostgresSessions, SequencesAreNotRolledBack) {
  EXPECT_EQ(answers(R"(A: create table s (id serial primary key, a int)
A: begin
A: insert into s (a) values (1) returning id
A: rollback
A: insert into s (a) values (1) returning id
)"),
            R"(A: CREATE TABLE
A: BEGIN
A: 1
A: INSERT 0 1
A: ROLLBACK
A: 2
A: INSERT 0 1
)");
}

TEST(PostgresSessions, ForeignKeys) {
  EXPECT_EQ(answers(kTable + R"(A: create table c (p int references t on delete cascade)
A: insert into c values (1), (2)
A: insert into c values (3)
A: delete from t where id = 1
A: select * from c
A: update t set id = 9 where id = 2
)"),
            kMade + R"(A: CREATE TABLE
A: INSERT 0 2
A: ERROR 23503 insert or update on table "c" violates foreign key constraint "c_p_fkey"
A: DELETE 1
A: 2
A: SELECT 1
A: ERROR 23503 update or delete on table "t" violates foreign key constraint "c_p_fkey" on table "c"
)");
}

TEST(PostgresSessions, AdvisoryLocksOutliveTransactions) {
  EXPECT_EQ(answers(R"(A: begin
A: select pg_advisory_lock(7), pg_advisory_xact_lock(8)
A: commit
B: select pg_try_advisory_lock(7), pg_try_advisory_lock(8)
A: select pg_advisory_unlock(7)
B: select pg_try_advisory_lock(7)
)"),
            R"(A: BEGIN
A: |
A: SELECT 1
A: COMMIT
B: f|t
B: SELECT 1
A: t
A: SELECT 1
B: t
B: SELECT 1
)");
}

TEST(PostgresEngine, WhoLeavesLetsOthersGoOn) {
  using namespace sim::postgres;
  Engine engine;
  const SessionId first = engine.connect(0);
  const SessionId second = engine.connect(0);
  const SessionId third = engine.connect(0);
  engine.query(first, "create table t (a int); insert into t values (1)", 1);
  engine.query(first, "begin; delete from t", 1);
  engine.query(second, "delete from t", 2);
  engine.query(third, "delete from t", 3);
  ASSERT_TRUE(engine.is_busy(second));
  engine.disconnect(second, 4);  // while it waits
  engine.disconnect(first, 5);
  ASSERT_FALSE(engine.is_busy(third));
  const auto results = engine.take_results(third);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].tag, "DELETE 1");
}

TEST(PostgresEngine, ACancelledStatementHasNoEffect) {
  using namespace sim::postgres;
  Engine engine;
  const SessionId first = engine.connect(0);
  const SessionId second = engine.connect(0);
  engine.query(first, "create table t (a int)", 1);
  engine.query(first, "begin; lock table t", 1);
  engine.query(second, "insert into t values (1)", 2);
  ASSERT_TRUE(engine.is_busy(second));
  engine.cancel(second, 3);
  ASSERT_FALSE(engine.is_busy(second));
  const auto results = engine.take_results(second);
  ASSERT_EQ(results.size(), 1U);
  ASSERT_TRUE(results[0].error);
  EXPECT_EQ(results[0].error->sqlstate, "57014");
}

TEST(PostgresEngine, DeepNestingIsRefused) {
  const std::string deep = "A: select " + std::string(50'000, '(') + "1" + std::string(50'000, ')');
  EXPECT_EQ(answers(deep), "A: ERROR 54001 stack depth limit exceeded\n");
  std::string sum = "A: select 1";
  for (int i = 0; i < 900; ++i) sum += "+1";
  EXPECT_EQ(answers(sum), "A: 901\nA: SELECT 1\n");
}

}  // namespace
}  // namespace firedrill::test
