#include <algorithm>
#include <array>

#include "sim/postgres/query/resolve.h"
#include "sim/postgres/query/volatility.h"
#include "sim/postgres/session.h"
#include "sim/postgres/storage/unique.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kPrimary = "42P16";

struct Serial {
  std::string_view name;
  TypeId type;
};
constexpr auto kSerials = std::to_array<Serial>({
    {"serial", TypeId::int4},
    {"serial4", TypeId::int4},
    {"bigserial", TypeId::int8},
    {"serial8", TypeId::int8},
    {"smallserial", TypeId::int2},
    {"serial2", TypeId::int2},
});

std::vector<std::string> names_of(NodeList nodes) {
  std::vector<std::string> names;
  for (const PgQuery__Node* node : nodes) names.emplace_back(string_of(node));
  return names;
}

Constraint::Action action_of(const char* text) {
  switch (text[0]) {
    case 'r': return Constraint::Action::restrict;
    case 'c': return Constraint::Action::cascade;
    case 'n': return Constraint::Action::set_null;
    case 'd': return Constraint::Action::set_default;
    default: return Constraint::Action::no_action;
  }
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

/// Whether btree's operators of one family compare them: those of whole numbers, of texts, of
/// times.
bool keys_compare(TypeId key, TypeId own) {
  const auto family = [](TypeId id) {
    switch (id) {
      case TypeId::int2:
      case TypeId::int4:
      case TypeId::int8: return 1;
      case TypeId::float4:
      case TypeId::float8: return 2;
      case TypeId::date:
      case TypeId::timestamp:
      case TypeId::timestamptz: return 3;
      case TypeId::text:
      case TypeId::varchar: return 4;
      default: return 0;
    }
  };
  return key == own || (family(key) != 0 && family(key) == family(own));
}

void refuse_actions_on_generated(const Table& table, const Constraint& constraint) {
  using Action = Constraint::Action;
  const bool is_generated = std::ranges::any_of(constraint.columns, [&](std::size_t column) {
    return static_cast<bool>(table.columns[column].generated);
  });
  if (!is_generated) return;
  const auto sets = [](Action action) {
    return action == Action::set_null || action == Action::set_default;
  };
  const bool on_update = sets(constraint.on_update) || constraint.on_update == Action::cascade;
  if (!on_update && !sets(constraint.on_delete)) return;
  fail(sqlstate::kSyntaxError,
       std::string("invalid ON ") + (on_update ? "UPDATE" : "DELETE") +
           " action for foreign key constraint containing generated column");
}

/// That a column has a NULL where it may have none.
[[noreturn]] void fail_null(const Table& table, const std::string& column) {
  throw SqlError{.sqlstate = std::string(sqlstate::kNotNullViolation),
                 .message = "column \"" + column + "\" of relation \"" + table.name +
                            "\" contains null values",
                 .schema = table.schema,
                 .table = table.name,
                 .column = column};
}

std::string joined(const Table& table, const std::vector<std::size_t>& columns) {
  std::string text;
  for (const std::size_t column : columns) text += "_" + table.columns[column].name;
  return text;
}

}  // namespace

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

// --- Sequences -----------------------------------------------------------------------------------

std::shared_ptr<const Sequence> Session::make_sequence(std::string_view schema, std::string name,
                                                       TypeId type, NodeList options) {
  Sequence sequence;
  sequence.oid = shared_.catalog.next_oid();
  sequence.schema = schema;
  sequence.name = std::move(name);
  SequenceDefinition& rules = sequence.definition;
  rules.type = type;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::optional<std::int64_t> start;
  for (const PgQuery__Node* node : options) {
    const PgQuery__DefElem& option = *node->def_elem;
    const std::string_view what = option.defname;
    const auto number = [&]() -> std::optional<std::int64_t> {
      if (option.arg == nullptr) return std::nullopt;
      if (option.arg->node_case == PG_QUERY__NODE__NODE_INTEGER) return option.arg->integer->ival;
      if (option.arg->node_case == PG_QUERY__NODE__NODE_FLOAT) {
        return from_text(*this, Type{TypeId::int8, -1}, option.arg->float_->fval).integer();
      }
      return std::nullopt;
    };
    if (what == "increment") {
      rules.increment = number().value_or(1);
    } else if (what == "minvalue") {
      minimum = number();
    } else if (what == "maxvalue") {
      maximum = number();
    } else if (what == "start") {
      start = number();
    } else if (what == "cache") {
      rules.cache = number().value_or(1);
    } else if (what == "cycle") {
      rules.cycles = option.arg == nullptr ||
                     option.arg->node_case != PG_QUERY__NODE__NODE_BOOLEAN ||
                     option.arg->boolean->boolval;
    } else if (what == "as") {
      const ParseTree nothing("SELECT 1");
      ParameterTypes none;
      Analyzer analyzer(*this, *this, nothing, none);
      rules.type = analyzer.type_of(option.arg->type_name).id;
    } else if (what != "owned_by" && what != "sequence_name") {
      unsupported("the sequence option " + std::string(what));
    }
  }
  if (rules.increment == 0) fail(sqlstate::kInvalidParameterValue, "INCREMENT must not be zero");
  if (rules.cache != 1) unsupported("CACHE of a sequence");
  const std::int64_t most = rules.type == TypeId::int2   ? INT16_MAX
                            : rules.type == TypeId::int4 ? INT32_MAX
                                                         : INT64_MAX;
  const bool up = rules.increment > 0;
  rules.maximum = maximum.value_or(up ? most : -1);
  rules.minimum = minimum.value_or(up ? 1 : -most - 1);
  rules.start = start.value_or(up ? rules.minimum : rules.maximum);
  if (rules.minimum >= rules.maximum) {
    fail(sqlstate::kInvalidParameterValue, "MINVALUE (" + std::to_string(rules.minimum) +
                                               ") must be less than MAXVALUE (" +
                                               std::to_string(rules.maximum) + ")");
  }
  if (rules.start < rules.minimum) {
    fail(sqlstate::kInvalidParameterValue, "START value (" + std::to_string(rules.start) +
                                               ") cannot be less than MINVALUE (" +
                                               std::to_string(rules.minimum) + ")");
  }
  if (rules.start > rules.maximum) {
    fail(sqlstate::kInvalidParameterValue, "START value (" + std::to_string(rules.start) +
                                               ") cannot be greater than MAXVALUE (" +
                                               std::to_string(rules.maximum) + ")");
  }
  sequence.state = std::make_shared<Sequence::State>(Sequence::State{rules.start, false});
  return std::make_shared<const Sequence>(std::move(sequence));
}

void Session::create_sequence(const PgQuery__CreateSeqStmt& node) {
  const std::string schema = schema_for(node.sequence->schemaname);
  if (name_is_taken(schema, node.sequence->relname)) {
    if (node.if_not_exists) return;
    fail(sqlstate::kDuplicateTable,
         "relation \"" + std::string(node.sequence->relname) + "\" already exists");
  }
  auto sequence =
      make_sequence(schema, node.sequence->relname, TypeId::int8, {node.options, node.n_options});
  shared_.catalog.put_sequence(std::move(sequence), actor_.current, counts());
}

// --- Tables --------------------------------------------------------------------------------------

void Session::add_column(const std::shared_ptr<const ParseTree>& tree,
                         const PgQuery__ColumnDef& node, Table& table, NodeList*) {
  if (table.find_column(node.colname)) {
    fail(sqlstate::kDuplicateColumn,
         table.heap == nullptr || table.heap->size() == 0
             ? "column \"" + std::string(node.colname) + "\" specified more than once"
             : "column \"" + std::string(node.colname) + "\" of relation \"" + table.name +
                   "\" already exists");
  }
  Column column;
  column.name = node.colname;
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *tree, none);
  const PgQuery__TypeName& type = *node.type_name;
  const std::string_view type_name = last_name({type.names, type.n_names});
  const auto* serial = std::ranges::find(kSerials, type_name, &Serial::name);
  if (serial != kSerials.end() && type.n_names == 1) {
    column.type = Type{serial->type, -1};
    column.not_null = true;
    const auto sequence = make_sequence(
        table.schema, free_name(table, table.name + "_" + column.name + "_seq"), serial->type, {});
    column.sequence = sequence->oid;
    shared_.catalog.put_sequence(sequence, actor_.current, counts());
    const auto expression = std::make_shared<const ParseTree>("SELECT nextval('\"" + table.schema +
                                                              "\".\"" + sequence->name + "\"')");
    column.default_value = {
        expression,
        expression->statements()[0]->stmt->select_stmt->target_list[0]->res_target->val};
  } else {
    column.type = analyzer.type_of(&type);
  }
  for (std::size_t i = 0; i < node.n_constraints; ++i) {
    const PgQuery__Constraint& constraint = *node.constraints[i]->constraint;
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL: column.not_null = true; break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        column.default_value = {tree, constraint.raw_expr};
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        column.generated = {tree, constraint.raw_expr};
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY: {
        column.identity = constraint.generated_when[0];
        column.not_null = true;
        const auto sequence =
            make_sequence(table.schema, free_name(table, table.name + "_" + column.name + "_seq"),
                          column.type.id, {constraint.options, constraint.n_options});
        column.sequence = sequence->oid;
        shared_.catalog.put_sequence(sequence, actor_.current, counts());
        break;
      }
      default: break;
    }
  }
  table.columns.push_back(std::move(column));
}

/// What a column is given without being asked fits it, and is always the same.
void Session::check_column_rules(Analyzer& analyzer, const Table& table, const Column& column) {
  if (column.default_value) {
    analyzer.assigned(analyzer.table_expression(column.default_value, table, Clause::default_value),
                      column.type, column.name, "default expression", false);
  }
  if (column.generated) {
    const ExpressionPtr made =
        analyzer.assigned(analyzer.table_expression(column.generated, table, Clause::generated),
                          column.type, column.name, "default expression", false);
    if (!is_immutable(*made, *this)) fail("42P17", "generation expression is not immutable");
  }
}

void Session::fill_index(const Table& table, const TableIndex& index) {
  // Computed as for new rows, of the newest version of each that is there.
  ParameterTypes none;
  const ParseTree nothing("SELECT 1");
  Analyzer analyzer(*this, *this, nothing, none);
  std::vector<ExpressionPtr> parts;
  for (const TableIndex::Part& part : index.parts) {
    parts.push_back(part.column >= 0 ? nullptr
                                     : analyzer.table_expression(part.expression, table,
                                                                 Clause::index_expression));
  }
  ExpressionPtr condition;
  if (index.condition) {
    condition = analyzer.table_expression(index.condition, table, Clause::index_predicate);
  }
  ++actor_.command;
  const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
  Execution execution(*this, snapshot, {});
  table.heap->scan(snapshot, actor_, [&](Version& version) {
    const Slot slot{version.values.data(), &version};
    const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
    if (condition != nullptr && !is_true(condition->evaluate(frame))) return true;
    Row key;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      key.push_back(parts[i] != nullptr
                        ? parts[i]->evaluate(frame)
                        : version.values[static_cast<std::size_t>(index.parts[i].column)]);
    }
    if (index.is_unique && find_conflict(actor_, *table.heap, *index.entries, key, &version,
                                         index.nulls_not_distinct) != nullptr) {
      std::string columns;
      std::string values;
      for (std::size_t i = 0; i < key.size(); ++i) {
        if (i > 0) {
          columns += ", ";
          values += ", ";
        }
        columns += index.parts[i].column >= 0
                       ? table.columns[static_cast<std::size_t>(index.parts[i].column)].name
                       : text_of(index.parts[i].expression);
        values += key[i].is_null() ? "null" : to_text(*this, index.parts[i].type.id, key[i]);
      }
      throw SqlError{.sqlstate = std::string(sqlstate::kUniqueViolation),
                     .message = "could not create unique index \"" + index.name + "\"",
                     .detail = "Key (" + columns + ")=(" + values + ") is duplicated.",
                     .schema = table.schema,
                     .table = table.name,
                     .constraint = index.name};
    }
    index.entries->insert(std::move(key), &version);
    return true;
  });
}

void Session::add_index(Table& table, TableIndex index) {
  std::vector<IndexColumn> columns;
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    const TableIndex::Part& part = index.parts[i];
    columns.push_back(
        {static_cast<std::uint32_t>(i), part.type.id, part.descending, part.nulls_first});
  }
  index.entries = std::make_shared<Index>(std::move(columns), shared_.types);
  fill_index(table, index);
  table.indexes.push_back(std::move(index));
}

void Session::add_foreign_key(const PgQuery__Constraint& node, Table& table,
                              std::optional<std::size_t> column) {
  if (node.deferrable) unsupported("DEFERRABLE");
  if (node.fk_matchtype[0] == 'f') unsupported("MATCH FULL");
  Constraint constraint;
  constraint.kind = Constraint::Kind::foreign_key;
  constraint.oid = shared_.catalog.next_oid();
  if (column) constraint.columns = {*column};
  if (node.n_fk_attrs > 0) {
    constraint.columns = columns_named(table, names_of({node.fk_attrs, node.n_fk_attrs}), false);
  }
  const bool is_self = std::string_view(node.pktable->relname) == table.name;
  const auto referred = is_self ? std::make_shared<const Table>(table)
                                : open_table(node.pktable->schemaname, node.pktable->relname,
                                             LockMode::share_row_exclusive, 0);
  constraint.referred = referred->oid;
  if (node.n_pk_attrs > 0) {
    constraint.referred_columns =
        columns_named(*referred, names_of({node.pk_attrs, node.n_pk_attrs}), false);
  }
  bool found = false;
  for (const Constraint& each : referred->constraints) {
    const bool is_key =
        each.kind == Constraint::Kind::primary_key ||
        (each.kind == Constraint::Kind::unique && !constraint.referred_columns.empty());
    if (!is_key) continue;
    if (constraint.referred_columns.empty()) constraint.referred_columns = each.columns;
    std::vector<std::size_t> a = each.columns;
    std::vector<std::size_t> b = constraint.referred_columns;
    std::ranges::sort(a);
    std::ranges::sort(b);
    if (a == b && !found) {
      found = true;
      constraint.index = each.index;
    }
  }
  if (constraint.referred_columns.empty()) {
    fail(sqlstate::kUndefinedObject,
         "there is no primary key for referenced table \"" + referred->name + "\"");
  }
  if (!found) {
    fail("42830", "there is no unique constraint matching given keys for referenced table \"" +
                      referred->name + "\"");
  }
  if (constraint.columns.size() != constraint.referred_columns.size()) {
    fail("42830", "number of referencing and referenced columns for foreign key disagree");
  }
  const std::string name =
      node.conname[0] != '\0'
          ? std::string(node.conname)
          : free_name(table, table.name + joined(table, constraint.columns) + "_fkey");
  for (std::size_t i = 0; i < constraint.columns.size(); ++i) {
    const Column& own = table.columns[constraint.columns[i]];
    const Column& key = referred->columns[constraint.referred_columns[i]];
    // By an operator that the key's index has, or the value becomes one of the key's type.
    const bool fits = keys_compare(key.type.id, own.type.id) ||
                      can_coerce(*this, own.type.id, key.type.id, CastContext::implicit);
    if (fits) continue;
    throw SqlError{.sqlstate = std::string(sqlstate::kDatatypeMismatch),
                   .message = "foreign key constraint \"" + name + "\" cannot be implemented",
                   .detail = "Key columns \"" + own.name + "\" and \"" + key.name +
                             "\" are of incompatible types: " + title(own.type.id) + " and " +
                             title(key.type.id) + "."};
  }
  constraint.on_update = action_of(node.fk_upd_action);
  constraint.on_delete = action_of(node.fk_del_action);
  refuse_actions_on_generated(table, constraint);
  constraint.set_columns =
      columns_named(table, names_of({node.fk_del_set_cols, node.n_fk_del_set_cols}), false);
  constraint.name = name;
  table.constraints.push_back(std::move(constraint));
}

void Session::add_constraint(const std::shared_ptr<const ParseTree>& tree,
                             const PgQuery__Constraint& node, Table& table,
                             std::optional<std::size_t> column) {
  Constraint constraint;
  constraint.oid = shared_.catalog.next_oid();
  switch (node.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: {
      constraint.kind = Constraint::Kind::check;
      constraint.expression = {tree, node.raw_expr};
      ParameterTypes none;
      Analyzer analyzer(*this, *this, *tree, none);
      ExpressionPtr made =
          analyzer.table_expression(constraint.expression, table, Clause::check_constraint);
      if (made->type.id != TypeId::boolean && made->type.id != TypeId::unknown) {
        fail(sqlstate::kDatatypeMismatch,
             "argument of CHECK must be type boolean, not type " + title(made->type.id));
      }
      std::vector<std::size_t> used;
      walk(made, [&](ExpressionPtr& part) {
        const auto* reference = dynamic_cast<const ColumnReference*>(part.get());
        if (reference != nullptr &&
            std::ranges::find(used, std::size_t{reference->column}) == used.end()) {
          used.push_back(reference->column);
        }
        return true;
      });
      const std::string middle = used.size() == 1 ? "_" + table.columns[used[0]].name : "";
      constraint.name = node.conname[0] != '\0' ? std::string(node.conname)
                                                : free_name(table, table.name + middle + "_check");
      break;
    }
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE: {
      if (node.deferrable) unsupported("DEFERRABLE");
      const bool is_primary = node.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
      constraint.kind = is_primary ? Constraint::Kind::primary_key : Constraint::Kind::unique;
      if (column) constraint.columns = {*column};
      if (node.n_keys > 0) {
        constraint.columns = columns_named(table, names_of({node.keys, node.n_keys}), true);
      }
      if (is_primary) {
        const bool again = std::ranges::any_of(table.constraints, [](const Constraint& each) {
          return each.kind == Constraint::Kind::primary_key;
        });
        if (again) {
          fail(kPrimary, "multiple primary keys for table \"" + table.name + "\" are not allowed");
        }
        for (const std::size_t each : constraint.columns) table.columns[each].not_null = true;
      }
      const std::string suffix = is_primary ? "_pkey" : joined(table, constraint.columns) + "_key";
      constraint.name = node.conname[0] != '\0' ? std::string(node.conname)
                                                : free_name(table, table.name + suffix);
      if (node.conname[0] != '\0' && name_is_taken(table.schema, constraint.name)) {
        fail(sqlstate::kDuplicateTable, "relation \"" + constraint.name + "\" already exists");
      }
      TableIndex index;
      index.oid = constraint.index = shared_.catalog.next_oid();
      index.name = constraint.name;
      index.is_unique = index.is_constraint = true;
      index.is_primary = is_primary;
      index.nulls_not_distinct = node.nulls_not_distinct;
      for (const std::size_t each : constraint.columns) {
        index.parts.push_back(
            {static_cast<std::int32_t>(each), {}, table.columns[each].type, false, false});
      }
      add_index(table, std::move(index));
      break;
    }
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: add_foreign_key(node, table, column); return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION: unsupported("EXCLUDE");
    default: return;
  }
  table.constraints.push_back(std::move(constraint));
}

void Session::create_table(const std::shared_ptr<const ParseTree>& tree,
                           const PgQuery__CreateStmt& node) {
  if (node.n_inh_relations > 0) unsupported("INHERITS");
  if (node.partspec != nullptr || node.partbound != nullptr) unsupported("a partitioned table");
  if (node.relation->relpersistence[0] == 't') unsupported("a temporary table");
  if (node.of_typename != nullptr) unsupported("OF");
  Table table;
  table.schema = schema_for(node.relation->schemaname);
  table.name = node.relation->relname;
  if (name_is_taken(table.schema, table.name)) {
    if (node.if_not_exists) return;
    fail(sqlstate::kDuplicateTable, "relation \"" + table.name + "\" already exists");
  }
  table.oid = shared_.catalog.next_oid();
  table.heap = std::make_shared<Heap>(table.oid, shared_.storage);
  for (std::size_t i = 0; i < node.n_table_elts; ++i) {
    const PgQuery__Node* element = node.table_elts[i];
    if (element->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
      add_column(tree, *element->column_def, table, nullptr);
    } else if (element->node_case != PG_QUERY__NODE__NODE_CONSTRAINT) {
      unsupported("LIKE");
    }
  }
  // Defaults that cannot be are refused here, though they are computed later.
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *tree, none);
  for (const Column& column : table.columns) check_column_rules(analyzer, table, column);
  // Keys first, as PostgreSQL makes them.
  const auto is_index = [](const PgQuery__Constraint& constraint) {
    return constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
           constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
  };
  const auto is_reference = [](const PgQuery__Constraint& constraint) {
    return constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
  };
  for (const int pass : {0, 1, 2}) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < node.n_table_elts; ++i) {
      const PgQuery__Node* element = node.table_elts[i];
      const auto add = [&](const PgQuery__Constraint& constraint, std::optional<std::size_t> of) {
        const int when = is_index(constraint) ? 1 : is_reference(constraint) ? 2 : 0;
        if (when == pass) add_constraint(tree, constraint, table, of);
      };
      if (element->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
        add(*element->constraint, std::nullopt);
        continue;
      }
      const PgQuery__ColumnDef& definition = *element->column_def;
      for (std::size_t k = 0; k < definition.n_constraints; ++k) {
        add(*definition.constraints[k]->constraint, column);
      }
      ++column;
    }
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

void Session::create_index(const std::shared_ptr<const ParseTree>& tree,
                           const PgQuery__IndexStmt& node) {
  if (node.concurrent) unsupported("CREATE INDEX CONCURRENTLY");
  const std::string_view method = node.access_method;
  if (!method.empty() && method != "btree") unsupported("an index by " + std::string(method));
  const auto before =
      open_table(node.relation->schemaname, node.relation->relname, LockMode::share, 0);
  Table table = *before;
  TableIndex index;
  index.oid = shared_.catalog.next_oid();
  index.is_unique = node.unique;
  index.nulls_not_distinct = node.nulls_not_distinct;
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *tree, none);
  // All is looked at before any of it is found to change by itself.
  ExpressionPtr condition;
  if (node.where_clause != nullptr) {
    index.condition = {tree, node.where_clause};
    condition = analyzer.as_condition(
        analyzer.table_expression(index.condition, table, Clause::index_predicate), "WHERE");
  }
  for (std::size_t i = 0; i < node.n_index_params; ++i) {
    const PgQuery__IndexElem& element = *node.index_params[i]->index_elem;
    if (element.name[0] != '\0') continue;
    analyzer.table_expression({tree, element.expr}, table, Clause::index_expression);
  }
  if (condition != nullptr && !is_immutable(*condition, *this)) {
    fail("42P17", "functions in index predicate must be marked IMMUTABLE");
  }
  std::string columns;
  for (std::size_t i = 0; i < node.n_index_params; ++i) {
    const PgQuery__IndexElem& element = *node.index_params[i]->index_elem;
    if (element.n_opclass > 0) unsupported("an operator class");
    TableIndex::Part part;
    part.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    part.nulls_first = element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT &&
                        part.descending);
    if (element.name[0] != '\0') {
      const auto column = table.find_column(element.name);
      if (!column) {
        fail(sqlstate::kUndefinedColumn,
             "column \"" + std::string(element.name) + "\" does not exist");
      }
      part.column = static_cast<std::int32_t>(*column);
      part.type = table.columns[*column].type;
      columns += "_" + std::string(element.name);
    } else {
      part.expression = {tree, element.expr};
      const ExpressionPtr made =
          analyzer.table_expression(part.expression, table, Clause::index_expression);
      if (!is_immutable(*made, *this)) {
        fail("42P17", "functions in index expression must be marked IMMUTABLE");
      }
      if (made->type.id == TypeId::unknown) {
        throw SqlError{
            .sqlstate = std::string(sqlstate::kUndefinedObject),
            .message =
                "data type unknown has no default operator class for access method \"btree\"",
            .hint =
                "You must specify an operator class for the index or define a default operator "
                "class for the data type."};
      }
      part.type = made->type;
      columns += "_" + (name_of_target(element.expr) == "?column?" ? "expr"
                                                                   : name_of_target(element.expr));
    }
    index.parts.push_back(std::move(part));
  }
  for (std::size_t i = 0; i < node.n_index_including_params; ++i) {
    const auto column = table.find_column(node.index_including_params[i]->index_elem->name);
    if (!column) fail(sqlstate::kUndefinedColumn, "column does not exist");
    index.included.push_back(*column);
  }
  index.name = node.idxname;
  if (index.name.empty()) {
    index.name = free_name(table, table.name + columns + "_idx");
  } else if (name_is_taken(table.schema, index.name)) {
    if (node.if_not_exists) return;
    fail(sqlstate::kDuplicateTable, "relation \"" + index.name + "\" already exists");
  }
  add_index(table, std::move(index));
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

void Session::create_enum(const PgQuery__CreateEnumStmt& node) {
  const std::string name(last_name({node.type_name, node.n_type_name}));
  if (find(name) != nullptr) {
    fail(sqlstate::kDuplicateObject, "type \"" + name + "\" already exists");
  }
  Catalog::Enum made;
  made.type.id = static_cast<TypeId>(shared_.catalog.next_oid());
  made.array.id = static_cast<TypeId>(shared_.catalog.next_oid());
  made.type.name = made.type.title = name;
  made.type.category = 'E';
  made.type.array = made.array.id;
  made.type.length = 4;
  made.type.kind = Kind::integer;
  for (std::size_t i = 0; i < node.n_vals; ++i) {
    made.type.labels.push_back({static_cast<std::int64_t>(shared_.catalog.next_oid()),
                                std::string(string_of(node.vals[i]))});
  }
  made.array.name = "_" + name;
  made.array.title = name + "[]";
  made.array.category = 'A';
  made.array.element = made.type.id;
  made.array.kind = Kind::array;
  shared_.catalog.put_enum(std::move(made), actor_.current);
}

// --- ALTER, DROP, TRUNCATE, LOCK -----------------------------------------------------------------

/// That the rows which are there keep to a constraint which is new.
void Session::check_rows(const Table& table, const Constraint& made) {
  if (made.kind == Constraint::Kind::check) {
    ParameterTypes none;
    Analyzer analyzer(*this, *this, *made.expression.tree, none);
    const ExpressionPtr check_made =
        analyzer.table_expression(made.expression, table, Clause::check_constraint);
    ++actor_.command;
    const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
    Execution execution(*this, snapshot, {});
    table.heap->scan(snapshot, actor_, [&](Version& version) {
      const Slot slot{version.values.data(), &version};
      const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
      const Value value = check_made->evaluate(frame);
      if (!value.is_null() && !value.boolean()) {
        throw SqlError{.sqlstate = std::string(sqlstate::kCheckViolation),
                       .message = "check constraint \"" + made.name + "\" of relation \"" +
                                  table.name + "\" is violated by some row",
                       .schema = table.schema,
                       .table = table.name,
                       .constraint = made.name};
      }
      return true;
    });
  }
  if (made.kind == Constraint::Kind::foreign_key) {
    const auto current = std::make_shared<const Table>(table);
    const Snapshot snapshot = shared_.storage.transactions.snapshot(++actor_.command);
    table.heap->scan(snapshot, actor_, [&](Version& version) {
      check_reference({current, nullptr, &version}, made);
      return true;
    });
  }
}

void Session::alter_table(const std::shared_ptr<const ParseTree>& tree,
                          const PgQuery__AlterTableStmt& node) {
  const auto before =
      open_table(node.relation->schemaname, node.relation->relname, LockMode::access_exclusive, 0);
  Table table = *before;
  ParameterTypes none;
  Analyzer analyzer(*this, *this, *tree, none);
  const auto column_named = [&](std::string_view name) {
    const auto column = table.find_column(name);
    if (!column) {
      fail(sqlstate::kUndefinedColumn, "column \"" + std::string(name) + "\" of relation \"" +
                                           table.name + "\" does not exist");
    }
    return *column;
  };
  const auto each_row = [&](const std::function<void(Version&, bool)>& visit) {
    const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
    table.heap->scan_all(snapshot, actor_, [&](Version& version, bool is_visible) {
      visit(version, is_visible);
      return true;
    });
  };
  for (std::size_t i = 0; i < node.n_cmds; ++i) {
    const PgQuery__AlterTableCmd& command = *node.cmds[i]->alter_table_cmd;
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn: {
        const PgQuery__ColumnDef& definition = *command.def->column_def;
        if (command.missing_ok && table.find_column(definition.colname)) break;
        add_column(tree, definition, table, nullptr);
        const std::size_t index = table.columns.size() - 1;
        const Column& column = table.columns[index];
        ExpressionPtr value;
        if (column.default_value) {
          value = analyzer.assigned(
              analyzer.table_expression(column.default_value, table, Clause::default_value),
              column.type, column.name, "default expression", false);
        }
        check_column_rules(analyzer, table, column);
        if (column.identity != '\0') {
          value = analyzer.assigned(
              std::make_unique<NextValue>(Type{TypeId::int8, -1}, column.sequence), column.type,
              column.name);
        }
        if (column.generated) {
          value = analyzer.assigned(
              analyzer.table_expression(column.generated, table, Clause::generated), column.type,
              column.name);
        }
        Execution execution(*this, shared_.storage.transactions.snapshot(actor_.command), {});
        each_row([&](Version& version, bool is_visible) {
          version.values.resize(index + 1);
          version.values[index] = {};
          if (!is_visible) return;
          const Slot slot{version.values.data(), &version};
          const Frame frame{execution, nullptr, &slot, nullptr, nullptr};
          if (value != nullptr) version.values[index] = value->evaluate(frame);
          if (column.not_null && version.values[index].is_null()) fail_null(table, column.name);
        });
        for (std::size_t k = 0; k < definition.n_constraints; ++k) {
          const std::size_t had = table.constraints.size();
          add_constraint(tree, *definition.constraints[k]->constraint, table, index);
          if (table.constraints.size() > had) check_rows(table, table.constraints.back());
        }
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn: {
        if (command.missing_ok && !table.find_column(command.name)) break;
        drop_column(table, column_named(command.name),
                    command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint: {
        const PgQuery__Constraint& constraint = *command.def->constraint;
        const std::size_t had = table.constraints.size();
        add_constraint(tree, constraint, table, std::nullopt);
        if (table.constraints.size() == had) break;
        check_rows(table, table.constraints.back());
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint: {
        const auto found = std::ranges::find(table.constraints, command.name, &Constraint::name);
        if (found == table.constraints.end()) {
          if (command.missing_ok) break;
          fail(sqlstate::kUndefinedObject, "constraint \"" + std::string(command.name) +
                                               "\" of relation \"" + table.name +
                                               "\" does not exist");
        }
        const Constraint dropped = *found;
        const bool is_key = dropped.kind == Constraint::Kind::primary_key ||
                            dropped.kind == Constraint::Kind::unique;
        if (is_key) {
          const bool cascades = command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
          drop_referring("constraint " + dropped.name + " on table " + table.name,
                         "index " + dropped.name, table, cascades,
                         [&](const Constraint& each) { return each.index == dropped.index; });
        }
        const Oid index = is_key ? dropped.index : 0;
        std::erase_if(table.constraints,
                      [&](const Constraint& each) { return each.oid == dropped.oid; });
        if (is_key) {
          std::erase_if(table.indexes, [&](const TableIndex& each) { return each.oid == index; });
        }
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull: {
        const std::size_t column = column_named(command.name);
        const Snapshot snapshot = shared_.storage.transactions.snapshot(actor_.command);
        table.heap->scan(snapshot, actor_, [&](Version& version) {
          if (version.values[column].is_null()) {
            fail_null(table, table.columns[column].name);
          }
          return true;
        });
        table.columns[column].not_null = true;
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull: {
        const std::size_t column = column_named(command.name);
        if (table.columns[column].identity != '\0') {
          fail(sqlstate::kSyntaxError, "column \"" + std::string(command.name) +
                                           "\" of relation \"" + table.name +
                                           "\" is an identity column");
        }
        for (const Constraint& each : table.constraints) {
          if (each.kind == Constraint::Kind::primary_key &&
              std::ranges::find(each.columns, column) != each.columns.end()) {
            fail(kPrimary, "column \"" + std::string(command.name) + "\" is in a primary key");
          }
        }
        table.columns[column].not_null = false;
        break;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault: {
        Column& column = table.columns[column_named(command.name)];
        if (column.identity != '\0') {
          throw SqlError{
              .sqlstate = std::string(sqlstate::kSyntaxError),
              .message = "column \"" + column.name + "\" of relation \"" + table.name +
                         "\" is an identity column",
              .hint = command.def != nullptr
                          ? ""
                          : "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."};
        }
        if (column.generated) {
          throw SqlError{
              .sqlstate = std::string(sqlstate::kSyntaxError),
              .message = "column \"" + column.name + "\" of relation \"" + table.name +
                         "\" is a generated column",
              .hint = command.def != nullptr
                          ? ""
                          : "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead."};
        }
        column.default_value = {};
        if (command.def != nullptr) column.default_value = {tree, command.def};
        check_column_rules(analyzer, table, column);
        break;
      }
      default: unsupported("this ALTER TABLE command");
    }
  }
  shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                            counts());
}

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
        Table own = *table;
        own.constraints.clear();  // its own go with it
        drop_referring("table " + name, "table " + name, own, cascades,
                       [](const Constraint&) { return true; });
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
        drop_sequence(oid, name, cascades);
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
        drop_type(*type, cascades);
        break;
      }
      default: unsupported("this DROP");
    }
  }
}

void Session::truncate(const PgQuery__TruncateStmt& node) {
  std::vector<std::shared_ptr<const Table>> emptied;
  const auto is_emptied = [&](Oid oid) {
    return std::ranges::any_of(emptied, [&](const auto& each) { return each->oid == oid; });
  };
  for (std::size_t i = 0; i < node.n_relations; ++i) {
    const PgQuery__RangeVar& relation = *node.relations[i]->range_var;
    auto table = open_table(relation.schemaname, relation.relname, LockMode::access_exclusive, 0);
    if (!is_emptied(table->oid)) emptied.push_back(std::move(table));
  }
  const bool cascades = node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  for (std::size_t i = 0; i < emptied.size(); ++i) {
    auto others = shared_.catalog.tables(counts());
    std::ranges::sort(others, {}, &Table::oid);
    for (const auto& other : others) {
      const bool refers = std::ranges::any_of(other->constraints, [&](const Constraint& each) {
        return each.kind == Constraint::Kind::foreign_key && each.referred == emptied[i]->oid;
      });
      if (!refers || is_emptied(other->oid)) continue;
      if (cascades) {
        emptied.push_back(open_table(other->schema, other->name, LockMode::access_exclusive, 0));
        continue;
      }
      throw SqlError{
          .sqlstate = std::string(sqlstate::kFeatureNotSupported),
          .message = "cannot truncate a table referenced in a foreign key constraint",
          .detail = "Table \"" + other->name + "\" references \"" + emptied[i]->name + "\".",
          .hint = "Truncate table \"" + other->name +
                  "\" at the same time, or use TRUNCATE ... CASCADE."};
    }
  }
  for (const auto& before : emptied) {
    // A new, empty heap: the old one comes back where the transaction is rolled back.
    Table table = *before;
    table.heap = std::make_shared<Heap>(shared_.catalog.next_oid(), shared_.storage);
    for (TableIndex& index : table.indexes) {
      index.entries = std::make_shared<Index>(index.entries->columns(), shared_.types);
    }
    if (node.restart_seqs) {
      for (const Column& column : table.columns) {
        if (column.sequence == 0) continue;
        const auto sequence = shared_.catalog.sequence(column.sequence, counts());
        // A new state: the old one comes back where the transaction is rolled back.
        Sequence restarted = *sequence;
        restarted.state =
            std::make_shared<Sequence::State>(Sequence::State{sequence->definition.start, false});
        shared_.catalog.put_sequence(std::make_shared<const Sequence>(std::move(restarted)),
                                     actor_.current, counts());
      }
    }
    shared_.catalog.put_table(std::make_shared<const Table>(std::move(table)), actor_.current,
                              counts());
  }
}

void Session::lock(const PgQuery__LockStmt& node) {
  require_block("LOCK TABLE");
  for (std::size_t i = 0; i < node.n_relations; ++i) {
    const PgQuery__RangeVar& relation = *node.relations[i]->range_var;
    const auto mode = static_cast<LockMode>(node.mode - 1);
    if (node.nowait) {
      const auto found =
          open_table(relation.schemaname, relation.relname, LockMode::access_share, 0);
      const LockTag tag{LockTag::Kind::relation, found->oid, 0};
      if (!shared_.locks.acquire(actor_.backend, tag, mode, WaitPolicy::error, actor_.owner)) {
        fail(sqlstate::kLockNotAvailable,
             "could not obtain lock on relation \"" + found->name + "\"");
      }
    } else {
      open_table(relation.schemaname, relation.relname, mode, 0);
    }
  }
}

bool Session::define(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* node,
                     StatementResult& result) {
  const auto writing = [&](std::string tag) {
    begin_writing(tag);
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
        if (schema.if_not_exists) return true;
        fail("42P06", "schema \"" + std::string(schema.schemaname) + "\" already exists");
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
      static constexpr std::array<std::pair<PgQuery__ObjectType, const char*>, 5> kTags = {{
          {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, "DROP TABLE"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, "DROP INDEX"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, "DROP SEQUENCE"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "DROP SCHEMA"},
          {PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, "DROP TYPE"},
      }};
      const auto* tag = std::ranges::find_if(
          kTags, [&](const auto& each) { return each.first == node->drop_stmt->remove_type; });
      if (tag == kTags.end()) unsupported("this DROP");
      writing(tag->second);
      drop(*node->drop_stmt);
      return true;
    }
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
