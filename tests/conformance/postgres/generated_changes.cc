#include <algorithm>

#include "tests/conformance/postgres/generated_grammar.h"

namespace firedrill::test {

ExpressionScope StatementGrammar::scope_of(const GeneratedTable& table,
                                           const std::string& name) const {
  ExpressionScope scope;
  for (const GeneratedColumn& column : table.columns) {
    scope.columns.push_back({name + "." + column.name, column.sort});
  }
  return scope;
}

/// What a column is given: of its sort, or of one that is assigned to it.
std::string StatementGrammar::stored_value(const GeneratedColumn& column,
                                           const ExpressionScope& scope) {
  const bool may_be_null = !column.not_null && !column.is_unique;
  if (draw_.one_in(may_be_null ? 25 : 150)) return "NULL";
  const bool has_default = column.has_default || column.is_identity || may_be_null;
  if (draw_.one_in(has_default ? 25 : 150) && !takes_parameters_) return "DEFAULT";
  if (column.is_reference && !takes_parameters_ && draw_.percent(80)) {
    return draw_.percent(40) ? "NULL" : std::to_string(draw_.between(1, 4));
  }
  const bool looks_vary =
      column.sort == Sort::iv || column.sort == Sort::jsonb || column.sort == Sort::f8;
  if (looks_vary || draw_.percent(60)) return literal(column.sort);
  return expression(column.sort, scope, 2);
}

std::string StatementGrammar::row_values(const std::vector<const GeneratedColumn*>& columns) {
  ExpressionScope nothing;
  nothing.may_fail = draw_.one_in(6);
  nothing.has_subqueries = draw_.one_in(4);
  std::string row;
  for (const GeneratedColumn* column : columns) {
    const bool is_small = column->sort == Sort::i4 && draw_.percent(60) && !takes_parameters_;
    row += (row.empty() ? "(" : ", ") +
           (is_small ? std::to_string(draw_.between(0, 12)) : stored_value(*column, nothing));
  }
  return row + ")";
}

std::string StatementGrammar::returning(const GeneratedTable& table, const std::string& name) {
  if (!draw_.one_in(3)) return "";
  count("RETURNING");
  if (draw_.one_in(2)) return optional_part(" RETURNING *");
  return optional_part(" RETURNING " +
                       expression(any_column(table).sort, scope_of(table, name), 2) + " AS r1, " +
                       name + "." + any_column(table).name);
}

std::string StatementGrammar::on_conflict(const GeneratedTable& table) {
  std::vector<std::string> keys = table.key;
  if (!table.uniques.empty() && draw_.one_in(2)) keys = draw_.pick(table.uniques);
  std::string target;
  for (const std::string& key : keys) target += (target.empty() ? "(" : ", ") + key;
  if (!target.empty()) target += ")";
  if (draw_.one_in(2) || target.empty()) {
    count("ON CONFLICT DO NOTHING");
    return " ON CONFLICT " + (draw_.one_in(2) ? target : "") + " DO NOTHING";
  }
  count("ON CONFLICT DO UPDATE");
  ExpressionScope scope = scope_of(table, table.name);
  const ExpressionScope excluded = scope_of(table, "excluded");
  scope.columns.insert(scope.columns.end(), excluded.columns.begin(), excluded.columns.end());
  std::string text = " ON CONFLICT " + target + " DO UPDATE SET " + assignments(table, scope, true);
  if (draw_.one_in(3)) text += optional_part(" WHERE " + condition(scope, 1));
  return text;
}

std::string StatementGrammar::assignments(const GeneratedTable& table, const ExpressionScope& scope,
                                          bool one_row) {
  std::vector<std::string> parts;
  const std::size_t wanted = 1 + draw_.below(3);
  for (int i = 0; i < 12 && parts.size() < wanted; ++i) {
    const GeneratedColumn& column = any_column(table);
    if ((column.is_unique && !one_row) || (column.is_generated && !draw_.one_in(20))) continue;
    const std::string begin = column.name + " = ";
    const bool again = std::ranges::any_of(
        parts, [&](const std::string& part) { return part.starts_with(begin); });
    if (again && !draw_.one_in(40)) continue;
    parts.push_back(begin + stored_value(column, scope));
  }
  if (parts.empty()) parts.push_back(any_column(table).name + " = DEFAULT");
  return optional_list(parts);
}

std::string StatementGrammar::insert_text() {
  const GeneratedTable& table = any_table();
  std::vector<const GeneratedColumn*> columns;
  std::string names;
  for (const GeneratedColumn& column : table.columns) {
    const bool is_made = column.is_generated || column.is_identity || column.has_default;
    const std::size_t left_out = is_made ? 60 : column.not_null ? 1 : 12;
    if (column.is_generated ? !draw_.one_in(40) : draw_.percent(left_out)) continue;
    columns.push_back(&column);
    names += (names.empty() ? "" : ", ") + column.name;
  }
  if (columns.empty() || draw_.one_in(30)) {
    count("DEFAULT VALUES");
    return "INSERT INTO " + table.name + " DEFAULT VALUES" + returning(table, table.name);
  }
  std::string text = "INSERT INTO " + table.name + " (" + names + ")";
  if (draw_.one_in(12)) {
    count("OVERRIDING");
    text += draw_.one_in(2) ? " OVERRIDING SYSTEM VALUE" : " OVERRIDING USER VALUE";
  }
  if (draw_.one_in(8)) {
    count("INSERT SELECT");
    const GeneratedTable& source = any_table();
    const std::string name = alias();
    ExpressionScope scope = scope_of(source, name);
    std::string items;
    std::string order;
    for (const GeneratedColumn* column : columns) {
      const bool is_key = column->is_unique && column->sort == Sort::i4;
      items += (items.empty() ? "" : ", ") +
               (is_key ? leaf(Sort::i4, scope) + " + " + std::to_string(draw_.between(0, 40))
                       : leaf(column->sort, scope));
    }
    for (const VisibleColumn& column : scope.columns) {
      order += (order.empty() ? "" : ", ") + column.text;
    }
    text += " SELECT " + items + " FROM " + source.name + " " + name +
            optional_part(" WHERE " + condition(scope, 1)) + " ORDER BY " + order +
            optional_part(" LIMIT " + std::to_string(draw_.between(0, 4)));
  } else {
    std::vector<std::string> rows;
    const std::size_t count_of_rows = takes_parameters_ ? 1 : 1 + draw_.below(4);
    for (std::size_t i = 0; i < count_of_rows; ++i) rows.push_back(row_values(columns));
    text += " VALUES " + optional_list(rows);
  }
  if (draw_.one_in(4)) text += optional_part(on_conflict(table));
  return text + returning(table, table.name);
}

GeneratedStatement StatementGrammar::insert_statement() {
  count("INSERT");
  return {insert_text()};
}

std::string StatementGrammar::update_text() {
  const GeneratedTable& table = any_table();
  const bool renamed = draw_.one_in(3);
  const std::string name = renamed ? "u" : table.name;
  const std::string target = table.name + (renamed ? " AS u" : "");
  ExpressionScope scope = scope_of(table, name);
  if (draw_.one_in(4)) {
    // At most one row of FROM for each of the table's: which of several is taken is not said.
    count("UPDATE FROM");
    const GeneratedTable& source = any_table();
    const std::string other = alias();
    const GeneratedColumn& key = any_column(source);
    const GeneratedColumn& value = any_column(source);
    const bool counts = value.sort == Sort::boolean || value.sort == Sort::uuid ||
                        value.sort == Sort::bytea || value.sort == Sort::jsonb;
    const std::string sub = "(SELECT " + key.name + " AS k, " +
                            (counts ? "count(*)" : "max(" + value.name + ")") + " AS v FROM " +
                            source.name + " GROUP BY " + key.name + ") " + other;
    scope.columns.push_back({other + ".k", key.sort});
    if (!counts) scope.columns.push_back({other + ".v", value.sort});
    std::string own;
    for (const GeneratedColumn& column : table.columns) {
      if (column.sort == key.sort) own = name + "." + column.name;
    }
    if (!own.empty()) {
      return "UPDATE " + target + " SET " + assignments(table, scope, false) + " FROM " + sub +
             " WHERE " + own + " = " + other + ".k" + optional_part(" AND " + condition(scope, 1)) +
             returning(table, name);
    }
  }
  if (draw_.one_in(3) && !table.key.empty()) {
    count("UPDATE of one row");
    return "UPDATE " + target + " SET " + assignments(table, scope, true) + " WHERE " + name + "." +
           table.key[0] + " = " + std::to_string(draw_.between(0, 12)) + returning(table, name);
  }
  count("UPDATE");
  if (draw_.one_in(12)) {
    const GeneratedColumn& a = any_column(table);
    const GeneratedColumn& b = any_column(table);
    if (!a.is_unique && !b.is_unique && a.name != b.name) {
      count("UPDATE SET (a, b)");
      const std::string value =
          draw_.one_in(2) ? "(" + literal(a.sort) + ", " + literal(b.sort) + ")"
                          : "(SELECT " + literal(a.sort) + "::" + std::string(type_of(a.sort)) +
                                ", " + name + "." + b.name + ")";
      return "UPDATE " + target + " SET (" + a.name + ", " + b.name + ") = " + value +
             optional_part(" WHERE " + condition(scope, 1)) + returning(table, name);
    }
  }
  return "UPDATE " + target + " SET " + assignments(table, scope, false) +
         (draw_.percent(85) ? optional_part(" WHERE " + condition(scope, 2)) : "") +
         returning(table, name);
}

GeneratedStatement StatementGrammar::update_statement() {
  return {update_text()};
}

std::string StatementGrammar::delete_text() {
  const GeneratedTable& table = any_table();
  ExpressionScope scope = scope_of(table, table.name);
  if (draw_.one_in(4)) {
    count("DELETE USING");
    const std::string other = alias();
    const GeneratedTable& source = any_table();
    ExpressionScope both = scope;
    const ExpressionScope more = scope_of(source, other);
    both.columns.insert(both.columns.end(), more.columns.begin(), more.columns.end());
    const std::string kept = table.name + "." + any_column(table).name;
    return "DELETE FROM " + table.name + " USING " + source.name + " " + other + " WHERE " +
           condition(both, 1) + optional_part(" AND " + condition(both, 1)) +
           (draw_.one_in(3) ? optional_part(" RETURNING " + kept) : "");
  }
  count("DELETE");
  return "DELETE FROM " + table.name + " WHERE " + condition(scope, 2) +
         returning(table, table.name);
}

GeneratedStatement StatementGrammar::delete_statement() {
  return {delete_text()};
}

GeneratedStatement StatementGrammar::truncate_statement() {
  count("TRUNCATE");
  return {"TRUNCATE " + any_table().name + optional_part(draw_.one_in(2) ? " CASCADE" : "") +
          optional_part(draw_.one_in(2) ? " RESTART IDENTITY" : "")};
}

}  // namespace firedrill::test
