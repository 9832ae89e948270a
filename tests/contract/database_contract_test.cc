#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/ports/database.h"
#include "tests/contract/database_asking.h"

// What one caller sees: values, errors, transactions and what they see of each other.

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;

awaitable<void> values_and_nulls_round_trip(DatabaseRig* rig) {
  const std::string text = "it's \"so\"\\ \n\t\u00e4\u20ac";
  SqlParameters parameters = sql_parameters(text, std::nullopt, std::int64_t{-9'000'000'000}, true,
                                            std::optional<std::string>(), std::string());
  const Rows rows = co_await ask(rig, &rig->one(),
                                 "SELECT $1::text, $2::text, $3::int8, $4::bool, $5::int, $6::text",
                                 std::move(parameters));
  CONTRACT_REQUIRE(rows.has_value());
  const SqlRows& answer = rows.value();
  CONTRACT_REQUIRE(answer.size() == 1 && answer.width() == 6);
  EXPECT_EQ(answer.text(0, 0), text);
  EXPECT_TRUE(answer.is_null(0, 1));
  EXPECT_EQ(answer.integer(0, 2), -9'000'000'000);
  EXPECT_TRUE(answer.boolean(0, 3));
  EXPECT_TRUE(answer.is_null(0, 4));
  EXPECT_EQ(answer.text(0, 5), "") << "empty is not NULL";
  EXPECT_EQ(answer.affected(), 1U);
}

awaitable<void> rows_are_counted(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const Rows changed = co_await ask(rig, "UPDATE t SET n = n + 1");
  CONTRACT_REQUIRE(changed.has_value());
  EXPECT_EQ(changed.value().affected(), 2U);
  EXPECT_TRUE(changed.value().empty());
  EXPECT_EQ(changed.value().width(), 0U);
  const Rows returned = co_await ask(rig, "UPDATE t SET n = n + 1 WHERE id = 2 RETURNING id, n");
  CONTRACT_REQUIRE(returned.has_value() && returned.value().size() == 1);
  EXPECT_EQ(returned.value().affected(), 1U);
  EXPECT_EQ(returned.value().integer(0, 1), 22);
  const Rows none = co_await ask(rig, "SELECT id, n FROM t WHERE id = 3");
  CONTRACT_REQUIRE(none.has_value());
  EXPECT_TRUE(none.value().empty());
  EXPECT_EQ(none.value().affected(), 0U);
  const Rows all = co_await ask(rig, "SELECT id, n FROM t ORDER BY id DESC");
  CONTRACT_REQUIRE(all.has_value() && all.value().size() == 2);
  EXPECT_EQ(all.value().integer(0, 0), 2);
  EXPECT_EQ(all.value().integer(1, 1), 11);
  EXPECT_EQ(all.value().affected(), 2U);
}

awaitable<void> parameters_take_the_type_of_their_place(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(works(rig,
                               "CREATE TABLE kinds (id uuid, at timestamptz, amount numeric, "
                               "doc jsonb, flag boolean, count int)"));
  SqlParameters parameters =
      sql_parameters("00000000-0000-0000-0000-00000000000a", "2026-01-02T03:04:05.5+01", "12.50",
                     R"({"b": 1, "a": null})", false, 7);
  const Rows kept = co_await ask(rig, &rig->one(),
                                 "INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6) RETURNING *",
                                 std::move(parameters));
  CONTRACT_REQUIRE(kept.has_value() && kept.value().width() == 6);
  EXPECT_EQ(kept.value().text(0, 0), "00000000-0000-0000-0000-00000000000a");
  EXPECT_EQ(kept.value().text(0, 1), "2026-01-02 02:04:05.5+00");
  EXPECT_EQ(kept.value().text(0, 2), "12.50");
  EXPECT_EQ(kept.value().text(0, 3), R"({"a": null, "b": 1})");
  EXPECT_FALSE(kept.value().boolean(0, 4));
  EXPECT_EQ(kept.value().integer(0, 5), 7);
  SqlParameters wrong = sql_parameters("seven");
  const Rows refused =
      co_await ask(rig, &rig->one(), "SELECT id FROM kinds WHERE count = $1", std::move(wrong));
  EXPECT_TRUE(refused_with(refused, "22P02"));
}

awaitable<void> an_error_is_refused_with_its_state(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const std::vector<std::pair<std::string_view, std::string_view>> wrong = {
      {"SELECT * FROM nowhere", "42P01"},       {"SELEKT 1", "42601"},
      {"INSERT INTO t VALUES (1, 1)", "23505"}, {"INSERT INTO t VALUES (3, NULL)", "23502"},
      {"SELECT 1 / (n - 10) FROM t", "22012"},  {"SELECT 99999999999::int8::int4", "22003"},
  };
  for (const auto& [text, sqlstate] : wrong) {
    for (int again = 0; again < 2; ++again) {
      const Rows refused = co_await ask(rig, text);
      EXPECT_TRUE(refused_with(refused, sqlstate)) << text << ": " << refused.sqlstate().text();
      EXPECT_EQ(co_await number(rig, "SELECT 1"), 1) << "the connection is as good as before";
    }
  }
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2);
}

awaitable<void> a_passed_deadline_sends_nothing(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const Rows late = co_await ask(rig, "DELETE FROM t", from_ms(0));
  EXPECT_TRUE(late.is_refused() && late.why() == Why::timed_out);
  const Begun begun = co_await rig->one().begin(kReadCommitted, rig->clock().now());
  EXPECT_TRUE(begun.is_refused() && begun.why() == Why::timed_out);
  auto transaction = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(transaction);
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "DELETE FROM t"));
  const auto committed = co_await transaction->commit(rig->clock().now());
  EXPECT_TRUE(committed.is_refused() && committed.why() == Why::timed_out);
  transaction.reset();
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2);
}

awaitable<void> committed_is_for_all_to_see(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto transaction = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(transaction);
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  EXPECT_EQ(co_await number(rig, transaction.get(), "SELECT n FROM t WHERE id = 1"), 11);
  EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 1"), 10) << "not yet";
  const auto committed = co_await commit(rig, transaction.get());
  EXPECT_TRUE(committed.has_value());
  const Rows seen =
      co_await ask(rig, &rig->two(), "SELECT n FROM t WHERE id = 1", SqlParameters(), kLong);
  CONTRACT_REQUIRE(seen.has_value());
  EXPECT_EQ(seen.value().integer(0, 0), 11);
}

awaitable<void> after_an_error_only_a_savepoint_helps(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto transaction = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(transaction);
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "SAVEPOINT here"));
  const Rows failed = co_await ask(rig, transaction.get(), "INSERT INTO t VALUES (1, 1)");
  EXPECT_TRUE(refused_with(failed, "23505"));
  const Rows after = co_await ask(rig, transaction.get(), "SELECT 1");
  EXPECT_TRUE(refused_with(after, "25P02"));
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "ROLLBACK TO SAVEPOINT here"));
  EXPECT_EQ(co_await number(rig, transaction.get(), "SELECT n FROM t WHERE id = 1"), 11);
  const auto committed = co_await commit(rig, transaction.get());
  EXPECT_TRUE(committed.has_value());
  EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 1"), 11);
}

awaitable<void> a_failed_transaction_does_not_commit(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  for (std::size_t i = 0; i <= rig->connections(); ++i) {
    const auto transaction = co_await begin(rig, &rig->one());
    CONTRACT_REQUIRE(transaction);
    CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "DELETE FROM t"));
    const Rows failed = co_await ask(rig, transaction.get(), "SELECT * FROM nowhere");
    EXPECT_TRUE(refused_with(failed, "42P01"));
    const auto committed = co_await commit(rig, transaction.get());
    EXPECT_TRUE(refused_with(committed, "25P02"));
  }
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2);
}

awaitable<void> a_dropped_transaction_leaves_nothing(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  for (std::size_t i = 0; i <= rig->connections(); ++i) {
    auto transaction = co_await begin(rig, &rig->one());
    CONTRACT_REQUIRE(transaction);
    CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "UPDATE t SET n = 0 WHERE id = 1"));
    if (i % 2 == 1) {
      const Rows failed = co_await ask(rig, transaction.get(), "SELECT 1 / 0");
      EXPECT_TRUE(refused_with(failed, "22012"));
    }
    transaction.reset();
    // Its locks go, though nobody waited for that.
    const Rows free = co_await ask(rig, &rig->two(), "UPDATE t SET n = n + 1 WHERE id = 1",
                                   SqlParameters(), kLong);
    EXPECT_TRUE(free.has_value());
  }
  EXPECT_EQ(co_await number(rig, "SELECT n - 10 FROM t WHERE id = 1"),
            static_cast<std::int64_t>(rig->connections() + 1));
}

awaitable<void> read_only_changes_nothing(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto transaction = co_await begin(rig, &rig->one(), kReadOnly);
  CONTRACT_REQUIRE(transaction);
  EXPECT_EQ(co_await number(rig, transaction.get(), "SELECT count(*) FROM t"), 2);
  const Rows refused = co_await ask(rig, transaction.get(), "DELETE FROM t");
  EXPECT_TRUE(refused_with(refused, "25006"));
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2);
}

awaitable<void> snapshots_are_of_the_statement_or_of_the_transaction(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto each = co_await begin(rig, &rig->one());
  const auto one = co_await begin(rig, &rig->one(), kRepeatableRead);
  CONTRACT_REQUIRE(each && one);
  EXPECT_EQ(co_await number(rig, each.get(), "SELECT n FROM t WHERE id = 1"), 10);
  EXPECT_EQ(co_await number(rig, one.get(), "SELECT n FROM t WHERE id = 1"), 10);
  CONTRACT_REQUIRE_AWAIT(works(rig, "UPDATE t SET n = 11 WHERE id = 1"));
  EXPECT_EQ(co_await number(rig, each.get(), "SELECT n FROM t WHERE id = 1"), 11);
  EXPECT_EQ(co_await number(rig, one.get(), "SELECT n FROM t WHERE id = 1"), 10);
  const Rows lost = co_await ask(rig, one.get(), "UPDATE t SET n = 12 WHERE id = 1");
  EXPECT_TRUE(refused_with(lost, "40001"));
  EXPECT_TRUE(lost_race(lost.sqlstate()));
}

/// Takes what is left of both rows into account, and changes one.
awaitable<Rows> withdraw(DatabaseRig* rig, SqlTransaction* transaction, std::string_view change) {
  const Rows sum = co_await ask(rig, transaction, "SELECT sum(n) FROM t");
  if (!sum.has_value()) co_return sum;
  if (sum.value().integer(0, 0) < 30) co_return sum;
  co_return co_await ask(rig, transaction, change);
}

awaitable<void> write_skew_is_refused(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto first = co_await begin(rig, &rig->one(), kSerializable);
  const auto second = co_await begin(rig, &rig->two(), kSerializable);
  CONTRACT_REQUIRE(first && second);
  int lost = 0;
  const auto note = [&lost](const auto& outcome) {
    EXPECT_TRUE(outcome.has_value() || refused_with(outcome, "40001"));
    lost += outcome.has_value() ? 0 : 1;
    return outcome.has_value();
  };
  const Rows one = co_await withdraw(rig, first.get(), "UPDATE t SET n = n - 30 WHERE id = 1");
  const Rows two = co_await withdraw(rig, second.get(), "UPDATE t SET n = n - 30 WHERE id = 2");
  if (note(one)) {
    const auto committed = co_await commit(rig, first.get());
    note(committed);
  }
  if (note(two)) {
    const auto committed = co_await commit(rig, second.get());
    note(committed);
  }
  EXPECT_EQ(lost, 1);
  EXPECT_EQ(co_await number(rig, "SELECT sum(n) FROM t"), 0);
}

/// Reads and writes in two steps; the first time somebody else comes in between.
awaitable<Rows> increment(DatabaseRig* rig, SqlTransaction* transaction, int* tries) {
  const Rows seen = co_await ask(rig, transaction, "SELECT n FROM t WHERE id = 1");
  if (!seen.has_value()) co_return seen;
  if (++*tries == 1) {
    const bool changed = co_await works(rig, "UPDATE t SET n = n + 100 WHERE id = 1");
    EXPECT_TRUE(changed);
  }
  co_return co_await ask(rig, transaction, "UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n");
}

awaitable<void> transact_begins_anew(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  for (const SqlTransactionOptions& options : {kRepeatableRead, kSerializable}) {
    int tries = 0;
    const auto body = [rig, &tries](SqlTransaction& transaction) {
      return increment(rig, &transaction, &tries);
    };
    const Instant deadline = rig->clock().now() + kLong;
    const Rows ended = co_await transact(rig->one(), options, deadline, body);
    EXPECT_TRUE(ended.has_value()) << ended.sqlstate().text();
    EXPECT_EQ(tries, 2);
  }
  EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 1"), 212);
}

awaitable<void> a_double_waits_for_the_others_end(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  for (const bool commits : {true, false}) {
    auto first = co_await begin(rig, &rig->two());
    CONTRACT_REQUIRE(first);
    CONTRACT_REQUIRE_AWAIT(works(rig, first.get(), "INSERT INTO t VALUES (3, 30)"));
    Beside second;
    rig->tasks().spawn(ask_beside(rig, "INSERT INTO t VALUES (3, 31)", &second));
    co_await rig->clock().sleep_for(from_ms(100));
    EXPECT_FALSE(second.outcome) << "it waits";
    if (commits) {
      const auto committed = co_await commit(rig, first.get());
      EXPECT_TRUE(committed.has_value());
    }
    first.reset();
    CONTRACT_REQUIRE_AWAIT(
        eventually(&rig->clock(), [&second] { return second.outcome.has_value(); }));
    EXPECT_TRUE(commits ? refused_with(*second.outcome, "23505") : second.outcome->has_value());
    EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 3"), commits ? 30 : 31);
    CONTRACT_REQUIRE_AWAIT(works(rig, "DELETE FROM t WHERE id = 3"));
  }
}

constexpr std::string_view kScript =
    "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2);\n"
    "-- the last one's rows\n"
    "SELECT id FROM a ORDER BY id DESC;";

awaitable<void> a_script_is_several_statements(DatabaseRig* rig) {
  const auto transaction = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(transaction);
  const Rows done = co_await transaction->run_script(kScript, rig->clock().now() + kLong);
  CONTRACT_REQUIRE(done.has_value() && done.value().size() == 2);
  EXPECT_EQ(done.value().integer(0, 0), 2);
  const Rows failed = co_await transaction->run_script("INSERT INTO a VALUES (3); SELECT 1 / 0",
                                                       rig->clock().now() + kLong);
  EXPECT_TRUE(refused_with(failed, "22012"));
  const auto committed = co_await commit(rig, transaction.get());
  EXPECT_TRUE(refused_with(committed, "25P02"));
  const Rows gone = co_await ask(rig, "SELECT * FROM a");
  EXPECT_TRUE(refused_with(gone, "42P01"));
}

constexpr Migration kFirst{"1", "CREATE TABLE m (id int PRIMARY KEY); INSERT INTO m VALUES (1);"};
constexpr Migration kSecond{"2", "INSERT INTO m VALUES (2);"};
constexpr Migration kWrong{"3", "INSERT INTO m VALUES (3); INSERT INTO m VALUES (3);"};

awaitable<Outcome<Migrated>> migrate_to(DatabaseRig* rig, Database* database, std::size_t count) {
  std::vector<Migration> migrations = {kFirst, kSecond, kWrong};
  migrations.resize(count);
  const Instant deadline = rig->clock().now() + kLong;
  co_return co_await migrate(*database, "shop", std::move(migrations), deadline);
}

awaitable<void> migrations_are_applied_once(DatabaseRig* rig) {
  for (const std::size_t fresh : {1U, 0U}) {
    const auto migrated = co_await migrate_to(rig, &rig->one(), 1);
    CONTRACT_REQUIRE(migrated.has_value());
    EXPECT_EQ(migrated.value().applied, fresh);
  }
  const auto failed = co_await migrate_to(rig, &rig->one(), 3);
  EXPECT_TRUE(refused_with(failed, "23505"));
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM m"), 1) << "a failing one leaves nothing";
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM firedrill_migrations"), 1);
  const auto second = co_await migrate_to(rig, &rig->two(), 2);
  CONTRACT_REQUIRE(second.has_value());
  EXPECT_EQ(second.value().applied, 1U);
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM m"), 2);
}

awaitable<void> migrate_beside(DatabaseRig* rig, Database* database, std::size_t* applied,
                               int* done) {
  const auto migrated = co_await migrate_to(rig, database, 2);
  EXPECT_TRUE(migrated.has_value()) << migrated.sqlstate().text();
  if (migrated.has_value()) *applied += migrated.value().applied;
  ++*done;
}

awaitable<void> several_may_migrate_at_once(DatabaseRig* rig) {
  std::size_t applied = 0;
  int done = 0;
  for (int i = 0; i < 4; ++i) {
    Database* database = i % 2 == 0 ? &rig->one() : &rig->two();
    rig->tasks().spawn(migrate_beside(rig, database, &applied, &done));
  }
  EXPECT_TRUE(co_await eventually(&rig->clock(), [&done] { return done == 4; }));
  EXPECT_EQ(applied, 2U);
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM m"), 2);
}

}  // namespace

TEST_P(DatabaseContract, ValuesAndNullsRoundTrip) {
  run(values_and_nulls_round_trip);
}
TEST_P(DatabaseContract, RowsAreCounted) {
  run(rows_are_counted);
}
TEST_P(DatabaseContract, ParametersTakeTheTypeOfTheirPlace) {
  run(parameters_take_the_type_of_their_place);
}
TEST_P(DatabaseContract, AnErrorIsRefusedWithItsState) {
  run(an_error_is_refused_with_its_state);
}
TEST_P(DatabaseContract, APassedDeadlineSendsNothing) {
  run(a_passed_deadline_sends_nothing);
}
TEST_P(DatabaseContract, CommittedIsForAllToSee) {
  run(committed_is_for_all_to_see);
}
TEST_P(DatabaseContract, AfterAnErrorOnlyASavepointHelps) {
  run(after_an_error_only_a_savepoint_helps);
}
TEST_P(DatabaseContract, AFailedTransactionDoesNotCommit) {
  run(a_failed_transaction_does_not_commit);
}
TEST_P(DatabaseContract, ADroppedTransactionLeavesNothing) {
  run(a_dropped_transaction_leaves_nothing);
}
TEST_P(DatabaseContract, ReadOnlyChangesNothing) {
  run(read_only_changes_nothing);
}
TEST_P(DatabaseContract, SnapshotsAreOfTheStatementOrOfTheTransaction) {
  run(snapshots_are_of_the_statement_or_of_the_transaction);
}
TEST_P(DatabaseContract, WriteSkewIsRefused) {
  run(write_skew_is_refused);
}
TEST_P(DatabaseContract, TransactBeginsAnew) {
  run(transact_begins_anew);
}
TEST_P(DatabaseContract, ADoubleWaitsForTheOthersEnd) {
  run(a_double_waits_for_the_others_end);
}
TEST_P(DatabaseContract, AScriptIsSeveralStatements) {
  run(a_script_is_several_statements);
}
TEST_P(DatabaseContract, MigrationsAreAppliedOnce) {
  run(migrations_are_applied_once);
}
TEST_P(DatabaseContract, SeveralMayMigrateAtOnce) {
  run(several_may_migrate_at_once);
}

}  // namespace firedrill::contract
