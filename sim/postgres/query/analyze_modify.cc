#include <algorithm>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/part_assignment.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kGeneratedAlways = "428C9";

std::size_t column_named(const Table& table, std::string_view name, std::int32_t position) {
  const auto column = table.find_column(name);
  if (!column) {
    fail(sqlstate::kUndefinedColumn,
         "column \"" + std::string(name) + "\" of relation \"" + table.name + "\" does not exist",
         position);
  }
  return *column;
}

/// Where there is more than the table itself: joined with it.
FromNodePtr with_more(FromNodePtr more) {
  FromNodePtr table = make_leaf(Modification::kRow);
  return more == nullptr ? std::move(table)
                         : make_join(FromNode::Join::inner, std::move(table), std::move(more));
}

std::unique_ptr<RangeEntry> table_entry(std::shared_ptr<const Table> table, std::string name) {
  auto entry = std::make_unique<RangeEntry>();
  entry->name = std::move(name);
  std::int16_t number = 0;
  for (const Column& column : table->columns) {
    entry->columns.push_back({column.name, column.type, table->oid, ++number});
  }
  entry->table = std::move(table);
  return entry;
}

bool is_default(const PgQuery__Node* node) {
  return node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
}

SqlError generated_error(const Column& column, bool is_update) {
  const bool identity = column.identity == 'a';
  if (is_update) {
    return SqlError{.sqlstate = std::string(kGeneratedAlways),
                    .message = "column \"" + column.name + "\" can only be updated to DEFAULT",
                    .detail = "Column \"" + column.name +
                              (identity ? "\" is an identity column defined as GENERATED ALWAYS."
                                        : "\" is a generated column.")};
  }
  return SqlError{
      .sqlstate = std::string(kGeneratedAlways),
      .message = "cannot insert a non-DEFAULT value into column \"" + column.name + "\"",
      .detail = "Column \"" + column.name +
                (identity ? "\" is an identity column defined as GENERATED ALWAYS."
                          : "\" is a generated column."),
      .hint = identity ? "Use OVERRIDING SYSTEM VALUE to override." : ""};
}

/// What a column of VALUES has is not used: not even computed.
void leave_out(Query& values, std::size_t column) {
  for (auto& row : values.range.back()->rows) {
    row[column] = std::make_unique<Constant>(row[column]->type, Value());
  }
}

}  // namespace

// --- Expressions of tables -----------------------------------------------------------------------

ExpressionPtr Analyzer::table_expression(const StoredExpression& stored, const Table& table,
                                         Clause clause) {
  Query query;
  Scope scope;
  scope.query = &query;
  auto entry = std::make_unique<RangeEntry>();
  entry->name = table.name;
  for (const Column& column : table.columns) {
    entry->columns.push_back({column.is_dropped ? "" : column.name, column.type});
  }
  ScopeItem item;
  item.alias = table.name;
  item.entry = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].is_dropped) continue;
    item.columns.push_back(
        {table.columns[i].name, table.columns[i].type, 0, static_cast<std::uint32_t>(i)});
  }
  entry->kind = RangeEntry::Kind::single_row;
  add_entry(query, std::move(entry));
  scope.items.push_back(std::move(item));
  Analyzer inner(catalog_, environment_, *stored.tree, parameters_);
  const bool is_condition = clause == Clause::check_constraint || clause == Clause::index_predicate;
  return is_condition ? inner.boolean(stored.node, scope, clause)
                      : inner.expression_in(stored.node, scope, clause);
}

ExpressionPtr Analyzer::lone_expression(const PgQuery__Node* node, Clause clause) {
  Query query;
  Scope scope;
  scope.query = &query;
  return expression_in(node, scope, clause);
}

ExpressionPtr Analyzer::default_of(const Table& table, std::size_t index) {
  const Column& column = table.columns[index];
  if (column.identity != '\0') {
    ExpressionPtr next = std::make_unique<NextValue>(Type{TypeId::int8, -1}, column.sequence);
    return assigned(std::move(next), column.type, column.name);
  }
  if (!column.default_value) return nullptr;
  return assigned(table_expression(column.default_value, table, Clause::default_value), column.type,
                  column.name);
}

void Analyzer::row_rules(Modification& modification) {
  const Table& table = *modification.table;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    modification.defaults.push_back(column.is_dropped ? nullptr : default_of(table, i));
    modification.generated.push_back(
        column.generated && !column.is_dropped
            ? assigned(table_expression(column.generated, table, Clause::generated), column.type,
                       column.name)
            : nullptr);
  }
  for (const Constraint& constraint : table.constraints) {
    modification.checks.push_back(
        constraint.kind == Constraint::Kind::check
            ? table_expression(constraint.expression, table, Clause::check_constraint)
            : nullptr);
  }
  for (const TableIndex& index : table.indexes) {
    Modification::IndexKey key;
    for (const TableIndex::Part& part : index.parts) {
      key.parts.push_back(part.column >= 0
                              ? nullptr
                              : table_expression(part.expression, table, Clause::index_expression));
    }
    if (index.condition) {
      key.condition = table_expression(index.condition, table, Clause::index_predicate);
    }
    modification.indexes.push_back(std::move(key));
  }
}

ScopeItem Analyzer::target_table(const PgQuery__RangeVar* node, Query& query) {
  auto table = catalog_.open_table(node->schemaname, node->relname, LockMode::row_exclusive,
                                   position(node->location));
  if (table->view != nullptr) unsupported("changing rows through a view");
  const std::string name = node->alias != nullptr ? node->alias->aliasname : node->relname;
  query.modification.emplace();
  query.modification->table = table;
  const std::uint32_t number = add_entry(query, table_entry(std::move(table), name));
  return item_of(*query.range[number], number, node->alias);
}

void Analyzer::returning(NodeList nodes, Query& query, Scope& scope) {
  const Clause before = std::exchange(scope.clause, Clause::returning);
  targets(nodes, query, scope, query.modification->returning);
  scope.clause = before;
  for (Target& target : query.modification->returning) {
    if (target.expression->type.id == TypeId::unknown) {
      target.expression =
          coerced(std::move(target.expression), Type{TypeId::text, -1}, CastContext::implicit, -1);
    }
  }
  query.width = query.modification->returning.size();
}

// --- INSERT --------------------------------------------------------------------------------------

std::vector<std::size_t> Analyzer::insert_columns(const PgQuery__InsertStmt* node,
                                                  const Table& table) {
  std::vector<std::size_t> columns;
  if (node->n_cols == 0) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].is_dropped) columns.push_back(i);
    }
    return columns;
  }
  for (std::size_t i = 0; i < node->n_cols; ++i) {
    const PgQuery__ResTarget* target = node->cols[i]->res_target;
    if (target->n_indirection > 0) {
      unsupported("INSERT into a part of a column", position(target->location));
    }
    const std::size_t column = column_named(table, target->name, position(target->location));
    if (std::ranges::find(columns, column) != columns.end()) {
      fail(sqlstate::kDuplicateColumn,
           "column \"" + std::string(target->name) + "\" specified more than once",
           position(target->location));
    }
    columns.push_back(column);
  }
  return columns;
}

/// VALUES rows, each value made for its column, DEFAULT included.
QueryPtr Analyzer::insert_values(const PgQuery__SelectStmt* node, const Table& table,
                                 const std::vector<std::size_t>& columns, Scope& outer,
                                 NodeList names) {
  auto query = std::make_unique<Query>();
  Scope scope;
  scope.outer = &outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  scope.clause = Clause::values;
  auto entry = std::make_unique<RangeEntry>();
  entry->kind = RangeEntry::Kind::values;
  entry->name = "*VALUES*";
  const std::size_t width = node->values_lists[0]->list->n_items;
  for (std::size_t i = 0; i < node->n_values_lists; ++i) {
    const PgQuery__List* list = node->values_lists[i]->list;
    std::vector<ExpressionPtr> given;
    for (std::size_t at = 0; at < list->n_items; ++at) {
      given.push_back(is_default(list->items[at]) ? nullptr : expression(list->items[at], scope));
    }
    if (list->n_items != width) {
      fail(sqlstate::kSyntaxError, "VALUES lists must all be the same length",
           position(given[0] != nullptr ? location_of(*given[0])
                                        : list->items[0]->set_to_default->location));
    }
    if (given.size() > columns.size()) {
      const PgQuery__Node* extra = list->items[columns.size()];
      fail(sqlstate::kSyntaxError, "INSERT has more expressions than target columns",
           position(is_default(extra) ? extra->set_to_default->location
                                      : location_of(*given[columns.size()])));
    }
    if (given.size() < columns.size() && names.size() > 0) {
      fail(sqlstate::kSyntaxError, "INSERT has more target columns than expressions",
           position(names[given.size()]->res_target->location));
    }
    std::vector<ExpressionPtr> row;
    for (std::size_t at = 0; at < list->n_items; ++at) {
      const Column& column = table.columns[columns[at]];
      if (is_default(list->items[at])) {
        ExpressionPtr made = default_of(table, columns[at]);
        if (made == nullptr) made = std::make_unique<Constant>(column.type, Value());
        row.push_back(std::move(made));
      } else {
        row.push_back(assigned(std::move(given[at]), column.type, column.name));
      }
    }
    entry->rows.push_back(std::move(row));
  }
  for (std::size_t at = 0; at < width; ++at) {
    entry->columns.push_back({"column" + std::to_string(at + 1), table.columns[columns[at]].type});
  }
  const std::uint32_t number = add_entry(*query, std::move(entry));
  query->from = make_leaf(number);
  for (std::size_t at = 0; at < width; ++at) {
    query->targets.push_back(
        {std::make_unique<ColumnReference>(table.columns[columns[at]].type, 0, number,
                                           static_cast<std::uint32_t>(at)),
         "column" + std::to_string(at + 1)});
  }
  query->width = width;
  return query;
}

void Analyzer::insert_source(const PgQuery__InsertStmt* node, Query& query, Scope& scope,
                             const std::vector<std::size_t>& columns) {
  Modification& modification = *query.modification;
  const Table& table = *modification.table;
  modification.values.resize(table.columns.size());
  auto source = std::make_unique<RangeEntry>();
  source->kind = RangeEntry::Kind::subquery;
  source->name = "*SELECT*";
  if (node->select_stmt == nullptr) {  // DEFAULT VALUES
    source->subquery = std::make_unique<Query>();
    add_entry(query, std::move(source));
    query.from = make_leaf(Modification::kSource);
    return;
  }
  const PgQuery__SelectStmt* select_node = node->select_stmt->select_stmt;
  const bool hidden = std::exchange(scope.is_hidden, true);
  const bool is_values = select_node->n_values_lists > 0 && select_node->n_sort_clause == 0 &&
                         select_node->limit_count == nullptr &&
                         select_node->limit_offset == nullptr;
  source->subquery =
      is_values ? insert_values(select_node, table, columns, scope, {node->cols, node->n_cols})
                : select(select_node, &scope, true);
  scope.is_hidden = hidden;
  const std::size_t given = source->subquery->width;
  if (given < columns.size() && node->n_cols > 0) {
    fail(sqlstate::kSyntaxError, "INSERT has more target columns than expressions",
         position(node->cols[given]->res_target->location));
  }
  if (given > columns.size()) {
    std::vector<const Expression*> visible;
    for (const Target& target : source->subquery->targets) {
      if (!target.is_hidden) visible.push_back(target.expression.get());
    }
    fail(sqlstate::kSyntaxError, "INSERT has more expressions than target columns",
         position(location_of(*visible.at(columns.size()))));
  }
  std::size_t refused = table.columns.size();  // the first such column
  std::size_t at = 0;
  for (Target& target : source->subquery->targets) {
    if (target.is_hidden) continue;
    const std::size_t index = columns[at];
    const Column& column = table.columns[index];
    if (target.expression->type.id == TypeId::unknown) {
      target.expression = assigned(std::move(target.expression), column.type, column.name);
    }
    auto reference = std::make_unique<ColumnReference>(
        target.expression->type, 0, Modification::kSource, static_cast<std::uint32_t>(at));
    reference->location = target.expression->location;
    modification.values[index] = assigned(std::move(reference), column.type, column.name);
    // What must be given by the table alone.
    const bool only_default =
        is_values &&
        std::ranges::all_of(
            NodeList{select_node->values_lists, select_node->n_values_lists},
            [&](const PgQuery__Node* list) { return is_default(list->list->items[at]); });
    const bool is_overridden = column.identity != '\0' &&
                               node->override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE;
    const bool is_refused =
        column.generated || (column.identity == 'a' &&
                             node->override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE);
    if (is_refused && !is_overridden && !only_default) refused = std::min(refused, index);
    if (is_refused || is_overridden) {
      modification.values[index] = nullptr;
      if (is_values) leave_out(*source->subquery, at);
    }
    ++at;
  }
  if (refused < table.columns.size()) {
    refuse_when_rewritten(generated_error(table.columns[refused], false));
  }
  source->columns = source->subquery->output();
  add_entry(query, std::move(source));
  query.from = make_leaf(Modification::kSource);
}

QueryPtr Analyzer::insert(const PgQuery__InsertStmt* node, Scope* outer) {
  auto query = std::make_unique<Query>();
  query->command = Query::Command::insert;
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  ScopeItem target = target_table(node->relation, *query);
  Modification& modification = *query->modification;
  const Table& table = *modification.table;
  add_entry(*query, table_entry(modification.table, "excluded"));
  insert_source(node, *query, scope, insert_columns(node, table));
  row_rules(modification);
  scope.items.push_back(std::move(target));
  if (node->on_conflict_clause != nullptr) on_conflict(node->on_conflict_clause, *query, scope);
  returning({node->returning_list, node->n_returning_list}, *query, scope);
  return query;
}

std::vector<std::uint32_t> Analyzer::arbiters(const PgQuery__InferClause* node,
                                              const Table& table) {
  if (node->conname[0] != '\0') {
    for (const Constraint& constraint : table.constraints) {
      const bool is_unique = constraint.kind == Constraint::Kind::primary_key ||
                             constraint.kind == Constraint::Kind::unique;
      if (constraint.name == node->conname && is_unique) return {constraint.index};
    }
    fail(sqlstate::kUndefinedObject, "constraint \"" + std::string(node->conname) +
                                         "\" for table \"" + table.name + "\" does not exist");
  }
  std::vector<std::string> wanted;
  Query query;
  for (std::size_t i = 0; i < node->n_index_elems; ++i) {
    const PgQuery__IndexElem* element = node->index_elems[i]->index_elem;
    if (element->name[0] != '\0') {
      const auto column = table.find_column(element->name);
      if (!column) {
        fail(sqlstate::kUndefinedColumn,
             "column \"" + std::string(element->name) + "\" does not exist",
             position(node->location));
      }
      wanted.push_back("#" + std::to_string(*column));
    } else {
      const auto tree = std::shared_ptr<const ParseTree>(&tree_, [](const ParseTree*) {});
      wanted.push_back(
          table_expression({tree, element->expr}, table, Clause::index_expression)->description());
    }
  }
  std::ranges::sort(wanted);
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::string condition;
  if (node->where_clause != nullptr) {
    const auto tree = std::shared_ptr<const ParseTree>(&tree_, [](const ParseTree*) {});
    condition =
        table_expression({tree, node->where_clause}, table, Clause::index_predicate)->description();
  }
  std::vector<std::uint32_t> found;
  for (const TableIndex& index : table.indexes) {
    if (!index.is_unique) continue;
    std::vector<std::string> have;
    for (const TableIndex::Part& part : index.parts) {
      have.push_back(
          part.column >= 0
              ? "#" + std::to_string(part.column)
              : table_expression(part.expression, table, Clause::index_expression)->description());
    }
    std::ranges::sort(have);
    if (have != wanted) continue;
    if (index.condition &&
        table_expression(index.condition, table, Clause::index_predicate)->description() !=
            condition) {
      continue;
    }
    found.push_back(index.oid);
  }
  if (found.empty()) {
    refuse_when_planned({.sqlstate = std::string(sqlstate::kInvalidColumnReference),
                         .message = "there is no unique or exclusion constraint matching the ON "
                                    "CONFLICT specification"});
  }
  return found;
}

void Analyzer::on_conflict(const PgQuery__OnConflictClause* node, Query& query, Scope& scope) {
  Modification& modification = *query.modification;
  const Table& table = *modification.table;
  if (node->infer != nullptr) modification.arbiters = arbiters(node->infer, table);
  if (node->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) {
    modification.on_conflict = Modification::OnConflict::nothing;
    return;
  }
  if (node->infer == nullptr) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kSyntaxError),
        .message = "ON CONFLICT DO UPDATE requires inference specification or constraint name",
        .hint = "For example, ON CONFLICT (column_name).",
        .position = position(node->location)};
  }
  modification.on_conflict = Modification::OnConflict::update;
  // Columns by their name alone are the table's.
  ScopeItem excluded =
      item_of(*query.range[Modification::kExcluded], Modification::kExcluded, nullptr);
  excluded.are_columns_visible = false;
  scope.items.push_back(std::move(excluded));
  modification.conflict_assignments =
      assignments({node->target_list, node->n_target_list}, scope, table);
  if (node->where_clause != nullptr) {
    modification.conflict_condition = boolean(node->where_clause, scope, Clause::where);
  }
  scope.items.pop_back();
}

// --- UPDATE and DELETE ---------------------------------------------------------------------------

/// SET column[i] = value, over what the column has been so far.
ExpressionPtr Analyzer::element_assignment(const PgQuery__ResTarget* target, const Column& column,
                                           ExpressionPtr before, Scope& scope) {
  const TypeInfo& info = types().get(column.type.id);
  const std::int32_t at = position(target->location);
  const NodeList steps{target->indirection, target->n_indirection};
  if (steps[0]->node_case != PG_QUERY__NODE__NODE_A_INDICES) {
    fail(sqlstate::kDatatypeMismatch,
         "cannot assign to field \"" + std::string(string_of(steps[0])) + "\" of column \"" +
             column.name + "\" because its type " + info.title + " is not a composite type",
         at);
  }
  if (column.type.id == TypeId::jsonb) unsupported("UPDATE of a part of a jsonb column", at);
  if (!info.is_array()) {
    fail(sqlstate::kDatatypeMismatch,
         "cannot subscript type " + info.title + " because it does not support subscripting", at);
  }
  if (column.generated || is_default(target->val) ||
      target->val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
    unsupported("this UPDATE of a part of a column", at);
  }
  std::vector<ExpressionPtr> parts;
  parts.push_back(std::move(before));
  ExpressionPtr value = expression(target->val, scope);
  const TypeId given = value->type.id;
  const std::int32_t location = value->location;
  const Type element{info.element, column.type.modifier};
  parts.push_back(coerced_or_null(value, element, CastContext::assignment));
  if (parts.back() == nullptr) {
    throw SqlError{.sqlstate = std::string(sqlstate::kDatatypeMismatch),
                   .message = "subscripted assignment to \"" + column.name + "\" requires type " +
                              types().title(info.element) + " but expression is of type " +
                              types().title(given),
                   .hint = "You will need to rewrite or cast the expression.",
                   .position = position(location)};
  }
  for (const PgQuery__Node* step : steps) {
    const bool is_index =
        step->node_case == PG_QUERY__NODE__NODE_A_INDICES && !step->a_indices->is_slice;
    if (!is_index) unsupported("UPDATE of a slice of a column", at);
    ExpressionPtr subscript = expression(step->a_indices->uidx, scope);
    parts.push_back(coerced_or_null(subscript, Type{TypeId::int4, -1}, CastContext::assignment));
    if (parts.back() == nullptr) {
      fail(sqlstate::kDatatypeMismatch, "array subscript must have type integer");
    }
  }
  return std::make_unique<ElementAssignment>(column.type, info.element, std::move(parts));
}

std::vector<Modification::Assignment> Analyzer::assignments(NodeList nodes, Scope& scope,
                                                            const Table& table) {
  // PostgreSQL looks at all values before it looks at what they are assigned to.
  std::vector<ExpressionPtr> values;
  const Clause before = std::exchange(scope.clause, Clause::update);
  for (const PgQuery__Node* node : nodes) {
    const PgQuery__Node* value = node->res_target->val;
    if (node->res_target->n_indirection > 0) {
      values.push_back(nullptr);  // element_assignment() looks at it
    } else if (value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
      values.push_back(assigned_part(*value->multi_assign_ref, scope));
    } else {
      values.push_back(is_default(value) ? nullptr : expression(value, scope));
    }
  }
  scope.clause = before;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string_view name = nodes[i]->res_target->name;
    const bool is_part = nodes[i]->res_target->n_indirection > 0;
    const bool again = std::ranges::any_of(nodes.first(i), [&](const PgQuery__Node* each) {
      const bool are_parts = is_part && each->res_target->n_indirection > 0;
      return each->res_target->name == name && !are_parts;
    });
    if (again) {
      refuse_when_rewritten(
          {.sqlstate = std::string(sqlstate::kSyntaxError),
           .message = "multiple assignments to same column \"" + std::string(name) + "\""});
    }
  }
  std::size_t refused = table.columns.size();  // the first such column
  std::vector<Modification::Assignment> made;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const PgQuery__ResTarget* target = nodes[i]->res_target;
    const std::size_t index = column_named(table, target->name, position(target->location));
    const Column& column = table.columns[index];
    const auto earlier = std::ranges::find(made, index, &Modification::Assignment::column);
    if (target->n_indirection > 0) {
      if (earlier == made.end()) {
        auto old = std::make_unique<ColumnReference>(column.type, 0, Modification::kRow,
                                                     static_cast<std::uint32_t>(index));
        made.push_back({index, element_assignment(target, column, std::move(old), scope)});
        continue;
      }
      if (dynamic_cast<const ElementAssignment*>(earlier->value.get()) != nullptr) {
        earlier->value = element_assignment(target, column, std::move(earlier->value), scope);
        continue;
      }
    }
    ExpressionPtr value;
    if (values[i] != nullptr) {
      value = assigned(std::move(values[i]), column.type, column.name);
      if (column.generated || column.identity == 'a') refused = std::min(refused, index);
    } else {
      value = default_of(table, index);
      if (value == nullptr) value = std::make_unique<Constant>(column.type, Value());
    }
    made.push_back({index, std::move(value)});
  }
  if (refused < table.columns.size()) {
    refuse_when_rewritten(generated_error(table.columns[refused], true));
  }
  return made;
}

/// One of the values of SET (a, b) = ...; null: DEFAULT.
ExpressionPtr Analyzer::assigned_part(const PgQuery__MultiAssignRef& part, Scope& scope) {
  const PgQuery__Node* source = part.source;
  const auto wanted = static_cast<std::size_t>(part.ncolumns);
  const auto at = static_cast<std::size_t>(part.colno - 1);
  if (source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR) {
    const PgQuery__RowExpr* row = source->row_expr;
    if (row->n_args != wanted) {
      fail(sqlstate::kSyntaxError, "number of columns does not match number of values",
           position(row->location));
    }
    return is_default(row->args[at]) ? nullptr : expression(row->args[at], scope);
  }
  if (source->node_case != PG_QUERY__NODE__NODE_SUB_LINK ||
      source->sub_link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
    fail(sqlstate::kFeatureNotSupported,
         "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression");
  }
  // Run once for each column: what it has of volatile functions would not be the same.
  const PgQuery__SubLink* link = source->sub_link;
  QueryPtr query = select(link->subselect->select_stmt, &scope);
  const auto columns = query->output();
  if (columns.size() != wanted) {
    fail(sqlstate::kSyntaxError, "number of columns does not match number of values",
         position(link->location));
  }
  bool is_volatile = false;
  walk(*query, 0, [&](ExpressionPtr& each, std::uint32_t) {
    const auto* call = dynamic_cast<const FunctionCall*>(each.get());
    is_volatile = is_volatile || (call != nullptr && call->is_volatile());
    return true;
  });
  if (is_volatile) unsupported("SET (...) = (SELECT ...) with a volatile function");
  auto made =
      std::make_unique<Subquery>(Subquery::Kind::scalar, columns[at].type, std::move(query));
  made->column = at;
  made->location = link->location;
  return made;
}

QueryPtr Analyzer::update(const PgQuery__UpdateStmt* node, Scope* outer) {
  auto query = std::make_unique<Query>();
  query->command = Query::Command::update;
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  scope.items.push_back(target_table(node->relation, *query));
  FromNodePtr more = from_list({node->from_clause, node->n_from_clause}, scope);
  query->from = with_more(std::move(more));
  Modification& modification = *query->modification;
  if (node->where_clause != nullptr) {
    query->where = boolean(node->where_clause, scope, Clause::where);
  }
  returning({node->returning_list, node->n_returning_list}, *query, scope);
  modification.assignments =
      assignments({node->target_list, node->n_target_list}, scope, *modification.table);
  row_rules(modification);
  return query;
}

QueryPtr Analyzer::remove(const PgQuery__DeleteStmt* node, Scope* outer) {
  auto query = std::make_unique<Query>();
  query->command = Query::Command::remove;
  Scope scope;
  scope.outer = outer;
  scope.query = query.get();
  with(node->with_clause, *query, scope);
  scope.items.push_back(target_table(node->relation, *query));
  FromNodePtr more = from_list({node->using_clause, node->n_using_clause}, scope);
  query->from = with_more(std::move(more));
  if (node->where_clause != nullptr) {
    query->where = boolean(node->where_clause, scope, Clause::where);
  }
  row_rules(*query->modification);
  returning({node->returning_list, node->n_returning_list}, *query, scope);
  return query;
}

}  // namespace firedrill::sim::postgres
