#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/query/query.h"
#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

using SessionId = std::uint32_t;

/// What a statement says beside its answer: severity "WARNING", "NOTICE", ...
struct Notice {
  std::string severity;
  SqlError message;
};

/// What NOTIFY sent to a session that listens.
struct Notification {
  SessionId sender = 0;
  std::string channel;
  std::string payload;
};

/// What one statement answered.
struct StatementResult {
  std::vector<OutputColumn> columns;
  std::vector<Row> rows;
  std::string tag;  ///< "INSERT 0 1"; empty for an error, or an empty query
  bool returns_rows = false;
  std::vector<Notice> notices;  ///< in the order in which they were said, before the answer
  std::optional<SqlError> error;
};

/// A PostgreSQL 15 server: statements and the time in, results out. Knows no world, no clock and no
/// network. Times are microseconds since 2000-01-01 00:00 UTC and never go backwards.
///
/// A statement that has to wait (for a row, a table, an advisory lock) is busy until another
/// session's statement, or tick(), lets it go on; who may go on does so before the call that let it
/// returns, in the order in which they were let go.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  SessionId connect(std::int64_t now);
  /// As when the connection is lost: what runs is cancelled, the transaction rolled back.
  void disconnect(SessionId session, std::int64_t now);

  /// A text of statements, as the simple protocol takes it: they are one transaction where none is
  /// open, and the first error ends them. The session is not busy.
  void query(SessionId session, std::string_view sql, std::int64_t now);
  /// One statement with parameters, in their types' text form; NULL: nothing.
  void execute(SessionId session, std::string_view sql,
               const std::vector<std::optional<std::string>>& parameters, std::int64_t now);

  bool is_busy(SessionId session) const;
  /// What the statements have answered since the last call, in their order.
  std::vector<StatementResult> take_results(SessionId session);
  /// What has been notified to it, and may be delivered now: it is between transactions.
  std::vector<Notification> take_notifications(SessionId session);
  /// 'I': idle; 'T': in a transaction; 'E': in a failed one.
  char transaction_status(SessionId session) const;
  /// 57014 for what the session runs.
  void cancel(SessionId session, std::int64_t now);

  /// Which of several that were let go at once goes on next: PostgreSQL leaves that to the machine.
  /// `choose`: of how many, in the order in which they were let go; without it, the first.
  void set_wake_order(std::function<std::size_t(std::size_t)> choose);

  /// Whether a timeout has ended it (its last result tells, and is fatal): only disconnect() is
  /// left to be called.
  bool has_ended(SessionId session) const;
  /// Time passes: deadlocks are looked for, timeouts end waits, and sessions that are idle;
  /// pg_sleep() returns. Else no statement takes time.
  void tick(std::int64_t now);
  /// When tick() would do something; nothing: never.
  std::optional<std::int64_t> next_timeout() const;

  /// A value of a result as text; nothing: NULL.
  std::optional<std::string> text(SessionId session, const OutputColumn& column,
                                  const Value& value) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firedrill::sim::postgres
