#include <algorithm>

#include "sim/postgres/query/resolve.h"
#include "sim/postgres/query/volatility.h"
#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

namespace {

/// That a column has a NULL where it may have none.
[[noreturn]] void fail_null(const Table& table, const std::string& column) {
  throw SqlError{.sqlstate = std::string(sqlstate::kNotNullViolation),
                 .message = "column \"" + column + "\" of relation \"" + table.name +
                            "\" contains null values",
                 .schema = table.schema,
                 .table = table.name,
                 .column = column};
}

/// Of keys on the same columns the first stays, and takes the name of another if it was given none.
void merge_keys(Table& table, const std::vector<std::string>& named) {
  const auto constraint_of = [&](const TableIndex& index) {
    return std::ranges::find(table.constraints, index.oid, &Constraint::index);
  };
  const auto is_named = [&](const std::string& name) {
    return std::ranges::find(named, name) != named.end();
  };
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    for (std::size_t k = i + 1; k < table.indexes.size();) {
      const auto first = constraint_of(table.indexes[i]);
      const auto second = constraint_of(table.indexes[k]);
      const bool is_same =
          first->columns == second->columns && first->is_deferrable == second->is_deferrable &&
          first->is_initially_deferred == second->is_initially_deferred &&
          table.indexes[i].nulls_not_distinct == table.indexes[k].nulls_not_distinct;
      if (!is_same) {
        ++k;
        continue;
      }
      if (!is_named(first->name) && is_named(second->name)) {
        first->name = table.indexes[i].name = second->name;
      }
      table.constraints.erase(second);
      table.indexes.erase(table.indexes.begin() + static_cast<std::ptrdiff_t>(k));
    }
  }
}

}  // namespace

void Session::create_table(const std::shared_ptr<const ParseTree>& tree,
                           const PgQuery__CreateStmt& node) {
  if (node.n_inh_relations > 0) unsupported("INHERITS");
  if (node.partspec != nullptr || node.partbound != nullptr) unsupported("a partitioned table");
  if (node.relation->relpersistence[0] == 't') unsupported("a temporary table");
  if (node.of_typename != nullptr) unsupported("OF");
  Table table;
  table.schema = schema_for(node.relation->schemaname);
  table.name = node.relation->relname;
  if (name_is_taken(table.schema, table.name)) {
    relation_exists(table.name, node.if_not_exists);
    return;
  }
  table.oid = shared_.catalog.next_oid();
  table.heap = std::make_shared<Heap>(table.oid, shared_.storage);
  for (std::size_t i = 0; i < node.n_table_elts; ++i) {
    const PgQuery__Node* element = node.table_elts[i];
    if (element->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
      add_column(tree, *element->column_def, table, nullptr);
    } else if (element->node_case != PG_QUERY__NODE__NODE_CONSTRAINT) {
      unsupported("LIKE");
    }
  }
  // Defaults that cannot be are refused here, though they are computed later.
  Analyzer analyzer(*this, *this, *tree);
  for (const Column& column : table.columns) check_column_rules(analyzer, table, column);
  // Keys first, as PostgreSQL makes them.
  const auto is_index = [](const PgQuery__Constraint& constraint) {
    return constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
           constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
  };
  const auto is_reference = [](const PgQuery__Constraint& constraint) {
    return constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
  };
  std::vector<std::string> named;
  for (const int pass : {0, 1, 2}) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < node.n_table_elts; ++i) {
      const PgQuery__Node* element = node.table_elts[i];
      const auto add = [&](const PgQuery__Constraint& constraint, std::optional<std::size_t> of,
                           NodeList after) {
        const int when = is_index(constraint) ? 1 : is_reference(constraint) ? 2 : 0;
        if (when != pass) return;
        add_constraint(tree, constraint, table, of, after);
        if (pass == 1 && constraint.conname[0] != '\0') named.push_back(constraint.conname);
      };
      if (element->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
        add(*element->constraint, std::nullopt, {});
        continue;
      }
      const PgQuery__ColumnDef& definition = *element->column_def;
      for (std::size_t k = 0; k < definition.n_constraints; ++k) {
        add(*definition.constraints[k]->constraint, column,
            NodeList{definition.constraints, definition.n_constraints}.subspan(k + 1));
      }
      ++column;
    }
    // The primary key's comes first, wherever it stands.
    std::ranges::stable_partition(table.indexes, &TableIndex::is_primary);
    if (pass == 1) merge_keys(table, named);
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

/// Of IF EXISTS: says so.
bool Session::is_missing(const PgQuery__RangeVar& relation) {
  std::vector<std::string> path = {relation.schemaname};
  if (path[0].empty()) path = search_path();
  const bool is_there = std::ranges::any_of(
      path, [&](const std::string& schema) { return name_is_taken(schema, relation.relname); });
  if (!is_there) {
    say_notice("relation \"" + std::string(relation.relname) + "\" does not exist, skipping");
  }
  return !is_there;
}

/// That the rows which are there keep to a constraint which is new.
void Session::check_rows(const Table& table, const Constraint& made) {
  if (made.kind == Constraint::Kind::check) {
    Analyzer analyzer(*this, *this, *made.expression.tree);
    const ExpressionPtr check_made =
        analyzer.table_expression(made.expression, table, Clause::check_constraint);
    ++actor_.command;
    const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
    Execution execution(*this, snapshot, {});
    table.heap->scan(snapshot, actor_, [&](Version& version) {
      const Slot slot{version.values.data(), &version};
      const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
      const Value value = check_made->evaluate(frame);
      if (!value.is_null() && !value.boolean()) {
        throw SqlError{.sqlstate = std::string(sqlstate::kCheckViolation),
                       .message = "check constraint \"" + made.name + "\" of relation \"" +
                                  table.name + "\" is violated by some row",
                       .schema = table.schema,
                       .table = table.name,
                       .constraint = made.name};
      }
      return true;
    });
  }
  if (made.kind == Constraint::Kind::foreign_key) {
    const auto current = std::make_shared<const Table>(table);
    const Snapshot snapshot = shared_.storage.transactions.snapshot(++actor_.command);
    table.heap->scan(snapshot, actor_, [&](Version& version) {
      check_reference({current, nullptr, &version}, made);
      return true;
    });
  }
}

void Session::alter_table(const std::shared_ptr<const ParseTree>& tree,
                          const PgQuery__AlterTableStmt& node) {
  if (node.missing_ok && is_missing(*node.relation)) return;
  const auto before =
      open_table(node.relation->schemaname, node.relation->relname, LockMode::access_exclusive, 0);
  require_no_checks(*before, "ALTER TABLE");
  require_no_view(*before, "ALTER TABLE");
  Table table = *before;
  Analyzer analyzer(*this, *this, *tree);
  const auto column_named = [&](std::string_view name) {
    const auto column = table.find_column(name);
    if (!column) {
      fail(sqlstate::kUndefinedColumn, "column \"" + std::string(name) + "\" of relation \"" +
                                           table.name + "\" does not exist");
    }
    return *column;
  };
  const auto each_row = [&](const std::function<void(Version&, bool)>& visit) {
    const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
    table.heap->scan_all(snapshot, actor_, [&](Version& version, bool is_visible) {
      visit(version, is_visible);
      return true;
    });
  };
  for (std::size_t i = 0; i < node.n_cmds; ++i) {
    const PgQuery__AlterTableCmd& command = *node.cmds[i]->alter_table_cmd;
    /// With what depends on it: in the catalogue, as that may be in other tables.
    const auto drop_part = [&](const ObjectAddress& part) {
      shared_.catalog.put_table(std::make_shared<const Table>(table), actor_.current, counts());
      drop_objects({part}, command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
      table = *shared_.catalog.table(table.oid, counts());
    };
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn: {
        const PgQuery__ColumnDef& definition = *command.def->column_def;
        if (command.missing_ok && table.find_column(definition.colname)) {
          say_notice("column \"" + std::string(definition.colname) + "\" of relation \"" +
                         table.name + "\" already exists, skipping",
                     sqlstate::kDuplicateColumn);
          break;
        }
        add_column(tree, definition, table, nullptr);
        const std::size_t index = table.columns.size() - 1;
        const Column& column = table.columns[index];
        ExpressionPtr value;
        if (column.default_value) {
          value = analyzer.assigned(
              analyzer.table_expression(column.default_value, table, Clause::default_value),
              column.type, column.name, "default expression", false);
        }
        check_column_rules(analyzer, table, column);
        if (column.identity != '\0') {
          value = analyzer.assigned(
              std::make_unique<NextValue>(Type{TypeId::int8, -1}, column.sequence), column.type,
              column.name);
        }
        if (column.generated) {
          value = analyzer.assigned(
              analyzer.table_expression(column.generated, table, Clause::generated), column.type,
              column.name);
        }
        Execution execution(*this, shared_.storage.transactions.snapshot(actor_.command), {});
        each_row([&](Version& version, bool is_visible) {
          version.values.resize(index + 1);
          version.values[index] = {};
          // Older snapshots see the default, too; what is computed from rows, of current ones only.
          if (!is_visible && (column.identity != '\0' || column.generated)) return;
          const Slot slot{version.values.data(), &version};
          const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
          if (value != nullptr) version.values[index] = value->evaluate(frame);
          if (is_visible && column.not_null && version.values[index].is_null()) {
            fail_null(table, column.name);
          }
        });
        for (std::size_t k = 0; k < definition.n_constraints; ++k) {
          const std::size_t had = table.constraints.size();
          add_constraint(tree, *definition.constraints[k]->constraint, table, index,
                         NodeList{definition.constraints, definition.n_constraints}.subspan(k + 1));
          if (table.constraints.size() > had) check_rows(table, table.constraints.back());
        }
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn: {
        if (command.missing_ok && !table.find_column(command.name)) {
          say_notice("column \"" + std::string(command.name) + "\" of relation \"" + table.name +
                     "\" does not exist, skipping");
          break;
        }
        drop_part({ObjectAddress::Kind::relation, table.oid, column_named(command.name) + 1});
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint: {
        const PgQuery__Constraint& constraint = *command.def->constraint;
        const std::size_t had = table.constraints.size();
        add_constraint(tree, constraint, table, std::nullopt);
        if (table.constraints.size() == had) break;
        check_rows(table, table.constraints.back());
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint: {
        const auto found = std::ranges::find(table.constraints, command.name, &Constraint::name);
        if (found == table.constraints.end()) {
          const std::string missing = "constraint \"" + std::string(command.name) +
                                      "\" of relation \"" + table.name + "\" does not exist";
          if (!command.missing_ok) fail(sqlstate::kUndefinedObject, missing);
          say_notice(missing + ", skipping");
          break;
        }
        drop_part({ObjectAddress::Kind::constraint, found->oid, 0});
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint:
        alter_constraint(*command.def->constraint, table);
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull: {
        const std::size_t column = column_named(command.name);
        const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
        table.heap->scan(snapshot, actor_, [&](Version& version) {
          if (version.values[column].is_null()) {
            fail_null(table, table.columns[column].name);
          }
          return true;
        });
        table.columns[column].not_null = true;
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull: {
        const std::size_t column = column_named(command.name);
        if (table.columns[column].identity != '\0') {
          fail(sqlstate::kSyntaxError, "column \"" + std::string(command.name) +
                                           "\" of relation \"" + table.name +
                                           "\" is an identity column");
        }
        for (const Constraint& each : table.constraints) {
          if (each.kind == Constraint::Kind::primary_key &&
              std::ranges::find(each.columns, column) != each.columns.end()) {
            fail("42P16", "column \"" + std::string(command.name) + "\" is in a primary key");
          }
        }
        table.columns[column].not_null = false;
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault: {
        Column& column = table.columns[column_named(command.name)];
        if (column.identity != '\0') {
          throw SqlError{
              .sqlstate = std::string(sqlstate::kSyntaxError),
              .message = "column \"" + column.name + "\" of relation \"" + table.name +
                         "\" is an identity column",
              .hint = command.def != nullptr
                          ? ""
                          : "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."};
        }
        if (column.generated) {
          throw SqlError{
              .sqlstate = std::string(sqlstate::kSyntaxError),
              .message = "column \"" + column.name + "\" of relation \"" + table.name +
                         "\" is a generated column",
              .hint = command.def != nullptr
                          ? ""
                          : "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead."};
        }
        column.default_value = {};
        if (command.def != nullptr) column.default_value = {tree, command.def};
        check_column_rules(analyzer, table, column);
        break;
      }
      default: unsupported("this ALTER TABLE command");
    }
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

void Session::truncate(const PgQuery__TruncateStmt& node) {
  std::vector<std::shared_ptr<const Table>> wanted;
  const auto is_wanted = [&](Oid oid) {
    return std::ranges::any_of(wanted, [&](const auto& table) { return table->oid == oid; });
  };
  for (std::size_t i = 0; i < node.n_relations; ++i) {
    const PgQuery__RangeVar& relation = *node.relations[i]->range_var;
    auto table = open_table(relation.schemaname, relation.relname, LockMode::access_exclusive, 0);
    if (!is_wanted(table->oid)) wanted.push_back(std::move(table));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Oid oid = wanted[i]->oid;
    auto others = shared_.catalog.tables(counts());
    std::ranges::sort(others, {}, &Table::oid);
    for (const auto& other : others) {
      const bool refers = std::ranges::any_of(other->constraints, [&](const Constraint& each) {
        return each.kind == Constraint::Kind::foreign_key && each.referred == oid;
      });
      if (!refers || is_wanted(other->oid)) continue;
      if (node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE) {
        wanted.push_back(open_table(other->schema, other->name, LockMode::access_exclusive, 0));
        say_notice("truncate cascades to table \"" + other->name + "\"");
        continue;
      }
      throw SqlError{
          .sqlstate = std::string(sqlstate::kFeatureNotSupported),
          .message = "cannot truncate a table referenced in a foreign key constraint",
          .detail = "Table \"" + other->name + "\" references \"" + wanted[i]->name + "\".",
          .hint = "Truncate table \"" + other->name +
                  "\" at the same time, or use TRUNCATE ... CASCADE."};
    }
  }
  for (const auto& table : wanted) {
    note_emptied(table);
    truncate(*table, node.restart_seqs);
  }
}

/// A new, empty heap: the old one comes back where the transaction is rolled back.
void Session::truncate(const Table& before, bool restarts_sequences) {
  require_no_checks(before, "TRUNCATE");
  require_no_view(before, "TRUNCATE");
  // Its indexes are made anew, for which PostgreSQL locks it in that mode, too.
  const LockTag tag{LockTag::Kind::relation, before.oid, 0};
  shared_.locks.acquire(actor_.backend, tag, LockMode::share, WaitPolicy::block, actor_.owner);
  Table table = before;
  table.heap = std::make_shared<Heap>(shared_.catalog.next_oid(), shared_.storage);
  for (TableIndex& index : table.indexes) {
    index.entries = std::make_shared<Index>(index.entries->columns(), shared_.types);
  }
  if (restarts_sequences) {
    for (const Column& column : table.columns) {
      if (column.sequence == 0) continue;
      const auto found = shared_.catalog.sequence(column.sequence, counts());
      if (found == nullptr) continue;  // it was dropped, and the column's default with it
      Sequence sequence = *found;
      sequence.state =
          std::make_shared<Sequence::State>(Sequence::State{sequence.definition.start, false});
      shared_.catalog.put_sequence(std::make_shared<const Sequence>(std::move(sequence)),
                                   actor_.current, counts());
    }
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

void Session::lock(const PgQuery__LockStmt& node) {
  require_block("LOCK TABLE");
  for (std::size_t i = 0; i < node.n_relations; ++i) {
    const PgQuery__RangeVar& relation = *node.relations[i]->range_var;
    const auto mode = static_cast<LockMode>(node.mode - 1);
    // Standbys hear of such a lock, before it is waited for (LogAccessExclusiveLockPrepare()).
    if (mode == LockMode::access_exclusive) actor_.need_number();
    open_table(relation.schemaname, relation.relname, mode, 0,
               node.nowait ? WaitPolicy::error : WaitPolicy::block);
  }
}

}  // namespace firedrill::sim::postgres
