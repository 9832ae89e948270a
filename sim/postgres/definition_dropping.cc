#include <algorithm>
#include <array>

#include "sim/postgres/definition.h"
#include "sim/postgres/session.h"
#include "sim/postgres/values/quoting.h"

namespace firedrill::sim::postgres {

namespace {

using Part = ObjectAddress::Kind;
using Strength = Dependencies::Strength;

ObjectAddress column_of(const Table& table, std::size_t column) {
  return {Part::relation, table.oid, column + 1};
}

ObjectAddress type_address(TypeId type) {
  return {Part::type, static_cast<Oid>(type), 0};
}

/// How DROP speaks of what it drops.
struct Dropped {
  PgQuery__ObjectType kind;
  std::string_view name;
  std::string_view article;
  std::string_view missing;  ///< the SQLSTATE
};
constexpr auto kDropped = std::to_array<Dropped>({
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, "table", "a", "42P01"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, "view", "a", "42P01"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, "sequence", "a", "42P01"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, "index", "an", "42704"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, "type", "a", "42704"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "schema", "a", "3F000"},
});

const Dropped& dropped(PgQuery__ObjectType kind) {
  const auto* found = std::ranges::find(kDropped, kind, &Dropped::kind);
  if (found == kDropped.end()) unsupported("this DROP");
  return *found;
}

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(c - 'a' + 'A');
  return made;
}

[[noreturn]] void fail_kind(std::string_view name, const Dropped& wanted, const Dropped& is) {
  throw SqlError{.sqlstate = std::string(sqlstate::kWrongObjectType),
                 .message = "\"" + std::string(name) + "\" is not " + std::string(wanted.article) +
                            " " + std::string(wanted.name),
                 .hint = "Use DROP " + upper(is.name) + " to remove " + std::string(is.article) +
                         " " + std::string(is.name) + "."};
}

}  // namespace

// --- Who depends on what -------------------------------------------------------------------------

namespace {

/// What of the table an index, a CHECK or a generated column reads.
class TableUses {
 public:
  TableUses(CatalogReader& catalog, Environment& environment)
      : catalog_(catalog), environment_(environment) {}

  std::vector<std::size_t> columns(const StoredExpression& expression, const Table& table,
                                   Clause clause) {
    std::vector<std::size_t> used;
    each_part(expression, table, clause, [&](const Expression& part) {
      const auto* reference = dynamic_cast<const ColumnReference*>(&part);
      if (reference != nullptr) used.push_back(reference->column);
    });
    return used;
  }

  /// That it depends on the types of its constants and casts; those of columns are the columns'.
  void add_types(Dependencies& all, const ObjectAddress& dependent,
                 const StoredExpression& expression, const Table& table, Clause clause,
                 const Catalog& catalog) {
    each_part(expression, table, clause, [&](const Expression& part) {
      const bool is_column = dynamic_cast<const ColumnReference*>(&part) != nullptr;
      if (!is_column && catalog.enum_type(part.type.id) != nullptr) {
        all.add(dependent, {Part::type, static_cast<Oid>(part.type.id), 0}, Strength::normal);
      }
    });
  }

 private:
  void each_part(const StoredExpression& expression, const Table& table, Clause clause,
                 const std::function<void(const Expression&)>& visit) {
    if (!expression) return;
    Analyzer analyzer(catalog_, environment_, *expression.tree);
    ExpressionPtr made = analyzer.table_expression(expression, table, clause);
    walk(made, [&](ExpressionPtr& part) {
      visit(*part);
      return true;
    });
  }

  CatalogReader& catalog_;
  Environment& environment_;
};

/// The sequence of DEFAULT nextval('...'); empty: it is something else.
std::string sequence_named(const StoredExpression& value) {
  if (!value || value.node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return {};
  const PgQuery__FuncCall& call = *value.node->func_call;
  if (last_name({call.funcname, call.n_funcname}) != "nextval" || call.n_args != 1) return {};
  const PgQuery__Node* name = call.args[0];
  while (name->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) name = name->type_cast->arg;
  const bool is_text = name->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                       name->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
  return is_text ? name->a_const->sval->sval : "";
}

void add_index_edges(Dependencies& all, const Table& table, const TableIndex& index,
                     TableUses& uses) {
  const ObjectAddress address{Part::relation, index.oid, 0};
  if (index.is_constraint) {
    for (const Constraint& constraint : table.constraints) {
      if (constraint.index == index.oid && constraint.kind != Constraint::Kind::foreign_key) {
        all.add(address, {Part::constraint, constraint.oid, 0}, Strength::internal);
      }
    }
    return;
  }
  std::vector<std::size_t> columns = index.included;
  for (const TableIndex::Part& part : index.parts) {
    if (part.column >= 0) {
      columns.push_back(static_cast<std::size_t>(part.column));
    } else {
      std::ranges::copy(uses.columns(part.expression, table, Clause::index_expression),
                        std::back_inserter(columns));
    }
  }
  std::ranges::copy(uses.columns(index.condition, table, Clause::index_predicate),
                    std::back_inserter(columns));
  for (const std::size_t column : columns) {
    all.add(address, column_of(table, column), Strength::automatic);
  }
  if (columns.empty()) all.add(address, {Part::relation, table.oid, 0}, Strength::automatic);
}

void add_constraint_edges(Dependencies& all, const Table& table, const Table* referred,
                          const Constraint& constraint) {
  const ObjectAddress address{Part::constraint, constraint.oid, 0};
  for (const std::size_t column : constraint.columns) {
    all.add(address, column_of(table, column), Strength::automatic);
  }
  if (constraint.columns.empty()) {
    all.add(address, {Part::relation, table.oid, 0}, Strength::automatic);
  }
  if (referred == nullptr) return;
  for (const std::size_t column : constraint.referred_columns) {
    all.add(address, column_of(*referred, column), Strength::normal);
  }
  for (const Constraint& key : referred->constraints) {
    if (key.index == 0 || !std::ranges::is_permutation(key.columns, constraint.referred_columns)) {
      continue;
    }
    all.add(address, {Part::relation, key.index, 0}, Strength::normal);
    break;
  }
}

}  // namespace

Dependencies Session::dependencies() {
  Dependencies all;
  TableUses uses(*this, *this);
  const auto here = counts();
  const Catalog& catalog = shared_.catalog;
  const auto in_schema = [&](ObjectAddress object, const std::string& schema) {
    all.add(object, {Part::schema, catalog.schema_oid(schema, here), 0}, Strength::normal);
  };
  for (const auto& table : catalog.tables(here)) {
    const ObjectAddress address{Part::relation, table->oid, 0};
    in_schema(address, table->schema);
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      const Column& column = table->columns[i];
      if (column.is_dropped) continue;
      const ObjectAddress here_column = column_of(*table, i);
      if (catalog.enum_type(column.type.id) != nullptr) {
        all.add(here_column, type_address(column.type.id), Strength::normal);
      }
      const ObjectAddress value{Part::default_value, table->oid, i + 1};
      if (column.default_value) all.add(value, here_column, Strength::automatic);
      uses.add_types(all, value, column.default_value, *table, Clause::default_value, catalog);
      if (column.sequence != 0) {
        const ObjectAddress sequence{Part::relation, column.sequence, 0};
        const bool is_identity = column.identity != '\0';
        all.add(sequence, here_column, is_identity ? Strength::internal : Strength::automatic);
        if (!is_identity) all.add(value, sequence, Strength::normal);
      } else if (const std::string name = sequence_named(column.default_value); !name.empty()) {
        all.add(value, {Part::relation, find_sequence(name), 0}, Strength::normal);
      }
      for (const std::size_t used : uses.columns(column.generated, *table, Clause::generated)) {
        all.add(here_column, column_of(*table, used), Strength::normal);
      }
    }
    for (const TableIndex& index : table->indexes) {
      add_index_edges(all, *table, index, uses);
      const ObjectAddress of_index{Part::relation, index.oid, 0};
      for (const TableIndex::Part& part : index.parts) {
        uses.add_types(all, of_index, part.expression, *table, Clause::index_expression, catalog);
      }
      uses.add_types(all, of_index, index.condition, *table, Clause::index_predicate, catalog);
    }
    for (const Constraint& constraint : table->constraints) {
      uses.add_types(all, {Part::constraint, constraint.oid, 0}, constraint.expression, *table,
                     Clause::check_constraint, catalog);
      const bool refers = constraint.kind == Constraint::Kind::foreign_key;
      const auto referred = refers ? catalog.table(constraint.referred, here) : nullptr;
      add_constraint_edges(all, *table, referred.get(), constraint);
    }
    if (table->view != nullptr) {
      for (const auto& [used, column] : table->view->uses) {
        all.add(address, {Part::relation, used, column + 1}, Strength::normal);
      }
    }
  }
  for (const auto& sequence : catalog.sequences(here)) {
    in_schema({Part::relation, sequence->oid, 0}, sequence->schema);
  }
  for (const Catalog::Enum* type : catalog.enums(here)) {
    in_schema(type_address(type->type.id), type->schema);
    all.add(type_address(type->array.id), type_address(type->type.id), Strength::internal);
  }
  return all;
}

bool Session::is_visible(std::string_view schema, std::string_view name) const {
  for (const std::string& each : search_path()) {
    if (each == schema) return true;
    if (name_is_taken(each, name)) return false;
  }
  return schema == "pg_catalog";
}

std::string Session::visible_name(std::string_view schema, std::string_view name) const {
  const std::string quoted = quote_identifier(name);
  return is_visible(schema, name) ? quoted : quote_identifier(schema) + "." + quoted;
}

std::string Session::describe(const ObjectAddress& object) const {
  const auto here = counts();
  const Catalog& catalog = shared_.catalog;
  if (object.kind == Part::schema) {
    for (const auto& schema : catalog.schemas(here)) {
      if (schema.oid == object.oid) return "schema " + schema.name;
    }
  }
  if (object.kind == Part::type) return "type " + title(static_cast<TypeId>(object.oid));
  for (const auto& table : catalog.tables(here)) {
    const std::string title =
        (table->view != nullptr ? "view " : "table ") + visible_name(table->schema, table->name);
    if (table->oid == object.oid) {
      const std::string column =
          object.column == 0 ? "" : "column " + table->columns[object.column - 1].name + " of ";
      return object.kind == Part::default_value ? "default value for " + column + title
                                                : column + title;
    }
    for (const TableIndex& index : table->indexes) {
      if (index.oid == object.oid && object.kind == Part::relation) {
        return "index " + visible_name(table->schema, index.name);
      }
    }
    for (const Constraint& constraint : table->constraints) {
      if (constraint.oid == object.oid && object.kind == Part::constraint) {
        return "constraint " + constraint.name + " on " + title;
      }
    }
  }
  if (const auto sequence = catalog.sequence(object.oid, here)) {
    return "sequence " + visible_name(sequence->schema, sequence->name);
  }
  return "object " + std::to_string(object.oid);
}

// --- DROP ----------------------------------------------------------------------------------------

std::optional<ObjectAddress> Session::to_drop(PgQuery__ObjectType kind, std::string_view schema,
                                              const std::string& name, bool missing_ok) {
  const Dropped& wanted = dropped(kind);
  const auto here = counts();
  const Catalog& catalog = shared_.catalog;
  const auto missing = [&](std::string_view state, std::string message) {
    if (!missing_ok) fail(state, std::move(message));
    say_notice(std::move(message) + ", skipping");
    return std::nullopt;
  };
  if (!schema.empty() && !catalog.has_schema(schema, here)) {
    return missing("3F000", "schema \"" + std::string(schema) + "\" does not exist");
  }
  const std::string absent = std::string(wanted.name) + " \"" + name + "\" does not exist";
  if (kind == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA) {
    const Oid oid = catalog.schema_oid(name, here);
    if (oid == 0) return missing(wanted.missing, absent);
    return ObjectAddress{Part::schema, oid, 0};
  }
  if (kind == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE) {
    const TypeInfo* type = schema.empty() ? find(name) : find_type(schema, name);
    if (type == nullptr) {
      const std::string full = schema.empty() ? name : std::string(schema) + "." + name;
      return missing(wanted.missing, "type \"" + full + "\" does not exist");
    }
    if (catalog.enum_type(type->id) == nullptr) unsupported("DROP of a built-in type");
    return type_address(type->id);
  }
  std::vector<std::string> path = {std::string(schema)};
  if (schema.empty()) path = search_path();
  for (const std::string& each : path) {
    if (const auto table = catalog.find_table(each, name, here)) {
      const Dropped& is = dropped(table->view != nullptr ? PG_QUERY__OBJECT_TYPE__OBJECT_VIEW
                                                         : PG_QUERY__OBJECT_TYPE__OBJECT_TABLE);
      if (is.kind != kind) fail_kind(name, wanted, is);
      require_no_checks(*table, "DROP TABLE");
      return ObjectAddress{Part::relation,
                           open_table(each, name, LockMode::access_exclusive, 0)->oid, 0};
    }
    if (const auto sequence = catalog.find_sequence(each, name, here)) {
      const Dropped& is = dropped(PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE);
      if (is.kind != kind) fail_kind(name, wanted, is);
      return ObjectAddress{Part::relation, sequence->oid, 0};
    }
    for (const auto& table : catalog.tables(here)) {
      const auto index = std::ranges::find(table->indexes, name, &TableIndex::name);
      if (table->schema != each || index == table->indexes.end()) continue;
      const Dropped& is = dropped(PG_QUERY__OBJECT_TYPE__OBJECT_INDEX);
      if (is.kind != kind) fail_kind(name, wanted, is);
      const Oid oid = index->oid;
      open_table(each, table->name, LockMode::access_exclusive, 0);
      return ObjectAddress{Part::relation, oid, 0};
    }
  }
  return missing(wanted.missing, absent);
}

void Session::drop(const PgQuery__DropStmt& node) {
  if (node.concurrent) unsupported("DROP INDEX CONCURRENTLY");
  std::vector<ObjectAddress> objects;
  for (const PgQuery__Node* object : NodeList{node.objects, node.n_objects}) {
    std::vector<std::string> names;
    if (object->node_case == PG_QUERY__NODE__NODE_LIST) {
      names = names_of({object->list->items, object->list->n_items});
    } else if (object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
      names = names_of({object->type_name->names, object->type_name->n_names});
    } else {
      names.emplace_back(string_of(object));
    }
    const std::string schema = names.size() > 1 ? names[names.size() - 2] : "";
    if (const auto found = to_drop(node.remove_type, schema, names.back(), node.missing_ok)) {
      objects.push_back(*found);
    }
  }
  drop_objects(objects, node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
}

void Session::drop_objects(const std::vector<ObjectAddress>& objects, bool cascades) {
  const Dependencies all = dependencies();
  for (const ObjectAddress& object : objects) {
    const ObjectAddress* owner = all.owner_of(object);
    if (owner == nullptr) continue;
    const std::string title = describe(*owner);
    throw SqlError{
        .sqlstate = "2BP01",
        .message = "cannot drop " + describe(object) + " because " + title + " requires it",
        .hint = "You can drop " + title + " instead."};
  }
  const std::vector<Dependencies::Target> targets = all.closure(objects);
  std::string lines;
  std::size_t count = 0;
  for (std::size_t i = targets.size(); i > 0; --i) {
    const Dependencies::Target& target = targets[i - 1];
    if (target.is_original || target.goes_silently) continue;
    if (count++ > 0) lines += '\n';
    lines += cascades ? "drop cascades to " + describe(target.object)
                      : describe(target.object) + " depends on " + describe(target.dependee);
  }
  if (count > 0 && !cascades) {
    throw SqlError{.sqlstate = "2BP01",
                   .message = objects.size() == 1
                                  ? "cannot drop " + describe(objects[0]) +
                                        " because other objects depend on it"
                                  : "cannot drop desired object(s) because other objects depend "
                                    "on them",
                   .detail = lines,
                   .hint = "Use DROP ... CASCADE to drop the dependent objects too."};
  }
  if (count == 1) say_notice(lines);
  if (count > 1) {
    say("NOTICE", {.sqlstate = "00000",
                   .message = "drop cascades to " + std::to_string(count) + " other objects",
                   .detail = lines});
  }
  for (const Dependencies::Target& target : targets) drop_object(target.object);
}

void Session::drop_object(const ObjectAddress& object) {
  const auto here = counts();
  Catalog& catalog = shared_.catalog;
  if (object.kind == Part::schema) {
    for (const auto& schema : catalog.schemas(here)) {
      if (schema.oid == object.oid) catalog.drop_schema(schema.name, actor_.current, here);
    }
    return;
  }
  if (object.kind == Part::type) {
    catalog.drop_enum(static_cast<TypeId>(object.oid), actor_.current);
    return;
  }
  if (catalog.sequence(object.oid, here) != nullptr) {
    catalog.drop_sequence(object.oid, actor_.current, here);
    return;
  }
  for (const auto& listed : catalog.tables(here)) {
    const bool is_it = listed->oid == object.oid;
    const auto is_part = [&](const auto& part) { return part.oid == object.oid; };
    if (!is_it && std::ranges::none_of(listed->constraints, is_part) &&
        std::ranges::none_of(listed->indexes, is_part)) {
      continue;
    }
    const auto table = open_table(listed->schema, listed->name, LockMode::access_exclusive, 0);
    if (is_it && object.column == 0) {
      note_emptied(table);
      catalog.drop_table(object.oid, actor_.current, here);
      return;
    }
    Table changed = *table;
    if (is_it) {
      Column& column = changed.columns[object.column - 1];
      column.default_value = {};
      if (column.identity == '\0') column.sequence = 0;
      if (object.kind == Part::relation) {
        column.is_dropped = true;
        column.not_null = false;
        column.generated = {};
      }
    } else if (object.kind == Part::constraint) {
      std::erase_if(changed.constraints, is_part);
    } else {
      std::erase_if(changed.indexes, is_part);
    }
    catalog.put_table(std::make_shared<const Table>(std::move(changed)), actor_.current, here);
    return;
  }
}

}  // namespace firedrill::sim::postgres
