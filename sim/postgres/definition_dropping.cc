#include <algorithm>

#include "sim/postgres/definition.h"
#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

void Session::drop(const PgQuery__DropStmt& node) {
  const bool cascades = node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  for (std::size_t i = 0; i < node.n_objects; ++i) {
    const PgQuery__Node* object = node.objects[i];
    std::vector<std::string> names;
    if (object->node_case == PG_QUERY__NODE__NODE_LIST) {
      names = names_of({object->list->items, object->list->n_items});
    } else if (object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
      names = names_of({object->type_name->names, object->type_name->n_names});
    } else {
      names.emplace_back(string_of(object));
    }
    const std::string name = names.back();
    const std::string schema = names.size() > 1 ? names[names.size() - 2] : "";
    switch (node.remove_type) {
      case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE: {
        std::shared_ptr<const Table> table;
        try {
          table = open_table(schema, name, LockMode::access_exclusive, 0);
        } catch (const SqlError& error) {
          if (error.sqlstate != sqlstate::kUndefinedTable) throw;
          if (node.missing_ok) break;
          fail(sqlstate::kUndefinedTable, "table \"" + name + "\" does not exist");
        }
        for (const auto& other : shared_.catalog.tables(counts())) {
          for (const Constraint& constraint : other->constraints) {
            const bool refers = constraint.kind == Constraint::Kind::foreign_key &&
                                constraint.referred == table->oid && other->oid != table->oid;
            if (!refers) continue;
            if (!cascades) {
              throw SqlError{
                  .sqlstate = "2BP01",
                  .message = "cannot drop table " + name + " because other objects depend on it",
                  .detail = "constraint " + constraint.name + " on table " + other->name +
                            " depends on table " + name,
                  .hint = "Use DROP ... CASCADE to drop the dependent objects too."};
            }
            Table changed = *other;
            std::erase_if(changed.constraints,
                          [&](const Constraint& each) { return each.oid == constraint.oid; });
            shared_.catalog.put_table(std::make_shared<const Table>(std::move(changed)),
                                      actor_.current, counts());
            break;
          }
        }
        for (const Column& column : table->columns) {
          if (column.sequence != 0) {
            shared_.catalog.drop_sequence(column.sequence, actor_.current, counts());
          }
        }
        shared_.catalog.drop_table(table->oid, actor_.current, counts());
        break;
      }
      case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX: {
        bool found = false;
        for (const auto& table : shared_.catalog.tables(counts())) {
          const auto index = std::ranges::find(table->indexes, name, &TableIndex::name);
          if (index == table->indexes.end()) continue;
          found = true;
          if (index->is_constraint) {
            throw SqlError{.sqlstate = "2BP01",
                           .message = "cannot drop index " + name + " because constraint " + name +
                                      " on table " + table->name + " requires it",
                           .hint = "You can drop constraint " + name + " on table " + table->name +
                                   " instead."};
          }
          const auto held = open_table(table->schema, table->name, LockMode::access_exclusive, 0);
          Table changed = *held;
          std::erase_if(changed.indexes, [&](const TableIndex& each) { return each.name == name; });
          shared_.catalog.put_table(std::make_shared<const Table>(std::move(changed)),
                                    actor_.current, counts());
        }
        if (!found && !node.missing_ok) {
          fail(sqlstate::kUndefinedObject, "index \"" + name + "\" does not exist");
        }
        break;
      }
      case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE: {
        Oid oid = 0;
        try {
          oid = find_sequence(schema.empty() ? name : schema + "." + name);
        } catch (const SqlError& error) {
          if (!node.missing_ok || error.sqlstate != sqlstate::kUndefinedTable) {
            if (error.sqlstate != sqlstate::kUndefinedTable) throw;
            fail(sqlstate::kUndefinedTable, "sequence \"" + name + "\" does not exist");
          }
          break;
        }
        shared_.catalog.drop_sequence(oid, actor_.current, counts());
        break;
      }
      case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: {
        if (!shared_.catalog.has_schema(name, counts())) {
          if (node.missing_ok) break;
          fail("3F000", "schema \"" + name + "\" does not exist");
        }
        for (const auto& table : shared_.catalog.tables(counts())) {
          if (table->schema != name) continue;
          if (!cascades) {
            throw SqlError{
                .sqlstate = "2BP01",
                .message = "cannot drop schema " + name + " because other objects depend on it",
                .detail = "table " + name + "." + table->name + " depends on schema " + name,
                .hint = "Use DROP ... CASCADE to drop the dependent objects too."};
          }
          shared_.catalog.drop_table(table->oid, actor_.current, counts());
        }
        for (const auto& sequence : shared_.catalog.sequences(counts())) {
          if (sequence->schema == name) {
            shared_.catalog.drop_sequence(sequence->oid, actor_.current, counts());
          }
        }
        shared_.catalog.drop_schema(name, actor_.current, counts());
        break;
      }
      case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE: {
        const TypeInfo* type = find(name);
        if (type == nullptr || !type->is_enum()) {
          if (node.missing_ok) break;
          fail(sqlstate::kUndefinedObject, "type \"" + name + "\" does not exist");
        }
        shared_.catalog.drop_enum(type->id, actor_.current);
        break;
      }
      default: unsupported("this DROP");
    }
  }
}

}  // namespace firedrill::sim::postgres
