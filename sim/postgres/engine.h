#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/copy.h"
#include "sim/postgres/extended.h"
#include "sim/postgres/query/query.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/storage/write_ahead_log.h"
#include "sim/postgres/watch.h"

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
  // Of the extended protocol.
  std::vector<TypeId> parameters;     ///< what a described statement takes
  std::vector<std::int16_t> formats;  ///< as BindRequest has them, of the portal's result
  bool is_suspended = false;          ///< Execute: there may be more rows; no tag
  /// COPY ... TO STDOUT: its lines, in place of rows.
  std::optional<CopyOutput> copied;
};

/// What engines of one thread may share, so that many short-lived ones that hear the same texts
/// parse them once: parse trees by text, and the stacks that statements run on. Changes nothing
/// that an engine answers. Bounded: texts of 256 kB, whose trees take some 15 MB.
class EngineCache;
std::shared_ptr<EngineCache> make_engine_cache();

/// A PostgreSQL 15 server: statements and the time in, results out. Knows no world, no clock and no
/// network. Times are microseconds since 2000-01-01 00:00 UTC and never go backwards.
///
/// A statement that has to wait (for a row, a table, an advisory lock) is busy until another
/// session's statement, or tick(), lets it go on; who may go on does so before the call that let it
/// returns, in the order in which they were let go.
class Engine {
 public:
  struct Options {
    std::shared_ptr<EngineCache> cache = nullptr;  ///< null: one of its own
  };

  Engine();
  explicit Engine(Options options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// What SQL takes for the time (now(), ...) is so much later than the times that are given; a
  /// clock that jumps moves no timeout.
  void set_clock_ahead(std::int64_t by);

  /// As postgresql.conf does: what a setting is where nobody has set it. `name` as SHOW ALL spells
  /// it. Throws SqlError where a time is none.
  void configure(std::string name, std::string value);

  SessionId connect(std::int64_t now);
  /// As when the connection is lost: what runs is cancelled, the transaction rolled back.
  void disconnect(SessionId session, std::int64_t now);

  /// A text of statements, as the simple protocol takes it: they are one transaction where none is
  /// open, and the first error ends them. The session is not busy.
  void query(SessionId session, std::string_view sql, std::int64_t now);
  /// One statement with parameters, in their types' text form; NULL: nothing.
  void execute(SessionId session, std::string_view sql,
               const std::vector<std::optional<std::string>>& parameters, std::int64_t now);

  /// A message of the extended protocol. The session is not busy. One result for each, of which an
  /// Execute's has rows and a tag, a Describe's columns and parameters; a Sync has one where it
  /// fails. The caller sends no more until Sync once one has failed.
  void extended(SessionId session, ExtendedRequest request, std::int64_t now);

  /// As if a statement had failed with it: what the wire found wrong before there was one. The
  /// session is not busy.
  void refuse(SessionId session, const SqlError& error, std::int64_t now);

  /// The session is busy, for its COPY ... FROM STDIN waits for data: nothing where it does not.
  std::optional<CopyInput> copy_input(SessionId session) const;
  /// Some of what a COPY ... FROM STDIN waits for, cut anywhere.
  void copy_data(SessionId session, std::string_view bytes, std::int64_t now);
  void copy_done(SessionId session, std::int64_t now);
  /// As the client says; or, where it broke the protocol, as `error` says.
  void copy_fail(SessionId session, std::string_view reason, std::int64_t now);
  void copy_fail(SessionId session, const SqlError& error, std::int64_t now);

  bool is_busy(SessionId session) const;
  /// What the statements have answered since the last call, in their order.
  std::vector<StatementResult> take_results(SessionId session);
  /// What has been notified to it, and may be delivered now: it is between transactions.
  std::vector<Notification> take_notifications(SessionId session);
  /// 'I': idle; 'T': in a transaction; 'E': in a failed one.
  char transaction_status(SessionId session) const;
  /// How many transactions of the session have committed that changed something.
  std::uint64_t commits(SessionId session) const;
  /// 57014 for what the session runs.
  void cancel(SessionId session, std::int64_t now);

  /// Which of several that were let go at once goes on next: PostgreSQL leaves that to the machine.
  /// `choose`: of how many, in the order in which they were let go; without it, the first.
  void set_wake_order(std::function<std::size_t(std::size_t)> choose);

  /// To be called before any session has begun: PredicateLocks::note_pages().
  void note_pages();

  /// Whether a timeout has ended it (its last result tells, and is fatal): only disconnect() is
  /// left to be called.
  bool has_ended(SessionId session) const;
  /// Time passes: deadlocks are looked for, timeouts end waits, and sessions that are idle;
  /// pg_sleep() returns. Else no statement takes time.
  void tick(std::int64_t now);
  /// When tick() would do something; nothing: never.
  std::optional<std::int64_t> next_timeout() const;

  // The write-ahead log. Without keep_log() every commit is durable at once.

  /// From now on a commit waits until flushed() tells that its record is on disk, unless
  /// synchronous_commit is off. A session that is disconnected meanwhile stays until then.
  void keep_log();
  Lsn log_end() const;
  Lsn log_flushed() const;
  /// How many transactions that others have seen committed have their records behind `upto`: what
  /// somebody may have been told of, and who recovers up to there has not. Those that still wait
  /// for the disk, or for a standby, are none of them.
  std::uint64_t commits_after(Lsn upto) const;
  /// Whether anybody's commit waits for flushed().
  bool awaits_disk() const;
  /// It is on disk up to there: whose commits waited for that goes on before this returns.
  void flushed(Lsn upto, std::int64_t now);
  /// Whether a commit also waits for acknowledged() (synchronous_standby_names); cancel() ends that
  /// wait with a warning.
  void require_standby(bool required, std::int64_t now);
  void acknowledged(Lsn upto, std::int64_t now);
  /// Nobody will ask to recover() an earlier state. Until then versions are kept for it.
  void forget_log(Lsn upto);
  /// The server that comes back from the log up to there: after a crash (log_flushed()), or as a
  /// standby that had received so much. It keeps its log, from there. No sessions; transactions
  /// that had not committed are gone. This one may go on, as an old primary does.
  std::unique_ptr<Engine> recover(Lsn upto) const;
  /// No space is left: statements that add versions of rows are refused with 53100.
  void fill_disk(bool is_full);

  // What is committed, for whoever writes down a history.

  /// From now on commits tell of the rows of that table that they change, with these columns;
  /// recover() hands that on. `table`: "schema.table", or "table" of "public"; it, and the columns,
  /// need not be there yet. Another call for the same table is in place of the first.
  ///
  /// A commit tells when others can see its work: once it is as durable as it asks to be. It tells
  /// of each row once, as it stands in the end, in the order in which it was changed first; of rows
  /// that were replaced by the same, too; of none that it inserted and deleted. A row is not
  /// followed beyond a commit: where its key changes, it looks like another. Of what TRUNCATE and
  /// DROP take away it is told row by row; ALTER TABLE (a new name, a new column) tells nothing.
  void watch(std::string table, std::vector<std::string> columns);
  bool has_committed() const;
  /// What was told since the last call, in the order of the commits.
  std::vector<CommittedRow> take_committed();
  /// The rows that one who comes now sees of a watched table, in the heap's order: that of their
  /// last changes. None where there is no such table.
  std::vector<CommittedRow> committed_rows(std::string_view table) const;

  /// A value of a result as text; nothing: NULL.
  std::optional<std::string> text(SessionId session, const OutputColumn& column,
                                  const Value& value) const;
  /// The same in the binary format. Throws SqlError where there is none.
  std::optional<std::string> binary(SessionId session, const OutputColumn& column,
                                    const Value& value) const;
  /// What the type's values are, or none: "typlen" of a RowDescription.
  std::int16_t type_length(SessionId session, TypeId type) const;

  /// As SET, or set_config(), but of no transaction: what a client asks for as it connects. Throws
  /// SqlError.
  void set_parameter(SessionId session, std::string_view name, std::string_view value);
  /// Throws SqlError.
  std::string parameter(SessionId session, std::string_view name) const;
  /// Those that a server tells its clients (ParameterStatus), with their values, which have changed
  /// since the last call: all of them at the first.
  std::vector<std::pair<std::string, std::string>> changed_parameters(SessionId session);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firedrill::sim::postgres
