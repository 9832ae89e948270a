#include "sim/postgres/definition.h"

#include <algorithm>
#include <array>

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

std::vector<std::string> names_of(NodeList nodes) {
  std::vector<std::string> names;
  for (const PgQuery__Node* node : nodes) names.emplace_back(string_of(node));
  return names;
}

std::vector<std::size_t> columns_named(const Table& table, const std::vector<std::string>& names,
                                       bool in_key) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    const auto column = table.find_column(name);
    if (!column) {
      fail(sqlstate::kUndefinedColumn,
           in_key ? "column \"" + name + "\" named in key does not exist"
                  : "column \"" + name + "\" referenced in foreign key constraint does not exist");
    }
    columns.push_back(*column);
  }
  return columns;
}

std::string joined(const Table& table, const std::vector<std::size_t>& columns) {
  std::string text;
  for (const std::size_t column : columns) text += "_" + table.columns[column].name;
  return text;
}

std::string Session::schema_for(std::string_view given) const {
  if (!given.empty()) {
    if (!shared_.catalog.has_schema(given, counts())) {
      fail("3F000", "schema \"" + std::string(given) + "\" does not exist");
    }
    return std::string(given);
  }
  for (const std::string& each : search_path()) {
    if (shared_.catalog.has_schema(each, counts())) return each;
  }
  fail("3F000", "no schema has been selected to create in");
}

bool Session::name_is_taken(std::string_view schema, std::string_view name) const {
  const auto here = counts();
  if (shared_.catalog.find_table(schema, name, here) != nullptr) return true;
  if (shared_.catalog.find_sequence(schema, name, here) != nullptr) return true;
  for (const auto& table : shared_.catalog.tables(here)) {
    if (table->schema != schema) continue;
    if (std::ranges::find(table->indexes, name, &TableIndex::name) != table->indexes.end()) {
      return true;
    }
  }
  return false;
}

/// 42P07, or with IF NOT EXISTS a notice of it.
void Session::relation_exists(std::string_view name, bool is_no_error) {
  const std::string exists = "relation \"" + std::string(name) + "\" already exists";
  if (!is_no_error) fail(sqlstate::kDuplicateTable, exists);
  say_notice(exists + ", skipping", sqlstate::kDuplicateTable);
}

/// A name that somebody else has taken, who has not committed: the catalogue's own unique index
/// waits for him.
void Session::wait_for_name(const Table& table, const std::string& name) {
  const Transactions& transactions = shared_.storage.transactions;
  const auto is_running = [&](Xid xid) {
    return xid != kNoXid && transactions.state(xid) == Transactions::State::in_progress &&
           !shared_.storage.is_current(xid, actor_.top);
  };
  bool has_waited = false;
  while (const Xid by = shared_.catalog.being_made(table.schema, name, is_running)) {
    table.heap->wait_for(actor_, by);
    has_waited = true;
  }
  if (!has_waited || !name_is_taken(table.schema, name)) return;
  throw SqlError{
      .sqlstate = std::string(sqlstate::kUniqueViolation),
      .message = "duplicate key value violates unique constraint \"pg_class_relname_nsp_index\"",
      .detail = "Key (relname, relnamespace)=(" + name + ", " +
                std::to_string(shared_.catalog.schema_oid(table.schema, counts())) +
                ") already exists."};
}

/// A name that nothing in the table, or in its schema, has: with a number behind it if need be.
std::string Session::free_name(const Table& table, std::string wanted) const {
  constexpr std::size_t kLongest = 63;
  if (wanted.size() > kLongest) wanted.resize(kLongest);
  const auto taken = [&](const std::string& name) {
    return name_is_taken(table.schema, name) || name == table.name ||
           std::ranges::find(table.constraints, name, &Constraint::name) !=
               table.constraints.end() ||
           std::ranges::find(table.indexes, name, &TableIndex::name) != table.indexes.end();
  };
  std::string name = wanted;
  for (int i = 1; taken(name); ++i) name = wanted + std::to_string(i);
  return name;
}

bool Session::define(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                     StatementResult& result) {
  const auto writing = [&](std::string tag) {
    begin_writing(tag);
    actor_.need_number();
    has_defined_ = true;
    result.tag = std::move(tag);
  };
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      writing("CREATE TABLE");
      create_table(tree, *node->create_stmt);
      return true;
    case PG_QUERY__NODE__NODE_INDEX_STMT:
      writing("CREATE INDEX");
      create_index(tree, *node->index_stmt);
      return true;
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
      writing("CREATE SEQUENCE");
      create_sequence(*node->create_seq_stmt);
      return true;
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
      writing("CREATE TYPE");
      create_enum(*node->create_enum_stmt);
      return true;
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT: {
      writing("CREATE SCHEMA");
      const PgQuery__CreateSchemaStmt& schema = *node->create_schema_stmt;
      if (shared_.catalog.has_schema(schema.schemaname, counts())) {
        const std::string exists =
            "schema \"" + std::string(schema.schemaname) + "\" already exists";
        if (!schema.if_not_exists) fail("42P06", exists);
        say_notice(exists + ", skipping", "42P06");
        return true;
      }
      shared_.catalog.put_schema(schema.schemaname, actor_.current);
      return true;
    }
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      writing("ALTER TABLE");
      try {
        alter_table(tree, *node->alter_table_stmt);
      } catch (SqlError& error) {
        // PostgreSQL has not the text at hand when it looks at expressions here.
        bool is_of_column = false;
        for (std::size_t i = 0; i < node->alter_table_stmt->n_cmds; ++i) {
          const auto& command = *node->alter_table_stmt->cmds[i]->alter_table_cmd;
          is_of_column =
              is_of_column ||
              (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn &&
               tree->position(command.def->column_def->type_name->location) == error.position);
        }
        if (!is_of_column) error.position = 0;
        throw;
      }
      return true;
    case PG_QUERY__NODE__NODE_DROP_STMT: {
      static constexpr std::array<std::pair<PgQuery__ObjectType, const char*>, 6> kTags = {{
          {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, "DROP TABLE"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, "DROP INDEX"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, "DROP SEQUENCE"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "DROP SCHEMA"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, "DROP TYPE"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, "DROP VIEW"},
      }};
      const auto* tag = std::ranges::find_if(
          kTags, [&](const auto& each) { return each.first == node->drop_stmt->remove_type; });
      if (tag == kTags.end()) unsupported("this DROP");
      writing(tag->second);
      drop(*node->drop_stmt);
      return true;
    }
    case PG_QUERY__NODE__NODE_VIEW_STMT:
      writing("CREATE VIEW");
      create_view(tree, *node->view_stmt);
      return true;
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
      writing("COMMENT");
      comment(*node->comment_stmt);
      return true;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      writing("ALTER TABLE");
      rename(*node->rename_stmt, result);
      return true;
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT: unsupported("GRANT and REVOKE");
    case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
      unsupported("the extension " + std::string(node->create_extension_stmt->extname));
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
    case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
    case PG_QUERY__NODE__NODE_DROP_ROLE_STMT: unsupported("roles");
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT: unsupported("CREATE FUNCTION");
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT: unsupported("CREATE TRIGGER");
    case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT: unsupported("ALTER SEQUENCE");
    case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT: unsupported("ALTER TYPE");
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT: unsupported("CREATE TABLE AS");
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
      writing("TRUNCATE TABLE");
      truncate(*node->truncate_stmt);
      return true;
    case PG_QUERY__NODE__NODE_LOCK_STMT:
      lock(*node->lock_stmt);
      result.tag = "LOCK TABLE";
      return true;
    default: return false;
  }
}

}  // namespace firedrill::sim::postgres
