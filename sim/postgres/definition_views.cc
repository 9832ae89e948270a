#include <algorithm>

#include "sim/postgres/definition.h"
#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

namespace {

/// Which columns of which tables a query reads, at any depth; a table's own number for one of which
/// it may read none.
class Reads {
 public:
  explicit Reads(std::vector<std::pair<Oid, std::size_t>>& into) : into_(into) {}

  void of(Query& query) {
    walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
      if (const auto* column = dynamic_cast<const ColumnReference*>(part.get())) {
        if (column->level == depth) add(*query.range[column->entry], column->column);
      }
      if (const auto* row = dynamic_cast<const WholeRow*>(part.get())) {
        if (row->level == depth) add_all(*query.range[row->entry]);
      }
      auto* inner = dynamic_cast<Subquery*>(part.get());
      if (inner != nullptr && depth == 0) of(*inner->query);
      return true;
    });
    for (const auto& entry : query.range) {
      if (entry->kind == RangeEntry::Kind::subquery && entry->table == nullptr) {
        of(*entry->subquery);
      }
    }
    for (const CommonTable& common : query.ctes) {
      if (common.query != nullptr) of(*common.query);
    }
    for (Query* side : {query.left.get(), query.right.get()}) {
      if (side != nullptr) of(*side);
    }
  }

 private:
  void add(const RangeEntry& entry, std::size_t column) {
    if (entry.table == nullptr) return;
    const std::pair<Oid, std::size_t> one{entry.table->oid, column};
    if (std::ranges::find(into_, one) == into_.end()) into_.push_back(one);
  }
  void add_all(const RangeEntry& entry) {
    for (std::size_t i = 0; i < entry.columns.size(); ++i) add(entry, i);
  }

  std::vector<std::pair<Oid, std::size_t>>& into_;
};

}  // namespace

void Session::create_view(const std::shared_ptr<const ParseTree>& tree,
                          const PgQuery__ViewStmt& node) {
  if (node.view->relpersistence[0] == 't') unsupported("a temporary view");
  if (node.n_options > 0) unsupported("options of a view");
  if (node.with_check_option != PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION) {
    unsupported("WITH CHECK OPTION");
  }
  Analyzer analyzer(*this, *this, *tree);
  QueryPtr query = analyzer.statement(node.query);
  auto definition = std::make_shared<ViewDefinition>();
  definition->tree = tree;
  definition->query = node.query->select_stmt;
  definition->names = analyzer.names_read();
  Reads(definition->uses).of(*query);
  constexpr auto kWhole = static_cast<std::size_t>(-1);
  for (const auto& [name, oid] : definition->names) definition->uses.emplace_back(oid, kWhole);
  Table view;
  view.schema = schema_for(node.view->schemaname);
  view.name = node.view->relname;
  const auto columns = query->output();
  if (node.n_aliases > columns.size()) {
    fail(sqlstate::kSyntaxError, "CREATE VIEW specifies more column names than columns");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column column;
    column.name = i < node.n_aliases ? std::string(string_of(node.aliases[i])) : columns[i].name;
    column.type = columns[i].type;
    if (view.find_column(column.name)) {
      fail(sqlstate::kDuplicateColumn, "column \"" + column.name + "\" specified more than once");
    }
    view.columns.push_back(std::move(column));
  }
  view.view = std::move(definition);
  const auto before = shared_.catalog.find_table(view.schema, view.name, counts());
  if (before != nullptr && before->view != nullptr && node.replace) {
    replace_view(*before, view);
  } else if (name_is_taken(view.schema, view.name)) {
    relation_exists(view.name, false);
  } else {
    view.oid = shared_.catalog.next_oid();
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(view)), actor_.current,
                            counts());
}

/// What it had stays; more may come after it.
void Session::replace_view(const Table& before, Table& view) {
  if (view.columns.size() < before.columns.size()) {
    fail(sqlstate::kInvalidTableDefinition, "cannot drop columns from view");
  }
  for (std::size_t i = 0; i < before.columns.size(); ++i) {
    const Column& old = before.columns[i];
    const Column& now = view.columns[i];
    if (old.name != now.name) {
      throw SqlError{.sqlstate = std::string(sqlstate::kInvalidTableDefinition),
                     .message = "cannot change name of view column \"" + old.name + "\" to \"" +
                                now.name + "\"",
                     .hint =
                         "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column "
                         "instead."};
    }
    if (old.type.id != now.type.id || old.type.modifier != now.type.modifier) {
      fail(sqlstate::kInvalidTableDefinition, "cannot change data type of view column \"" +
                                                  old.name + "\" from " + title(old.type) + " to " +
                                                  title(now.type));
    }
  }
  open_table(before.schema, before.name, LockMode::access_exclusive, 0);
  view.oid = before.oid;
}

void Session::require_no_view(const Table& table, std::string_view what) const {
  if (table.view != nullptr) unsupported(std::string(what) + " of a view");
}

void Session::comment(const PgQuery__CommentStmt& node) {
  if (node.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
      node.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) {
    unsupported("COMMENT ON of anything but tables and columns");
  }
  const bool is_column = node.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
  std::vector<std::string> names = names_of({node.object->list->items, node.object->list->n_items});
  std::string column;
  if (is_column) {
    column = names.back();
    names.pop_back();
  }
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : "";
  const auto table = open_table(schema, names.back(), LockMode::share_update_exclusive, 0);
  Table changed = *table;
  if (!is_column) {
    changed.comment = node.comment;
  } else {
    const auto found = table->find_column(column);
    if (!found) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + column + "\" of relation \"" + table->name + "\" does not exist");
    }
    changed.columns[*found].comment = node.comment;
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(changed)), actor_.current,
                            counts());
}

void Session::rename(const PgQuery__RenameStmt& node, StatementResult& result) {
  const bool is_column = node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
  const bool is_constraint = node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT;
  const bool is_table = node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
  if (!is_column && !is_constraint && !is_table) unsupported("this RENAME");
  result.tag = "ALTER TABLE";
  if (node.missing_ok && is_missing(*node.relation)) return;
  const auto before =
      open_table(node.relation->schemaname, node.relation->relname, LockMode::access_exclusive, 0);
  require_no_checks(*before, "ALTER TABLE");
  require_no_view(*before, "RENAME");
  // Expressions are kept as they were written, by names: what has some is not renamed.
  const bool has_expressions =
      std::ranges::any_of(
          before->constraints,
          [](const Constraint& each) { return static_cast<bool>(each.expression); }) ||
      std::ranges::any_of(before->columns,
                          [](const Column& each) { return static_cast<bool>(each.generated); }) ||
      std::ranges::any_of(before->indexes, [](const TableIndex& index) {
        return index.condition || std::ranges::any_of(index.parts, [](const auto& part) {
                 return static_cast<bool>(part.expression);
               });
      });
  Table table = *before;
  const std::string to = node.newname;
  if (is_table) {
    if (name_is_taken(table.schema, to)) relation_exists(to, false);
    table.name = to;
  } else if (is_column) {
    const auto column = table.find_column(node.subname);
    if (!column) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + std::string(node.subname) + "\" does not exist");
    }
    if (table.find_column(to)) {
      fail(sqlstate::kDuplicateColumn,
           "column \"" + to + "\" of relation \"" + table.name + "\" already exists");
    }
    if (has_expressions) unsupported("RENAME of a column beside stored expressions");
    for (const auto& other : shared_.catalog.tables(counts())) {
      if (other->view == nullptr) continue;
      const auto& uses = other->view->uses;
      const bool reads =
          std::ranges::any_of(uses, [&](const auto& use) { return use.first == table.oid; });
      if (reads) unsupported("RENAME of a column that a view reads");
    }
    table.columns[*column].name = to;
  } else {
    const auto found = std::ranges::find(table.constraints, node.subname, &Constraint::name);
    if (found == table.constraints.end()) {
      fail(sqlstate::kUndefinedObject, "constraint \"" + std::string(node.subname) +
                                           "\" for table \"" + table.name + "\" does not exist");
    }
    for (TableIndex& index : table.indexes) {
      if (index.oid == found->index) index.name = to;
    }
    found->name = to;
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

}  // namespace firedrill::sim::postgres
