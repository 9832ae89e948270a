#include <algorithm>

#include "sim/postgres/query/resolve.h"
#include "sim/postgres/query/volatility.h"
#include "sim/postgres/session.h"
#include "sim/postgres/storage/unique.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

/// What a column is given without being asked fits it, and is always the same.
void Session::check_column_rules(Analyzer& analyzer, const Table& table, const Column& column) {
  if (column.default_value) {
    analyzer.assigned(analyzer.table_expression(column.default_value, table, Clause::default_value),
                      column.type, column.name, "default expression", false);
  }
  if (column.generated) {
    const ExpressionPtr made =
        analyzer.assigned(analyzer.table_expression(column.generated, table, Clause::generated),
                          column.type, column.name, "default expression", false);
    if (!is_immutable(*made, *this)) fail("42P17", "generation expression is not immutable");
  }
}

/// Whether somebody may still see it, though another version has taken its place in all indexes
/// (heapam_index_build_range_scan()).
bool Session::breaks_chain(const Version& version) const {
  if (version.newer == nullptr || version.newer->hot_from != &version) return false;
  const Transactions& transactions = shared_.storage.transactions;
  if (shared_.storage.is_current(version.xmax, actor_.top)) return true;
  if (transactions.state(version.xmax) != Transactions::State::committed) return false;
  return std::ranges::any_of(shared_.sessions, [&](const auto& each) {
    const std::optional<Xid> oldest = each.second->oldest_seen();
    return oldest && *oldest <= version.xmax;
  });
}

void Session::fill_index(const Table& table, TableIndex& index) {
  // Computed as for new rows.
  const auto nothing = shared_.parses.parsed("SELECT 1");
  Analyzer analyzer(*this, *this, *nothing);
  std::vector<ExpressionPtr> parts;
  for (const TableIndex::Part& part : index.parts) {
    parts.push_back(part.column >= 0 ? nullptr
                                     : analyzer.table_expression(part.expression, table,
                                                                 Clause::index_expression));
  }
  ExpressionPtr condition;
  if (index.condition) {
    condition = analyzer.table_expression(index.condition, table, Clause::index_predicate);
  }
  ++actor_.command;
  const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
  Execution execution(*this, snapshot, {});
  // With the versions that only older snapshots see: these will look for them here, too.
  table.heap->scan_all(snapshot, actor_, [&](Version& version, bool is_visible) {
    const Transactions& transactions = shared_.storage.transactions;
    if (transactions.state(version.xmin) == Transactions::State::aborted) return true;
    if (breaks_chain(version)) index.usable_after = actor_.current;
    const Slot slot{version.values.data(), &version};
    const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
    if (condition != nullptr && !is_true(condition->evaluate(frame))) return true;
    Row key;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      key.push_back(parts[i] != nullptr
                        ? parts[i]->evaluate(frame)
                        : version.values[static_cast<std::size_t>(index.parts[i].column)]);
    }
    if (index.is_unique && is_visible &&
        find_conflict(actor_, *table.heap, *index.entries, key, &version,
                      index.nulls_not_distinct) != nullptr) {
      std::string columns;
      std::string values;
      for (std::size_t i = 0; i < key.size(); ++i) {
        if (i > 0) {
          columns += ", ";
          values += ", ";
        }
        columns += index.parts[i].column >= 0
                       ? table.columns[static_cast<std::size_t>(index.parts[i].column)].name
                       : text_of(index.parts[i].expression);
        values += key[i].is_null() ? "null" : to_text(*this, index.parts[i].type.id, key[i]);
      }
      throw SqlError{.sqlstate = std::string(sqlstate::kUniqueViolation),
                     .message = "could not create unique index \"" + index.name + "\"",
                     .detail = "Key (" + columns + ")=(" + values + ") is duplicated.",
                     .schema = table.schema,
                     .table = table.name,
                     .constraint = index.name};
    }
    index.entries->insert(std::move(key), &version);
    return true;
  });
}

void Session::add_index(Table& table, TableIndex index) {
  std::vector<IndexColumn> columns;
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const TableIndex::Part& part = index.parts[i];
    columns.push_back(
        {static_cast<std::uint32_t>(i), part.type.id, part.descending, part.nulls_first});
  }
  index.entries = std::make_shared<Index>(std::move(columns), shared_.types);
  fill_index(table, index);
  table.indexes.push_back(std::move(index));
}

void Session::create_index(const std::shared_ptr<const ParseTree>& tree,
                           const PgQuery__IndexStmt& node) {
  if (node.concurrent) unsupported("CREATE INDEX CONCURRENTLY");
  const std::string_view method = node.access_method;
  if (!method.empty() && method != "btree") unsupported("an index by " + std::string(method));
  const auto before =
      open_table(node.relation->schemaname, node.relation->relname, LockMode::share, 0);
  require_no_view(*before, "CREATE INDEX");
  Table table = *before;
  TableIndex index;
  index.oid = shared_.catalog.next_oid();
  index.is_unique = node.unique;
  index.nulls_not_distinct = node.nulls_not_distinct;
  Analyzer analyzer(*this, *this, *tree);
  // All is looked at before any of it is found to change by itself.
  ExpressionPtr condition;
  if (node.where_clause != nullptr) {
    index.condition = {tree, node.where_clause};
    condition = analyzer.as_condition(
        analyzer.table_expression(index.condition, table, Clause::index_predicate), "WHERE");
  }
  for (std::size_t i = 0; i < node.n_index_params; ++i) {
    const PgQuery__IndexElem& element = *node.index_params[i]->index_elem;
    if (element.name[0] != '\0') continue;
    analyzer.table_expression({tree, element.expr}, table, Clause::index_expression);
  }
  if (condition != nullptr && !is_immutable(*condition, *this)) {
    fail("42P17", "functions in index predicate must be marked IMMUTABLE");
  }
  std::string columns;
  for (std::size_t i = 0; i < node.n_index_params; ++i) {
    const PgQuery__IndexElem& element = *node.index_params[i]->index_elem;
    if (element.n_opclass > 0) unsupported("an operator class");
    TableIndex::Part part;
    part.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    part.nulls_first = element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT &&
                        part.descending);
    if (element.name[0] != '\0') {
      const auto column = table.find_column(element.name);
      if (!column) {
        fail(sqlstate::kUndefinedColumn,
             "column \"" + std::string(element.name) + "\" does not exist");
      }
      part.column = static_cast<std::int32_t>(*column);
      part.type = table.columns[*column].type;
      columns += "_" + std::string(element.name);
    } else {
      part.expression = {tree, element.expr};
      const ExpressionPtr made =
          analyzer.table_expression(part.expression, table, Clause::index_expression);
      if (!is_immutable(*made, *this)) {
        fail("42P17", "functions in index expression must be marked IMMUTABLE");
      }
      if (made->type.id == TypeId::unknown) {
        throw SqlError{
            .sqlstate = std::string(sqlstate::kUndefinedObject),
            .message =
                "data type unknown has no default operator class for access method \"btree\"",
            .hint =
                "You must specify an operator class for the index or define a default operator "
                "class for the data type."};
      }
      part.type = made->type;
      part.name = name_of_target(element.expr);
      if (part.name == "?column?") part.name = "expr";
      columns += "_" + (name_of_target(element.expr) == "?column?" ? "expr"
                                                                   : name_of_target(element.expr));
    }
    index.parts.push_back(std::move(part));
  }
  for (std::size_t i = 0; i < node.n_index_including_params; ++i) {
    const auto column = table.find_column(node.index_including_params[i]->index_elem->name);
    if (!column) fail(sqlstate::kUndefinedColumn, "column does not exist");
    index.included.push_back(*column);
  }
  index.name = node.idxname;
  if (index.name.empty()) {
    index.name = free_name(table, table.name + columns + "_idx");
  } else if (name_is_taken(table.schema, index.name)) {
    relation_exists(index.name, node.if_not_exists);
    return;
  }
  wait_for_name(table, index.name);
  add_index(table, std::move(index));
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

}  // namespace firedrill::sim::postgres
