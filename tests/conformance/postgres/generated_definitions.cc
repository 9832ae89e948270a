#include <algorithm>
#include <array>

#include "tests/conformance/postgres/generated_grammar.h"

namespace firedrill::test {

namespace {

constexpr std::array<std::string_view, 5> kActions = {"NO ACTION", "RESTRICT", "CASCADE",
                                                      "SET NULL", "SET DEFAULT"};

bool is_key_sort(Sort sort) {
  return sort == Sort::i2 || sort == Sort::i4 || sort == Sort::i8 || sort == Sort::text ||
         sort == Sort::uuid || sort == Sort::vc || sort == Sort::date;
}

}  // namespace

std::string StatementGrammar::new_name(std::string_view stem) {
  return std::string(stem) + std::to_string(++schema_.made_names);
}

std::string StatementGrammar::reference(const GeneratedTable& table,
                                        const GeneratedColumn& column) {
  for (int i = 0; i < 6; ++i) {
    const bool is_self = schema_.tables.empty() || draw_.one_in(5);
    const GeneratedTable& parent = is_self ? table : any_table();
    if (parent.key.size() != 1) continue;
    const auto key = std::ranges::find(parent.columns, parent.key[0], &GeneratedColumn::name);
    if (key == parent.columns.end() || (key->sort != column.sort && !draw_.one_in(30))) continue;
    count("FOREIGN KEY");
    std::string text = " REFERENCES " + parent.name;
    if (draw_.one_in(2)) text += " (" + parent.key[0] + ")";
    if (draw_.percent(70)) text += " ON DELETE " + std::string(draw_.pick(kActions));
    if (draw_.percent(40)) text += " ON UPDATE " + std::string(draw_.pick(kActions));
    return text;
  }
  return "";
}

std::string StatementGrammar::column_definition(GeneratedTable& table, GeneratedColumn& column) {
  std::string text = column.name + " " + std::string(type_of(column.sort));
  ExpressionScope own;
  for (const GeneratedColumn& each : table.columns) {
    if (!each.is_generated) own.columns.push_back({each.name, each.sort});
  }
  own.has_subqueries = false;
  ExpressionScope nothing;
  nothing.has_subqueries = false;
  switch (draw_.below(9)) {
    case 0:
      column.has_default = true;
      return text + " DEFAULT " +
             (draw_.one_in(3) ? expression(column.sort, nothing, 1)
                              : typed_literal(draw_, column.sort));
    case 1: column.not_null = true; return text + " NOT NULL";
    case 2:
      if (column.sort != Sort::i4 && column.sort != Sort::i8) return text;
      column.is_identity = true;
      count("IDENTITY");
      return text + " GENERATED " + (draw_.one_in(2) ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY" +
             (draw_.one_in(4) ? " (START WITH 5 INCREMENT BY 2)" : "");
    case 3: {
      if (own.columns.empty() || column.sort == Sort::tstz || draw_.one_in(2)) return text;
      const std::string made = from_template(column.sort, own, 0);
      // PostgreSQL 15 computes what is constant in it before it knows of collations: 42P22.
      if (made.find('\'') != std::string::npos || made.find("NULL") != std::string::npos) {
        return text;
      }
      count("GENERATED STORED");
      column.is_generated = true;
      return text + " GENERATED ALWAYS AS (" + made + ") STORED";
    }
    case 4: {
      count("CHECK");
      ExpressionScope checked = own;
      checked.columns.push_back({column.name, column.sort});
      if (column.sort == Sort::i4 || column.sort == Sort::i8 || column.sort == Sort::num) {
        return text + " CHECK (" + column.name + " > -100)";
      }
      return text + " CHECK (" + column.name + " IS NOT NULL OR " + condition(checked, 1) + ")";
    }
    case 5:
      column.is_unique = true;
      table.uniques.push_back({column.name});
      return text + " UNIQUE";
    case 6:
    case 7: {
      const std::string to = reference(table, column);
      column.is_reference = !to.empty();
      return text + optional_part(to);
    }
    default: return text;
  }
}

std::string StatementGrammar::table_constraints(GeneratedTable& table) {
  std::string text;
  if (draw_.one_in(3) && table.columns.size() > 2) {
    GeneratedColumn& a = draw_.pick(table.columns);
    GeneratedColumn& b = draw_.pick(table.columns);
    if (a.name != b.name) {
      count("UNIQUE of several");
      a.is_unique = b.is_unique = true;
      table.uniques.push_back({a.name, b.name});
      const std::string name = draw_.one_in(2) ? new_name("uq") : "";
      if (!name.empty()) table.constraints.push_back(name);
      text += optional_part(", " + (name.empty() ? "" : "CONSTRAINT " + name + " ") + "UNIQUE (" +
                            a.name + ", " + b.name + ")");
    }
  }
  if (draw_.one_in(4)) {
    const std::string name = new_name("ck");
    table.constraints.push_back(name);
    ExpressionScope scope;
    for (const GeneratedColumn& each : table.columns)
      scope.columns.push_back({each.name, each.sort});
    scope.has_subqueries = false;
    const GeneratedColumn& of = any_column(table);
    text += optional_part(", CONSTRAINT " + name + " CHECK (" + condition(scope, 1) + " OR " +
                          of.name + " IS NOT NULL)");
  }
  return text;
}

GeneratedStatement StatementGrammar::create_table() {
  count("CREATE TABLE");
  GeneratedTable table;
  table.name = "t" + std::to_string(schema_.tables.size() + 1);
  std::string text = "CREATE TABLE " + table.name + " (";
  GeneratedColumn id{.name = "id", .sort = draw_.percent(80) ? Sort::i4 : Sort::i8};
  const std::size_t kind = draw_.below(8);
  const std::size_t extra = 3 + draw_.below(6);
  id.is_unique = kind < 7;
  id.not_null = kind < 7;
  id.has_default = kind == 1 || kind == 2;
  id.is_identity = kind == 3;
  const std::string type(type_of(id.sort));
  if (kind < 7) table.key = {"id"};
  if (kind == 1 || kind == 2) {
    text += id.sort == Sort::i4 ? "id serial PRIMARY KEY" : "id bigserial PRIMARY KEY";
  } else if (kind == 3) {
    text += "id " + type + " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
  } else {
    text += "id " + type + (kind < 7 ? " PRIMARY KEY" : "");
  }
  table.columns.push_back(id);
  for (std::size_t i = 0; i < extra; ++i) {
    GeneratedColumn column{.name = std::string(1, static_cast<char>('a' + i)),
                           .sort = draw_.one_in(4) ? Sort::i4 : any_sort(draw_)};
    const std::string definition = column_definition(table, column);
    text += optional_part(", " + definition);
    table.columns.push_back(column);
  }
  if (draw_.one_in(8)) {
    for (GeneratedColumn& column : table.columns) {
      if (!is_key_sort(column.sort) || column.name == "id" || kind < 7) continue;
      column.is_unique = true;
      table.key = {"id", column.name};
      text += ", PRIMARY KEY (id, " + column.name + ")";
      break;
    }
  }
  text += table_constraints(table) + ")";
  schema_.tables.push_back(std::move(table));
  return {text};
}

GeneratedStatement StatementGrammar::create_index() {
  count("CREATE INDEX");
  GeneratedTable& table = any_table();
  const std::string name = new_name("ix");
  table.indexes.push_back(name);
  ExpressionScope scope;
  for (const GeneratedColumn& each : table.columns) scope.columns.push_back({each.name, each.sort});
  scope.has_subqueries = false;
  std::string text = "CREATE ";
  const bool is_unique = draw_.one_in(4);
  if (is_unique) text += "UNIQUE ";
  text += "INDEX " + (draw_.percent(85) ? name : "") + " ON " + table.name + " (";
  if (draw_.one_in(3)) {
    count("index on an expression");
    // A unique one may be shown in an error, as PostgreSQL writes it back: a text of its own.
    text += is_unique         ? std::string("abs(id)")
            : draw_.one_in(2) ? "(" + from_template(any_sort(draw_), scope, 0) + ")"
                              : "lower(" + leaf(Sort::text, scope) + ")";
  } else {
    GeneratedColumn& column = draw_.pick(table.columns);
    column.is_unique = column.is_unique || is_unique;
    text += column.name + (draw_.one_in(4) ? " DESC" : "");
    if (is_unique) table.uniques.push_back({column.name});
  }
  if (draw_.one_in(3) && !is_unique) text += ", " + any_column(table).name;
  text += ")";
  if (draw_.one_in(3)) {
    count("partial index");
    // Whether the condition of a unique one holds for ON CONFLICT is a matter of proof.
    text += optional_part(" WHERE " + (is_unique ? "id > 3" : condition(scope, 1)));
  }
  return {text};
}

GeneratedStatement StatementGrammar::alter_table() {
  count("ALTER TABLE");
  GeneratedTable& table = any_table();
  const std::string begin = "ALTER TABLE " + table.name + " ";
  switch (draw_.below(9)) {
    case 0:
    case 1: {
      count("ADD COLUMN");
      GeneratedColumn column{.name = new_name("n"), .sort = any_sort(draw_)};
      const std::string text = begin + "ADD COLUMN " + column_definition(table, column);
      table.columns.push_back(column);
      return {text};
    }
    case 2: {
      if (table.columns.size() < 4) return {begin + "DROP COLUMN missing"};
      count("DROP COLUMN");
      const std::string name = any_column(table).name;
      const bool is_in_key = std::ranges::find(table.key, name) != table.key.end();
      if (is_in_key && !draw_.one_in(4)) return {begin + "DROP COLUMN IF EXISTS missing"};
      std::erase_if(table.columns, [&](const GeneratedColumn& each) { return each.name == name; });
      if (is_in_key) table.key.clear();
      std::erase_if(table.uniques, [&](const std::vector<std::string>& each) {
        return std::ranges::find(each, name) != each.end();
      });
      return {begin + "DROP COLUMN " + name + optional_part(draw_.one_in(3) ? " CASCADE" : "")};
    }
    case 3: {
      count("ADD CONSTRAINT CHECK");
      const std::string name = new_name("ck");
      table.constraints.push_back(name);
      ExpressionScope scope;
      for (const GeneratedColumn& each : table.columns) {
        scope.columns.push_back({each.name, each.sort});
      }
      scope.has_subqueries = false;
      return {begin + "ADD CONSTRAINT " + name + " CHECK (" + condition(scope, 1) + ")"};
    }
    case 4: {
      count("ADD CONSTRAINT UNIQUE");
      const std::string name = new_name("uq");
      table.constraints.push_back(name);
      GeneratedColumn& column = draw_.pick(table.columns);
      column.is_unique = true;
      return {begin + "ADD CONSTRAINT " + name + " UNIQUE (" + column.name + ")"};
    }
    case 5: {
      const GeneratedColumn& column = any_column(table);
      const std::string to = reference(table, column);
      if (to.empty()) return {begin + "DROP CONSTRAINT missing"};
      const std::string name = new_name("fk");
      table.constraints.push_back(name);
      return {begin + "ADD CONSTRAINT " + name + " FOREIGN KEY (" + column.name + ")" + to};
    }
    case 6: {
      if (table.constraints.empty()) return {begin + "DROP CONSTRAINT IF EXISTS missing"};
      count("DROP CONSTRAINT");
      const std::string name = draw_.pick(table.constraints);
      std::erase(table.constraints, name);
      return {begin + "DROP CONSTRAINT " + name};
    }
    case 7: {
      const std::string column = begin + "ALTER COLUMN " + any_column(table).name;
      return {column + (draw_.one_in(2) ? " SET NOT NULL" : " DROP NOT NULL")};
    }
    default: {
      GeneratedColumn& column = draw_.pick(table.columns);
      const std::string text = begin + "ALTER COLUMN " + column.name;
      if (draw_.one_in(3)) return {text + " DROP DEFAULT"};
      column.has_default = true;
      return {text + " SET DEFAULT " + typed_literal(draw_, column.sort)};
    }
  }
}

GeneratedStatement StatementGrammar::drop_something() {
  switch (draw_.below(6)) {
    case 0: count("DROP TYPE"); return {"DROP TYPE mood"};
    case 1: {
      if (schema_.sequences.empty()) return {"DROP SEQUENCE IF EXISTS missing"};
      count("DROP SEQUENCE");
      const std::string name = draw_.pick(schema_.sequences);
      std::erase(schema_.sequences, name);
      return {"DROP SEQUENCE " + name};
    }
    case 2: {
      if (schema_.tables.size() < 3 || !draw_.one_in(3)) return {"DROP TABLE missing"};
      count("DROP TABLE");
      const std::string name = schema_.tables.back().name;
      if (draw_.one_in(2)) return {"DROP TABLE " + name};  // others may refer to it
      schema_.tables.pop_back();
      return {"DROP TABLE " + name + " CASCADE"};
    }
    default: {
      GeneratedTable& table = any_table();
      if (table.indexes.empty()) return {"DROP INDEX missing"};
      count("DROP INDEX");
      const std::string name = draw_.pick(table.indexes);
      std::erase(table.indexes, name);
      return {"DROP INDEX " + name};
    }
  }
}

GeneratedStatement StatementGrammar::sequence_statement() {
  if (schema_.sequences.empty() || draw_.one_in(4)) {
    count("CREATE SEQUENCE");
    const std::string name = new_name("sq");
    schema_.sequences.push_back(name);
    return {"CREATE SEQUENCE " + name +
            optional_part(draw_.one_in(2) ? " START WITH " + std::to_string(draw_.between(1, 20))
                                          : "") +
            optional_part(draw_.one_in(3) ? " INCREMENT BY " + std::to_string(draw_.between(-3, 5))
                                          : "") +
            optional_part(draw_.one_in(4) ? " MAXVALUE 30" : "") +
            optional_part(draw_.one_in(4) ? " CYCLE" : "")};
  }
  const std::string name = draw_.pick(schema_.sequences);
  count("sequences");
  switch (draw_.below(6)) {
    case 0: return {"SELECT currval('" + name + "')"};
    case 1: return {"SELECT setval('" + name + "', " + std::to_string(draw_.between(0, 31)) + ")"};
    case 2: return {"SELECT setval('" + name + "', 7, false)"};
    case 3: return {"SELECT lastval()"};
    default: return {"SELECT nextval('" + name + "')" + optional_part(", nextval('" + name + "')")};
  }
}

void StatementGrammar::define_schema(std::vector<GeneratedStatement>& into) {
  into.push_back({"CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'very happy')"});
  const std::size_t tables = 2 + draw_.below(3);
  for (std::size_t i = 0; i < tables; ++i) {
    into.push_back(create_table());
    // What follows has a table, should that one have been wrong.
    const GeneratedTable& made = schema_.tables.back();
    std::string plain = "CREATE TABLE IF NOT EXISTS " + made.name + " (id int PRIMARY KEY";
    for (const GeneratedColumn& column : made.columns) {
      if (column.name == "id") continue;
      plain += optional_part(", " + column.name + " " + std::string(type_of(column.sort)));
    }
    into.push_back({plain + ")"});
  }
  const std::size_t indexes = draw_.below(3);
  for (std::size_t i = 0; i < indexes; ++i) into.push_back(create_index());
  for (int i = 0; i < 6; ++i) {
    aliases_ = 0;
    into.push_back(insert_statement());
  }
}

}  // namespace firedrill::test
