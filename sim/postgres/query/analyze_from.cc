#include <algorithm>

#include "sim/postgres/catalog/system/system_tables.h"
#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

std::uint32_t add_entry(Query& query, std::unique_ptr<RangeEntry> entry) {
  query.range.push_back(std::move(entry));
  return static_cast<std::uint32_t>(query.range.size() - 1);
}

FromNodePtr make_leaf(std::uint32_t entry) {
  auto node = std::make_unique<FromNode>();
  node->entry = entry;
  node->entries = {entry};
  return node;
}

FromNodePtr make_join(FromNode::Join join, FromNodePtr left, FromNodePtr right,
                      ExpressionPtr condition) {
  auto node = std::make_unique<FromNode>();
  node->join = join;
  node->entries = left->entries;
  node->entries.insert(node->entries.end(), right->entries.begin(), right->entries.end());
  node->left = std::move(left);
  node->right = std::move(right);
  node->condition = std::move(condition);
  return node;
}

namespace {

std::string_view alias_of(const PgQuery__Alias* alias) {
  return alias == nullptr ? std::string_view() : std::string_view(alias->aliasname);
}

bool is_named_in(const PgQuery__LockingClause& clause, std::string_view name) {
  if (clause.n_locked_rels == 0) return true;
  return std::ranges::any_of(NodeList{clause.locked_rels, clause.n_locked_rels},
                             [&](const PgQuery__Node* relation) {
                               return std::string_view(relation->range_var->relname) == name;
                             });
}

}  // namespace

ScopeItem Analyzer::item_of(RangeEntry& entry, std::uint32_t number, const PgQuery__Alias* alias) {
  ScopeItem item;
  item.alias = entry.name;
  item.schema = entry.schema;
  item.entry = number;
  const std::size_t named = alias == nullptr ? 0 : alias->n_colnames;
  std::size_t visible = 0;
  for (std::size_t i = 0; i < entry.columns.size(); ++i) {
    const bool is_dropped =
        entry.kind == RangeEntry::Kind::table && entry.table->columns[i].is_dropped;
    if (is_dropped) continue;
    std::string& name = entry.columns[i].name;
    if (visible < named) name = string_of(alias->colnames[visible]);
    item.columns.push_back({name, entry.columns[i].type, number, static_cast<std::uint32_t>(i)});
    ++visible;
  }
  if (named > visible) {
    fail(sqlstate::kInvalidColumnReference,
         "table \"" + entry.name + "\" has " + std::to_string(visible) + " columns available but " +
             std::to_string(named) + " columns specified");
  }
  return item;
}

void Analyzer::add_items(Scope& scope, std::vector<ScopeItem> items, bool lateral) {
  for (ScopeItem& item : items) {
    for (const ScopeItem& other : scope.items) {
      if (!item.alias.empty() && item.alias == other.alias && item.is_relation_visible &&
          other.is_relation_visible &&
          (item.schema == other.schema || item.schema.empty() || other.schema.empty())) {
        fail("42712", "table name \"" + item.alias + "\" specified more than once");
      }
    }
    item.is_lateral_only = lateral;
    scope.items.push_back(std::move(item));
  }
}

FromNodePtr Analyzer::from_list(NodeList nodes, Scope& scope) {
  FromNodePtr whole;
  for (const PgQuery__Node* node : nodes) {
    const std::size_t before = scope.items.size();
    std::vector<ScopeItem> items;
    // What stands to the left is seen from within LATERAL alone.
    for (std::size_t i = 0; i < before; ++i) scope.items[i].is_lateral_only = true;
    FromNodePtr item = from_item(node, scope, items);
    add_items(scope, std::move(items), true);
    whole = whole == nullptr ? std::move(item)
                             : make_join(FromNode::Join::inner, std::move(whole), std::move(item));
  }
  for (ScopeItem& item : scope.items) item.is_lateral_only = false;
  return whole;
}

FromNodePtr Analyzer::from_item(const PgQuery__Node* node, Scope& scope,
                                std::vector<ScopeItem>& items) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR: return from_table(node->range_var, scope, items);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      return from_subquery(node->range_subselect, scope, items);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return from_function(node->range_function, scope, items);
    case PG_QUERY__NODE__NODE_JOIN_EXPR: return from_join(node->join_expr, scope, items);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE: unsupported("TABLESAMPLE");
    default: unsupported("this kind of FROM item");
  }
}

bool Analyzer::from_cte(const PgQuery__RangeVar* node, Scope& scope, std::vector<ScopeItem>& items,
                        std::uint32_t number) {
  if (node->schemaname[0] != '\0') return false;
  std::uint32_t level = 0;
  for (Scope* at = &scope; at != nullptr; at = at->outer, ++level) {
    if (at->query == nullptr) continue;
    for (std::size_t i = at->query->ctes.size(); i > 0; --i) {
      const CommonTable& cte = at->query->ctes[i - 1];
      if (cte.name != node->relname) continue;
      if (cte.columns.empty() && cte.query != nullptr &&
          cte.query->command != Query::Command::select) {
        fail(sqlstate::kFeatureNotSupported,
             "WITH query \"" + cte.name + "\" does not have a RETURNING clause",
             position(node->location));
      }
      auto entry = std::make_unique<RangeEntry>();
      entry->kind = RangeEntry::Kind::cte;
      entry->name = node->alias != nullptr ? node->alias->aliasname : node->relname;
      entry->cte_level = level;
      entry->cte = i - 1;
      entry->is_recursive = cte.is_recursive;
      entry->columns = cte.columns;
      items.push_back(item_of(*entry, number, node->alias));
      add_entry(*scope.query, std::move(entry));
      return true;
    }
  }
  return false;
}

LockMode Analyzer::lock_mode_of(const PgQuery__RangeVar* node) {
  const std::string_view name = node->alias != nullptr ? node->alias->aliasname : node->relname;
  for (const PgQuery__Node* clause : locking_clauses_) {
    if (is_named_in(*clause->locking_clause, name)) return LockMode::row_share;
  }
  return LockMode::access_share;
}

std::shared_ptr<const Table> Analyzer::table_named(const PgQuery__RangeVar* node) {
  std::string schema = node->schemaname;
  std::string name = node->relname;
  if (view_ != nullptr) {
    const auto known =
        std::ranges::find(view_->names, node, &std::pair<const PgQuery__RangeVar*, Oid>::first);
    check(known != view_->names.end(), "a view knows what its names mean");
    const auto meant = catalog_.table(known->second);
    check(meant != nullptr, "a view goes with what it reads");
    schema = meant->schema;
    name = meant->name;
  }
  auto table = catalog_.open_table(schema, name, lock_mode_of(node), position(node->location));
  names_read_.emplace_back(node, table->oid);
  return table;
}

void Analyzer::expand_view(RangeEntry& entry, const PgQuery__RangeVar* node) {
  const Table& table = *entry.table;
  entry.kind = RangeEntry::Kind::subquery;
  entry.name = node->alias != nullptr ? node->alias->aliasname : node->relname;
  if (node->alias == nullptr) entry.schema = table.schema;
  Analyzer analyzer(catalog_, environment_, *table.view->tree);
  entry.subquery = analyzer.view(*table.view);
  const auto columns = entry.subquery->output();
  bool is_same = columns.size() == table.columns.size();
  for (std::size_t i = 0; is_same && i < columns.size(); ++i) {
    is_same = columns[i].type.id == table.columns[i].type.id;
  }
  if (!is_same) unsupported("a view of tables that have got other columns");
  for (const Column& column : table.columns) entry.columns.push_back({column.name, column.type});
}

QueryPtr Analyzer::view(const ViewDefinition& definition) {
  view_ = &definition;
  return select(definition.query, nullptr);
}

FromNodePtr Analyzer::from_table(const PgQuery__RangeVar* node, Scope& scope,
                                 std::vector<ScopeItem>& items) {
  const auto number = static_cast<std::uint32_t>(scope.query->range.size());
  if (from_cte(node, scope, items, number)) return make_leaf(number);
  if (auto system = system_entry(node)) {
    items.push_back(item_of(*system, number, node->alias));
    add_entry(*scope.query, std::move(system));
    return make_leaf(number);
  }
  auto entry = std::make_unique<RangeEntry>();
  entry->table = table_named(node);
  if (entry->table->view != nullptr) {
    expand_view(*entry, node);
    items.push_back(item_of(*entry, number, node->alias));
    add_entry(*scope.query, std::move(entry));
    return make_leaf(number);
  }
  entry->name = node->alias != nullptr ? node->alias->aliasname : node->relname;
  if (node->alias == nullptr) entry->schema = entry->table->schema;
  std::int16_t column_number = 0;
  for (const Column& column : entry->table->columns) {
    entry->columns.push_back({column.name, column.type, entry->table->oid, ++column_number});
  }
  items.push_back(item_of(*entry, number, node->alias));
  add_entry(*scope.query, std::move(entry));
  return make_leaf(number);
}

/// "key text, value jsonb", or "value jsonb": of a single column the values are plain.
void Analyzer::name_set_columns(const SetFunctionRow& function, RangeEntry& entry) {
  std::string_view list = function.columns;
  entry.has_records = list.find(',') != std::string_view::npos;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view column = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (column.starts_with(' ')) column.remove_prefix(1);
    const std::size_t blank = column.find(' ');
    const TypeInfo* type = types().find(column.substr(blank + 1));
    check(type != nullptr, "tables of functions name types that there are");
    entry.columns.push_back({std::string(column.substr(0, blank)), Type{type->id, -1}});
  }
}

/// A table or a view of the catalogue itself; null: it is none.
std::unique_ptr<RangeEntry> Analyzer::system_entry(const PgQuery__RangeVar* node) {
  auto entry = std::make_unique<RangeEntry>();
  entry->name = node->alias != nullptr ? node->alias->aliasname : node->relname;
  if (node->alias == nullptr) {
    entry->schema = node->schemaname[0] == '\0' ? "pg_catalog" : node->schemaname;
  }
  if (const SetFunctionRow* table = find_system_table(node->schemaname, node->relname)) {
    entry->kind = RangeEntry::Kind::function;
    entry->set_function = table;
    entry->site.result = Type{TypeId::record, -1};
    name_set_columns(*table, *entry);
    return entry;
  }
  const std::string_view text = find_system_view(node->schemaname, node->relname);
  if (text.empty()) return nullptr;
  const ParseTree tree(text);
  Analyzer analyzer(catalog_, environment_, tree);
  entry->kind = RangeEntry::Kind::subquery;
  entry->subquery = analyzer.statement(tree.statements()[0]->stmt);
  entry->columns = entry->subquery->output();
  return entry;
}

FromNodePtr Analyzer::from_subquery(const PgQuery__RangeSubselect* node, Scope& scope,
                                    std::vector<ScopeItem>& items) {
  if (node->alias == nullptr) {
    throw SqlError{.sqlstate = std::string(sqlstate::kSyntaxError),
                   .message = "subquery in FROM must have an alias",
                   .hint = "For example, FROM (SELECT ...) [AS] foo."};
  }
  auto entry = std::make_unique<RangeEntry>();
  entry->kind = RangeEntry::Kind::subquery;
  entry->name = alias_of(node->alias);
  entry->is_lateral = node->lateral;
  const bool hidden = std::exchange(scope.is_hidden, !node->lateral);
  const bool lateral = std::exchange(scope.lateral, node->lateral != 0);
  const NodeList locking = std::exchange(locking_clauses_, NodeList{});
  entry->subquery = select(node->subquery->select_stmt, &scope);
  locking_clauses_ = locking;
  scope.is_hidden = hidden;
  scope.lateral = lateral;
  entry->columns = entry->subquery->output();
  const std::uint32_t number = add_entry(*scope.query, std::move(entry));
  items.push_back(item_of(*scope.query->range[number], number, node->alias));
  return make_leaf(number);
}

FromNodePtr Analyzer::from_function(const PgQuery__RangeFunction* node, Scope& scope,
                                    std::vector<ScopeItem>& items) {
  if (node->n_functions != 1) unsupported("ROWS FROM with several functions");
  if (node->n_coldeflist > 0) unsupported("a column definition list");
  const PgQuery__Node* call = node->functions[0]->list->items[0];
  auto entry = std::make_unique<RangeEntry>();
  entry->kind = RangeEntry::Kind::function;
  entry->is_lateral = true;
  entry->has_ordinality = node->ordinality;
  const bool lateral = std::exchange(scope.lateral, true);
  const Clause before = std::exchange(scope.clause, Clause::function_in_from);
  std::string name = name_of_target(call);
  const auto own_name = [&] {
    return node->alias != nullptr ? std::string(alias_of(node->alias)) : name;
  };
  const SetFunctionRow* set_function = nullptr;
  if (call->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
    const PgQuery__FuncCall& function = *call->func_call;
    name = last_name({function.funcname, function.n_funcname});
    const auto candidates = functions_named(name);
    const bool is_set = std::ranges::any_of(candidates, [](const Candidate& candidate) {
      return candidate.kind == Candidate::Kind::set_function;
    });
    if (is_set) {
      auto arguments = expressions({function.args, function.n_args}, scope);
      std::vector<TypeId> given;
      for (const ExpressionPtr& argument : arguments) given.push_back(argument->type.id);
      ChoiceError error = ChoiceError::none;
      const Choice choice = choose_function(types(), name, given, false, error);
      if (error != ChoiceError::none) no_function(name, arguments, error, function.location);
      set_function = choice.candidate->set_function;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        arguments[i] = coerced(std::move(arguments[i]), Type{choice.arguments[i], -1},
                               CastContext::implicit, function.location);
        entry->site.arguments.push_back(arguments[i]->type);
      }
      entry->site.result = Type{choice.result, -1};
      entry->arguments = std::move(arguments);
      entry->set_function = set_function;
    }
  }
  entry->name = own_name();
  if (set_function == nullptr) {
    entry->scalar = expression(call, scope);
    if (entry->scalar->type.id == TypeId::unknown) {
      entry->scalar =
          coerced(std::move(entry->scalar), Type{TypeId::text, -1}, CastContext::implicit, -1);
    }
    entry->columns.push_back({entry->name, entry->scalar->type});
  } else if (set_function->columns.empty()) {
    entry->columns.push_back({entry->name, entry->site.result});
  } else {
    name_set_columns(*set_function, *entry);
  }
  if (entry->has_ordinality) {
    entry->columns.push_back({"ordinality", Type{TypeId::int8, -1}});
  }
  scope.lateral = lateral;
  scope.clause = before;
  const std::uint32_t number = add_entry(*scope.query, std::move(entry));
  items.push_back(item_of(*scope.query->range[number], number, node->alias));
  return make_leaf(number);
}

namespace {

struct Merged {
  std::string name;
  ScopeColumn left;
  ScopeColumn right;
};

const ScopeColumn& column_in(const std::vector<ScopeItem>& items, std::string_view name,
                             std::string_view side) {
  const ScopeColumn* found = nullptr;
  for (const ScopeItem& item : items) {
    if (!item.are_columns_visible) continue;
    for (const ScopeColumn& column : item.columns) {
      if (column.name != name) continue;
      if (found != nullptr) {
        fail(sqlstate::kAmbiguousColumn, "common column name \"" + std::string(name) +
                                             "\" appears more than once in " + std::string(side) +
                                             " table");
      }
      found = &column;
    }
  }
  if (found == nullptr) {
    fail(sqlstate::kUndefinedColumn, "column \"" + std::string(name) +
                                         "\" specified in USING clause does not exist in " +
                                         std::string(side) + " table");
  }
  return *found;
}

/// The names that both sides have, in the left one's order.
std::vector<std::string> natural_names(const std::vector<ScopeItem>& left,
                                       const std::vector<ScopeItem>& right) {
  std::vector<std::string> names;
  for (const ScopeItem& item : left) {
    if (!item.are_columns_visible) continue;
    for (const ScopeColumn& column : item.columns) {
      const bool on_both = std::ranges::any_of(right, [&](const ScopeItem& other) {
        return other.are_columns_visible &&
               std::ranges::find(other.columns, column.name, &ScopeColumn::name) !=
                   other.columns.end();
      });
      if (on_both) names.push_back(column.name);
    }
  }
  return names;
}

FromNode::Join join_of(const PgQuery__JoinExpr& node) {
  switch (node.jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT: return FromNode::Join::left;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT: return FromNode::Join::right;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL: return FromNode::Join::full;
    default: return FromNode::Join::inner;
  }
}

/// Whether all columns that it reads are of these entries, and it reads some.
bool reads_only(ExpressionPtr& expression, const std::vector<std::uint32_t>& entries) {
  bool reads = false;
  bool only = true;
  walk(expression, [&](ExpressionPtr& part) {
    const auto* column = dynamic_cast<const ColumnReference*>(part.get());
    if (column == nullptr || column->level != 0) return true;
    reads = true;
    only = only && std::ranges::find(entries, column->entry) != entries.end();
    return true;
  });
  return reads && only;
}

/// PostgreSQL joins fully by merging or hashing: by an equality of the two sides, or by constants.
void require_full_joinable(ExpressionPtr& condition, const std::vector<std::uint32_t>& left,
                           const std::vector<std::uint32_t>& right) {
  std::vector<ExpressionPtr*> parts = {&condition};
  const auto* both = dynamic_cast<const Boolean*>(condition.get());
  if (both != nullptr && both->operation() == Boolean::Operation::conjunction) {
    parts.clear();
    for (ExpressionPtr& child : condition->children) parts.push_back(&child);
  }
  const auto joins = [&](ExpressionPtr* part) {
    const auto* call = dynamic_cast<const FunctionCall*>(part->get());
    if (call == nullptr || call->name() != "=" || call->children.size() != 2) return false;
    ExpressionPtr& a = (*part)->children[0];
    ExpressionPtr& b = (*part)->children[1];
    return (reads_only(a, left) && reads_only(b, right)) ||
           (reads_only(a, right) && reads_only(b, left));
  };
  const auto is_constant = [](ExpressionPtr* part) {
    return dynamic_cast<const Constant*>(part->get()) != nullptr;
  };
  if (std::ranges::any_of(parts, joins) || std::ranges::all_of(parts, is_constant)) return;
  fail(sqlstate::kFeatureNotSupported,
       "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions");
}

}  // namespace

FromNodePtr Analyzer::from_join(const PgQuery__JoinExpr* node, Scope& scope,
                                std::vector<ScopeItem>& items) {
  if (node->join_using_alias != nullptr) unsupported("an alias of USING");
  const FromNode::Join join = join_of(*node);
  std::vector<ScopeItem> left_items;
  FromNodePtr left = from_item(node->larg, scope, left_items);
  // The right side sees the left one's columns through LATERAL.
  const std::size_t before = scope.items.size();
  for (const ScopeItem& item : left_items) {
    scope.items.push_back(item);
    scope.items.back().is_lateral_only = true;
  }
  std::vector<ScopeItem> right_items;
  FromNodePtr right = from_item(node->rarg, scope, right_items);
  scope.items.resize(before);

  std::vector<std::string> names;
  if (node->is_natural) {
    names = natural_names(left_items, right_items);
  } else {
    for (std::size_t i = 0; i < node->n_using_clause; ++i) {
      names.emplace_back(string_of(node->using_clause[i]));
    }
  }
  ScopeItem whole;
  std::vector<ExpressionPtr> equalities;
  for (const std::string& name : names) {
    const ScopeColumn& of_left = column_in(left_items, name, "left");
    const ScopeColumn& of_right = column_in(right_items, name, "right");
    std::vector<ExpressionPtr> sides;
    sides.push_back(reference(of_left, 0));
    sides.push_back(reference(of_right, 0));
    equalities.push_back(call_operator("=", std::move(sides), -1));
    ScopeColumn merged = join == FromNode::Join::right ? of_right : of_left;
    if (join == FromNode::Join::full) {
      merged.has_second = true;
      merged.second_entry = of_right.entry;
      merged.second_column = of_right.column;
      merged.second_type = of_right.type;
    }
    merged.name = name;
    whole.columns.push_back(std::move(merged));
  }
  for (const auto* side : {&left_items, &right_items}) {
    for (const ScopeItem& item : *side) {
      if (!item.are_columns_visible) continue;
      for (const ScopeColumn& column : item.columns) {
        if (std::ranges::find(names, column.name) == names.end()) whole.columns.push_back(column);
      }
    }
  }
  ExpressionPtr condition;
  if (equalities.size() == 1) condition = std::move(equalities[0]);
  if (equalities.size() > 1) {
    condition = std::make_unique<Boolean>(Boolean::Operation::conjunction, std::move(equalities));
  }
  if (node->quals != nullptr) {
    // ON sees the two sides, and what is around the query.
    Scope inner;
    inner.outer = scope.outer;
    inner.query = scope.query;
    for (const auto* side : {&left_items, &right_items}) {
      for (const ScopeItem& item : *side) inner.items.push_back(item);
    }
    condition = boolean(node->quals, inner, Clause::join_on);
  }
  if (join == FromNode::Join::full && condition != nullptr) {
    require_full_joinable(condition, left->entries, right->entries);
  }
  whole.alias = alias_of(node->alias);
  whole.is_relation_visible = node->alias != nullptr;
  if (node->alias != nullptr) {
    for (std::size_t i = 0; i < node->alias->n_colnames && i < whole.columns.size(); ++i) {
      whole.columns[i].name = string_of(node->alias->colnames[i]);
    }
  }
  for (auto* side : {&left_items, &right_items}) {
    for (ScopeItem& item : *side) {
      item.are_columns_visible = false;
      if (node->alias != nullptr) item.is_relation_visible = false;
      items.push_back(std::move(item));
    }
  }
  items.push_back(std::move(whole));
  return make_join(join, std::move(left), std::move(right), std::move(condition));
}

}  // namespace firedrill::sim::postgres
