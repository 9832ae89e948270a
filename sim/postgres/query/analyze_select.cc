#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/recursion.h"
#include "sim/postgres/query/set_results.h"

namespace firedrill::sim::postgres {

namespace {

constexpr Type kText{TypeId::text, -1};
constexpr Type kInt8{TypeId::int8, -1};

}  // namespace

std::size_t visible_targets(const Query& query) {
  return static_cast<std::size_t>(std::ranges::count(query.targets, false, &Target::is_hidden));
}

std::vector<OutputColumn> Query::output() const {
  const std::vector<Target>& listed =
      modification && command != Command::select ? modification->returning : targets;
  std::vector<OutputColumn> columns;
  for (const Target& target : listed) {
    if (target.is_hidden) continue;
    columns.push_back({target.name, target.expression->type, target.table, target.column});
  }
  return columns;
}

QueryPtr Analyzer::statement(const PgQuery__Node* node) {
  const auto analysed = [&]() -> QueryPtr {
    switch (node->node_case) {
      case PG_QUERY__NODE__NODE_SELECT_STMT: return select(node->select_stmt, nullptr);
      case PG_QUERY__NODE__NODE_INSERT_STMT: return insert(node->insert_stmt, nullptr);
      case PG_QUERY__NODE__NODE_UPDATE_STMT: return update(node->update_stmt, nullptr);
      case PG_QUERY__NODE__NODE_DELETE_STMT: return remove(node->delete_stmt, nullptr);
      default: unsupported("this statement here");
    }
  };
  QueryPtr query = analysed();
  for (std::size_t i = 0; parameters_ != nullptr && i < parameters_->size(); ++i) {
    if ((*parameters_)[i] == TypeId::unknown) {
      fail(sqlstate::kIndeterminateDatatype,
           "could not determine data type of parameter $" + std::to_string(i + 1));
    }
  }
  if (rewrite_error_) throw SqlError(*rewrite_error_);
  query->plan_error = plan_error_;
  return query;
}

// --- WITH ----------------------------------------------------------------------------------------

namespace {
void name_columns(CommonTable& table, const PgQuery__CommonTableExpr& node) {
  if (node.n_aliascolnames > table.columns.size()) {
    fail(sqlstate::kInvalidColumnReference,
         "WITH query \"" + table.name + "\" has " + std::to_string(table.columns.size()) +
             " columns available but " + std::to_string(node.n_aliascolnames) +
             " columns specified");
  }
  for (std::size_t i = 0; i < node.n_aliascolnames; ++i) {
    table.columns[i].name = string_of(node.aliascolnames[i]);
  }
}
}  // namespace

void Analyzer::with(const PgQuery__WithClause* clause, Query& query, Scope& scope) {
  if (clause == nullptr) return;
  for (std::size_t i = 0; i < clause->n_ctes; ++i) {
    common_table(clause->ctes[i]->common_table_expr, clause->recursive, query, scope);
  }
}

void Analyzer::common_table(const PgQuery__CommonTableExpr* node, bool recursive, Query& query,
                            Scope& scope) {
  if (node->search_clause != nullptr || node->cycle_clause != nullptr) {
    unsupported("SEARCH and CYCLE", position(node->location));
  }
  for (const CommonTable& other : query.ctes) {
    if (other.name == node->ctename) {
      fail("42712", "WITH query name \"" + other.name + "\" specified more than once",
           position(node->location));
    }
  }
  const PgQuery__Node* inner = node->ctequery;
  const bool is_select = inner->node_case == PG_QUERY__NODE__NODE_SELECT_STMT;
  if (!is_select && scope.outer != nullptr) {
    fail(sqlstate::kFeatureNotSupported,
         "WITH clause containing a data-modifying statement must be at the top level",
         position(node->location));
  }
  if (recursive && is_select && inner->select_stmt->op == PG_QUERY__SET_OPERATION__SETOP_UNION) {
    recursive_table(node, query, scope);
    return;
  }
  CommonTable table;
  table.name = node->ctename;
  table.is_materialized = node->ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways;
  const bool hidden = std::exchange(scope.is_hidden, true);
  switch (inner->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT: table.query = select(inner->select_stmt, &scope); break;
    case PG_QUERY__NODE__NODE_INSERT_STMT: table.query = insert(inner->insert_stmt, &scope); break;
    case PG_QUERY__NODE__NODE_UPDATE_STMT: table.query = update(inner->update_stmt, &scope); break;
    default: table.query = remove(inner->delete_stmt, &scope);
  }
  scope.is_hidden = hidden;
  table.columns = table.query->output();
  name_columns(table, *node);
  query.ctes.push_back(std::move(table));
}

/// left UNION [ALL] right, where right may name the table itself: its columns are those of left.
void Analyzer::recursive_table(const PgQuery__CommonTableExpr* node, Query& query, Scope& scope) {
  const PgQuery__SelectStmt* both = node->ctequery->select_stmt;
  if (both->n_sort_clause > 0 || both->limit_count != nullptr || both->with_clause != nullptr) {
    unsupported("ORDER BY, LIMIT or WITH in a recursive query", position(node->location));
  }
  check_recursion(*both->rarg, node->ctename,
                  [this](std::int32_t location) { return position(location); });
  const bool hidden = std::exchange(scope.is_hidden, true);
  auto whole = std::make_unique<Query>();
  Scope inner;
  inner.outer = &scope;
  inner.query = whole.get();
  inner.is_hidden = true;
  whole->set_operation = Query::SetOperation::set_union;
  whole->set_all = both->all;
  whole->left = select(both->larg, &inner);
  CommonTable table;
  table.name = node->ctename;
  table.is_recursive = true;
  table.columns = whole->left->output();
  name_columns(table, *node);
  const std::size_t index = query.ctes.size();
  query.ctes.push_back(std::move(table));
  whole->right = select(both->rarg, &inner);
  const auto left = whole->left->output();
  const auto right = whole->right->output();
  if (left.size() != right.size()) {
    fail(sqlstate::kSyntaxError, "each UNION query must have the same number of columns");
  }
  std::size_t at = 0;
  for (Target& target : whole->right->targets) {
    if (target.is_hidden) continue;
    const Type type = left[at].type;
    const TypeId from = target.expression->type.id;
    if (from != type.id) {
      const TypeId both_types = common_type(types(), std::array{type.id, from});
      if (both_types != type.id) {
        throw SqlError{.sqlstate = std::string(sqlstate::kDatatypeMismatch),
                       .message = "recursive query \"" + query.ctes[index].name + "\" column " +
                                  std::to_string(at + 1) + " has type " + types().title(type) +
                                  " in non-recursive term but type " +
                                  types().title(both_types == TypeId::none ? from : both_types) +
                                  " overall",
                       .hint = "Cast the output of the non-recursive term to the correct type.",
                       .position = position(node->location)};
      }
      target.expression = coerced(std::move(target.expression), type, CastContext::implicit, -1);
    }
    ++at;
  }
  whole->targets.clear();
  whole->width = left.size();
  query.ctes[index].query = std::move(whole);
  scope.is_hidden = hidden;
}

namespace {
std::string name_of(const PgQuery__LockingClause& clause);
}  // namespace

// --- SELECT --------------------------------------------------------------------------------------

QueryPtr Analyzer::select(const PgQuery__SelectStmt* node, Scope* outer, bool keeps_unknown) {
  if (node->op != PG_QUERY__SET_OPERATION__SETOP_NONE) return set_operation(node, outer);
  if (node->n_values_lists > 0) return values(node, outer);
  if (node->into_clause != nullptr) unsupported("SELECT INTO");
  auto query = std::make_unique<Query>();
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  for (std::size_t i = 0; i < node->n_window_clause; ++i) {
    const PgQuery__WindowDef* window = node->window_clause[i]->window_def;
    scope.windows.push_back({window->name, window});
  }
  with(node->with_clause, *query, scope);
  const NodeList locking_before =
      std::exchange(locking_clauses_, NodeList{node->locking_clause, node->n_locking_clause});
  query->from = from_list({node->from_clause, node->n_from_clause}, scope);
  locking_clauses_ = locking_before;
  targets({node->target_list, node->n_target_list}, *query, scope, query->targets);
  if (node->where_clause != nullptr) {
    query->where = boolean(node->where_clause, scope, Clause::where);
  }
  if (node->having_clause != nullptr) {
    query->having = boolean(node->having_clause, scope, Clause::having);
  }
  order_by({node->sort_clause, node->n_sort_clause}, *query, scope);
  group_by(node, *query, scope);
  if (!keeps_unknown) settle_unknowns(*query);
  distinct(node, *query, scope);
  limit(node, *query, scope);
  window_definitions(scope);
  locking({node->locking_clause, node->n_locking_clause}, *query, scope);
  apply_grouping(*query, scope);
  apply_windows(*query);
  std::vector<ExpressionPtr*> target_expressions;
  for (Target& target : query->targets) target_expressions.push_back(&target.expression);
  query->sets = set_results_of(target_expressions);
  if (!query->sets.empty() && node->n_locking_clause > 0) {
    fail(sqlstate::kFeatureNotSupported,
         name_of(*node->locking_clause[0]->locking_clause) +
             " is not allowed with set-returning functions in the target list");
  }
  query->width = visible_targets(*query);
  return query;
}

void Analyzer::settle_unknowns(Query& query) {
  for (Target& target : query.targets) {
    if (target.expression->type.id == TypeId::unknown) {
      target.expression = coerced(std::move(target.expression), kText, CastContext::implicit, -1);
    }
  }
}

void Analyzer::star(const PgQuery__ColumnRef* node, Scope& scope, std::vector<Target>& into) {
  const NodeList fields{node->fields, node->n_fields};
  const auto add = [&](const ScopeColumn& column) {
    Target target{reference(column, 0), column.name};
    const RangeEntry& entry = *scope.query->range[column.entry];
    if (entry.kind == RangeEntry::Kind::table) {
      target.table = entry.table->oid;
      target.column = static_cast<std::int16_t>(column.column + 1);
    }
    into.push_back(std::move(target));
  };
  if (fields.size() == 1) {
    bool any = false;
    for (const ScopeItem& item : scope.items) {
      if (!item.are_columns_visible) continue;
      any = true;
      for (const ScopeColumn& column : item.columns) add(column);
    }
    if (!any) {
      fail(sqlstate::kSyntaxError, "SELECT * with no tables specified is not valid",
           position(node->location));
    }
    return;
  }
  const std::string_view relation = string_of(fields[fields.size() - 2]);
  for (const ScopeItem& item : scope.items) {
    if (item.alias != relation || !item.is_relation_visible) continue;
    for (const ScopeColumn& column : item.columns) add(column);
    return;
  }
  fail(sqlstate::kUndefinedTable,
       "missing FROM-clause entry for table \"" + std::string(relation) + "\"",
       position(node->location));
}

void Analyzer::targets(NodeList nodes, Query&, Scope& scope, std::vector<Target>& into) {
  for (const PgQuery__Node* node : nodes) {
    const PgQuery__ResTarget* target = node->res_target;
    if (target->val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
      const PgQuery__ColumnRef* column = target->val->column_ref;
      if (column->fields[column->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR) {
        star(column, scope, into);
        continue;
      }
    }
    Target made{expression(target->val, scope),
                target->name[0] != '\0' ? target->name : name_of_target(target->val)};
    if (const auto* column = dynamic_cast<const ColumnReference*>(made.expression.get())) {
      if (column->level == 0) {
        const RangeEntry& entry = *scope.query->range[column->entry];
        if (entry.kind == RangeEntry::Kind::table) {
          made.table = entry.table->oid;
          made.column = static_cast<std::int16_t>(column->column + 1);
        }
      }
    }
    into.push_back(std::move(made));
  }
}

namespace {

RowLocking locking_of(const PgQuery__LockingClause& clause) {
  RowLocking locking;
  switch (clause.strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
      locking.mode = RowLockMode::key_share;
      break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE: locking.mode = RowLockMode::share; break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
      locking.mode = RowLockMode::no_key_update;
      break;
    default: locking.mode = RowLockMode::update;
  }
  switch (clause.wait_policy) {
    case PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip: locking.policy = WaitPolicy::skip; break;
    case PG_QUERY__LOCK_WAIT_POLICY__LockWaitError: locking.policy = WaitPolicy::error; break;
    default: locking.policy = WaitPolicy::block;
  }
  return locking;
}

std::string name_of(const PgQuery__LockingClause& clause) {
  switch (clause.strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE: return "FOR KEY SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE: return "FOR SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE: return "FOR NO KEY UPDATE";
    default: return "FOR UPDATE";
  }
}

/// The strongest of the modes; NOWAIT before SKIP LOCKED before waiting.
void add_locking(std::optional<RowLocking>& have, const RowLocking& more) {
  if (!have) {
    have = more;
    return;
  }
  have->mode = std::max(have->mode, more.mode);
  have->policy = std::max(have->policy, more.policy);
}

void lock_all(Query& query, const RowLocking& locking);

void lock_entry(RangeEntry& entry, const RowLocking& locking) {
  if (entry.kind == RangeEntry::Kind::table) add_locking(entry.locking, locking);
  if (entry.kind == RangeEntry::Kind::subquery) lock_all(*entry.subquery, locking);
}

void lock_all(Query& query, const RowLocking& locking) {
  query.locks_rows = true;
  for (auto& entry : query.range) lock_entry(*entry, locking);
}

}  // namespace

void Analyzer::locking(NodeList nodes, Query& query, Scope& scope) {
  for (const PgQuery__Node* node : nodes) {
    const PgQuery__LockingClause& clause = *node->locking_clause;
    const auto refuse = [&](bool has, std::string_view what) {
      if (has) {
        fail(sqlstate::kFeatureNotSupported,
             name_of(clause) + " is not allowed with " + std::string(what));
      }
    };
    refuse(query.is_distinct, "DISTINCT clause");
    refuse(!query.group_keys.empty(), "GROUP BY clause");
    refuse(query.having != nullptr, "HAVING clause");
    refuse(scope.has_aggregates, "aggregate functions");
    refuse(scope.has_windows, "window functions");
    const RowLocking locking = locking_of(clause);
    query.locks_rows = true;
    if (clause.n_locked_rels == 0) {
      for (auto& entry : query.range) lock_entry(*entry, locking);
      continue;
    }
    for (std::size_t i = 0; i < clause.n_locked_rels; ++i) {
      const std::string_view name = clause.locked_rels[i]->range_var->relname;
      const auto found =
          std::ranges::find_if(query.range, [&](const auto& entry) { return entry->name == name; });
      if (found == query.range.end()) {
        fail(sqlstate::kUndefinedTable, "relation \"" + std::string(name) + "\" in " +
                                            name_of(clause) + " clause not found in FROM clause");
      }
      const auto kind = (*found)->kind;
      const auto refuse_kind = [&](RangeEntry::Kind which, const char* what) {
        if (kind == which) {
          fail(sqlstate::kFeatureNotSupported, name_of(clause) + " cannot be applied to " + what);
        }
      };
      refuse_kind(RangeEntry::Kind::function, "a function");
      refuse_kind(RangeEntry::Kind::values, "VALUES");
      refuse_kind(RangeEntry::Kind::cte, "a WITH query");
      lock_entry(**found, locking);
    }
  }
}

// --- VALUES and set operations -------------------------------------------------------------------

QueryPtr Analyzer::values(const PgQuery__SelectStmt* node, Scope* outer) {
  auto query = std::make_unique<Query>();
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  auto entry = std::make_unique<RangeEntry>();
  entry->kind = RangeEntry::Kind::values;
  entry->name = "*VALUES*";
  scope.clause = Clause::values;
  for (std::size_t i = 0; i < node->n_values_lists; ++i) {
    const PgQuery__List* list = node->values_lists[i]->list;
    entry->rows.push_back(expressions({list->items, list->n_items}, scope));
    if (entry->rows.back().size() != entry->rows.front().size()) {
      fail(sqlstate::kSyntaxError, "VALUES lists must all be the same length",
           position(location_of(*entry->rows.back().front())));
    }
  }
  scope.clause = Clause::select;
  for (std::size_t column = 0; column < entry->rows[0].size(); ++column) {
    std::vector<ExpressionPtr*> pointers;
    for (auto& row : entry->rows) pointers.push_back(&row[column]);
    unify(pointers, "VALUES");
    entry->columns.push_back(
        {"column" + std::to_string(column + 1), Type{entry->rows[0][column]->type.id, -1}});
  }
  const std::uint32_t number = add_entry(*query, std::move(entry));
  RangeEntry& made = *query->range[number];
  scope.items.push_back(item_of(made, number, nullptr));
  query->from = make_leaf(number);
  for (const ScopeColumn& column : scope.items[0].columns) {
    query->targets.push_back({reference(column, 0), column.name});
  }
  order_by({node->sort_clause, node->n_sort_clause}, *query, scope);
  limit(node, *query, scope);
  if (node->n_locking_clause > 0) {
    fail(sqlstate::kFeatureNotSupported,
         name_of(*node->locking_clause[0]->locking_clause) + " cannot be applied to VALUES");
  }
  query->width = visible_targets(*query);
  return query;
}

QueryPtr Analyzer::set_operation(const PgQuery__SelectStmt* node, Scope* outer) {
  auto query = std::make_unique<Query>();
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  using Operation = Query::SetOperation;
  const char* name = "UNION";
  switch (node->op) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION: query->set_operation = Operation::set_union; break;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
      query->set_operation = Operation::intersect;
      name = "INTERSECT";
      break;
    default: query->set_operation = Operation::except; name = "EXCEPT";
  }
  if (node->n_locking_clause > 0) {
    fail(sqlstate::kFeatureNotSupported, name_of(*node->locking_clause[0]->locking_clause) +
                                             " is not allowed with UNION/INTERSECT/EXCEPT");
  }
  query->set_all = node->all;
  query->left = select(node->larg, &scope, true);
  query->right = select(node->rarg, &scope, true);
  const auto visible = [](Query& side) {
    std::vector<Target*> found;
    for (Target& target : side.targets) {
      if (!target.is_hidden) found.push_back(&target);
    }
    return found;
  };
  const std::vector<Target*> left = visible(*query->left);
  const std::vector<Target*> right = visible(*query->right);
  if (left.size() != right.size()) {
    fail(sqlstate::kSyntaxError,
         "each " + std::string(name) + " query must have the same number of columns",
         right.empty() ? 0 : position(location_of(*right[0]->expression)));
  }
  // The result's columns are read as entry 0 of this level.
  auto entry = std::make_unique<RangeEntry>();
  entry->kind = RangeEntry::Kind::single_row;
  for (std::size_t i = 0; i < left.size(); ++i) {
    unify({&left[i]->expression, &right[i]->expression}, name);
    entry->columns.push_back({left[i]->name, Type{left[i]->expression->type.id, -1}});
  }
  const std::uint32_t number = add_entry(*query, std::move(entry));
  scope.items.push_back(item_of(*query->range[number], number, nullptr));
  for (const ScopeColumn& column : scope.items[0].columns) {
    query->targets.push_back({reference(column, 0), column.name});
  }
  const std::size_t width = query->targets.size();
  order_by({node->sort_clause, node->n_sort_clause}, *query, scope);
  if (query->targets.size() > width) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kFeatureNotSupported),
        .message = "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        .detail = "Only result column names can be used, not expressions or functions.",
        .hint =
            "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
        .position = position(location_of(*query->targets[width].expression))};
  }
  limit(node, *query, scope);
  query->width = width;
  return query;
}

}  // namespace firedrill::sim::postgres
