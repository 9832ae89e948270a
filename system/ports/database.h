#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill {

/// One SQL statement with parameters $1, $2, ...: a constant of the program. A connection prepares
/// each text once.
struct SqlStatement {
  std::string_view text;
};

/// A parameter, in PostgreSQL's text form; its type is what the statement needs at its place.
class SqlValue {
 public:
  SqlValue(std::nullopt_t) {}
  SqlValue(std::string text) : text_(std::move(text)) {}
  SqlValue(std::string_view text) : text_(text) {}
  SqlValue(const char* text) : text_(text) {}
  template <std::same_as<bool> Bool>
  SqlValue(Bool value) : text_(value ? "true" : "false") {}
  template <std::integral Whole>
    requires(!std::same_as<Whole, bool>)
  SqlValue(Whole value) : text_(std::to_string(value)) {}
  template <class T>
  SqlValue(std::optional<T> value) {
    if (value) *this = SqlValue(std::move(*value));
  }

  const std::optional<std::string>& text() const& { return text_; }
  std::optional<std::string> text() && { return std::move(text_); }

 private:
  std::optional<std::string> text_;
};

using SqlParameters = std::vector<SqlValue>;

/// $1, $2, ... (A braced list within a co_await is not safe with g++ 12.)
template <class... Values>
SqlParameters sql_parameters(Values&&... values) {
  SqlParameters list;
  list.reserve(sizeof...(values));
  (list.emplace_back(std::forward<Values>(values)), ...);
  return list;
}

/// What a statement answered: rows of cells in PostgreSQL's text form. Columns by their places,
/// from 0; asking for one that is not there, or for a number in what is none, is a bug.
class SqlRows {
 public:
  using Cell = std::optional<std::string>;

  SqlRows() = default;
  SqlRows(std::size_t width, std::vector<Cell> cells, std::uint64_t affected)
      : width_(width), cells_(std::move(cells)), affected_(affected) {}

  /// How many rows were inserted, updated, deleted, or given.
  std::uint64_t affected() const { return affected_; }
  std::size_t size() const { return width_ == 0 ? 0 : cells_.size() / width_; }
  bool empty() const { return size() == 0; }
  std::size_t width() const { return width_; }

  bool is_null(std::size_t row, std::size_t column) const { return !cell(row, column); }
  /// Precondition of these: not NULL.
  const std::string& text(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;
  bool boolean(std::size_t row, std::size_t column) const;

  const Cell& cell(std::size_t row, std::size_t column) const;
  std::span<const Cell> cells(std::size_t row) const;

 private:
  std::size_t width_ = 0;
  std::vector<Cell> cells_;
  std::uint64_t affected_ = 0;
};

/// The database has it for good, as its durability promises.
struct Committed {};

/// A transaction, on a connection that is its own as long as it lives. Destroying it without
/// commit() rolls it back; nobody waits for that.
///
/// Since nothing of it lasts before commit(), its statements end as a value or as Refused, never as
/// Unknown. After one that the server refused, every other is refused with 25P02 until ROLLBACK TO
/// a savepoint; after one that ended otherwise (the connection broke, or the deadline passed: then
/// the server is asked to cancel, and the connection is given up), each is refused as closed. The
/// server rolls back when it notices, so locks may stay for a while.
class SqlTransaction {
 public:
  virtual ~SqlTransaction() = default;

  /// Savepoints are statements. BEGIN, COMMIT and ROLLBACK are not.
  virtual boost::asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement,
                                                       SqlParameters parameters,
                                                       Instant deadline) = 0;

  /// Several statements without parameters, separated by semicolons: the text of a migration.
  /// `text` must be a constant of the program. The rows are the last statement's.
  virtual boost::asio::awaitable<Outcome<SqlRows>> run_script(std::string_view text,
                                                              Instant deadline) = 0;

  /// Refused: rolled back (40001 and 40P01: lost a race, begin anew; 25P02: a statement before had
  /// failed). Unknown: the answer is missing; it may have happened, or may yet. Nothing else is
  /// called after it.
  virtual boost::asio::awaitable<Outcome<Committed>> commit(Instant deadline) = 0;
};

struct SqlTransactionOptions {
  enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };
  Isolation isolation = Isolation::read_committed;
  bool read_only = false;
};

/// One PostgreSQL, through a bounded number of connections, which are made when needed and again
/// after they broke.
///
/// Ownership: arguments are moved in, rows are moved out; the port outlives every coroutine and
/// transaction that uses it. Ordering: none between two calls; within a transaction, that of the
/// calls, one at a time. Whoever finds all connections in use waits for one, in order of asking,
/// and is refused at its deadline. What the server answers with an error is Refused with its
/// SQLSTATE; where no connection comes about, Refused. The port never sends anything twice.
class Database {
 public:
  virtual ~Database() = default;

  virtual boost::asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> begin(
      SqlTransactionOptions options, Instant deadline) = 0;

  /// One statement in a transaction of its own. Unknown: the connection broke or the deadline
  /// passed while it ran; it may have committed, or may yet.
  virtual boost::asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement,
                                                       SqlParameters parameters,
                                                       Instant deadline) = 0;
};

/// Whether the transaction lost a race with another, and may well succeed if it is begun anew:
/// serialization_failure and deadlock_detected.
constexpr bool lost_race(SqlState state) {
  return state == SqlState("40001") || state == SqlState("40P01");
}

/// Runs `body` in a transaction and commits; all of it again, where it lost a race, for as long as
/// the deadline allows. `body` is called with the transaction and returns an awaitable of an
/// Outcome; where that is no value, the transaction is rolled back. It may run several times.
template <class Body, class Result = typename std::invoke_result_t<Body&, SqlTransaction&>>
Result transact(Database& database, SqlTransactionOptions options, Instant deadline, Body body) {
  while (true) {
    auto begun = co_await database.begin(options, deadline);
    using Ending = typename Result::value_type;
    using Value = std::remove_cvref_t<decltype(std::declval<Ending&>().value())>;
    if (!begun.has_value()) co_return begun.template without_value<Value>();
    const std::unique_ptr<SqlTransaction> transaction = std::move(begun).value();
    Ending ending = co_await body(*transaction);
    if (ending.has_value()) {
      const Outcome<Committed> committed = co_await transaction->commit(deadline);
      if (committed.has_value()) co_return ending;
      if (!lost_race(committed.sqlstate())) co_return committed.template without_value<Value>();
    } else if (!lost_race(ending.sqlstate())) {
      co_return ending;
    }
  }
}

/// One step of a service's schema: constants of the program, made from its migrations/*.sql.
struct Migration {
  std::string_view name;  ///< unique within the service; they are applied in the given order
  std::string_view text;
};

struct Migrated {
  std::size_t applied = 0;  ///< how many were new
};

/// Brings the schema of `service` up to date, in one transaction: what is listed in the table
/// firedrill_migrations is left alone. Several processes may do so at once. Asked again after
/// Unknown, it finds what was done. `migrations` and `service` are constants of the program.
boost::asio::awaitable<Outcome<Migrated>> migrate(Database& database, std::string_view service,
                                                  std::vector<Migration> migrations,
                                                  Instant deadline);

}  // namespace firedrill
