#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "system/ports/database.h"
#include "tests/contract/database_rig.h"

// How the contract's tests ask a database.

namespace firedrill::contract {

using boost::asio::awaitable;
using Isolation = SqlTransactionOptions::Isolation;
using Begun = Outcome<std::unique_ptr<SqlTransaction>>;
using Rows = Outcome<SqlRows>;

inline constexpr SqlTransactionOptions kReadCommitted{};
inline constexpr SqlTransactionOptions kReadOnly{.read_only = true};
inline constexpr SqlTransactionOptions kRepeatableRead{.isolation = Isolation::repeatable_read};
inline constexpr SqlTransactionOptions kSerializable{.isolation = Isolation::serializable};

/// Of which no test waits for the end.
inline constexpr Duration kLong = from_ms(10'000);

inline awaitable<Rows> ask(DatabaseRig* rig, Database* database, std::string_view text,
                           SqlParameters parameters, Duration limit = kLong) {
  const Instant deadline = rig->clock().now() + limit;
  co_return co_await database->run(SqlStatement{text}, std::move(parameters), deadline);
}

inline awaitable<Rows> ask(DatabaseRig* rig, std::string_view text, Duration limit = kLong) {
  co_return co_await ask(rig, &rig->one(), text, SqlParameters(), limit);
}

inline awaitable<Rows> ask(DatabaseRig* rig, SqlTransaction* transaction, std::string_view text,
                           Duration limit = kLong) {
  const Instant deadline = rig->clock().now() + limit;
  co_return co_await transaction->run(SqlStatement{text}, SqlParameters(), deadline);
}

inline awaitable<Outcome<Committed>> commit(DatabaseRig* rig, SqlTransaction* transaction) {
  co_return co_await transaction->commit(rig->clock().now() + kLong);
}

/// A transaction, or nullptr and a failure.
inline awaitable<std::unique_ptr<SqlTransaction>> begin(
    DatabaseRig* rig, Database* database, SqlTransactionOptions options = kReadCommitted) {
  Begun begun = co_await database->begin(options, rig->clock().now() + kLong);
  EXPECT_TRUE(begun.has_value());
  if (!begun.has_value()) co_return nullptr;
  co_return std::move(begun).value();
}

/// A number that one statement answers; -1 and a failure where it does not.
inline awaitable<std::int64_t> number(DatabaseRig* rig, std::string_view text) {
  const Rows rows = co_await ask(rig, text);
  EXPECT_TRUE(rows.has_value() && rows.value().size() == 1 && !rows.value().is_null(0, 0)) << text;
  if (!rows.has_value() || rows.value().empty()) co_return -1;
  co_return rows.value().integer(0, 0);
}

/// The same within a transaction.
inline awaitable<std::int64_t> number(DatabaseRig* rig, SqlTransaction* transaction,
                                      std::string_view text) {
  const Rows rows = co_await ask(rig, transaction, text);
  EXPECT_TRUE(rows.has_value() && rows.value().size() == 1 && !rows.value().is_null(0, 0)) << text;
  if (!rows.has_value() || rows.value().empty()) co_return -1;
  co_return rows.value().integer(0, 0);
}

inline awaitable<bool> works(DatabaseRig* rig, std::string_view text) {
  const Rows rows = co_await ask(rig, text);
  EXPECT_TRUE(rows.has_value()) << text << ": " << rows.sqlstate().text();
  co_return rows.has_value();
}

inline awaitable<bool> works(DatabaseRig* rig, SqlTransaction* transaction, std::string_view text) {
  const Rows rows = co_await ask(rig, transaction, text);
  EXPECT_TRUE(rows.has_value()) << text << ": " << rows.sqlstate().text();
  co_return rows.has_value();
}

template <class T>
bool refused_with(const Outcome<T>& outcome, std::string_view sqlstate) {
  return outcome.is_refused() && outcome.why() == Why::by_server &&
         outcome.sqlstate() == SqlState(sqlstate);
}

/// A table t of (id int primary key, n int) with the rows 1 and 2, n = 10 and 20.
inline awaitable<bool> with_table(DatabaseRig* rig) {
  const bool made = co_await works(rig, "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL)");
  if (!made) co_return false;
  co_return co_await works(rig, "INSERT INTO t VALUES (1, 10), (2, 20)");
}

/// A statement that runs beside the caller.
struct Beside {
  std::optional<Rows> outcome;
  Instant ended{};
};

inline awaitable<void> ask_beside(DatabaseRig* rig, std::string_view text, Beside* beside) {
  Rows outcome = co_await ask(rig, text);
  beside->ended = rig->clock().now();
  beside->outcome.emplace(std::move(outcome));
}

// CONTRACT_REQUIRE of what is awaited: g++ 12 does not get a co_await within an if right that
// leaves.
#define CONTRACT_REQUIRE_AWAIT(awaited)               \
  {                                                   \
    const bool contract_holds = co_await awaited;     \
    if (!contract_holds) {                            \
      ADD_FAILURE() << "does not hold: " << #awaited; \
      co_return;                                      \
    }                                                 \
  }                                                   \
  static_assert(true)

}  // namespace firedrill::contract
