#include <algorithm>
#include <string>
#include <vector>

#include "sim/postgres/session.h"

/// What depends on what is dropped: it stands in the way, or goes with it.
namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void refuse_drop(const std::string& what, const std::string& needed,
                              const std::vector<std::string>& dependents) {
  std::string detail;
  for (const std::string& each : dependents) {
    if (!detail.empty()) detail += '\n';
    detail += each + " depends on " + needed;
  }
  throw SqlError{.sqlstate = "2BP01",
                 .message = "cannot drop " + what + " because other objects depend on it",
                 .detail = detail,
                 .hint = "Use DROP ... CASCADE to drop the dependent objects too."};
}

bool has(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::ranges::find(columns, column) != columns.end();
}

std::string column_of(const Table& table, std::size_t column) {
  return "column " + table.columns[column].name + " of table " + table.name;
}

}  // namespace

bool Session::uses_column(const StoredExpression& expression, const Table& table,
                          std::size_t column) {
  if (!expression) return false;
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *expression.tree, none);
  ExpressionPtr made = analyzer.table_expression(expression, table, Clause::check_constraint);
  bool uses = false;
  walk(made, [&](ExpressionPtr& part) {
    const auto* reference = dynamic_cast<const ColumnReference*>(part.get());
    uses = uses || (reference != nullptr && reference->column == column);
    return true;
  });
  return uses;
}

void Session::drop_referring(const std::string& what, const std::string& needed, Table& own,
                             bool cascades,
                             const std::function<bool(const Constraint&)>& is_concerned) {
  struct Dependent {
    Oid oid;
    std::string title;
  };
  std::vector<Dependent> dependents;
  std::vector<std::shared_ptr<const Table>> tables = shared_.catalog.tables(counts());
  const auto concerned = [&](const Constraint& each) {
    return each.kind == Constraint::Kind::foreign_key && each.referred == own.oid &&
           is_concerned(each);
  };
  const auto add = [&](const Table& table) {
    for (const Constraint& each : table.constraints) {
      if (!concerned(each)) continue;
      dependents.push_back({each.oid, "constraint " + each.name + " on table " + table.name});
    }
  };
  add(own);
  for (const auto& table : tables) {
    if (table->oid != own.oid) add(*table);
  }
  if (dependents.empty()) return;
  if (!cascades) {
    std::ranges::sort(dependents, {}, &Dependent::oid);
    std::vector<std::string> titles;
    for (const Dependent& each : dependents) titles.push_back(each.title);
    refuse_drop(what, needed, titles);
  }
  std::erase_if(own.constraints, concerned);
  for (const auto& table : tables) {
    if (table->oid == own.oid || std::ranges::none_of(table->constraints, concerned)) continue;
    Table changed = *table;
    std::erase_if(changed.constraints, concerned);
    shared_.catalog.put_table(std::make_shared<const Table>(std::move(changed)), actor_.current,
                              counts());
  }
}

void Session::drop_column(Table& table, std::size_t column, bool cascades) {
  const std::string what = column_of(table, column);
  std::vector<std::size_t> generated;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& each = table.columns[i];
    if (i == column || each.is_dropped || !uses_column(each.generated, table, column)) continue;
    generated.push_back(i);
  }
  if (!generated.empty() && !cascades) {
    std::vector<std::string> titles;
    for (const std::size_t each : generated) titles.push_back(column_of(table, each));
    refuse_drop(what, what, titles);
  }
  drop_referring(what, what, table, cascades,
                 [&](const Constraint& each) { return has(each.referred_columns, column); });
  for (const std::size_t each : generated) drop_column(table, each, cascades);
  std::erase_if(table.constraints, [&](const Constraint& each) {
    return has(each.columns, column) ||
           (each.kind == Constraint::Kind::check && uses_column(each.expression, table, column));
  });
  std::erase_if(table.indexes, [&](const TableIndex& each) {
    return has(each.included, column) || uses_column(each.condition, table, column) ||
           std::ranges::any_of(each.parts, [&](const TableIndex::Part& part) {
             return part.column == static_cast<std::int32_t>(column) ||
                    uses_column(part.expression, table, column);
           });
  });
  Column& dropped = table.columns[column];
  if (dropped.sequence != 0) {
    shared_.catalog.drop_sequence(dropped.sequence, actor_.current, counts());
  }
  dropped.is_dropped = true;
  dropped.not_null = false;
  dropped.default_value = {};
  dropped.generated = {};
  dropped.identity = '\0';
  dropped.sequence = 0;
}

/// Whether the expression has values of the type, and reads no column that goes with it.
bool Session::uses_type_alone(const StoredExpression& expression, const Table& table,
                              const TypeInfo& type) {
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *expression.tree, none);
  ExpressionPtr made = analyzer.table_expression(expression, table, Clause::check_constraint);
  bool uses = false;
  bool reads = false;
  walk(made, [&](ExpressionPtr& part) {
    const bool is_of_it = part->type.id == type.id || part->type.id == type.array;
    uses = uses || is_of_it;
    reads = reads || (is_of_it && dynamic_cast<const ColumnReference*>(part.get()) != nullptr);
    return true;
  });
  return uses && !reads;
}

void Session::drop_type(const TypeInfo& type, bool cascades) {
  std::vector<std::string> dependents;
  auto tables = shared_.catalog.tables(counts());
  std::ranges::sort(tables, {}, &Table::oid);
  for (const bool of_array : {true, false}) {
    const TypeId id = of_array ? type.array : type.id;
    for (const auto& table : tables) {
      for (std::size_t i = table->columns.size(); i-- > 0;) {
        const Column& column = table->columns[i];
        if (column.is_dropped || column.type.id != id) continue;
        dependents.push_back(column_of(*table, i) + " depends on type " + type.title +
                             (of_array ? "[]" : ""));
      }
    }
  }
  for (const auto& table : tables) {
    for (const Constraint& each : table->constraints) {
      if (each.kind == Constraint::Kind::check && uses_type_alone(each.expression, *table, type)) {
        dependents.push_back("constraint " + each.name + " on table " + table->name +
                             " depends on type " + type.title);
      }
    }
    for (const TableIndex& each : table->indexes) {
      bool uses = each.condition && uses_type_alone(each.condition, *table, type);
      for (const TableIndex::Part& part : each.parts) {
        uses = uses || (part.expression && uses_type_alone(part.expression, *table, type));
      }
      if (uses) dependents.push_back("index " + each.name + " depends on type " + type.title);
    }
  }
  if (!dependents.empty()) {
    if (cascades) unsupported("DROP TYPE ... CASCADE of a type that columns have");
    std::string detail;
    for (const std::string& each : dependents) detail += (detail.empty() ? "" : "\n") + each;
    throw SqlError{
        .sqlstate = "2BP01",
        .message = "cannot drop type " + type.title + " because other objects depend on it",
        .detail = detail,
        .hint = "Use DROP ... CASCADE to drop the dependent objects too."};
  }
  shared_.catalog.drop_enum(type.id, actor_.current);
}

void Session::drop_sequence(Oid oid, const std::string& name, bool cascades) {
  std::vector<std::string> dependents;
  for (const auto& table : shared_.catalog.tables(counts())) {
    for (const Column& column : table->columns) {
      if (column.is_dropped || column.sequence != oid) continue;
      if (column.identity != '\0') {
        throw SqlError{.sqlstate = "2BP01",
                       .message = "cannot drop sequence " + name + " because column " +
                                  column.name + " of table " + table->name + " requires it",
                       .hint = "You can drop column " + column.name + " of table " + table->name +
                               " instead."};
      }
      dependents.push_back("default value for column " + column.name + " of table " + table->name);
    }
  }
  if (!dependents.empty()) {
    if (cascades) unsupported("DROP SEQUENCE ... CASCADE of a sequence that columns have");
    refuse_drop("sequence " + name, "sequence " + name, dependents);
  }
  shared_.catalog.drop_sequence(oid, actor_.current, counts());
}

}  // namespace firedrill::sim::postgres
