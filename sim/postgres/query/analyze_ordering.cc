#include <algorithm>

#include "sim/postgres/query/analyzer.h"

// ORDER BY, GROUP BY, DISTINCT and LIMIT: which targets they mean.

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

}  // namespace

Ordering ordering_of(const PgQuery__SortBy& sort) {
  if (sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) unsupported("ORDER BY ... USING");
  const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  const bool by_default = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
  const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
  return {descending, by_default ? descending : first};
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

}  // namespace firedrill::sim::postgres
