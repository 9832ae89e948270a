#include <algorithm>
#include <array>

#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/catalog/system/system_tables.h"
#include "sim/postgres/values/quoting.h"

namespace firedrill::sim::postgres {

namespace {

Value format_type(Call& call) {
  if (call[0].is_null()) return {};
  const auto id = static_cast<TypeId>(call[0].integer());
  const Types& types = call.environment.types();
  if (id == TypeId::none) return Value::of("-");
  if (types.find(id) == nullptr) return Value::of("???");
  const bool has_modifier = !call[1].is_null();
  const auto modifier = has_modifier ? static_cast<std::int32_t>(call[1].integer()) : -1;
  return Value::of(types.title(Type{id, modifier}));
}

/// What pg_attrdef and the like hold: the form with all parentheses, and the one without.
Value expression_text(Call& call) {
  const std::string& both = call[0].text();
  const std::size_t middle = both.find('\x01');
  if (middle == std::string::npos) return call[0];
  const bool pretty = call.size() > 2 && call[2].boolean();
  return Value::of(pretty ? both.substr(middle + 1) : both.substr(0, middle));
}

std::string part_text(SystemEnvironment& system, const Table& table, const TableIndex::Part& part,
                      bool pretty) {
  if (part.column >= 0) {
    return quote_identifier(table.columns[static_cast<std::size_t>(part.column)].name);
  }
  const std::string text = system.expression_text(part.expression, table, nullptr, pretty);
  const bool is_call =
      text.ends_with(')') && !text.starts_with('(') && text.find("::") == std::string::npos;
  const bool is_function = part.expression.node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL;
  return is_call || is_function || text.starts_with('(') ? text : "(" + text + ")";
}

std::string columns_text(const Table& table, const std::vector<std::size_t>& columns) {
  std::string text;
  for (const std::size_t column : columns) {
    if (!text.empty()) text += ", ";
    text += quote_identifier(table.columns[column].name);
  }
  return "(" + text + ")";
}

std::string index_text(SystemEnvironment& system, const Table& table, const TableIndex& index,
                       bool pretty) {
  std::string text = index.is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  const std::string name =
      pretty ? system.visible_name(table.schema, table.name)
             : quote_identifier(table.schema) + "." + quote_identifier(table.name);
  text += quote_identifier(index.name) + " ON " + name + " USING btree (";
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const TableIndex::Part& part = index.parts[i];
    if (i > 0) text += ", ";
    text += part_text(system, table, part, pretty);
    if (part.descending) text += part.nulls_first ? " DESC" : " DESC NULLS LAST";
    if (!part.descending && part.nulls_first) text += " NULLS FIRST";
  }
  text += ")";
  if (!index.included.empty()) text += " INCLUDE " + columns_text(table, index.included);
  if (index.nulls_not_distinct) text += " NULLS NOT DISTINCT";
  if (index.condition) {
    text += " WHERE " + system.expression_text(index.condition, table, nullptr, pretty);
  }
  return text;
}

Value index_definition(Call& call) {
  SystemEnvironment& system = system_of(call);
  const bool pretty = call.size() > 2 && call[2].boolean();
  const std::int64_t column = call.size() > 1 ? call[1].integer() : 0;
  for (const auto& table : system.catalog().tables(system.catalog_counts())) {
    for (const TableIndex& index : table->indexes) {
      if (index.oid != call[0].integer()) continue;
      if (column == 0) return Value::of(index_text(system, *table, index, pretty));
      const auto place = static_cast<std::size_t>(column - 1);
      if (place < index.parts.size()) {
        return Value::of(part_text(system, *table, index.parts[place], pretty));
      }
      const std::size_t rest = place - index.parts.size();
      if (rest >= index.included.size()) return Value::of("");
      return Value::of(quote_identifier(table->columns[index.included[rest]].name));
    }
  }
  return {};
}

std::string_view action_text(Constraint::Action action) {
  switch (action) {
    case Constraint::Action::no_action: return "";
    case Constraint::Action::restrict: return "RESTRICT";
    case Constraint::Action::cascade: return "CASCADE";
    case Constraint::Action::set_null: return "SET NULL";
    case Constraint::Action::set_default: return "SET DEFAULT";
  }
  return "";
}

std::string constraint_text(SystemEnvironment& system, const Table& table,
                            const Constraint& constraint, bool pretty) {
  std::string text;
  switch (constraint.kind) {
    case Constraint::Kind::check:
      return "CHECK (" + system.expression_text(constraint.expression, table, nullptr, pretty) +
             ")";
    case Constraint::Kind::primary_key:
    case Constraint::Kind::unique: {
      text = constraint.kind == Constraint::Kind::primary_key ? "PRIMARY KEY " : "UNIQUE ";
      const auto index = std::ranges::find(table.indexes, constraint.index, &TableIndex::oid);
      if (index != table.indexes.end() && index->nulls_not_distinct) text += "NULLS NOT DISTINCT ";
      text += columns_text(table, constraint.columns);
      break;
    }
    case Constraint::Kind::foreign_key: {
      const auto referred = system.catalog().table(constraint.referred, system.catalog_counts());
      const std::string name = pretty ? system.visible_name(referred->schema, referred->name)
                                      : system.visible_name(referred->schema, referred->name);
      text = "FOREIGN KEY " + columns_text(table, constraint.columns) + " REFERENCES " + name +
             columns_text(*referred, constraint.referred_columns);
      if (constraint.on_update != Constraint::Action::no_action) {
        text += " ON UPDATE " + std::string(action_text(constraint.on_update));
      }
      if (constraint.on_delete != Constraint::Action::no_action) {
        text += " ON DELETE " + std::string(action_text(constraint.on_delete));
      }
      if (!constraint.set_columns.empty()) {
        text += " " + columns_text(table, constraint.set_columns);
      }
      break;
    }
  }
  if (constraint.is_deferrable) text += " DEFERRABLE";
  if (constraint.is_initially_deferred) text += " INITIALLY DEFERRED";
  return text;
}

Value constraint_definition(Call& call) {
  SystemEnvironment& system = system_of(call);
  const bool pretty = call.size() > 1 && call[1].boolean();
  for (const auto& table : system.catalog().tables(system.catalog_counts())) {
    const auto found = std::ranges::find_if(
        table->constraints, [&](const Constraint& each) { return each.oid == call[0].integer(); });
    if (found != table->constraints.end()) {
      return Value::of(constraint_text(system, *table, *found, pretty));
    }
  }
  return {};
}

/// Where a relation of that number is; nothing: nowhere.
std::optional<std::pair<std::string, std::string>> place_of(SystemEnvironment& system,
                                                            std::int64_t oid) {
  for (const auto& table : system.catalog().tables(system.catalog_counts())) {
    if (table->oid == oid) return std::pair{table->schema, table->name};
    for (const TableIndex& index : table->indexes) {
      if (index.oid == oid) return std::pair{table->schema, index.name};
    }
  }
  for (const auto& sequence : system.catalog().sequences(system.catalog_counts())) {
    if (sequence->oid == oid) return std::pair{sequence->schema, sequence->name};
  }
  return std::nullopt;
}

Value is_table_visible(Call& call) {
  SystemEnvironment& system = system_of(call);
  const auto place = place_of(system, call[0].integer());
  if (!place) return {};
  return Value::of(system.is_visible(place->first, place->second));
}

Value is_type_visible(Call& call) {
  SystemEnvironment& system = system_of(call);
  if (builtin_type(static_cast<TypeId>(call[0].integer())) != nullptr) return Value::of(true);
  for (const Catalog::Enum* each : system.catalog().enums(system.catalog_counts())) {
    const bool is_it = static_cast<std::int64_t>(each->type.id) == call[0].integer() ||
                       static_cast<std::int64_t>(each->array.id) == call[0].integer();
    if (is_it) return Value::of(system.is_visible(each->schema, each->type.name));
  }
  return {};
}

Value user_name(Call& call) {
  constexpr std::int64_t kOwner = 10;
  constexpr std::int64_t kDatabaseOwner = 6171;
  if (call[0].integer() == kOwner) return Value::of(call.environment.user());
  if (call[0].integer() == kDatabaseOwner) return Value::of("pg_database_owner");
  return Value::of("unknown (OID=" + std::to_string(call[0].integer()) + ")");
}

Value encoding_name(Call& call) {
  constexpr std::int64_t kUtf8 = 6;
  return Value::of(call[0].integer() == kUtf8 ? "UTF8" : "");
}

Value is_never(Call&) {
  return Value::of(false);
}
Value is_publishable(Call&) {
  return Value::of(true);
}
Value nothing(Call&) {
  return {};
}
std::vector<Value> no_rows(Call&) {
  return {};
}

Value view_definition(Call&) {
  unsupported("pg_get_viewdef()");
}

Value to_regclass(Call& call) {
  try {
    return Value::of(call.environment.relation_named(call[0].text()));
  } catch (const SqlError& error) {
    if (error.sqlstate != sqlstate::kUndefinedTable && error.sqlstate != "3F000") throw;
    return {};
  }
}

Value serial_sequence(Call& call) {
  SystemEnvironment& system = system_of(call);
  const auto counts = system.catalog_counts();
  const std::int64_t oid = call.environment.relation_named(call[0].text());
  const auto table = system.catalog().table(static_cast<Oid>(oid), counts);
  const auto column = table == nullptr ? std::nullopt : table->find_column(call[1].text());
  if (!column) {
    fail(sqlstate::kUndefinedColumn, "column \"" + call[1].text() + "\" of relation \"" +
                                         (table == nullptr ? call[0].text() : table->name) +
                                         "\" does not exist");
  }
  if (table->columns[*column].sequence == 0) return {};
  const auto sequence = system.catalog().sequence(table->columns[*column].sequence, counts);
  if (sequence == nullptr) return {};
  return Value::of(quote_identifier(sequence->schema) + "." + quote_identifier(sequence->name));
}

Value object_comment(Call& call) {
  const auto comment = system_of(call).comment_on(static_cast<Oid>(call[0].integer()), 0);
  return comment ? Value::of(*comment) : Value();
}
Value column_comment(Call& call) {
  const auto comment =
      system_of(call).comment_on(static_cast<Oid>(call[0].integer()), call[1].integer());
  return comment ? Value::of(*comment) : Value();
}

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"format_type", "oid int4", "text", format_type, false},
    {"pg_get_expr", "text oid", "text", expression_text},
    {"pg_get_expr", "text oid bool", "text", expression_text},
    {"pg_get_indexdef", "oid", "text", index_definition},
    {"pg_get_indexdef", "oid int4 bool", "text", index_definition},
    {"pg_get_constraintdef", "oid", "text", constraint_definition},
    {"pg_get_constraintdef", "oid bool", "text", constraint_definition},
    {"pg_get_viewdef", "oid", "text", view_definition},
    {"pg_get_viewdef", "oid bool", "text", view_definition},
    {"pg_get_triggerdef", "oid bool", "text", nothing},
    {"pg_get_statisticsobjdef_columns", "oid", "text", nothing},
    {"pg_table_is_visible", "oid", "bool", is_table_visible},
    {"pg_type_is_visible", "oid", "bool", is_type_visible},
    {"pg_get_userbyid", "oid", "name", user_name},
    {"pg_encoding_to_char", "int4", "name", encoding_name},
    {"pg_relation_is_publishable", "regclass", "bool", is_publishable},
    {"pg_is_in_recovery", "", "bool", is_never},
    {"to_regclass", "text", "regclass", to_regclass},
    {"pg_get_serial_sequence", "text text", "text", serial_sequence},
    {"obj_description", "oid", "text", object_comment},
    {"obj_description", "oid name", "text", object_comment},
    {"col_description", "oid int4", "text", column_comment},
});

constexpr auto kSetFunctions = std::to_array<SetFunctionRow>({
    {"pg_partition_ancestors", "regclass", "regclass", no_rows, "relid regclass"},
});

}  // namespace

FunctionFamily catalog_family() {
  return {.functions = kFunctions, .set_functions = kSetFunctions};
}

}  // namespace firedrill::sim::postgres
