#include "sim/postgres/catalog/catalog.h"

#include <algorithm>

namespace firedrill::sim::postgres {

std::optional<std::size_t> Table::find_column(std::string_view wanted) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].is_dropped && columns[i].name == wanted) return i;
  }
  return std::nullopt;
}

template <class Thing>
std::vector<std::shared_ptr<const Thing>> Catalog::current(const std::vector<State<Thing>>& states,
                                                           const Counts& counts) {
  std::vector<std::shared_ptr<const Thing>> found;
  for (const State<Thing>& state : states) {
    if (is_current(state, counts)) found.push_back(state.thing);
  }
  return found;
}

template <class Thing>
void Catalog::end(std::vector<State<Thing>>& states, Oid oid, Xid by, const Counts& counts) {
  for (State<Thing>& state : states) {
    if (state.thing->oid == oid && is_current(state, counts)) state.ended_by = by;
  }
  changed();
}

namespace {

template <class Things>
auto named(const Things& things, std::string_view schema, std::string_view name) ->
    typename Things::value_type {
  const auto found = std::ranges::find_if(
      things, [&](const auto& thing) { return thing->name == name && thing->schema == schema; });
  return found != things.end() ? *found : nullptr;
}

template <class Things>
auto of_oid(const Things& things, Oid oid) -> typename Things::value_type {
  const auto found =
      std::ranges::find_if(things, [&](const auto& thing) { return thing->oid == oid; });
  return found != things.end() ? *found : nullptr;
}

}  // namespace

std::shared_ptr<const Table> Catalog::find_table(std::string_view schema, std::string_view name,
                                                 const Counts& counts) const {
  return named(current(tables_, counts), schema, name);
}
std::shared_ptr<const Table> Catalog::table(Oid oid, const Counts& counts) const {
  return of_oid(current(tables_, counts), oid);
}
std::vector<std::shared_ptr<const Table>> Catalog::tables(const Counts& counts) const {
  return current(tables_, counts);
}
void Catalog::put_table(std::shared_ptr<const Table> table, Xid by, const Counts& counts) {
  end(tables_, table->oid, by, counts);
  tables_.push_back({std::move(table), by, kNoXid});
}
void Catalog::drop_table(Oid oid, Xid by, const Counts& counts) {
  end(tables_, oid, by, counts);
}

std::shared_ptr<const Sequence> Catalog::find_sequence(std::string_view schema,
                                                       std::string_view name,
                                                       const Counts& counts) const {
  return named(current(sequences_, counts), schema, name);
}
std::shared_ptr<const Sequence> Catalog::sequence(Oid oid, const Counts& counts) const {
  return of_oid(current(sequences_, counts), oid);
}
std::vector<std::shared_ptr<const Sequence>> Catalog::sequences(const Counts& counts) const {
  return current(sequences_, counts);
}
void Catalog::put_sequence(std::shared_ptr<const Sequence> sequence, Xid by, const Counts& counts) {
  end(sequences_, sequence->oid, by, counts);
  sequences_.push_back({std::move(sequence), by, kNoXid});
}
void Catalog::drop_sequence(Oid oid, Xid by, const Counts& counts) {
  end(sequences_, oid, by, counts);
}

std::vector<Catalog::Schema> Catalog::schemas(const Counts& counts) const {
  std::vector<Schema> all = {{11, "pg_catalog"}, {99, "pg_toast"}, {2200, "public"}};
  all.push_back({13386, "information_schema"});
  for (const auto& schema : current(schemas_, counts)) all.push_back(*schema);
  return all;
}
Oid Catalog::schema_oid(std::string_view name, const Counts& counts) const {
  for (const Schema& schema : schemas(counts)) {
    if (schema.name == name) return schema.oid;
  }
  return 0;
}

Xid Catalog::being_made(std::string_view schema, std::string_view name,
                        const Counts& is_running) const {
  const auto has_index = [&](const Table& table) {
    return std::ranges::find(table.indexes, name, &TableIndex::name) != table.indexes.end();
  };
  for (const auto& [table, made_by, ended_by] : tables_) {
    if (table->schema != schema || !is_running(made_by)) continue;
    if (table->name == name || has_index(*table)) return made_by;
  }
  for (const auto& [sequence, made_by, ended_by] : sequences_) {
    if (sequence->schema == schema && sequence->name == name && is_running(made_by)) return made_by;
  }
  return kNoXid;
}

bool Catalog::has_schema(std::string_view name, const Counts& counts) const {
  return schema_oid(name, counts) != 0;
}
void Catalog::put_schema(std::string name, Xid by) {
  schemas_.push_back(
      {std::make_shared<const Schema>(Schema{next_oid(), std::move(name)}), by, kNoXid});
  changed();
}
void Catalog::drop_schema(std::string_view name, Xid by, const Counts& counts) {
  for (const auto& schema : current(schemas_, counts)) {
    if (schema->name == name) end(schemas_, schema->oid, by, counts);
  }
}

const Catalog::Enum* Catalog::find_enum(std::string_view schema, std::string_view name,
                                        const Counts& counts) const {
  for (const Enum* type : enums(counts)) {
    if (type->schema == schema && (type->type.name == name || type->array.name == name)) {
      return type;
    }
  }
  return nullptr;
}
std::vector<const Catalog::Enum*> Catalog::enums(const Counts& counts) const {
  std::vector<const Enum*> all;
  for (const auto& state : enums_) {
    if (is_current(state, counts)) all.push_back(&state.thing->type);
  }
  return all;
}
const TypeInfo* Catalog::enum_type(TypeId id) const {
  for (const auto& state : enums_) {
    const Enum& type = state.thing->type;
    if (type.type.id == id) return &type.type;
    if (type.array.id == id) return &type.array;
  }
  return nullptr;
}
void Catalog::put_enum(Enum type, Xid by) {
  const Oid oid = static_cast<Oid>(type.type.id);
  enums_.push_back(
      {std::make_shared<const NamedEnum>(NamedEnum{oid, std::move(type)}), by, kNoXid});
  changed();
}
void Catalog::drop_enum(TypeId id, Xid by) {
  for (auto& state : enums_) {
    if (state.thing->type.type.id == id) state.ended_by = by;
  }
  changed();
}

Catalog Catalog::copy(
    const Counts& counts, Xid by,
    const std::function<std::shared_ptr<const Table>(const Table&)>& table,
    const std::function<std::shared_ptr<const Sequence>(const Sequence&)>& sequence) const {
  Catalog made;
  made.next_oid_ = next_oid_;
  made.version_ = version_ + 1;
  for (const auto& each : current(tables_, counts)) {
    made.tables_.push_back({table(*each), by, kNoXid});
  }
  for (const auto& each : current(sequences_, counts)) {
    made.sequences_.push_back({sequence(*each), by, kNoXid});
  }
  for (const auto& each : current(schemas_, counts)) made.schemas_.push_back({each, by, kNoXid});
  for (const auto& each : current(enums_, counts)) made.enums_.push_back({each, by, kNoXid});
  return made;
}

}  // namespace firedrill::sim::postgres
