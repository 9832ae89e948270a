#include "sim/postgres/session.h"

#include <algorithm>

#include "sim/postgres/query/constants.h"
#include "sim/postgres/query/statement_kind.h"
#include "sim/postgres/query/unused_outputs.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// Those before which a transaction takes its snapshot (if it keeps one), waiting for nothing yet.
bool needs_snapshot(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
    case PG_QUERY__NODE__NODE_LOCK_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
    case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
    case PG_QUERY__NODE__NODE_FETCH_STMT:
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
    case PG_QUERY__NODE__NODE_LISTEN_STMT:
    case PG_QUERY__NODE__NODE_NOTIFY_STMT:
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
    case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
    case PG_QUERY__NODE__NODE_VACUUM_STMT: return false;
    default: return true;
  }
}

}  // namespace

// --- Notices -------------------------------------------------------------------------------------

void Session::say(std::string_view severity, SqlError message) {
  const std::string least = setting("client_min_messages");
  if (least == "error" || (least == "warning" && severity != "WARNING")) return;
  notices_.push_back({std::string(severity), std::move(message)});
}

void Session::say_notice(std::string message, std::string_view sqlstate) {
  say("NOTICE", {.sqlstate = std::string(sqlstate), .message = std::move(message)});
}

// --- Statements ----------------------------------------------------------------------------------

Plans::Taken Plans::of(std::string_view search_path, std::string_view text) {
  constexpr std::size_t kLongest = 10'000;
  constexpr std::size_t kMostTexts = 1000;
  constexpr std::size_t kMostBytes = 128 << 10;  // a plan takes many times its text
  if (text.empty() || text.size() > kLongest) return Taken(nullptr);
  auto path = by_path_.find(search_path);
  if (path != by_path_.end()) {
    const auto known = path->second.find(text);
    if (known != path->second.end()) return Taken(known->second);
  }
  if (count_ >= kMostTexts || bytes_ + text.size() > kMostBytes) clear();
  ++count_;
  bytes_ += text.size();
  auto& idle = by_path_[std::string(search_path)][std::string(text)];
  idle = std::make_shared<Idle>();
  return Taken(idle);
}

void Plans::clear() {
  by_path_.clear();
  count_ = bytes_ = 0;
}

void Session::run(std::string_view sql, const std::vector<std::optional<std::string>>* parameters) {
  read_notifications();
  running_text_ = sql;
  is_running_ = true;
  statement_time_ = clock_time();
  unnamed_.reset();
  portals_.erase("");
  std::shared_ptr<const ParseTree> tree;
  try {
    check_utf8(sql);
    tree = shared_.parses.parsed(sql);
    if (parameters != nullptr && tree->statements().size() > 1) {
      fail(sqlstate::kSyntaxError, "cannot insert multiple commands into a prepared statement");
    }
  } catch (const SqlError& error) {
    results.emplace_back().error = error;
    fail_transaction();
    is_running_ = false;
    return;
  }
  const auto statements = tree->statements();
  if (statements.empty()) results.emplace_back();
  is_implicit_block_ = statements.size() > 1;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    run_statement(tree, *statements[i], i + 1 == statements.size(), parameters);
    if (results.back().error) break;
  }
  is_running_ = false;
  read_notifications();
}

void Session::run_statement(const std::shared_ptr<const ParseTree>& tree,
                            const PgQuery__RawStmt& raw, bool is_last,
                            const std::vector<std::optional<std::string>>* parameters) {
  StatementResult result;
  statement_began_ = shared_.now;
  try {
    if (has_failed_ && !ends_transaction(raw.stmt)) {
      fail(sqlstate::kInFailedSqlTransaction,
           "current transaction is aborted, commands ignored until end of transaction block");
    }
    begin();
    execute(tree, raw.stmt, result, parameters);
    if (is_open_) {
      run_row_events();
      ++actor_.command;
    }
    if (is_last && !in_block_) commit();
  } catch (const SqlError& error) {
    result = {};
    result.error = error;
    fail_transaction();
  }
  began_with_ = kNoXid;
  result.notices = std::exchange(notices_, {});
  results.push_back(std::move(result));
}

void Session::execute(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                      StatementResult& result,
                      const std::vector<std::optional<std::string>>* parameters) {
  if (needs_snapshot(node)) began_with_ = statement_snapshot().xmin;
  if (is_query(node)) {
    const Plans::Taken prepared = prepared_for(
        tree, node,
        tree->statements().size() == 1 ? std::string_view(tree->text()) : std::string_view(),
        parameters != nullptr);
    run_query(*prepared, read_parameters(*prepared, parameters), result);
    return;
  }
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      transaction(*node->transaction_stmt, result);
      return;
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT: set(*node->variable_set_stmt, result); return;
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT: show(*node->variable_show_stmt, result); return;
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT: explain(tree, *node->explain_stmt, result); return;
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
      prepare(tree, *node->prepare_stmt);
      result.tag = "PREPARE";
      return;
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
      execute_prepared(tree, *node->execute_stmt, result);
      return;
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT: {
      const std::string name = node->deallocate_stmt->name;
      if (name.empty()) {
        named_.clear();
      } else if (named_.erase(name) == 0) {
        fail("26000", "prepared statement \"" + name + "\" does not exist");
      }
      result.tag = name.empty() ? "DEALLOCATE ALL" : "DEALLOCATE";
      return;
    }
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
      if (in_block_ && node->vacuum_stmt->is_vacuumcmd) {
        fail(sqlstate::kActiveSqlTransaction, "VACUUM cannot run inside a transaction block");
      }
      if (is_pipelined_ && node->vacuum_stmt->is_vacuumcmd) {
        fail(sqlstate::kActiveSqlTransaction, "VACUUM cannot be executed within a pipeline");
      }
      result.tag = node->vacuum_stmt->is_vacuumcmd ? "VACUUM" : "ANALYZE";
      return;
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
      named_.clear();
      portals_.clear();
      cursors_.clear();
      settings_.clear();
      pending_.act(PendingNotifications::Action::unlisten_all, "");
      result.tag = "DISCARD ALL";
      return;
    case PG_QUERY__NODE__NODE_COPY_STMT: copy(tree, *node->copy_stmt, result); return;
    default: break;
  }
  if (node->node_case == PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT) {
    set_constraints(*node->constraints_set_stmt);
    result.tag = "SET CONSTRAINTS";
    return;
  }
  if (cursor_statement(tree, node, result)) return;
  if (listen_or_notify(node, result)) return;
  if (!define(tree, node, result)) unsupported("this statement");
}

/// `text`: empty where it is a part of one that has several. `takes_parameters`: of the extended
/// protocol, whose statements share their plans with others.
Plans::Taken Session::prepared_for(const std::shared_ptr<const ParseTree>& tree,
                                   const PgQuery__Node* node, std::string_view text,
                                   bool takes_parameters) {
  Plans::Taken plan = plans().of(plain_setting("search_path"), text);
  if (take_fitting(plan) && (takes_parameters || plan->parameters.empty())) return plan;
  Prepared& made = plan.make();
  made.takes_parameters = takes_parameters;
  made.tree = tree;
  made.statement = node;
  analyze(made);
  return plan;
}

/// False: there is none that fits the catalogue as it is now.
bool Session::take_fitting(Plans::Taken& plan) {
  while (plan.take()) {
    if (lock_again(*plan)) return true;
  }
  return false;
}

/// What analysis locked. False: the catalogue is not what it was then.
bool Session::lock_again(const Prepared& prepared) {
  if (prepared.catalog_version != shared_.catalog.version()) return false;
  for (const auto& [oid, mode] : prepared.locks) {
    const LockTag tag{LockTag::Kind::relation, oid, 0};
    shared_.locks.acquire(actor_.backend, tag, mode, WaitPolicy::block, actor_.owner);
  }
  return prepared.catalog_version == shared_.catalog.version();
}

/// Where it waits for a lock, the catalogue may change meanwhile: it is of the version of before.
void Session::analyze(Prepared& prepared) {
  const std::uint64_t version = shared_.catalog.version();
  opened_.clear();
  Analyzer analyzer(*this, *this, *prepared.tree,
                    prepared.takes_parameters ? &prepared.parameters : nullptr);
  prepared.query = analyzer.statement(prepared.statement);
  leave_out_unused(*prepared.query);
  prepared.locks = opened_;
  prepared.catalog_version = analyzer.is_cacheable() ? version : 0;
}

std::vector<Value> Session::read_parameters(const Prepared& prepared,
                                            const std::vector<std::optional<std::string>>* texts) {
  std::vector<Value> values;
  if (texts == nullptr) return values;
  if (texts->size() != prepared.parameters.size()) {
    fail("08P01", "bind message supplies " + std::to_string(texts->size()) +
                      " parameters, but prepared statement \"\" requires " +
                      std::to_string(prepared.parameters.size()));
  }
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    const auto& text = (*texts)[i];
    values.push_back(text ? from_text(*this, Type{prepared.parameters[i], -1}, *text) : Value());
  }
  return values;
}

void Session::run_query(const Prepared& prepared, std::vector<Value> parameters,
                        StatementResult& result, std::optional<Snapshot> snapshot) {
  const Query& query = *prepared.query;
  Execution execution(*this, snapshot ? std::move(*snapshot) : statement_snapshot(),
                      std::move(parameters));
  compute_constants(query, {execution, nullptr, nullptr, nullptr, nullptr});
  if (query.plan_error) throw SqlError(*query.plan_error);
  result.columns = query.output();
  const bool is_select = query.command == Query::Command::select;
  result.returns_rows = is_select || !query.modification->returning.empty();
  const std::uint64_t count = execution.run(query, nullptr, [&](Row& row) {
    result.rows.push_back(std::move(row));
    return true;
  });
  switch (query.command) {
    case Query::Command::select: result.tag = "SELECT " + std::to_string(count); break;
    case Query::Command::insert: result.tag = "INSERT 0 " + std::to_string(count); break;
    case Query::Command::update: result.tag = "UPDATE " + std::to_string(count); break;
    case Query::Command::remove: result.tag = "DELETE " + std::to_string(count); break;
  }
}

void Session::prepare(const std::shared_ptr<const ParseTree>& tree,
                      const PgQuery__PrepareStmt& node) {
  if (named_.contains(node.name)) {
    fail("42P05", "prepared statement \"" + std::string(node.name) + "\" already exists");
  }
  auto prepared = std::make_shared<Prepared>();
  prepared->tree = tree;
  prepared->statement = node.query;
  Analyzer analyzer(*this, *this, *tree);
  for (std::size_t i = 0; i < node.n_argtypes; ++i) {
    prepared->parameters.push_back(analyzer.type_of(node.argtypes[i]->type_name).id);
  }
  prepared->declared = prepared->parameters;
  analyze(*prepared);
  named_.emplace(node.name, std::move(prepared));
}

void Session::execute_prepared(const std::shared_ptr<const ParseTree>& tree,
                               const PgQuery__ExecuteStmt& node, StatementResult& result) {
  const auto found = named_.find(node.name);
  if (found == named_.end()) {
    fail("26000", "prepared statement \"" + std::string(node.name) + "\" does not exist");
  }
  const std::shared_ptr<Prepared> held = found->second;
  Prepared& prepared = *held;
  // Of one that takes none PostgreSQL does not look at what it is given.
  const std::size_t given = prepared.parameters.empty() ? 0 : node.n_params;
  if (given != prepared.parameters.size()) {
    throw SqlError{.sqlstate = std::string(sqlstate::kSyntaxError),
                   .message = "wrong number of parameters for prepared statement \"" +
                              std::string(node.name) + "\"",
                   .detail = "Expected " + std::to_string(prepared.parameters.size()) +
                             " parameters but got " + std::to_string(node.n_params) + "."};
  }
  Analyzer analyzer(*this, *this, *tree);
  Execution execution(*this, statement_snapshot(), {});
  const Frame frame{execution, nullptr, nullptr, nullptr, nullptr};
  std::vector<Value> values;
  for (std::size_t i = 0; i < given; ++i) {
    ExpressionPtr value = analyzer.lone_expression(node.params[i], Clause::call_argument);
    // It is said to be where its text begins: of CAST('a' AS b), at CAST.
    const PgQuery__Node& text = *node.params[i];
    if (text.node_case == PG_QUERY__NODE__NODE_TYPE_CAST && text.type_cast->location >= 0) {
      value->location = std::min(value->location, text.type_cast->location);
    }
    require_type(prepared.parameters[i]);
    value = analyzer.as_argument(std::move(value), Type{prepared.parameters[i], -1}, i + 1);
    values.push_back(value->evaluate(frame));
  }
  refresh(prepared);
  run_query(prepared, std::move(values), result);
}

/// A statement remembers its parameters' types by number: of one that is gone PostgreSQL knows no
/// more, and takes it for a mistake of its own.
void Session::require_type(TypeId id) const {
  if (builtin_type(id) != nullptr) return;
  const auto is_it = [id](const Catalog::Enum* type) {
    return type->type.id == id || type->array.id == id;
  };
  if (std::ranges::any_of(shared_.catalog.enums(counts()), is_it)) return;
  fail("XX000", "cache lookup failed for type " + std::to_string(static_cast<Oid>(id)));
}

/// A query of the server's own, as its triggers run them. `sees_new_rows`: by a fresh snapshot,
/// even where the transaction keeps one; what is changed has to be visible to that one, then.
std::vector<Row> Session::internal(const std::string& sql, const std::vector<Type>& types_given,
                                   std::vector<Value> parameters, bool sees_new_rows) {
  std::string key = sql;
  for (const Type& type : types_given) key += '\n' + std::to_string(static_cast<Oid>(type.id));
  Plans::Taken prepared = plans().of({}, key);  // it names its tables in full
  if (!take_fitting(prepared)) {
    Prepared& made = prepared.make();
    made.tree = shared_.parses.parsed(sql);
    made.statement = made.tree->statements()[0]->stmt;
    for (const Type& type : types_given) made.parameters.push_back(type.id);
    analyze(made);
  }
  ++actor_.command;
  const bool is_fresh = sees_new_rows || isolation_ == Isolation::read_committed;
  Execution execution(
      *this,
      is_fresh ? shared_.storage.transactions.snapshot(actor_.command) : statement_snapshot(),
      std::move(parameters));
  if (isolation_ != Isolation::read_committed) execution.set_crosscheck(statement_snapshot());
  std::vector<Row> rows;
  execution.run(*prepared->query, nullptr, [&](Row& row) {
    rows.push_back(std::move(row));
    return false;  // of rows that are looked for, one is enough
  });
  return rows;
}

std::optional<Xid> Session::oldest_seen() const {
  std::optional<Xid> oldest;
  const auto add = [&](const std::optional<Snapshot>& snapshot) {
    if (snapshot) oldest = std::min(oldest.value_or(snapshot->xmin), snapshot->xmin);
  };
  if (began_with_ != kNoXid) oldest = began_with_;
  add(transaction_snapshot_);
  for (const auto& [name, portal] : portals_) add(portal->snapshot);
  for (const Cursor& cursor : cursors_) {
    if (!cursor.rows) add(cursor.snapshot);
  }
  return oldest;
}

void Session::vacuum(Xid horizon) {
  constexpr std::size_t kEnough = 100;
  for (auto at = touched_.begin(); at != touched_.end();) {
    const Table& table = *at->second;
    // What an index on an expression holds would have to be computed again.
    const bool is_plain = std::ranges::all_of(table.indexes, [](const TableIndex& index) {
      return std::ranges::all_of(index.parts, [](const auto& part) { return part.column >= 0; });
    });
    if (!is_plain || table.heap->changes_since_vacuum() < kEnough + table.heap->size() / 4) {
      ++at;
      continue;
    }
    table.heap->vacuum(horizon, [&](Version& version) {
      for (const TableIndex& index : table.indexes) {
        Row key;
        for (const TableIndex::Part& part : index.parts) {
          key.push_back(version.values[static_cast<std::size_t>(part.column)]);
        }
        for (const std::size_t column : index.included) key.push_back(version.values[column]);
        index.entries->remove(key, &version);
      }
    });
    at = touched_.erase(at);
  }
}

void Session::close() {
  rollback();
  shared_.notifications.disconnect(actor_.backend);
  shared_.locks.release_all(actor_.backend);
}

}  // namespace firedrill::sim::postgres
