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
#include "sim/postgres/engine.h"
#include "sim/postgres/fiber.h"
#include "sim/postgres/functions/session_functions.h"
#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/execution.h"
#include "sim/postgres/storage/predicate_locks.h"

namespace firedrill::sim::postgres {

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

/// What all sessions of one server share.
struct Shared {
  explicit Shared(Sleeper& sleeper)
      : locks(sleeper), storage{{}, locks}, predicates(storage.transactions) {}
  Locks locks;
  Storage storage;
  PredicateLocks predicates;
  Catalog catalog;
  AllTypes types{catalog};
  std::int64_t now = 0;
  std::uint64_t random_state = 0x9e37'79b9'7f4a'7c15;
};

/// One backend: its transaction, and what its statements need to run.
class Session final : public Backend,
                      public SessionEnvironment,
                      public CatalogReader,
                      public Types {
 public:
  Session(Shared& shared, SessionId id) : shared_(shared) { actor_.backend = id; }

  /// A text of statements, to its end; answers go to `results`.
  void run(std::string_view sql, const std::vector<std::optional<std::string>>* parameters);
  /// Rolls back what is open.
  void close();
  char transaction_status() const;
  /// Throws away versions of rows that nobody can see any more, of tables that this session has
  /// changed enough. `horizon`: the oldest snapshot of all sessions. Nobody is within a statement.
  void vacuum(Xid horizon);
  /// Of the snapshot that a repeatable read transaction keeps.
  std::optional<Xid> oldest_seen() const;

  std::vector<StatementResult> results;
  std::vector<Notification> notifications;

  // Environment
  const Types& types() const override { return *this; }
  std::int64_t transaction_time() const override { return transaction_time_; }
  std::int64_t statement_time() const override { return statement_time_; }
  std::int64_t clock_time() const override { return shared_.now; }
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
  std::int64_t transaction_id() override;
  std::string set_setting(std::string_view name, std::string_view value) override;

  // Backend
  Environment& environment() override { return *this; }
  PredicateLocks& predicates() override { return shared_.predicates; }
  Isolation isolation() const override { return isolation_; }
  const Actor& actor() const override { return actor_; }
  void begin_writing(std::string_view what) override;
  std::int64_t next_value(Oid sequence) override;
  void row_changed(const std::shared_ptr<const Table>& table, Version* before,
                   Version* after) override;

  // CatalogReader
  const Types& types() override { return *this; }
  std::shared_ptr<const Table> open_table(std::string_view schema, std::string_view name,
                                          LockMode mode, std::int32_t position) override;
  std::shared_ptr<const Table> table(Oid oid) override;
  Oid find_sequence(std::string_view text) override;
  bool has_schema(std::string_view name) override {
    return shared_.catalog.has_schema(name, counts());
  }

  // Types
  const TypeInfo* find(TypeId id) const override;
  const TypeInfo* find(std::string_view name) const override;

 private:
  struct Savepoint {
    std::string name;
    Xid xid = kNoXid;
    LockOwner owner = kTransactionOwner;
  };
  struct RowEvent {
    std::shared_ptr<const Table> table;
    Version* before = nullptr;
    Version* after = nullptr;
  };
  struct Prepared {
    std::shared_ptr<const ParseTree> tree;
    const PgQuery__Node* statement = nullptr;
    ParameterTypes parameters;
    QueryPtr query;
    std::uint64_t catalog_version = 0;
    std::vector<std::pair<Oid, LockMode>> locks;  ///< what analysis locked
  };

  // session.cc
  void run_statement(const std::shared_ptr<const ParseTree>& tree, const PgQuery__RawStmt& raw,
                     bool is_last, const std::vector<std::optional<std::string>>* parameters);
  void execute(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
               StatementResult& result, const std::vector<std::optional<std::string>>* parameters);
  void run_query(Prepared& prepared, std::vector<Value> parameters, StatementResult& result);
  void analyze(Prepared& prepared);
  std::shared_ptr<const ParseTree> parsed(std::string_view sql);
  std::vector<Value> read_parameters(const Prepared& prepared,
                                     const std::vector<std::optional<std::string>>* texts);
  Prepared& prepared_for(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                         std::string_view text);
  std::vector<Row> internal(const std::string& sql, const std::vector<Type>& types,
                            std::vector<Value> parameters);
  void prepare(const std::shared_ptr<const ParseTree>& tree, const PgQuery__PrepareStmt& node);
  void execute_prepared(const std::shared_ptr<const ParseTree>& tree,
                        const PgQuery__ExecuteStmt& node, StatementResult& result);
  void show(const PgQuery__VariableShowStmt& node, StatementResult& result);
  void set(const PgQuery__VariableSetStmt& node, StatementResult& result);
  Catalog::Counts counts() const;
  std::vector<std::string> search_path() const;

  // transaction.cc
  void transaction(const PgQuery__TransactionStmt& node, StatementResult& result);
  void set_characteristics(NodeList options);
  void begin();
  void commit();
  void rollback();
  void fail_transaction();
  void savepoint(std::string_view name);
  void release(std::string_view name);
  void rollback_to(std::string_view name);
  std::size_t find_savepoint(std::string_view name) const;
  void require_block(std::string_view command) const;
  Snapshot statement_snapshot();
  void end_transaction();

  // definition.cc
  bool define(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
              StatementResult& result);
  void create_table(const std::shared_ptr<const ParseTree>& tree, const PgQuery__CreateStmt& node);
  void add_column(const std::shared_ptr<const ParseTree>& tree, const PgQuery__ColumnDef& node,
                  Table& table, NodeList* more);
  void check_rows(const Table& table, const Constraint& made);
  void check_column_rules(Analyzer& analyzer, const Table& table, const Column& column);
  void add_constraint(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Constraint& node,
                      Table& table, std::optional<std::size_t> column);
  void add_foreign_key(const PgQuery__Constraint& node, Table& table,
                       std::optional<std::size_t> column);
  void add_index(Table& table, TableIndex index);
  void fill_index(const Table& table, const TableIndex& index);
  void create_index(const std::shared_ptr<const ParseTree>& tree, const PgQuery__IndexStmt& node);
  void create_sequence(const PgQuery__CreateSeqStmt& node);
  std::shared_ptr<const Sequence> make_sequence(std::string_view schema, std::string name,
                                                TypeId type, NodeList options);
  void create_enum(const PgQuery__CreateEnumStmt& node);
  void alter_table(const std::shared_ptr<const ParseTree>& tree,
                   const PgQuery__AlterTableStmt& node);
  void drop(const PgQuery__DropStmt& node);
  void truncate(const PgQuery__TruncateStmt& node);
  void lock(const PgQuery__LockStmt& node);
  std::string free_name(const Table& table, std::string wanted) const;
  std::string schema_for(std::string_view given) const;
  bool name_is_taken(std::string_view schema, std::string_view name) const;

  // dependencies.cc
  bool uses_column(const StoredExpression& expression, const Table& table, std::size_t column);
  bool uses_type_alone(const StoredExpression& expression, const Table& table,
                       const TypeInfo& type);
  void drop_referring(const std::string& what, const std::string& needed, Table& own, bool cascades,
                      const std::function<bool(const Constraint&)>& is_concerned);
  void drop_column(Table& table, std::size_t column, bool cascades);
  void drop_type(const TypeInfo& type, bool cascades);
  void drop_sequence(Oid oid, const std::string& name, bool cascades);

  // foreign_keys.cc
  void run_row_events();
  void check_reference(const RowEvent& event, const Constraint& constraint);
  void referred_changed(const RowEvent& event, const Table& referring,
                        const Constraint& constraint);

  Shared& shared_;
  Actor actor_;
  bool in_block_ = false;
  bool is_open_ = false;  ///< a transaction, explicit or not
  bool has_failed_ = false;
  Isolation isolation_ = Isolation::read_committed;
  bool is_read_only_ = false;
  std::optional<Snapshot> transaction_snapshot_;
  std::vector<Savepoint> savepoints_;
  std::int64_t transaction_time_ = 0;
  std::int64_t statement_time_ = 0;
  std::deque<RowEvent> row_events_;
  using Settings = std::map<std::string, std::string>;
  Settings settings_;
  Settings settings_before_;        ///< the transaction: they come back with ROLLBACK
  std::vector<std::string> local_;  ///< SET LOCAL: these come back with COMMIT, too
  bool has_queried_ = false;        ///< the transaction has taken a snapshot
  std::map<std::string, Prepared> named_;
  std::map<std::string, std::shared_ptr<const ParseTree>, std::less<>> texts_;
  std::map<std::string, Prepared, std::less<>> plans_;  ///< by the statement's text
  std::map<Oid, std::int64_t> current_values_;
  std::optional<Oid> last_sequence_;
  std::vector<std::pair<Oid, LockMode>> opened_;         ///< since analysis began
  std::map<Oid, std::shared_ptr<const Table>> touched_;  ///< since they were vacuumed
  bool has_defined_ = false;  ///< the transaction has changed the catalogue
};

}  // namespace firedrill::sim::postgres
