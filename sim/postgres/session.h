#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/catalog.h"
#include "sim/postgres/catalog/dependencies.h"
#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/cursors.h"
#include "sim/postgres/engine.h"
#include "sim/postgres/engine_cache.h"
#include "sim/postgres/fiber.h"
#include "sim/postgres/functions/session_functions.h"
#include "sim/postgres/notify.h"
#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/execution.h"
#include "sim/postgres/storage/predicate_locks.h"
#include "sim/postgres/watch.h"

namespace firedrill::sim::postgres {

struct CopyOptions;

/// Types by number, whoever made them: what indexes compare by.
class AllTypes final : public Types {
 public:
  explicit AllTypes(const Catalog& catalog) : catalog_(catalog) {}
  const TypeInfo* find(TypeId id) const override {
    const TypeInfo* builtin = builtin_type(id);
    return builtin != nullptr ? builtin : catalog_.enum_type(id);
  }
  const TypeInfo* find(std::string_view name) const override { return builtin_type(name); }

 private:
  const Catalog& catalog_;
};

/// How a commit waits. The engine implements it.
class CommitWaiter {
 public:
  virtual ~CommitWaiter() = default;
  /// Returns when the log is on disk up to there. Nothing ends it before.
  virtual void wait_for_disk(BackendId backend, Lsn upto) = 0;
  /// Returns when the synchronous standby has it, where there must be one. False: cancelled.
  virtual bool wait_for_standby(BackendId backend, Lsn upto) = 0;
};
class Session;

/// A statement that has been analysed; one that is no query is kept as it was parsed.
struct Prepared {
  std::shared_ptr<const ParseTree> tree;
  const PgQuery__Node* statement = nullptr;
  ParameterTypes parameters;
  bool takes_parameters = true;
  QueryPtr query;
  std::uint64_t catalog_version = 0;            ///< 0: it has to be analysed each time
  std::vector<std::pair<Oid, LockMode>> locks;  ///< what analysis locked
  ParameterTypes declared = {};                 ///< of the extended protocol: as they were given
};

/// Statements come again and again, in all sessions: what analysis made of them, by all that it
/// depends on but the state of the catalogue, which a Prepared knows itself. A run leaves marks in
/// its plan (what its parameters make constant), and may be left in its middle: so whoever runs one
/// takes it, and another session that wants the same meanwhile makes one more.
class Plans {
 public:
  /// Of one text: those that nobody runs.
  using Idle = std::vector<std::unique_ptr<Prepared>>;

  /// One that is run; goes back in the end.
  class Taken {
   public:
    explicit Taken(std::shared_ptr<Idle> home) : home_(std::move(home)) {}
    Taken(Taken&&) noexcept = default;
    Taken& operator=(Taken&&) = delete;
    ~Taken() {
      const bool is_kept = home_ != nullptr && plan_ != nullptr && plan_->catalog_version != 0;
      if (is_kept) home_->push_back(std::move(plan_));
    }

    /// False: there was none. One that was held before is thrown away.
    bool take() {
      plan_.reset();
      if (home_ == nullptr || home_->empty()) return false;
      plan_ = std::move(home_->back());
      home_->pop_back();
      return true;
    }
    Prepared& make() {
      plan_ = std::make_unique<Prepared>();
      return *plan_;
    }
    const Prepared& operator*() const { return *plan_; }
    const Prepared* operator->() const { return plan_.get(); }

   private:
    std::shared_ptr<Idle> home_;  ///< null: it is not kept
    std::unique_ptr<Prepared> plan_;
  };

  /// None is kept of an empty text.
  Taken of(std::string_view search_path, std::string_view text);
  void clear();

 private:
  using ByText = std::map<std::string, std::shared_ptr<Idle>, std::less<>>;
  std::map<std::string, ByText, std::less<>> by_path_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;  ///< of the texts
};

/// What all sessions of one server share.
struct Shared {
  Shared(Sleeper& sleeper, CommitWaiter& its_waiter, ParseCache& parse_cache)
      : locks(sleeper),
        storage{{}, locks},
        predicates(storage.transactions),
        commit_waiter(its_waiter),
        parses(parse_cache) {}
  Locks locks;
  Storage storage;
  PredicateLocks predicates;
  CommitWaiter& commit_waiter;
  ParseCache& parses;
  Plans plans;
  WriteAheadLog log;
  Watches watches;
  bool disk_is_full = false;
  Catalog catalog;
  std::map<SessionId, const Session*> sessions;  ///< those that are connected
  NotificationQueue notifications;
  AllTypes types{catalog};
  std::int64_t now = 0;
  std::map<std::string, std::string, std::less<>>
      configured;                ///< postgresql.conf, by the settings' names
  std::int64_t clock_ahead = 0;  ///< what SQL takes for the time is so much later
  /// Lets time pass within a statement; set by who lets sessions run.
  std::function<void(BackendId, std::int64_t until)> sleep_until;
  std::uint64_t random_state = 0x9e37'79b9'7f4a'7c15;
  CopyWaiter* copy_waiter = nullptr;
};

/// One backend: its transaction, and what its statements need to run.
class Session final : public Backend,
                      public SessionEnvironment,
                      public SystemEnvironment,
                      public CatalogReader,
                      public NumberGiver,
                      public Types {
 public:
  Session(Shared& shared, SessionId id) : shared_(shared), started_at_(shared.now) {
    actor_.backend = id;
    actor_.numbers = this;
    shared_.sessions[id] = this;
  }
  ~Session() override { shared_.sessions.erase(actor_.backend); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// A text of statements, to its end; answers go to `results`.
  void run(std::string_view sql, const std::vector<std::optional<std::string>>* parameters);
  /// A message of the extended protocol; one answer goes to `results`, but for a Sync that is well.
  void run(const ExtendedRequest& request);
  /// As if a statement had failed with it.
  void refuse(const SqlError& error);
  /// Rolls back what is open.
  void close();
  char transaction_status() const;
  /// Throws away versions of rows that nobody can see any more, of tables that this session has
  /// changed enough. `horizon`: the oldest snapshot of all sessions. Nobody is within a statement.
  void vacuum(Xid horizon);
  /// Of a setting that is a time: lock_timeout and the like. Zero: none.
  std::int64_t timeout_us(std::string_view name) const;
  /// When the statement began that is running.
  std::int64_t statement_began() const { return statement_began_; }
  /// Of the snapshot that a repeatable read transaction keeps.
  std::optional<Xid> oldest_seen() const;

  /// Moves what has been sent to it to `notifications`, if it is between transactions.
  void read_notifications();
  /// A setting for the session, of no transaction.
  void set_parameter(std::string_view name, std::string_view value);
  std::vector<std::pair<std::string, std::string>> changed_parameters();

  /// A COPY ... FROM STDIN runs: for its data.
  const std::optional<CopyInput>& copy_input() const { return copy_input_; }
  CopyFeed& copy_feed() { return copy_feed_; }

  /// Those that have been committed, or are this session's own.
  std::vector<CommittedRow> committed_rows(const WatchedTable& watched) const;

  std::vector<StatementResult> results;
  std::vector<Notification> notifications;
  std::uint64_t commits = 0;  ///< so far, of transactions that changed something

  // Environment
  const Types& types() const override { return *this; }
  std::int64_t transaction_time() const override { return transaction_time_; }
  std::int64_t statement_time() const override { return statement_time_; }
  std::int64_t clock_time() const override { return shared_.now + shared_.clock_ahead; }
  std::int32_t zone_offset() const override { return 0; }
  std::string setting(std::string_view name) const override;
  double random() override;
  void seed_random(double seed) override;
  std::string random_uuid() override;
  std::string user() const override { return "postgres"; }
  std::string database() const override { return "postgres"; }
  std::int32_t backend() const override { return static_cast<std::int32_t>(actor_.backend); }

  // SessionEnvironment
  std::int64_t next_value_of(std::string_view sequence) override;
  std::int64_t current_value_of(std::string_view sequence) override;
  std::int64_t last_value() override;
  void set_value_of(std::string_view sequence, std::int64_t value, bool is_called) override;
  bool lock_advisory(const LockTag& tag, LockMode mode, bool for_session, bool waits) override;
  bool unlock_advisory(const LockTag& tag, LockMode mode) override;
  void unlock_all_advisory() override { shared_.locks.release_advisory(actor_.backend); }
  void sleep(std::int64_t for_us) override;
  std::vector<std::int32_t> blockers_of(std::int32_t backend) override;
  std::int64_t transaction_id() override;
  std::string set_setting(std::string_view name, std::string_view value) override;
  void notify(std::string_view channel, std::string_view payload) override {
    pending_.notify(channel, payload);
  }
  std::vector<std::string> listening_channels() const override {
    return shared_.notifications.channels_of(actor_.backend);
  }

  // SystemEnvironment
  std::int64_t relation_named(std::string_view text) const override;
  std::string relation_name(std::int64_t oid) const override;
  const Catalog& catalog() const override { return shared_.catalog; }
  Catalog::Counts catalog_counts() const override { return counts(); }
  bool is_visible(std::string_view schema, std::string_view name) const override;
  std::string visible_name(std::string_view schema, std::string_view name) const override;
  std::optional<std::string> creation_schema() const override;
  std::string expression_text(const StoredExpression& expression, const Table& table,
                              const Type* assigned_to, bool pretty) override;
  std::vector<std::pair<std::string, std::string>> all_settings() const override;
  std::vector<SessionActivity> activity() const override;
  std::optional<std::string> comment_on(Oid object, std::int64_t column) const override {
    const auto table = shared_.catalog.table(object, counts());
    if (table == nullptr) return std::nullopt;
    const auto place = static_cast<std::size_t>(column);
    if (place > table->columns.size()) return std::nullopt;
    const std::string& text = place == 0 ? table->comment : table->columns[place - 1].comment;
    if (text.empty()) return std::nullopt;
    return text;
  }

  // Backend
  Environment& environment() override { return *this; }
  PredicateLocks& predicates() override { return shared_.predicates; }
  Isolation isolation() const override { return isolation_; }
  const Actor& actor() const override { return actor_; }
  Xid began_with() const override { return began_with_; }
  void begin_writing(std::string_view what) override;
  void give_number() override;
  void require_writable(std::string_view what) override;
  std::int64_t next_value(Oid sequence) override;
  void row_changed(const std::shared_ptr<const Table>& table, Version* before,
                   Version* after) override;
  void unique_unchecked(const std::shared_ptr<const Table>& table, Oid index,
                        Version& version) override {
    row_events_.push_back({table, nullptr, &version, index});
  }

  // CatalogReader
  const Types& types() override { return *this; }
  std::shared_ptr<const Table> open_table(std::string_view schema, std::string_view name,
                                          LockMode mode, std::int32_t position) override;
  std::shared_ptr<const Table> open_table(std::string_view schema, std::string_view name,
                                          LockMode mode, std::int32_t position, WaitPolicy policy);
  std::shared_ptr<const Table> table(Oid oid) override;
  Oid find_sequence(std::string_view text) override;
  const TypeInfo* find_type(std::string_view schema, std::string_view name) const override;
  bool has_schema(std::string_view name) override {
    return shared_.catalog.has_schema(name, counts());
  }

  // Types
  const TypeInfo* find(TypeId id) const override;
  const TypeInfo* find(std::string_view name) const override;

 private:
  /// What SET CONSTRAINTS has said.
  struct ConstraintModes {
    std::optional<bool> all = {};  ///< deferred
    std::map<Oid, bool> each = {};
  };
  struct Savepoint {
    std::string name;
    Xid xid = kNoXid;
    LockOwner owner = kTransactionOwner;
    std::size_t deferred_count = 0;  ///< of checks, when it was made
    ConstraintModes constraint_modes = {};
  };
  struct RowEvent {
    std::shared_ptr<const Table> table;
    Version* before = nullptr;
    Version* after = nullptr;
    Oid unique = 0;  ///< the index of a deferrable constraint: `after` may be a duplicate
  };
  /// A check of one constraint for one row, put off.
  struct DeferredCheck {
    RowEvent event;
    std::shared_ptr<const Table> table;  ///< the constraint's
    Constraint constraint;
    bool is_of_referred = false;  ///< the row is the one that is referred to
    bool is_done = false;
    std::size_t done_level = 0;  ///< of savepoints: rolling one back undoes that it was done
  };
  struct Portal {
    std::shared_ptr<Prepared> prepared;
    std::vector<Value> parameters;
    std::vector<std::int16_t> formats;
    std::vector<OutputColumn> columns;
    std::optional<Snapshot> snapshot;  ///< of a SELECT: as of Bind
    std::size_t depth = 0;             ///< how many savepoints were around it
    std::optional<StatementResult> ran;
    std::size_t given = 0;            ///< of its rows
    std::optional<SqlError> failure;  ///< what comes after its rows
  };

  // session.cc
  void run_statement(const std::shared_ptr<const ParseTree>& tree, const PgQuery__RawStmt& raw,
                     bool is_last, const std::vector<std::optional<std::string>>* parameters);
  void execute(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
               StatementResult& result, const std::vector<std::optional<std::string>>* parameters);
  /// `snapshot`: nothing: the statement's own.
  void run_query(const Prepared& prepared, std::vector<Value> parameters, StatementResult& result,
                 std::optional<Snapshot> snapshot = {});
  void analyze(Prepared& prepared);
  std::vector<Value> read_parameters(const Prepared& prepared,
                                     const std::vector<std::optional<std::string>>* texts);
  Plans::Taken prepared_for(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                            std::string_view text, bool takes_parameters);
  Plans& plans() { return has_defined_ ? own_plans_ : shared_.plans; }
  bool take_fitting(Plans::Taken& plan);
  bool lock_again(const Prepared& prepared);
  std::vector<Row> internal(const std::string& sql, const std::vector<Type>& types,
                            std::vector<Value> parameters, bool sees_new_rows = true);
  void prepare(const std::shared_ptr<const ParseTree>& tree, const PgQuery__PrepareStmt& node);
  void execute_prepared(const std::shared_ptr<const ParseTree>& tree,
                        const PgQuery__ExecuteStmt& node, StatementResult& result);
  void show(const PgQuery__VariableShowStmt& node, StatementResult& result);
  void explain(const std::shared_ptr<const ParseTree>& tree, const PgQuery__ExplainStmt& node,
               StatementResult& result);
  static std::vector<OutputColumn> explained_columns();
  void set(const PgQuery__VariableSetStmt& node, StatementResult& result);
  /// Says it, unless client_min_messages is above it. `severity`: "NOTICE" or "WARNING".
  void say(std::string_view severity, SqlError message);
  void say_notice(std::string message, std::string_view sqlstate = "00000");
  Catalog::Counts counts() const;
  /// setting() of a name that is known and spelt so, and is no state of the transaction.
  std::string_view plain_setting(std::string_view name) const;
  std::vector<std::string> search_path() const;
  void log_sequence(const Sequence& sequence, std::int64_t next);

  // extended.cc
  void handle(const ParseRequest& request, StatementResult& result);
  void handle(const BindRequest& request, StatementResult& result);
  void handle(const DescribeRequest& request, StatementResult& result);
  void handle(const ExecuteRequest& request, StatementResult& result);
  void handle(const CloseRequest& request, StatementResult& result);
  void handle(const SyncRequest& request, StatementResult& result);
  void require_healthy(const PgQuery__Node* statement, bool is_bare = true) const;
  std::shared_ptr<Prepared> find_prepared(const std::string& name) const;
  std::shared_ptr<Portal> find_portal(const std::string& name) const;
  void refresh(Prepared& prepared);
  std::vector<OutputColumn> columns_of(Prepared& prepared);
  Value read_parameter(const BindRequest& request, std::size_t index, TypeId type) const;
  void run_portal(Portal& portal, std::int32_t most_rows);
  void hand_out(Portal& portal, std::int32_t most_rows, StatementResult& result);
  void close_portals_within(std::size_t depth);

  // copy.cc
  class CopyReader;
  void copy(const std::shared_ptr<const ParseTree>& tree, const PgQuery__CopyStmt& node,
            StatementResult& result);
  void copy_from(const PgQuery__CopyStmt& node, const CopyOptions& options,
                 const std::shared_ptr<const Table>& table, StatementResult& result);
  void copy_to(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* query,
               const CopyOptions& options, StatementResult& result);
  void await_copy_data();
  bool more_copy_data(std::string& data);

  // transaction.cc
  void transaction(const PgQuery__TransactionStmt& node, StatementResult& result);
  void set_characteristics(NodeList options);
  void begin();
  void commit();
  void commit_durably();
  void rollback();
  void fail_transaction();
  void savepoint(std::string_view name);
  void release(std::string_view name);
  void rollback_to(std::string_view name);
  std::size_t find_savepoint(std::string_view name) const;
  void require_block(std::string_view command) const;
  void warn_outside_block(std::string_view command);
  void warn_no_transaction();
  Snapshot statement_snapshot();
  void end_transaction();

  // watch.cc
  void note_change(const std::shared_ptr<const Table>& table, const Version* before,
                   const Version* after);
  void note_emptied(const std::shared_ptr<const Table>& table);
  void tell_watched();

  // deferred.cc
  bool is_deferred(const Constraint& constraint) const;
  void check_or_defer(DeferredCheck check);
  void check_now(const DeferredCheck& check);
  void run_deferred(bool all);
  void forget_deferred(std::size_t savepoint);
  void set_constraints(const PgQuery__ConstraintsSetStmt& node);
  std::vector<Constraint> constraints_named(const PgQuery__RangeVar& name) const;
  void require_no_checks(const Table& table, std::string_view command) const;

  // cursors.cc
  bool cursor_statement(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                        StatementResult& result);
  void declare_cursor(const std::shared_ptr<const ParseTree>& tree,
                      const PgQuery__DeclareCursorStmt& node);
  Cursor* find_cursor(std::string_view name);
  void fill_cursor(Cursor& cursor);
  void fetch(const PgQuery__FetchStmt& node, StatementResult& result);
  void close_cursor(const PgQuery__ClosePortalStmt& node, StatementResult& result);
  void settle_cursors();
  void drop_cursors(std::size_t savepoints);

  // notify.cc
  bool listen_or_notify(const PgQuery__Node* node, StatementResult& result);

  // definition*.cc
  bool define(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
              StatementResult& result);
  void create_table(const std::shared_ptr<const ParseTree>& tree, const PgQuery__CreateStmt& node);
  void add_column(const std::shared_ptr<const ParseTree>& tree, const PgQuery__ColumnDef& node,
                  Table& table, NodeList* more);
  void check_rows(const Table& table, const Constraint& made);
  void check_column_rules(Analyzer& analyzer, const Table& table, const Column& column);
  void require_free(const PgQuery__Constraint& node, const Table& table);
  void add_constraint(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Constraint& node,
                      Table& table, std::optional<std::size_t> column, NodeList after = {});
  void add_foreign_key(const PgQuery__Constraint& node, Table& table,
                       std::optional<std::size_t> column, NodeList after);
  void alter_constraint(const PgQuery__Constraint& node, Table& table);
  void add_index(Table& table, TableIndex index);
  void require_type(TypeId id) const;
  bool breaks_chain(const Version& version) const;
  void fill_index(const Table& table, TableIndex& index);
  void create_index(const std::shared_ptr<const ParseTree>& tree, const PgQuery__IndexStmt& node);
  void create_sequence(const PgQuery__CreateSeqStmt& node);
  std::shared_ptr<const Sequence> make_sequence(std::string_view schema, std::string name,
                                                TypeId type, NodeList options);
  void create_enum(const PgQuery__CreateEnumStmt& node);
  void alter_table(const std::shared_ptr<const ParseTree>& tree,
                   const PgQuery__AlterTableStmt& node);

  // definition_dropping.cc
  void drop(const PgQuery__DropStmt& node);
  std::optional<ObjectAddress> to_drop(PgQuery__ObjectType kind, std::string_view schema,
                                       const std::string& name, bool missing_ok);
  void drop_objects(const std::vector<ObjectAddress>& objects, bool cascades);
  void drop_object(const ObjectAddress& object);
  Dependencies dependencies();
  std::string describe(const ObjectAddress& object) const;

  bool is_missing(const PgQuery__RangeVar& relation);
  // definition_views.cc
  void create_view(const std::shared_ptr<const ParseTree>& tree, const PgQuery__ViewStmt& node);
  void replace_view(const Table& before, Table& view);
  void require_no_view(const Table& table, std::string_view what) const;
  void comment(const PgQuery__CommentStmt& node);
  void rename(const PgQuery__RenameStmt& node, StatementResult& result);
  // definition.cc
  void relation_exists(std::string_view name, bool is_no_error);
  void truncate(const PgQuery__TruncateStmt& node);
  void truncate(const Table& before, bool restarts_sequences);
  void lock(const PgQuery__LockStmt& node);
  std::string free_name(const Table& table, std::string wanted) const;
  std::string schema_for(std::string_view given) const;
  bool name_is_taken(std::string_view schema, std::string_view name) const;
  void wait_for_name(const Table& table, const std::string& name);

  // foreign_keys.cc
  void run_row_events();
  void change_referring(const RowEvent& event);
  void check_reference(const RowEvent& event, const Constraint& constraint);
  void referred_changed(const RowEvent& event, const Table& referring,
                        const Constraint& constraint);
  void refuse_change(const RowEvent& event, const Table& referring, const Constraint& constraint,
                     bool may_be_replaced);

  Shared& shared_;
  Actor actor_;
  Xid began_with_ = kNoXid;  ///< kNoXid: no statement runs, or it needs no snapshot
  bool in_block_ = false;
  bool is_open_ = false;  ///< a transaction, explicit or not
  bool has_failed_ = false;
  bool is_pipelined_ = false;  ///< the implicit transaction has run a portal already
  Isolation isolation_ = Isolation::read_committed;
  bool is_read_only_ = false;
  std::optional<Snapshot> transaction_snapshot_;
  std::vector<Savepoint> savepoints_;
  std::int64_t transaction_time_ = 0;
  std::int64_t statement_time_ = 0;
  std::int64_t statement_began_ = 0;
  /// Whether the transaction has done anything that the log tells of. A statement that found no row
  /// to write has not (PostgreSQL would not even have numbered it): its commit waits for nobody.
  bool is_logged_ = false;
  std::deque<RowEvent> row_events_;
  std::vector<WatchedChange> watched_changes_;  ///< of the transaction, in order
  std::vector<Notice> notices_;                 ///< of the statement that runs
  std::vector<DeferredCheck> deferred_;         ///< of the transaction, in order
  ConstraintModes constraint_modes_;
  using Settings = std::map<std::string, std::string, std::less<>>;
  Settings settings_;
  Settings settings_before_;        ///< the transaction: they come back with ROLLBACK
  std::optional<Settings> told_;    ///< as they were at changed_parameters()
  std::vector<std::string> local_;  ///< SET LOCAL: these come back with COMMIT, too
  bool has_queried_ = false;        ///< the transaction has taken a snapshot
  std::map<std::string, std::shared_ptr<Prepared>> named_;
  std::shared_ptr<Prepared> unnamed_;
  std::map<std::string, std::shared_ptr<Portal>> portals_;  ///< of this transaction
  /// Of a transaction that has changed the catalogue, which others do not see so yet.
  Plans own_plans_;
  std::optional<CopyInput> copy_input_;
  CopyFeed copy_feed_;
  std::map<Oid, std::int64_t> current_values_;
  std::optional<Oid> last_sequence_;
  std::vector<std::pair<Oid, LockMode>> opened_;         ///< since analysis began
  std::map<Oid, std::shared_ptr<const Table>> touched_;  ///< since they were vacuumed
  bool has_defined_ = false;  ///< the transaction has changed the catalogue
  /// The text has several statements: PostgreSQL's implicit transaction block.
  bool is_implicit_block_ = false;
  PendingNotifications pending_;
  std::vector<Cursor> cursors_;
  std::int64_t started_at_ = 0;
  std::string running_text_;  ///< the last one, once it has ended
  bool is_running_ = false;
};

}  // namespace firedrill::sim::postgres
