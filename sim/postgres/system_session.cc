#include <algorithm>

#include "sim/postgres/catalog/system/deparse.h"
#include "sim/postgres/catalog/system/system_tables.h"
#include "sim/postgres/session.h"
#include "sim/postgres/values/quoting.h"

// What a session answers to the tables and functions of pg_catalog.
namespace firedrill::sim::postgres {

namespace {

/// "a".b into a and b, as identifiers are read: what stands without quotes in lower case.
std::vector<std::string> name_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += !quoted && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return parts;
}

}  // namespace

std::int64_t Session::relation_named(std::string_view text) const {
  if (text == "-") return 0;
  const std::vector<std::string> parts = name_parts(text);
  const std::string& name = parts.back();
  const auto here = counts();
  std::vector<std::string> path = {parts.size() > 1 ? parts[parts.size() - 2] : ""};
  const bool is_system = path[0].empty() || path[0] == "pg_catalog";
  if (is_system && system_table_oid(name) != 0) return system_table_oid(name);
  if (path[0].empty()) {
    path = search_path();
  } else if (!shared_.catalog.has_schema(path[0], here)) {
    fail("3F000", "schema \"" + path[0] + "\" does not exist");
  }
  for (const std::string& schema : path) {
    if (const auto table = shared_.catalog.find_table(schema, name, here)) return table->oid;
    if (const auto found = shared_.catalog.find_sequence(schema, name, here)) return found->oid;
    for (const auto& table : shared_.catalog.tables(here)) {
      if (table->schema != schema) continue;
      const auto index = std::ranges::find(table->indexes, name, &TableIndex::name);
      if (index != table->indexes.end()) return index->oid;
    }
  }
  fail(sqlstate::kUndefinedTable, "relation \"" + std::string(text) + "\" does not exist");
}

std::string Session::relation_name(std::int64_t oid) const {
  if (oid == 0) return "-";
  if (const auto known = system_table_name(static_cast<Oid>(oid)); !known.empty()) {
    return std::string(known);
  }
  const auto here = counts();
  for (const auto& table : shared_.catalog.tables(here)) {
    if (table->oid == oid) return visible_name(table->schema, table->name);
    for (const TableIndex& index : table->indexes) {
      if (index.oid == oid) return visible_name(table->schema, index.name);
    }
  }
  if (const auto sequence = shared_.catalog.sequence(static_cast<Oid>(oid), here)) {
    return visible_name(sequence->schema, sequence->name);
  }
  return std::to_string(oid);
}

std::optional<std::string> Session::creation_schema() const {
  for (const std::string& each : search_path()) {
    if (shared_.catalog.has_schema(each, counts())) return each;
  }
  return std::nullopt;
}

std::string Session::expression_text(const StoredExpression& expression, const Table& table,
                                     const Type* assigned_to, bool pretty) {
  Analyzer analyzer(*this, *this, *expression.tree);
  ExpressionPtr made = analyzer.table_expression(expression, table, Clause::generated);
  // Casts to the column's type are not written, but a literal alone has it from there.
  if (assigned_to != nullptr && made->type.id == TypeId::unknown) {
    made = analyzer.assigned(std::move(made), Type{assigned_to->id, -1}, "");
  }
  std::vector<std::string> columns;
  for (const Column& column : table.columns) columns.push_back(column.name);
  return Deparser(*this, std::move(columns), pretty).whole(*made);
}

std::vector<SessionActivity> Session::activity() const {
  std::vector<SessionActivity> all;
  for (const auto& [id, session] : shared_.sessions) {
    SessionActivity each;
    each.pid = session->backend();
    each.application_name = session->setting("application_name");
    each.query = session->running_text_;
    each.session_start = session->started_at_;
    each.query_start = session->statement_time_;
    if (session->is_open_) each.transaction_start = session->transaction_time_;
    each.state = session->is_running_   ? "active"
                 : !session->in_block_  ? "idle"
                 : session->has_failed_ ? "idle in transaction (aborted)"
                                        : "idle in transaction";
    if (!session->is_running_) {
      each.wait_event_type = "Client";
      each.wait_event = "ClientRead";
    } else if (!shared_.locks.blockers_of(id).empty()) {
      each.wait_event_type = "Lock";
    }
    all.push_back(std::move(each));
  }
  return all;
}

}  // namespace firedrill::sim::postgres
