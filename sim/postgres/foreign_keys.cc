#include <algorithm>

#include "sim/postgres/session.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    text += c;
    if (c == '"') text += c;
  }
  return text + '"';
}

std::string name_of(const Table& table) {
  return quoted(table.schema) + "." + quoted(table.name);
}

/// "a" = $1 AND "b" = $2
std::string matches(const Table& table, const std::vector<std::size_t>& columns) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += " AND ";
    text += quoted(table.columns[columns[i]].name) + " = $" + std::to_string(i + 1);
  }
  return text;
}

std::vector<Value> values_of(const Version& version, const std::vector<std::size_t>& columns) {
  std::vector<Value> values;
  for (const std::size_t column : columns) values.push_back(version.values[column]);
  return values;
}

std::vector<Type> types_of(const Table& table, const std::vector<std::size_t>& columns) {
  std::vector<Type> types;
  for (const std::size_t column : columns) types.push_back(Type{table.columns[column].type.id, -1});
  return types;
}

bool has_null(const std::vector<Value>& values) {
  return std::ranges::any_of(values, [](const Value& value) { return value.is_null(); });
}

}  // namespace

void Session::row_changed(const std::shared_ptr<const Table>& changed, Version* before,
                          Version* after) {
  is_logged_ = true;
  if (before != nullptr) touched_[changed->oid] = changed;
  note_change(changed, before, after);
  row_events_.push_back({changed, before, after});
}

/// What PostgreSQL's RI triggers do after a statement, in the order of the rows.
void Session::run_row_events() {
  while (!row_events_.empty()) {
    const RowEvent event = row_events_.front();
    row_events_.pop_front();
    if (event.unique == 0 && event.before != nullptr) change_referring(event);
    for (const Constraint& constraint : event.table->constraints) {
      const bool is_its = event.unique != 0 ? constraint.index == event.unique
                                            : constraint.kind == Constraint::Kind::foreign_key;
      if (is_its && event.after != nullptr) check_or_defer({event, event.table, constraint});
    }
  }
}

/// Before the row itself is checked: PostgreSQL's triggers run in the order of their names.
void Session::change_referring(const RowEvent& event) {
  for (const auto& referring : shared_.catalog.tables(counts())) {
    for (const Constraint& constraint : referring->constraints) {
      if (constraint.kind == Constraint::Kind::foreign_key &&
          constraint.referred == event.table->oid) {
        check_or_defer({event, referring, constraint, true});
      }
    }
  }
}

namespace {

bool equal_keys(const Types& types, const Table& table, const std::vector<std::size_t>& columns,
                const Version& a, const Version& b) {
  return std::ranges::all_of(columns, [&](std::size_t column) {
    const Value& left = a.values[column];
    const Value& right = b.values[column];
    if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
    return compare(types, table.columns[column].type.id, left, right) == 0;
  });
}

std::string key_text(Environment& environment, const Table& table,
                     const std::vector<std::size_t>& columns, const std::vector<Value>& values) {
  std::string names;
  std::string texts;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) {
      names += ", ";
      texts += ", ";
    }
    names += table.columns[columns[i]].name;
    texts += values[i].is_null()
                 ? "null"
                 : to_text(environment, table.columns[columns[i]].type.id, values[i]);
  }
  return "Key (" + names + ")=(" + texts + ")";
}

}  // namespace

void Session::check_reference(const RowEvent& event, const Constraint& constraint) {
  // A row that the transaction itself has made may not have been looked at yet.
  if (event.before != nullptr && !shared_.storage.is_current(event.before->xmin, actor_.top) &&
      equal_keys(*this, *event.table, constraint.columns, *event.before, *event.after)) {
    return;
  }
  // A row that a later command of the same statement has replaced is not looked at.
  if (event.after->xmax != kNoXid && shared_.storage.is_current(event.after->xmax, actor_.top)) {
    return;
  }
  std::vector<Value> values = values_of(*event.after, constraint.columns);
  if (has_null(values)) return;
  const auto referred = shared_.catalog.table(constraint.referred, counts());
  const std::string sql = "SELECT 1 FROM " + name_of(*referred) + " x WHERE " +
                          matches(*referred, constraint.referred_columns) + " FOR KEY SHARE OF x";
  const auto types_given = types_of(*event.table, constraint.columns);
  if (!internal(sql, types_given, values, false).empty()) return;
  SqlError error{.sqlstate = std::string(sqlstate::kForeignKeyViolation),
                 .message = "insert or update on table \"" + event.table->name +
                            "\" violates foreign key constraint \"" + constraint.name + "\"",
                 .detail = key_text(*this, *event.table, constraint.columns, values) +
                           " is not present in table \"" + referred->name + "\"."};
  error.schema = event.table->schema;
  error.table = event.table->name;
  error.constraint = constraint.name;
  throw error;
}

void Session::referred_changed(const RowEvent& event, const Table& referring,
                               const Constraint& constraint) {
  const Table& referred = *event.table;
  const bool is_delete = event.after == nullptr;
  if (!is_delete &&
      equal_keys(*this, referred, constraint.referred_columns, *event.before, *event.after)) {
    return;
  }
  std::vector<Value> values = values_of(*event.before, constraint.referred_columns);
  if (has_null(values)) return;
  const auto key_types = types_of(referred, constraint.referred_columns);
  const std::string where = " WHERE " + matches(referring, constraint.columns);
  using Action = Constraint::Action;
  const Action action = is_delete ? constraint.on_delete : constraint.on_update;
  if (action == Action::no_action || action == Action::restrict) {
    refuse_change(event, referring, constraint, action == Action::no_action);
    return;
  }
  if (action == Action::cascade && is_delete) {
    internal("DELETE FROM " + name_of(referring) + where, key_types, values);
    return;
  }
  std::string set;
  std::vector<Type> all_types = key_types;
  const auto& columns =
      constraint.set_columns.empty() || !is_delete ? constraint.columns : constraint.set_columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) set += ", ";
    set += quoted(referring.columns[columns[i]].name) + " = ";
    if (action == Action::cascade) {
      values.push_back(event.after->values[constraint.referred_columns[i]]);
      all_types.push_back(key_types[i]);
      set += "$" + std::to_string(values.size());
    } else {
      set += action == Action::set_null ? "NULL" : "DEFAULT";
    }
  }
  internal("UPDATE " + name_of(referring) + " SET " + set + where, all_types, values);
  // Rows whose default is the very key that is gone have not changed, and refer to it still.
  if (action == Action::set_default) refuse_change(event, referring, constraint, true);
}

/// Where rows still refer to what was deleted, or has another key now. `may_be_replaced`: another
/// row may have taken the key's place by now.
void Session::refuse_change(const RowEvent& event, const Table& referring,
                            const Constraint& constraint, bool may_be_replaced) {
  const Table& referred = *event.table;
  const std::vector<Value> values = values_of(*event.before, constraint.referred_columns);
  const auto key_types = types_of(referred, constraint.referred_columns);
  if (may_be_replaced) {
    const std::string still = "SELECT 1 FROM " + name_of(referred) + " x WHERE " +
                              matches(referred, constraint.referred_columns) +
                              " FOR KEY SHARE OF x";
    if (!internal(still, key_types, values).empty()) return;
  }
  const std::string sql = "SELECT 1 FROM " + name_of(referring) + " x WHERE " +
                          matches(referring, constraint.columns) + " FOR KEY SHARE OF x";
  if (internal(sql, key_types, values).empty()) return;
  SqlError error{.sqlstate = std::string(sqlstate::kForeignKeyViolation),
                 .message = "update or delete on table \"" + referred.name +
                            "\" violates foreign key constraint \"" + constraint.name +
                            "\" on table \"" + referring.name + "\"",
                 .detail = key_text(*this, referred, constraint.referred_columns, values) +
                           " is still referenced from table \"" + referring.name + "\"."};
  error.schema = referring.schema;
  error.table = referring.name;
  error.constraint = constraint.name;
  throw error;
}

}  // namespace firedrill::sim::postgres
