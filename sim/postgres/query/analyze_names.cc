#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

namespace {

struct SystemName {
  std::string_view name;
  SystemColumn::Which which;
  TypeId type;
};
constexpr auto kSystemNames = std::to_array<SystemName>({
    {"xmin", SystemColumn::Which::xmin, TypeId::int8},
    {"xmax", SystemColumn::Which::xmax, TypeId::int8},
    {"cmin", SystemColumn::Which::cmin, TypeId::int8},
    {"cmax", SystemColumn::Which::cmax, TypeId::int8},
    {"ctid", SystemColumn::Which::ctid, TypeId::int8},
});

const SystemName* system_name(std::string_view name) {
  const auto* found = std::ranges::find(kSystemNames, name, &SystemName::name);
  return found != kSystemNames.end() ? found : nullptr;
}

}  // namespace

ExpressionPtr Analyzer::reference(const ScopeColumn& column, std::uint32_t level) {
  auto first = std::make_unique<ColumnReference>(column.type, level, column.entry, column.column);
  if (!column.has_second) return first;
  std::vector<ExpressionPtr> both;
  both.push_back(std::move(first));
  both.push_back(std::make_unique<ColumnReference>(column.second_type, level, column.second_entry,
                                                   column.second_column));
  std::vector<ExpressionPtr*> pointers = {&both[0], &both[1]};
  unify(pointers, "JOIN/USING");
  const Type type = both[0]->type;
  return std::make_unique<Coalesce>(Type{type.id, -1}, std::move(both));
}

ExpressionPtr Analyzer::whole_row(const ScopeItem& item, Scope& in, std::uint32_t level) {
  const RangeEntry& entry = *in.query->range[*item.entry];
  // A function that returns one value: that value.
  if (entry.kind == RangeEntry::Kind::function && !entry.has_ordinality && !entry.has_records) {
    return reference(item.columns[0], level);
  }
  std::vector<TypeId> types;
  std::vector<std::string> names;
  std::vector<std::uint32_t> columns;
  for (const ScopeColumn& column : item.columns) {
    types.push_back(column.type.id);
    names.push_back(column.name);
    columns.push_back(column.column);
  }
  return std::make_unique<WholeRow>(level, *item.entry, std::move(types), std::move(names),
                                    std::move(columns));
}

ExpressionPtr Analyzer::column_reference(const PgQuery__ColumnRef* node, Scope& scope) {
  if (scope.clause == Clause::default_value) {
    fail(sqlstate::kFeatureNotSupported, "cannot use column reference in DEFAULT expression");
  }
  const NodeList fields{node->fields, node->n_fields};
  if (fields.back()->node_case == PG_QUERY__NODE__NODE_A_STAR) {
    fail(sqlstate::kSyntaxError, "row expansion via \"*\" is not supported here",
         position(node->location));
  }
  ExpressionPtr made;
  if (fields.size() == 1) {
    made = find_column(string_of(fields[0]), scope, node->location);
  } else if (fields.size() == 2) {
    made = qualified_column("", string_of(fields[0]), string_of(fields[1]), scope, node->location);
  } else if (fields.size() == 3) {
    made = qualified_column(string_of(fields[0]), string_of(fields[1]), string_of(fields[2]), scope,
                            node->location);
  } else {
    unsupported("a column of another database", position(node->location));
  }
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::find_column(std::string_view name, Scope& scope, std::int32_t location) {
  std::uint32_t level = 0;
  for (Scope* at = &scope; at != nullptr; at = at->outer, ++level) {
    if (at->is_hidden) continue;
    const ScopeColumn* found = nullptr;
    for (const ScopeItem& item : at->items) {
      if (!item.are_columns_visible) continue;
      for (const ScopeColumn& column : item.columns) {
        if (column.name != name) continue;
        if (item.is_lateral_only && !at->lateral) continue;
        if (found != nullptr) {
          fail(sqlstate::kAmbiguousColumn,
               "column reference \"" + std::string(name) + "\" is ambiguous", position(location));
        }
        found = &column;
      }
    }
    if (found != nullptr) return reference(*found, level);
    const SystemName* system = system_name(name);
    if (system == nullptr) continue;
    for (const ScopeItem& item : at->items) {
      const bool is_table =
          item.entry && at->query->range[*item.entry]->kind == RangeEntry::Kind::table;
      if (is_table && item.are_columns_visible) {
        return std::make_unique<SystemColumn>(Type{system->type, -1}, level, *item.entry,
                                              system->which);
      }
    }
  }
  // The name of a table: its whole row.
  level = 0;
  for (Scope* at = &scope; at != nullptr; at = at->outer, ++level) {
    if (at->is_hidden) continue;
    for (const ScopeItem& item : at->items) {
      if (item.alias == name && item.is_relation_visible && item.entry) {
        return whole_row(item, *at, level);
      }
    }
  }
  throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedColumn),
                 .message = "column \"" + std::string(name) + "\" does not exist",
                 .hint = hint_for_column("", name, scope),
                 .position = position(location)};
}

ExpressionPtr Analyzer::qualified_column(std::string_view schema, std::string_view relation,
                                         std::string_view name, Scope& scope,
                                         std::int32_t location) {
  std::uint32_t level = 0;
  bool is_hidden_there = false;
  for (Scope* at = &scope; at != nullptr; at = at->outer, ++level) {
    for (const ScopeItem& item : at->items) {
      if (item.alias != relation || item.alias.empty()) continue;
      if (!schema.empty() && item.schema != schema) continue;
      if (at->is_hidden || !item.is_relation_visible || (item.is_lateral_only && !at->lateral)) {
        is_hidden_there = true;
        continue;
      }
      const ScopeColumn* found = nullptr;
      for (const ScopeColumn& column : item.columns) {
        if (column.name != name) continue;
        if (found != nullptr) {
          fail(sqlstate::kAmbiguousColumn,
               "column reference \"" + std::string(name) + "\" is ambiguous", position(location));
        }
        found = &column;
      }
      if (found != nullptr) return reference(*found, level);
      const SystemName* system = system_name(name);
      if (system != nullptr && item.entry) {
        return std::make_unique<SystemColumn>(Type{system->type, -1}, level, *item.entry,
                                              system->which);
      }
      throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedColumn),
                     .message = "column " + std::string(relation) + "." + std::string(name) +
                                " does not exist",
                     .hint = hint_for_column(relation, name, scope),
                     .position = position(location)};
    }
  }
  if (is_hidden_there) {
    throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedTable),
                   .message = "invalid reference to FROM-clause entry for table \"" +
                              std::string(relation) + "\"",
                   .hint = "There is an entry for table \"" + std::string(relation) +
                           "\", but it cannot be referenced from this part of the query.",
                   .position = position(location)};
  }
  // The name of a table that goes by an alias here, or of what cannot be seen from here.
  for (Scope* at = &scope; at != nullptr; at = at->outer) {
    for (const auto& entry : at->query->range) {
      const bool is_table = entry->kind == RangeEntry::Kind::table && entry->table != nullptr &&
                            entry->table->name == relation;
      if (!is_table && entry->name != relation) continue;
      const bool is_alias =
          entry->name != relation && std::ranges::any_of(at->items, [&](const ScopeItem& item) {
            return item.alias == entry->name && item.is_relation_visible && !at->is_hidden;
          });
      const std::string hint =
          is_alias ? "Perhaps you meant to reference the table alias \"" + entry->name + "\"."
                   : "There is an entry for table \"" + entry->name +
                         "\", but it cannot be referenced from this part of the "
                         "query.";
      throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedTable),
                     .message = "invalid reference to FROM-clause entry for table \"" +
                                std::string(relation) + "\"",
                     .hint = hint,
                     .position = position(location)};
    }
  }
  fail(sqlstate::kUndefinedTable,
       "missing FROM-clause entry for table \"" + std::string(relation) + "\"", position(location));
}

}  // namespace firedrill::sim::postgres
