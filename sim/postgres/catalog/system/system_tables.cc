#include "sim/postgres/catalog/system/system_tables.h"

#include <algorithm>
#include <array>

#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

namespace {

using Rows = std::vector<Value>;

constexpr Oid kOwner = 10;
constexpr Oid kDatabase = 5;
constexpr Oid kHeap = 2;
constexpr Oid kBtree = 403;
constexpr Oid kDefaultCollation = 100;
constexpr Oid kNameCollation = 950;

Value number(std::int64_t value) {
  return Value::of(value);
}
Value letter(char c) {
  return Value::of(c == '\0' ? std::string() : std::string(1, c));
}

Value row_of(Row values) {
  Record record;
  record.values = std::move(values);
  return Value::boxed(std::move(record));
}

Value numbers(TypeId element, const std::vector<std::int64_t>& values) {
  Row elements;
  for (const std::int64_t value : values) elements.push_back(number(value));
  return Value::boxed(Array::of(element, std::move(elements)));
}

Rows none(Call&) {
  return {};
}

struct Now {
  explicit Now(Call& call)
      : system(system_of(call)), counts(system.catalog_counts()), catalog(system.catalog()) {}
  Oid schema(const std::string& name) const { return catalog.schema_oid(name, counts); }
  SystemEnvironment& system;
  Catalog::Counts counts;
  const Catalog& catalog;
};

Rows namespaces(Call& call) {
  const Now now(call);
  constexpr std::int64_t kDatabaseOwner = 6171;
  Rows rows;
  for (const auto& schema : now.catalog.schemas(now.counts)) {
    const bool is_public = schema.name == "public";
    rows.push_back(row_of({number(schema.oid), Value::of(schema.name),
                           number(is_public ? kDatabaseOwner : kOwner), Value()}));
  }
  return rows;
}

struct Relation {
  Oid oid = 0;
  std::string name;
  Oid schema = 0;
  char kind = 'r';
  std::size_t columns = 0;
  std::size_t checks = 0;
  bool has_index = false;
  bool has_triggers = false;
  bool is_temporary = false;
};

Value class_row(const Relation& relation) {
  const bool is_table = relation.kind == 'r';
  const bool is_index = relation.kind == 'i';
  const bool has_rules = relation.kind == 'v';
  return row_of({number(relation.oid),
                 Value::of(relation.name),
                 number(relation.schema),
                 number(0),
                 number(0),
                 number(kOwner),
                 number(is_table   ? kHeap
                        : is_index ? kBtree
                                   : 0),
                 number(has_rules ? 0 : relation.oid),
                 number(0),
                 number(0),
                 Value::of(-1.0),
                 number(0),
                 number(0),
                 Value::of(relation.has_index),
                 Value::of(false),
                 letter(relation.is_temporary ? 't' : 'p'),
                 letter(relation.kind),
                 number(static_cast<std::int64_t>(relation.columns)),
                 number(static_cast<std::int64_t>(relation.checks)),
                 Value::of(has_rules),
                 Value::of(relation.has_triggers),
                 Value::of(false),
                 Value::of(false),
                 Value::of(false),
                 Value::of(true),
                 letter(is_table ? 'd' : 'n'),
                 Value::of(false),
                 number(0),
                 Value(),
                 Value(),
                 Value()});
}

bool has_references(const Now& now, const Table& table) {
  for (const auto& other : now.catalog.tables(now.counts)) {
    for (const Constraint& constraint : other->constraints) {
      if (constraint.kind != Constraint::Kind::foreign_key) continue;
      if (other->oid == table.oid || constraint.referred == table.oid) return true;
    }
  }
  return false;
}

Rows classes(Call& call) {
  const Now now(call);
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    Relation relation{table->oid, table->name, now.schema(table->schema)};
    relation.kind = table->view != nullptr ? 'v' : 'r';
    relation.columns = table->columns.size();
    relation.checks = static_cast<std::size_t>(
        std::ranges::count(table->constraints, Constraint::Kind::check, &Constraint::kind));
    relation.has_index = !table->indexes.empty();
    relation.has_triggers = has_references(now, *table);
    relation.is_temporary = table->is_temporary;
    rows.push_back(class_row(relation));
    for (const TableIndex& index : table->indexes) {
      Relation of_index{index.oid, index.name, relation.schema, 'i',
                        index.parts.size() + index.included.size()};
      of_index.is_temporary = table->is_temporary;
      rows.push_back(class_row(of_index));
    }
  }
  for (const auto& sequence : now.catalog.sequences(now.counts)) {
    rows.push_back(
        class_row({sequence->oid, sequence->name, now.schema(sequence->schema), 'S', 3}));
  }
  return rows;
}

std::int64_t collation_of(const TypeInfo& info, const Types& types) {
  const TypeInfo& base = info.is_array() ? types.get(info.element) : info;
  if (base.id == TypeId::name) return kNameCollation;
  const bool has_one = base.category == 'S';
  return has_one ? kDefaultCollation : 0;
}

struct Attribute {
  Oid relation = 0;
  std::string name;
  Type type;
  std::size_t number = 0;
  bool not_null = false;
  bool has_default = false;
  char identity = '\0';
  char generated = '\0';
  bool is_dropped = false;
};

Value attribute_row(const Types& types, const Attribute& attribute) {
  const TypeInfo& info = types.get(attribute.type.id);
  constexpr std::int16_t kWord = 8;
  const bool by_value = info.length > 0 && info.length <= kWord;
  const char storage = info.length > 0 ? 'p' : info.id == TypeId::numeric ? 'm' : 'x';
  const std::string name =
      attribute.is_dropped ? "........pg.dropped." + std::to_string(attribute.number) + "........"
                           : attribute.name;
  return row_of({number(attribute.relation),
                 Value::of(name),
                 number(attribute.is_dropped ? 0 : static_cast<std::int64_t>(info.id)),
                 number(attribute.is_dropped ? 0 : -1),
                 number(info.length),
                 number(static_cast<std::int64_t>(attribute.number)),
                 number(info.is_array() ? 1 : 0),
                 number(-1),
                 number(attribute.type.modifier),
                 Value::of(by_value),
                 letter(info.length == kWord ? 'd' : 'i'),
                 letter(storage),
                 letter('\0'),
                 Value::of(attribute.not_null),
                 Value::of(attribute.has_default),
                 Value::of(false),
                 letter(attribute.identity),
                 letter(attribute.generated),
                 Value::of(attribute.is_dropped),
                 Value::of(true),
                 number(0),
                 number(collation_of(info, types)),
                 Value(),
                 Value(),
                 Value(),
                 Value()});
}

Rows attributes(Call& call) {
  const Now now(call);
  const Types& types = call.environment.types();
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      const Column& column = table->columns[i];
      const bool has_default = column.default_value || column.generated;
      rows.push_back(attribute_row(
          types, {table->oid, column.name, column.type, i + 1, column.not_null, has_default,
                  column.identity, column.generated ? 's' : '\0', column.is_dropped}));
    }
    for (const TableIndex& index : table->indexes) {
      std::size_t place = 0;
      for (const TableIndex::Part& part : index.parts) {
        const std::string name = part.column >= 0
                                     ? table->columns[static_cast<std::size_t>(part.column)].name
                                     : part.name;
        rows.push_back(attribute_row(types, {index.oid, name, part.type, ++place}));
      }
      for (const std::size_t column : index.included) {
        const Column& of = table->columns[column];
        rows.push_back(attribute_row(types, {index.oid, of.name, of.type, ++place}));
      }
    }
  }
  for (const auto& sequence : now.catalog.sequences(now.counts)) {
    const Type kInt8{TypeId::int8, -1};
    rows.push_back(attribute_row(types, {sequence->oid, "last_value", kInt8, 1, true}));
    rows.push_back(attribute_row(types, {sequence->oid, "log_cnt", kInt8, 2, true}));
    rows.push_back(
        attribute_row(types, {sequence->oid, "is_called", Type{TypeId::boolean, -1}, 3, true}));
  }
  return rows;
}

Value type_row(const Types& types, const TypeInfo& info, std::int64_t schema) {
  constexpr std::int16_t kWord = 8;
  const char kind = info.is_enum() ? 'e' : info.category == 'P' || info.category == 'X' ? 'p' : 'b';
  return row_of({number(static_cast<std::int64_t>(info.id)),
                 Value::of(info.name),
                 number(schema),
                 number(kOwner),
                 number(info.length),
                 Value::of(info.length > 0 && info.length <= kWord),
                 letter(kind),
                 letter(info.category),
                 Value::of(info.is_preferred),
                 Value::of(true),
                 letter(','),
                 number(0),
                 number(static_cast<std::int64_t>(info.element)),
                 number(static_cast<std::int64_t>(info.array)),
                 letter(info.length == kWord ? 'd' : 'i'),
                 letter(info.length > 0              ? 'p'
                        : info.id == TypeId::numeric ? 'm'
                                                     : 'x'),
                 Value::of(false),
                 number(0),
                 number(-1),
                 number(0),
                 number(collation_of(info, types)),
                 Value(),
                 Value(),
                 Value()});
}

Rows all_types(Call& call) {
  const Now now(call);
  const Types& types = call.environment.types();
  constexpr std::int64_t kSystem = 11;
  Rows rows;
  for (const TypeInfo& info : builtin_types()) rows.push_back(type_row(types, info, kSystem));
  for (const Catalog::Enum* each : now.catalog.enums(now.counts)) {
    rows.push_back(type_row(types, each->type, now.schema(each->schema)));
    rows.push_back(type_row(types, each->array, now.schema(each->schema)));
  }
  return rows;
}

Rows enums(Call& call) {
  const Now now(call);
  Rows rows;
  for (const Catalog::Enum* each : now.catalog.enums(now.counts)) {
    double place = 0;
    for (const EnumLabel& label : each->type.labels) {
      rows.push_back(row_of({number(label.oid), number(static_cast<std::int64_t>(each->type.id)),
                             Value::of(++place), Value::of(label.label)}));
    }
  }
  return rows;
}

/// What pg_get_expr() reads: both forms of the text.
Value expression(const Now& now, const StoredExpression& stored, const Table& table,
                 const Type* assigned_to) {
  if (!stored) return {};
  return Value::of(now.system.expression_text(stored, table, assigned_to, false) + '\x01' +
                   now.system.expression_text(stored, table, assigned_to, true));
}

Rows indexes(Call& call) {
  const Now now(call);
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    for (const TableIndex& index : table->indexes) {
      std::vector<std::int64_t> keys;
      std::vector<std::int64_t> options;
      for (const TableIndex::Part& part : index.parts) {
        keys.push_back(part.column + 1);
        options.push_back((part.descending ? 1 : 0) | (part.nulls_first ? 2 : 0));
      }
      for (const std::size_t column : index.included) {
        keys.push_back(static_cast<std::int64_t>(column) + 1);
      }
      const auto width = static_cast<std::int64_t>(keys.size());
      const std::vector<std::int64_t> zeros(index.parts.size());
      rows.push_back(row_of({number(index.oid),
                             number(table->oid),
                             number(width),
                             number(static_cast<std::int64_t>(index.parts.size())),
                             Value::of(index.is_unique),
                             Value::of(index.nulls_not_distinct),
                             Value::of(index.is_primary),
                             Value::of(false),
                             Value::of(!index.is_deferrable),
                             Value::of(false),
                             Value::of(true),
                             Value::of(false),
                             Value::of(true),
                             Value::of(true),
                             Value::of(false),
                             numbers(TypeId::int2, keys),
                             numbers(TypeId::oid, zeros),
                             numbers(TypeId::oid, zeros),
                             numbers(TypeId::int2, options),
                             Value(),
                             expression(now, index.condition, *table, nullptr)}));
    }
  }
  return rows;
}

char letter_of(Constraint::Action action) {
  switch (action) {
    case Constraint::Action::no_action: return 'a';
    case Constraint::Action::restrict: return 'r';
    case Constraint::Action::cascade: return 'c';
    case Constraint::Action::set_null: return 'n';
    case Constraint::Action::set_default: return 'd';
  }
  return ' ';
}

char letter_of(Constraint::Kind kind) {
  switch (kind) {
    case Constraint::Kind::check: return 'c';
    case Constraint::Kind::primary_key: return 'p';
    case Constraint::Kind::unique: return 'u';
    case Constraint::Kind::foreign_key: return 'f';
  }
  return ' ';
}

Value columns_value(const std::vector<std::size_t>& columns) {
  std::vector<std::int64_t> places;
  for (const std::size_t column : columns) places.push_back(static_cast<std::int64_t>(column) + 1);
  return places.empty() ? Value() : numbers(TypeId::int2, places);
}

/// The index that a reference leans on.
Oid referred_index(const Now& now, const Constraint& constraint) {
  const auto referred = now.catalog.table(constraint.referred, now.counts);
  if (referred == nullptr) return 0;
  for (const Constraint& key : referred->constraints) {
    if (key.index != 0 && std::ranges::is_permutation(key.columns, constraint.referred_columns)) {
      return key.index;
    }
  }
  return 0;
}

Rows constraints(Call& call) {
  const Now now(call);
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    for (const Constraint& constraint : table->constraints) {
      const bool refers = constraint.kind == Constraint::Kind::foreign_key;
      rows.push_back(row_of({number(constraint.oid),
                             Value::of(constraint.name),
                             number(now.schema(table->schema)),
                             letter(letter_of(constraint.kind)),
                             Value::of(constraint.is_deferrable),
                             Value::of(constraint.is_initially_deferred),
                             Value::of(true),
                             number(table->oid),
                             number(0),
                             number(refers ? referred_index(now, constraint) : constraint.index),
                             number(0),
                             number(constraint.referred),
                             letter(refers ? letter_of(constraint.on_update) : ' '),
                             letter(refers ? letter_of(constraint.on_delete) : ' '),
                             letter(refers ? 's' : ' '),
                             Value::of(true),
                             number(0),
                             Value::of(constraint.kind != Constraint::Kind::check),
                             columns_value(constraint.columns),
                             columns_value(constraint.referred_columns),
                             expression(now, constraint.expression, *table, nullptr)}));
    }
  }
  return rows;
}

Rows defaults(Call& call) {
  const Now now(call);
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      const Column& column = table->columns[i];
      const StoredExpression& stored = column.generated ? column.generated : column.default_value;
      if (!stored || column.is_dropped) continue;
      rows.push_back(
          row_of({number(table->oid), number(table->oid), number(static_cast<std::int64_t>(i) + 1),
                  expression(now, stored, *table, &column.type)}));
    }
  }
  return rows;
}

Rows sequences(Call& call) {
  const Now now(call);
  Rows rows;
  for (const auto& sequence : now.catalog.sequences(now.counts)) {
    const SequenceDefinition& rules = sequence->definition;
    rows.push_back(row_of({number(sequence->oid), number(static_cast<std::int64_t>(rules.type)),
                           number(rules.start), number(rules.increment), number(rules.maximum),
                           number(rules.minimum), number(rules.cache), Value::of(rules.cycles)}));
  }
  return rows;
}

/// Of sequences and the columns that own them, which is all that anybody asks for here.
Rows dependencies(Call& call) {
  const Now now(call);
  const auto classes_oid = static_cast<std::int64_t>(system_table_oid("pg_class"));
  Rows rows;
  for (const auto& table : now.catalog.tables(now.counts)) {
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
      const Column& column = table->columns[i];
      if (column.sequence == 0 || column.is_dropped) continue;
      rows.push_back(
          row_of({number(classes_oid), number(column.sequence), number(0), number(classes_oid),
                  number(table->oid), number(static_cast<std::int64_t>(i) + 1),
                  letter(column.identity != '\0' ? 'i' : 'a')}));
    }
  }
  return rows;
}

Rows databases(Call& call) {
  constexpr std::int64_t kUtf8 = 6;
  return {row_of({number(kDatabase), Value::of(call.environment.database()), number(kOwner),
                  number(kUtf8), letter('c'), Value::of(false), Value::of(true), number(-1),
                  Value::of("C"), Value::of("C"), Value(), Value(), Value()})};
}

Rows roles(Call& call) {
  return {row_of({Value::of(call.environment.user()), Value::of(true), Value::of(true),
                  Value::of(true), Value::of(true), Value::of(true), Value::of(true), number(-1),
                  Value::of("********"), Value(), Value::of(true), Value(), number(kOwner)})};
}

Rows access_methods(Call&) {
  return {
      row_of({number(kHeap), Value::of("heap"), Value::of("heap_tableam_handler"), letter('t')}),
      row_of({number(kBtree), Value::of("btree"), Value::of("bthandler"), letter('i')})};
}

Rows collations(Call&) {
  return {row_of({number(kDefaultCollation), Value::of("default"), number(11), number(kOwner)}),
          row_of({number(kNameCollation), Value::of("C"), number(11), number(kOwner)})};
}

Rows settings(Call& call) {
  Rows rows;
  for (const auto& [name, value] : system_of(call).all_settings()) {
    rows.push_back(row_of({Value::of(name), Value::of(value), Value()}));
  }
  return rows;
}

Rows activity(Call& call) {
  const auto text = [](const std::string& each) {
    return each.empty() ? Value() : Value::of(each);
  };
  Rows rows;
  for (const SessionActivity& each : system_of(call).activity()) {
    rows.push_back(row_of({number(kDatabase), Value::of(call.environment.database()),
                           number(each.pid), Value(), number(kOwner),
                           Value::of(call.environment.user()), Value::of(each.application_name),
                           Value(), Value(), Value(), number(each.session_start),
                           each.transaction_start ? number(*each.transaction_start) : Value(),
                           number(each.query_start), number(each.query_start),
                           text(each.wait_event_type), text(each.wait_event), Value::of(each.state),
                           Value::of(each.query), Value::of("client backend")}));
  }
  return rows;
}

constexpr auto kTables = std::to_array<SetFunctionRow>({
    {"pg_namespace", "", "record", namespaces, "oid oid, nspname name, nspowner oid, nspacl _text"},
    {"pg_class", "", "record", classes,
     "oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, relam "
     "oid, "
     "relfilenode oid, reltablespace oid, relpages int4, reltuples float4, relallvisible int4, "
     "reltoastrelid oid, relhasindex bool, relisshared bool, relpersistence char, relkind char, "
     "relnatts int2, relchecks int2, relhasrules bool, relhastriggers bool, relhassubclass bool, "
     "relrowsecurity bool, relforcerowsecurity bool, relispopulated bool, relreplident char, "
     "relispartition bool, relrewrite oid, relacl _text, reloptions _text, relpartbound text"},
    {"pg_attribute", "", "record", attributes,
     "attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, "
     "attndims int4, attcacheoff int4, atttypmod int4, attbyval bool, attalign char, "
     "attstorage char, attcompression char, attnotnull bool, atthasdef bool, atthasmissing bool, "
     "attidentity char, attgenerated char, attisdropped bool, attislocal bool, attinhcount int4, "
     "attcollation oid, attacl _text, attoptions _text, attfdwoptions _text, attmissingval text"},
    {"pg_type", "", "record", all_types,
     "oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval bool, "
     "typtype char, typcategory char, typispreferred bool, typisdefined bool, typdelim char, "
     "typrelid oid, typelem oid, typarray oid, typalign char, typstorage char, typnotnull bool, "
     "typbasetype oid, typtypmod int4, typndims int4, typcollation oid, typdefaultbin text, "
     "typdefault text, typacl _text"},
    {"pg_enum", "", "record", enums,
     "oid oid, enumtypid oid, enumsortorder float4, enumlabel name"},
    {"pg_index", "", "record", indexes,
     "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, "
     "indnullsnotdistinct bool, indisprimary bool, indisexclusion bool, indimmediate bool, "
     "indisclustered bool, indisvalid bool, indcheckxmin bool, indisready bool, indislive bool, "
     "indisreplident bool, indkey _int2, indcollation _oid, indclass _oid, indoption _int2, "
     "indexprs text, indpred text"},
    {"pg_constraint", "", "record", constraints,
     "oid oid, conname name, connamespace oid, contype char, condeferrable bool, condeferred bool, "
     "convalidated bool, conrelid oid, contypid oid, conindid oid, conparentid oid, confrelid oid, "
     "confupdtype char, confdeltype char, confmatchtype char, conislocal bool, coninhcount int4, "
     "connoinherit bool, conkey _int2, confkey _int2, conbin text"},
    {"pg_attrdef", "", "record", defaults, "oid oid, adrelid oid, adnum int2, adbin text"},
    {"pg_sequence", "", "record", sequences,
     "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, "
     "seqcache int8, seqcycle bool"},
    {"pg_depend", "", "record", dependencies,
     "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, "
     "deptype char"},
    {"pg_database", "", "record", databases,
     "oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate bool, "
     "datallowconn bool, datconnlimit int4, datcollate text, datctype text, daticulocale text, "
     "datcollversion text, datacl _text"},
    {"pg_roles", "", "record", roles,
     "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, "
     "rolcanlogin bool, rolreplication bool, rolconnlimit int4, rolpassword text, "
     "rolvaliduntil timestamptz, rolbypassrls bool, rolconfig _text, oid oid"},
    {"pg_am", "", "record", access_methods, "oid oid, amname name, amhandler text, amtype char"},
    {"pg_collation", "", "record", collations,
     "oid oid, collname name, collnamespace oid, collowner oid"},
    {"pg_settings", "", "record", settings, "name text, setting text, unit text"},
    {"pg_stat_activity", "", "record", activity,
     "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, "
     "application_name text, client_addr text, client_hostname text, client_port int4, "
     "backend_start timestamptz, xact_start timestamptz, query_start timestamptz, "
     "state_change timestamptz, wait_event_type text, wait_event text, state text, query text, "
     "backend_type text"},
    // What there is nothing of.
    {"pg_policy", "", "record", none,
     "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles _oid, "
     "polqual text, polwithcheck text"},
    {"pg_statistic_ext", "", "record", none,
     "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, "
     "stxkeys _int2, stxkind _char, stxexprs text"},
    {"pg_publication", "", "record", none,
     "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, "
     "pubdelete bool, pubtruncate bool, pubviaroot bool"},
    {"pg_publication_namespace", "", "record", none, "oid oid, pnpubid oid, pnnspid oid"},
    {"pg_publication_rel", "", "record", none,
     "oid oid, prpubid oid, prrelid oid, prqual text, prattrs _int2"},
    {"pg_trigger", "", "record", none,
     "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, "
     "tgisinternal bool"},
    {"pg_inherits", "", "record", none,
     "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool"},
    {"pg_auth_members", "", "record", none,
     "roleid oid, member oid, grantor oid, admin_option bool"},
    {"pg_description", "", "record", none,
     "objoid oid, classoid oid, objsubid int4, description text"},
});

struct View {
  std::string_view schema;
  std::string_view name;
  std::string_view query;
};
constexpr auto kViews = std::to_array<View>({
    {"pg_catalog", "pg_tables",
     "SELECT n.nspname AS schemaname, c.relname AS tablename, "
     "pg_get_userbyid(c.relowner)::name AS tableowner, NULL::name AS tablespace, "
     "c.relhasindex AS hasindexes, c.relhasrules AS hasrules, c.relhastriggers AS hastriggers, "
     "c.relrowsecurity AS rowsecurity FROM pg_class c LEFT JOIN pg_namespace n "
     "ON n.oid = c.relnamespace WHERE c.relkind = 'r'"},
    {"pg_catalog", "pg_views",
     "SELECT n.nspname AS schemaname, c.relname AS viewname, "
     "pg_get_userbyid(c.relowner)::name AS viewowner, pg_get_viewdef(c.oid) AS definition "
     "FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v'"},
    {"pg_catalog", "pg_indexes",
     "SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname, "
     "NULL::name AS tablespace, pg_get_indexdef(i.oid) AS indexdef FROM pg_index x "
     "JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
     "LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"},
    {"pg_catalog", "pg_user",
     "SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS "
     "usesuper, "
     "rolreplication AS userepl, rolbypassrls AS usebypassrls, '********'::text AS passwd, "
     "rolvaliduntil AS valuntil, rolconfig AS useconfig FROM pg_roles"},
    {"information_schema", "schemata",
     "SELECT current_database()::name AS catalog_name, nspname AS schema_name, "
     "pg_get_userbyid(nspowner)::name AS schema_owner FROM pg_namespace"},
    {"information_schema", "tables",
     "SELECT current_database()::name AS table_catalog, n.nspname AS table_schema, "
     "c.relname AS table_name, CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' "
     "WHEN c.relkind = 'r' THEN 'BASE TABLE' ELSE 'VIEW' END::varchar AS table_type, "
     "NULL::name AS self_referencing_column_name, NULL::varchar AS reference_generation, "
     "NULL::name AS user_defined_type_catalog, NULL::name AS user_defined_type_schema, "
     "NULL::name AS user_defined_type_name, CASE WHEN c.relkind = 'r' THEN 'YES' ELSE 'NO' "
     "END::varchar "
     "AS is_insertable_into, 'NO'::varchar AS is_typed, NULL::varchar AS commit_action "
     "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v')"},
    {"information_schema", "columns",
     "SELECT current_database()::name AS table_catalog, n.nspname AS table_schema, "
     "c.relname AS table_name, a.attname AS column_name, a.attnum::int4 AS ordinal_position, "
     "CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END::varchar AS "
     "column_default, "
     "CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END::varchar AS is_nullable, "
     "CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN t.oid >= 16384 THEN "
     "'USER-DEFINED' ELSE format_type(a.atttypid, NULL) END::varchar AS data_type, "
     "CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod <> -1 THEN a.atttypmod - 4 END "
     "AS character_maximum_length, "
     "CASE a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 "
     "WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN a.atttypmod <> -1 THEN "
     "((a.atttypmod - 4) >> 16) & 65535 END END AS numeric_precision, "
     "CASE WHEN a.atttypid IN (20, 21, 23) THEN 0 WHEN a.atttypid = 1700 AND a.atttypmod <> -1 "
     "THEN (a.atttypmod - 4) & 2047 END AS numeric_scale, "
     "t.typname AS udt_name, "
     "CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END::varchar AS is_identity, "
     "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END::varchar "
     "AS identity_generation, "
     "CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END::varchar AS is_generated, "
     "CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END::varchar "
     "AS generation_expression "
     "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
     "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
     "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
     "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')"},
    {"information_schema", "table_constraints",
     "SELECT current_database()::name AS constraint_catalog, n.nspname AS constraint_schema, "
     "r.conname AS constraint_name, current_database()::name AS table_catalog, "
     "n.nspname AS table_schema, c.relname AS table_name, "
     "CASE r.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY' "
     "WHEN 'u' THEN 'UNIQUE' END::varchar AS constraint_type, "
     "CASE WHEN r.condeferrable THEN 'YES' ELSE 'NO' END::varchar AS is_deferrable, "
     "CASE WHEN r.condeferred THEN 'YES' ELSE 'NO' END::varchar AS initially_deferred, "
     "'YES'::varchar AS enforced "
     "FROM pg_constraint r JOIN pg_class c ON c.oid = r.conrelid "
     "JOIN pg_namespace n ON n.oid = c.relnamespace"},
    {"information_schema", "key_column_usage",
     "SELECT current_database()::name AS constraint_catalog, n.nspname AS constraint_schema, "
     "r.conname AS constraint_name, current_database()::name AS table_catalog, "
     "n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name, "
     "k.place::int4 AS ordinal_position, CASE WHEN r.contype = 'f' THEN k.place::int4 END "
     "AS position_in_unique_constraint FROM pg_constraint r "
     "JOIN pg_class c ON c.oid = r.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
     "CROSS JOIN LATERAL unnest(r.conkey) WITH ORDINALITY AS k (number, place) "
     "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number "
     "WHERE r.contype IN ('p', 'u', 'f')"},
});

struct Known {
  Oid oid;
  std::string_view name;
};
constexpr auto kKnown = std::to_array<Known>({
    {1247, "pg_type"},
    {1249, "pg_attribute"},
    {1255, "pg_proc"},
    {1259, "pg_class"},
    {2604, "pg_attrdef"},
    {2606, "pg_constraint"},
    {2610, "pg_index"},
    {2615, "pg_namespace"},
    {2224, "pg_sequence"},
    {3501, "pg_enum"},
    {1262, "pg_database"},
    {2608, "pg_depend"},
    {2609, "pg_description"},
});

}  // namespace

const SetFunctionRow* find_system_table(std::string_view schema, std::string_view name) {
  if (!name.starts_with("pg_") || (!schema.empty() && schema != "pg_catalog")) return nullptr;
  const auto* found = std::ranges::find(kTables, name, &SetFunctionRow::name);
  return found != kTables.end() ? found : nullptr;
}

std::string_view find_system_view(std::string_view schema, std::string_view name) {
  const std::string_view wanted = schema.empty() ? "pg_catalog" : schema;
  if (schema.empty() && !name.starts_with("pg_")) return {};
  const auto* found = std::ranges::find_if(
      kViews, [&](const View& view) { return view.schema == wanted && view.name == name; });
  return found != kViews.end() ? found->query : std::string_view();
}

Oid system_table_oid(std::string_view name) {
  const auto* found = std::ranges::find(kKnown, name, &Known::name);
  return found != kKnown.end() ? found->oid : 0;
}

std::string_view system_table_name(Oid oid) {
  const auto* found = std::ranges::find(kKnown, oid, &Known::oid);
  return found != kKnown.end() ? found->name : std::string_view();
}

}  // namespace firedrill::sim::postgres
