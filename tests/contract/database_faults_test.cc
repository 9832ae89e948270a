#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/contract/database_asking.h"

// What a caller sees when it must wait, when its deadline passes, and when the server or the
// connections go.

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;

/// Between the deadline and the answer.
constexpr Duration kSlack = from_ms(500);

awaitable<bool> works_in_the_end(DatabaseRig* rig) {
  for (int i = 0; i < 50; ++i) {
    const Rows rows = co_await ask(rig, "SELECT 1", from_ms(200));
    if (rows.has_value()) co_return true;
    co_await rig->clock().sleep_for(from_ms(10));
  }
  co_return false;
}

/// After a kill some calls may still find the old connections. Until one is refused.
awaitable<bool> refused_in_the_end(DatabaseRig* rig) {
  for (int i = 0; i < 50; ++i) {
    const Rows rows = co_await ask(rig, "SELECT 1", from_ms(200));
    if (rows.is_refused()) co_return true;
    EXPECT_FALSE(rows.has_value()) << "nobody is there to answer";
  }
  co_return false;
}

template <class T>
bool timed_out(const Outcome<T>& outcome) {
  return !outcome.has_value() && outcome.why() == Why::timed_out;
}

// Waiting.

awaitable<void> a_deadline_ends_the_wait_for_a_row(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  auto holder = co_await begin(rig, &rig->two());
  CONTRACT_REQUIRE(holder);
  CONTRACT_REQUIRE_AWAIT(works(rig, holder.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  const auto waiter = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(waiter);
  CONTRACT_REQUIRE_AWAIT(works(rig, waiter.get(), "UPDATE t SET n = 21 WHERE id = 2"));
  const Instant began = rig->clock().now();
  const Rows late =
      co_await ask(rig, waiter.get(), "UPDATE t SET n = 12 WHERE id = 1", from_ms(200));
  EXPECT_TRUE(late.is_refused() && timed_out(late)) << "nothing lasts before a commit";
  EXPECT_GE(rig->clock().now() - began, from_ms(200));
  EXPECT_LT(rig->clock().now() - began, from_ms(200) + kSlack);
  const Rows after = co_await ask(rig, waiter.get(), "SELECT 1");
  EXPECT_TRUE(after.is_refused() && after.why() == Why::closed);
  const auto committed = co_await commit(rig, waiter.get());
  EXPECT_TRUE(committed.is_refused() && committed.why() == Why::closed);
  // What it held is free, and what it waited for does not come to it.
  EXPECT_TRUE(co_await works(rig, "UPDATE t SET n = n + 1 WHERE id = 2"));
  const auto done = co_await commit(rig, holder.get());
  EXPECT_TRUE(done.has_value());
  EXPECT_TRUE(co_await works(rig, "UPDATE t SET n = n + 1 WHERE id = 1"));
  EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 1"), 12);
  EXPECT_EQ(co_await number(rig, "SELECT n FROM t WHERE id = 2"), 21);
}

awaitable<void> a_lone_statement_that_waits_too_long_is_unknown(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  auto holder = co_await begin(rig, &rig->two());
  CONTRACT_REQUIRE(holder);
  CONTRACT_REQUIRE_AWAIT(works(rig, holder.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  for (std::size_t i = 0; i <= rig->connections(); ++i) {
    EXPECT_EQ(co_await number(rig, "SELECT 1"), 1) << "there is a connection to be had";
    const Instant began = rig->clock().now();
    const Rows late = co_await ask(rig, "UPDATE t SET n = 12 WHERE id = 1", from_ms(100));
    EXPECT_TRUE(late.is_unknown() && timed_out(late)) << i;
    EXPECT_GE(rig->clock().now() - began, from_ms(100));
    EXPECT_LT(rig->clock().now() - began, from_ms(100) + kSlack);
  }
}

awaitable<void> begin_then_note(DatabaseRig* rig, int id, std::vector<int>* order) {
  const auto transaction = co_await begin(rig, &rig->one());
  order->push_back(id);
}

awaitable<void> connections_are_lent_in_order_of_asking(DatabaseRig* rig) {
  std::vector<std::unique_ptr<SqlTransaction>> held;
  for (std::size_t i = 0; i < rig->connections(); ++i) {
    auto transaction = co_await begin(rig, &rig->one());
    CONTRACT_REQUIRE(transaction);
    held.push_back(std::move(transaction));
  }
  const Instant began = rig->clock().now();
  const Rows late = co_await ask(rig, "SELECT 1", from_ms(200));
  EXPECT_TRUE(late.is_refused() && timed_out(late)) << "there is no connection to be had";
  EXPECT_GE(rig->clock().now() - began, from_ms(200));
  EXPECT_LT(rig->clock().now() - began, from_ms(200) + kSlack);
  std::vector<int> order;
  for (int id = 0; id < 20; ++id) {
    rig->tasks().spawn(begin_then_note(rig, id, &order));
    co_await rig->clock().sleep_for(from_ms(2));
  }
  EXPECT_TRUE(order.empty());
  held.pop_back();  // one after the other goes through the only one that is free
  EXPECT_TRUE(co_await eventually(&rig->clock(), [&order] { return order.size() == 20; }));
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

// Connections that break.

awaitable<void> idle_connections_may_break(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  for (int i = 0; i < 3; ++i) {
    co_await rig->break_connections();
    EXPECT_TRUE(co_await works_in_the_end(rig));
  }
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2);
}

awaitable<void> a_break_refuses_a_transaction(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto idle = co_await begin(rig, &rig->one());
  const auto committing = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(idle && committing);
  CONTRACT_REQUIRE_AWAIT(works(rig, idle.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  CONTRACT_REQUIRE_AWAIT(works(rig, committing.get(), "UPDATE t SET n = 21 WHERE id = 2"));
  co_await rig->break_connections();
  const Rows broken = co_await ask(rig, idle.get(), "SELECT 1");
  EXPECT_TRUE(broken.is_refused() && broken.why() == Why::reset);
  const Rows after = co_await ask(rig, idle.get(), "SELECT 1");
  EXPECT_TRUE(after.is_refused() && after.why() == Why::closed);
  const auto committed = co_await commit(rig, committing.get());
  EXPECT_FALSE(committed.has_value());
  EXPECT_EQ(committed.why(), Why::reset);
  EXPECT_TRUE(co_await works_in_the_end(rig));
  EXPECT_EQ(co_await number(rig, "SELECT sum(n) FROM t"), 30);
}

awaitable<void> ask_in_beside(DatabaseRig* rig, SqlTransaction* transaction, std::string_view text,
                              Beside* beside) {
  Rows outcome = co_await ask(rig, transaction, text);
  beside->ended = rig->clock().now();
  beside->outcome.emplace(std::move(outcome));
}

/// How often a break met a statement that ran.
struct Met {
  int alone = 0;
  int within = 0;
};

/// Two statements wait for a row, and all connections break: but for the one whose holder happens
/// to break before it does.
awaitable<void> break_once(DatabaseRig* rig, Met* met) {
  const auto holder = co_await begin(rig, &rig->two());
  const auto waiter = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(holder && waiter);
  CONTRACT_REQUIRE_AWAIT(works(rig, holder.get(), "UPDATE t SET n = 0 WHERE id = 1"));
  Beside within;
  Beside alone;
  rig->tasks().spawn(
      ask_in_beside(rig, waiter.get(), "UPDATE t SET n = n + 1 WHERE id = 1", &within));
  rig->tasks().spawn(ask_beside(rig, "UPDATE t SET n = n + 1 WHERE id = 1", &alone));
  co_await rig->clock().sleep_for(from_ms(100));
  EXPECT_TRUE(!alone.outcome && !within.outcome) << "they wait for the row";
  const Instant began = rig->clock().now();
  co_await rig->break_connections();
  const bool ended = co_await eventually(
      &rig->clock(), [&] { return alone.outcome.has_value() && within.outcome.has_value(); });
  CONTRACT_REQUIRE(ended);
  EXPECT_LT(rig->clock().now() - began, from_ms(2000)) << "a reset is an error at once";
  const auto is_reset = [](const Rows& rows) {
    return rows.has_value() || rows.why() == Why::reset;
  };
  EXPECT_TRUE(is_reset(*alone.outcome) && !alone.outcome->is_refused());
  EXPECT_TRUE(is_reset(*within.outcome) && !within.outcome->is_unknown());
  met->alone += alone.outcome->is_unknown();
  met->within += within.outcome->is_refused();
  EXPECT_TRUE(co_await works_in_the_end(rig));
}

awaitable<void> a_break_ends_what_runs(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  Met met;
  for (int i = 0; i < 20 && (met.alone == 0 || met.within == 0); ++i)
    co_await break_once(rig, &met);
  EXPECT_GT(met.alone, 0);
  EXPECT_GT(met.within, 0);
  EXPECT_TRUE(co_await works(rig, "UPDATE t SET n = 1 WHERE id = 1")) << "the row is free";
}

/// Calls, one after another, until told to stop.
struct Tally {
  bool stop = false;
  int running = 0;
  std::int64_t ok = 0;
  std::int64_t unknown = 0;
};

constexpr std::string_view kCountUp = "UPDATE t SET n = n + 1 WHERE id = 1";

awaitable<Rows> count_up_once(DatabaseRig* rig, bool in_a_transaction) {
  if (!in_a_transaction) co_return co_await ask(rig, kCountUp, from_ms(1000));
  const auto body = [rig](SqlTransaction& transaction) { return ask(rig, &transaction, kCountUp); };
  const Instant deadline = rig->clock().now() + from_ms(1000);
  co_return co_await transact(rig->one(), kReadCommitted, deadline, body);
}

awaitable<void> count_up(DatabaseRig* rig, Tally* tally, bool in_a_transaction) {
  ++tally->running;
  while (!tally->stop) {
    const Rows rows = co_await count_up_once(rig, in_a_transaction);
    tally->ok += rows.has_value();
    tally->unknown += rows.is_unknown();
  }
  --tally->running;
}

awaitable<void> nothing_is_sent_twice(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  Tally tally;
  for (int i = 0; i < 8; ++i) rig->tasks().spawn(count_up(rig, &tally, i % 2 == 0));
  for (int i = 0; i < 10; ++i) {
    co_await rig->clock().sleep_for(from_ms(40));
    co_await rig->break_connections();
  }
  tally.stop = true;
  EXPECT_TRUE(co_await eventually(&rig->clock(), [&tally] { return tally.running == 0; }));
  EXPECT_TRUE(co_await works_in_the_end(rig));
  const std::int64_t count = co_await number(rig, "SELECT n - 10 FROM t WHERE id = 1");
  EXPECT_GT(tally.ok, 0);
  EXPECT_GT(tally.unknown, 0) << "a break that hits no call shows nothing";
  EXPECT_GE(count, tally.ok);
  EXPECT_LE(count, tally.ok + tally.unknown);
}

// The server goes.

awaitable<void> refused_without_a_server(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto open = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(open);
  CONTRACT_REQUIRE_AWAIT(works(rig, open.get(), "UPDATE t SET n = 11 WHERE id = 1"));
  co_await rig->kill_database();
  const Rows broken = co_await ask(rig, open.get(), "SELECT 1");
  EXPECT_TRUE(broken.is_refused());
  EXPECT_TRUE(co_await refused_in_the_end(rig));
  const Instant began = rig->clock().now();
  const Begun refused = co_await rig->one().begin(kReadCommitted, began + from_ms(200));
  EXPECT_TRUE(refused.is_refused());
  EXPECT_LT(rig->clock().now() - began, from_ms(200) + kSlack);
  co_await rig->start_database();
  EXPECT_TRUE(co_await works_in_the_end(rig));
  EXPECT_EQ(co_await number(rig, "SELECT sum(n) FROM t"), 30) << "it kept what was committed";
}

awaitable<void> commit_beside(DatabaseRig* rig, SqlTransaction* transaction, Beside* beside) {
  const auto committed = co_await commit(rig, transaction);
  beside->ended = rig->clock().now();
  if (committed.has_value()) {
    beside->outcome.emplace(SqlRows());
  } else {
    beside->outcome.emplace(committed.without_value<SqlRows>());
  }
}

awaitable<void> a_kill_leaves_commits_unknown(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto transaction = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(transaction);
  CONTRACT_REQUIRE_AWAIT(works(rig, transaction.get(), "INSERT INTO t VALUES (3, 30)"));
  CONTRACT_REQUIRE_AWAIT(works(rig, "SELECT 1"));
  co_await rig->pause_database();
  Beside commit;
  Beside alone;
  rig->tasks().spawn(commit_beside(rig, transaction.get(), &commit));
  rig->tasks().spawn(ask_beside(rig, "INSERT INTO t VALUES (4, 40)", &alone));
  co_await rig->clock().sleep_for(from_ms(100));
  EXPECT_TRUE(!commit.outcome && !alone.outcome);
  const Instant began = rig->clock().now();
  co_await rig->kill_database();
  CONTRACT_REQUIRE_AWAIT(eventually(
      &rig->clock(), [&] { return commit.outcome.has_value() && alone.outcome.has_value(); }));
  EXPECT_LT(rig->clock().now() - began, from_ms(4000)) << "a reset is an error at once";
  EXPECT_TRUE(commit.outcome->is_unknown() && commit.outcome->why() == Why::reset);
  EXPECT_TRUE(alone.outcome->is_unknown() && alone.outcome->why() == Why::reset);
  co_await rig->start_database();
  EXPECT_TRUE(co_await works_in_the_end(rig));
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t"), 2) << "nothing is sent again";
}

awaitable<void> silence_ends_with_the_deadline(DatabaseRig* rig) {
  CONTRACT_REQUIRE_AWAIT(with_table(rig));
  const auto asking = co_await begin(rig, &rig->one());
  const auto committing = co_await begin(rig, &rig->one());
  CONTRACT_REQUIRE(asking && committing);
  CONTRACT_REQUIRE_AWAIT(works(rig, asking.get(), "INSERT INTO t VALUES (3, 30)"));
  CONTRACT_REQUIRE_AWAIT(works(rig, committing.get(), "INSERT INTO t VALUES (4, 40)"));
  CONTRACT_REQUIRE_AWAIT(works(rig, "SELECT 1"));
  co_await rig->pause_database();
  const Instant began = rig->clock().now();
  const Rows asked = co_await ask(rig, asking.get(), "SELECT 1", from_ms(200));
  EXPECT_TRUE(asked.is_refused() && timed_out(asked));
  const auto committed = co_await committing->commit(rig->clock().now() + from_ms(200));
  EXPECT_TRUE(committed.is_unknown() && timed_out(committed));
  const Rows alone = co_await ask(rig, "INSERT INTO t VALUES (5, 50)", from_ms(200));
  EXPECT_TRUE(alone.is_unknown() && timed_out(alone));
  const Begun begun = co_await rig->one().begin(kReadCommitted, rig->clock().now() + from_ms(200));
  EXPECT_TRUE(begun.is_refused() && timed_out(begun));
  EXPECT_GE(rig->clock().now() - began, from_ms(800));
  EXPECT_LT(rig->clock().now() - began, from_ms(800) + 2 * kSlack);
  co_await rig->resume_database();
  EXPECT_TRUE(co_await works_in_the_end(rig));
  EXPECT_EQ(co_await number(rig, "SELECT count(*) FROM t WHERE id = 3"), 0);
  EXPECT_LE(co_await number(rig, "SELECT count(*) FROM t"), 4);
}

}  // namespace

TEST_P(DatabaseContract, ADeadlineEndsTheWaitForARow) {
  run(a_deadline_ends_the_wait_for_a_row);
}
TEST_P(DatabaseContract, ALoneStatementThatWaitsTooLongIsUnknown) {
  run(a_lone_statement_that_waits_too_long_is_unknown);
}
TEST_P(DatabaseContract, ConnectionsAreLentInOrderOfAsking) {
  run(connections_are_lent_in_order_of_asking);
}
TEST_P(DatabaseContract, IdleConnectionsMayBreak) {
  run(idle_connections_may_break);
}
TEST_P(DatabaseContract, ABreakRefusesATransaction) {
  run(a_break_refuses_a_transaction);
}
TEST_P(DatabaseContract, ABreakEndsWhatRuns) {
  run(a_break_ends_what_runs);
}
TEST_P(DatabaseContract, NothingIsSentTwice) {
  run(nothing_is_sent_twice);
}
TEST_P(DatabaseContract, RefusedWithoutAServer) {
  run(refused_without_a_server);
}
TEST_P(DatabaseContract, AKillLeavesCommitsUnknown) {
  run(a_kill_leaves_commits_unknown);
}
TEST_P(DatabaseContract, SilenceEndsWithTheDeadline) {
  run(silence_ends_with_the_deadline);
}

}  // namespace firedrill::contract
