#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/recursion.h"
#include "sim/postgres/query/set_results.h"

namespace firedrill::sim::postgres {

namespace {

constexpr Type kText{TypeId::text, -1};
constexpr Type kInt8{TypeId::int8, -1};

/// ORDER BY, GROUP BY and DISTINCT need an order.
bool has_order(const Types& types, TypeId id) {
  if (id == TypeId::json || id == TypeId::tsquery) return false;
  const TypeInfo& info = types.get(id);
  return !info.is_array() || has_order(types, info.element);
}

const PgQuery__SortBy& sort_by_of(const PgQuery__Node* node) {
  return *node->sort_by;
}

std::size_t visible_targets(const Query& query) {
  return static_cast<std::size_t>(std::ranges::count(query.targets, false, &Target::is_hidden));
}

}  // namespace

Ordering ordering_of(const PgQuery__SortBy& sort) {
  if (sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) unsupported("ORDER BY ... USING");
  const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  const bool by_default = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
  const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
  return {descending, by_default ? descending : first};
}

namespace {
/// Whether a cast leaves the name as it is: all but those of other casts, of CASE, and none at all.
bool has_strong_name(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_TYPE_CAST: return has_strong_name(node->type_cast->arg);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return node->case_expr->defresult != nullptr && has_strong_name(node->case_expr->defresult);
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: return has_strong_name(node->collate_clause->arg);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const auto& tree = *node->a_indirection;
      for (std::size_t i = 0; i < tree.n_indirection; ++i) {
        if (tree.indirection[i]->node_case == PG_QUERY__NODE__NODE_STRING) return true;
      }
      return has_strong_name(tree.arg);
    }
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
             node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK ||
             node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK;
    default: return name_of_target(node) != "?column?";
  }
}
}  // namespace

std::string name_of_target(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF: {
      const NodeList fields{node->column_ref->fields, node->column_ref->n_fields};
      for (std::size_t i = fields.size(); i > 0; --i) {
        if (fields[i - 1]->node_case == PG_QUERY__NODE__NODE_STRING) {
          return std::string(string_of(fields[i - 1]));
        }
      }
      return "?column?";
    }
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const auto& tree = *node->a_indirection;
      for (std::size_t i = tree.n_indirection; i > 0; --i) {
        if (tree.indirection[i - 1]->node_case == PG_QUERY__NODE__NODE_STRING) {
          return std::string(string_of(tree.indirection[i - 1]));
        }
      }
      return name_of_target(tree.arg);
    }
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return std::string(last_name({node->func_call->funcname, node->func_call->n_funcname}));
    case PG_QUERY__NODE__NODE_A_EXPR:
      return node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? "nullif" : "?column?";
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      // The innermost name goes before a type's, the outermost type's before another's.
      if (has_strong_name(node->type_cast->arg)) return name_of_target(node->type_cast->arg);
      const auto& type = *node->type_cast->type_name;
      return std::string(last_name({type.names, type.n_names}));
    }
    case PG_QUERY__NODE__NODE_CASE_EXPR: {
      const PgQuery__Node* otherwise = node->case_expr->defresult;
      if (otherwise != nullptr && has_strong_name(otherwise)) return name_of_target(otherwise);
      return "case";
    }
    case PG_QUERY__NODE__NODE_SUB_LINK: {
      const auto& link = *node->sub_link;
      switch (link.sub_link_type) {
        case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK: return "exists";
        case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK: return "array";
        case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK: {
          const PgQuery__SelectStmt* select = link.subselect->select_stmt;
          if (select->n_target_list == 0) return "?column?";
          const PgQuery__ResTarget* target = select->target_list[0]->res_target;
          if (target->name[0] != '\0') return target->name;
          return name_of_target(target->val);
        }
        default: return "?column?";
      }
    }
    case PG_QUERY__NODE__NODE_GROUPING_FUNC: return "grouping";
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: return "array";
    case PG_QUERY__NODE__NODE_ROW_EXPR: return "row";
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: return "coalesce";
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least";
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: return name_of_target(node->collate_clause->arg);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: {
      static constexpr std::array kNames = {"",
                                            "current_date",
                                            "current_time",
                                            "current_time",
                                            "current_timestamp",
                                            "current_timestamp",
                                            "localtime",
                                            "localtime",
                                            "localtimestamp",
                                            "localtimestamp",
                                            "current_role",
                                            "current_user",
                                            "user",
                                            "session_user",
                                            "current_catalog",
                                            "current_schema"};
      return kNames.at(static_cast<std::size_t>(node->sqlvalue_function->op));
    }
    default: return "?column?";
  }
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

/// findTargetlistEntrySQL92() and 99: by position, by name, or by what it says.
std::size_t Analyzer::target_for(const PgQuery__Node* node, Query& query, Scope& scope,
                                 std::string_view clause, bool prefers_input) {
  const std::size_t visible = visible_targets(query);
  if (node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull) {
    const PgQuery__AConst* constant_node = node->a_const;
    if (constant_node->val_case != PG_QUERY__A__CONST__VAL_IVAL) {
      fail(sqlstate::kSyntaxError, "non-integer constant in " + std::string(clause),
           position(constant_node->location));
    }
    const std::int32_t wanted = constant_node->ival->ival;
    if (wanted < 1 || static_cast<std::size_t>(wanted) > visible) {
      fail(sqlstate::kInvalidColumnReference,
           std::string(clause) + " position " + std::to_string(wanted) + " is not in select list",
           position(constant_node->location));
    }
    return static_cast<std::size_t>(wanted - 1);
  }
  const bool is_name = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                       node->column_ref->n_fields == 1 &&
                       node->column_ref->fields[0]->node_case == PG_QUERY__NODE__NODE_STRING;
  if (is_name) {
    const std::string_view name = string_of(node->column_ref->fields[0]);
    bool is_input = false;
    if (prefers_input) {
      for (const ScopeItem& item : scope.items) {
        if (item.are_columns_visible &&
            std::ranges::find(item.columns, name, &ScopeColumn::name) != item.columns.end()) {
          is_input = true;
        }
      }
    }
    std::size_t found = query.targets.size();
    for (std::size_t i = 0; i < query.targets.size() && !is_input; ++i) {
      if (query.targets[i].is_hidden || query.targets[i].name != name) continue;
      if (found < query.targets.size() && query.targets[found].expression->description() !=
                                              query.targets[i].expression->description()) {
        fail(sqlstate::kAmbiguousColumn,
             std::string(clause) + " \"" + std::string(name) + "\" is ambiguous",
             position(node->column_ref->location));
      }
      if (found == query.targets.size()) found = i;
    }
    if (found < query.targets.size()) return found;
  }
  ExpressionPtr made =
      expression_in(node, scope, prefers_input ? Clause::group_by : Clause::order_by);
  const std::string description = made->description();
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    if (query.targets[i].expression->description() == description) return i;
  }
  if (made->type.id == TypeId::unknown) {
    made = coerced(std::move(made), kText, CastContext::implicit, -1);
  }
  query.targets.push_back({std::move(made), "", true});
  return query.targets.size() - 1;
}

void Analyzer::order_by(NodeList nodes, Query& query, Scope& scope) {
  for (const PgQuery__Node* node : nodes) {
    const PgQuery__SortBy& sort = sort_by_of(node);
    const std::size_t target = target_for(sort.node, query, scope, "ORDER BY", false);
    if (query.targets[target].expression->type.id == TypeId::unknown) {
      ExpressionPtr& expression_of = query.targets[target].expression;
      expression_of = coerced(std::move(expression_of), kText, CastContext::implicit, -1);
    }
    const TypeId type = query.targets[target].expression->type.id;
    if (!has_order(types(), type)) {
      throw SqlError{
          .sqlstate = std::string(sqlstate::kUndefinedFunction),
          .message = "could not identify an ordering operator for type " + types().title(type),
          .hint = "Use an explicit ordering operator or modify the query.",
          .position = position(
              sort.location >= 0 ? sort.location : location_of(*query.targets[target].expression))};
    }
    const Ordering ordering = ordering_of(sort);
    query.sort.push_back({target, ordering.descending, ordering.nulls_first});
  }
}

/// The target that it is; it is one of the keys then.
std::size_t Analyzer::group_key(const PgQuery__Node* node, Query& query, Scope& scope) {
  const std::size_t target = target_for(node, query, scope, "GROUP BY", true);
  ExpressionPtr& made = query.targets[target].expression;
  if (made->type.id == TypeId::unknown) {
    made = coerced(std::move(made), kText, CastContext::implicit, -1);
  }
  if (!has_order(types(), made->type.id)) {
    fail(sqlstate::kUndefinedFunction,
         "could not identify an equality operator for type " + types().title(made->type.id),
         position(location_of(*made)));
  }
  // apply_grouping() takes the key out of the target: here, where it stands.
  query.group_keys.push_back(std::make_unique<RowReference>(made->type, kGroupMark, target));
  return target;
}

void Analyzer::distinct(const PgQuery__SelectStmt* node, Query& query, Scope& scope) {
  if (node->n_distinct_clause == 0) return;
  query.is_distinct = true;
  const bool is_plain = node->n_distinct_clause == 1 &&
                        node->distinct_clause[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET;
  if (is_plain) {
    for (const SortKey& key : query.sort) {
      const Target& target = query.targets[key.target];
      if (!target.is_hidden) continue;
      fail(sqlstate::kInvalidColumnReference,
           "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
           position(location_of(*target.expression)));
    }
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
      const Target& target = query.targets[i];
      if (target.is_hidden) continue;
      if (!has_order(types(), target.expression->type.id)) {
        fail(sqlstate::kUndefinedFunction,
             "could not identify an equality operator for type " +
                 types().title(target.expression->type.id),
             position(location_of(*target.expression)));
      }
      query.distinct_on.push_back(i);
    }
    return;
  }
  for (std::size_t i = 0; i < node->n_distinct_clause; ++i) {
    const std::size_t target =
        target_for(node->distinct_clause[i], query, scope, "DISTINCT ON", false);
    if (std::ranges::find(query.distinct_on, target) == query.distinct_on.end()) {
      query.distinct_on.push_back(target);
    }
  }
  // What ORDER BY begins with must be these.
  std::size_t matched = 0;
  for (const SortKey& key : query.sort) {
    const bool among = std::ranges::find(query.distinct_on, key.target) != query.distinct_on.end();
    if (!among) break;
    ++matched;
  }
  if (matched < query.distinct_on.size() && matched < query.sort.size()) {
    fail(sqlstate::kInvalidColumnReference,
         "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
         position(location_of(*query.targets[query.distinct_on[0]].expression)));
  }
}

void Analyzer::limit(const PgQuery__SelectStmt* node, Query& query, Scope& scope) {
  const auto count = [&](const PgQuery__Node* of, Clause clause,
                         const char* name) -> ExpressionPtr {
    if (of == nullptr) return nullptr;
    ExpressionPtr value = expression_in(of, scope, clause);
    bool reads_columns = false;
    walk(value, [&](ExpressionPtr& part) {
      const auto* column = dynamic_cast<ColumnReference*>(part.get());
      reads_columns = reads_columns || (column != nullptr && column->level == 0);
      return true;
    });
    if (reads_columns) {
      fail(sqlstate::kInvalidColumnReference,
           "argument of " + std::string(name) + " must not contain variables",
           position(location_of(*value)));
    }
    const TypeId from = value->type.id;
    ExpressionPtr whole = coerced_or_null(value, kInt8, CastContext::implicit);
    if (whole == nullptr) whole = coerced_or_null(value, kInt8, CastContext::assignment);
    if (whole == nullptr) {
      fail(sqlstate::kDatatypeMismatch,
           "argument of " + std::string(name) + " must be type bigint, not type " +
               types().title(from),
           position(location_of(*value)));
    }
    return whole;
  };
  query.offset = count(node->limit_offset, Clause::offset, "OFFSET");
  query.limit = count(node->limit_count, Clause::limit, "LIMIT");
  query.with_ties = node->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES &&
                    query.limit != nullptr;
  if (query.with_ties && query.sort.empty()) {
    fail(sqlstate::kSyntaxError, "WITH TIES cannot be specified without ORDER BY clause");
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

// --- Subqueries in expressions -------------------------------------------------------------------

ExpressionPtr Analyzer::subquery(const PgQuery__SubLink* node, Scope& scope) {
  using Which = Subquery::Kind;
  if (scope.clause == Clause::check_constraint) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in check constraint",
         position(node->location));
  }
  if (scope.clause == Clause::default_value) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in DEFAULT expression",
         position(node->location));
  }
  if (scope.clause == Clause::index_expression || scope.clause == Clause::index_predicate) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in index expression",
         position(node->location));
  }
  QueryPtr query = select(node->subselect->select_stmt, &scope);
  const auto columns = query->output();
  const Type boolean_type{TypeId::boolean, -1};
  const auto made = [&](Which kind, Type type) {
    auto expression_made = std::make_unique<Subquery>(kind, type, std::move(query));
    expression_made->location = node->location;
    return expression_made;
  };
  const auto one_column = [&] {
    if (columns.size() == 1) return;
    fail(sqlstate::kSyntaxError, "subquery must return only one column", position(node->location));
  };
  switch (node->sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK: return made(Which::exists, boolean_type);
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
      one_column();
      return made(Which::scalar, columns[0].type);
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK: {
      one_column();
      const TypeInfo& info = types().get(columns[0].type.id);
      const TypeId array = info.is_array() ? info.id : info.array;
      return made(Which::array, Type{array, -1});
    }
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
    case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
    case PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK: break;
    default: unsupported("this kind of subquery", position(node->location));
  }
  const bool is_any = node->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
  const std::string name =
      node->n_oper_name > 0 ? std::string(last_name({node->oper_name, node->n_oper_name})) : "=";
  ExpressionPtr left = expression(node->testexpr, scope);
  auto* row = dynamic_cast<RowConstructor*>(left.get());
  const std::size_t width = row != nullptr ? row->children.size() : 1;
  if (width < columns.size()) {
    fail(sqlstate::kSyntaxError, "subquery has too many columns", position(node->location));
  }
  if (width > columns.size()) {
    fail(sqlstate::kSyntaxError, "subquery has too few columns", position(node->location));
  }
  const bool is_row = node->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
  auto result = made(is_row ? Which::row_compare : is_any ? Which::any : Which::all, boolean_type);
  // In the comparison entry 0 holds the left side's values, then the subquery's row.
  std::vector<ExpressionPtr> lefts;
  if (row != nullptr) {
    lefts = std::move(row->children);
  } else {
    lefts.push_back(std::move(left));
  }
  std::vector<ExpressionPtr> comparisons;
  for (std::size_t i = 0; i < width; ++i) {
    if (lefts[i]->type.id == TypeId::unknown) {
      lefts[i] = coerced(std::move(lefts[i]), columns[i].type, CastContext::implicit, -1);
    }
    std::vector<ExpressionPtr> sides;
    sides.push_back(
        std::make_unique<ColumnReference>(lefts[i]->type, 0, 0, static_cast<std::uint32_t>(i)));
    sides.push_back(std::make_unique<ColumnReference>(columns[i].type, 0, 0,
                                                      static_cast<std::uint32_t>(width + i)));
    comparisons.push_back(call_operator(name, std::move(sides), node->location));
    result->children.push_back(std::move(lefts[i]));
  }
  if (comparisons.size() == 1) {
    result->comparison = std::move(comparisons[0]);
  } else {
    std::vector<ExpressionPtr> placeholders;
    for (std::size_t side : {std::size_t{0}, width}) {
      for (std::size_t i = 0; i < width; ++i) {
        const Type type = side == 0 ? result->children[i]->type : columns[i].type;
        placeholders.push_back(
            std::make_unique<ColumnReference>(type, 0, 0, static_cast<std::uint32_t>(side + i)));
      }
    }
    result->comparison = row_comparison(name, std::move(placeholders), node->location);
  }
  return result;
}

}  // namespace firedrill::sim::postgres
