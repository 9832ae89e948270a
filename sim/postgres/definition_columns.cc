#include <algorithm>
#include <array>

#include "sim/postgres/definition.h"
#include "sim/postgres/query/resolve.h"
#include "sim/postgres/query/volatility.h"
#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

namespace {

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

/// DEFERRABLE and the like stand after what can be put off. Whether the next may.
bool require_placed(const PgQuery__Constraint& constraint, bool may_be_put_off) {
  switch (constraint.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: return true;
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
      if (!may_be_put_off) fail(sqlstate::kSyntaxError, "misplaced DEFERRABLE clause");
      return true;
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
      if (!may_be_put_off) fail(sqlstate::kSyntaxError, "misplaced NOT DEFERRABLE clause");
      return true;
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
      if (!may_be_put_off) fail(sqlstate::kSyntaxError, "misplaced INITIALLY DEFERRED clause");
      return true;
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
      if (!may_be_put_off) fail(sqlstate::kSyntaxError, "misplaced INITIALLY IMMEDIATE clause");
      return true;
    default: return false;
  }
}

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

Constraint::Action action_of(const char* text) {
  switch (text[0]) {
    case 'r': return Constraint::Action::restrict;
    case 'c': return Constraint::Action::cascade;
    case 'n': return Constraint::Action::set_null;
    case 'd': return Constraint::Action::set_default;
    default: return Constraint::Action::no_action;
  }
}

}  // namespace

void Session::add_column(const std::shared_ptr<const ParseTree>& tree,
                         const PgQuery__ColumnDef& node, Table& table, NodeList*) {
  if (table.find_column(node.colname)) {
    const bool is_new = shared_.catalog.table(table.oid, counts()) == nullptr;
    fail(sqlstate::kDuplicateColumn,
         is_new ? "column \"" + std::string(node.colname) + "\" specified more than once"
                : "column \"" + std::string(node.colname) + "\" of relation \"" + table.name +
                      "\" already exists");
  }
  Column column;
  column.name = node.colname;
  Analyzer analyzer(*this, *this, *tree);
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
    const auto expression = shared_.parses.parsed("SELECT nextval('\"" + table.schema + "\".\"" +
                                                  sequence->name + "\"')");
    column.default_value = {
        expression,
        expression->statements()[0]->stmt->select_stmt->target_list[0]->res_target->val};
  } else {
    column.type = analyzer.type_of(&type);
  }
  bool may_be_put_off = false;
  for (std::size_t i = 0; i < node.n_constraints; ++i) {
    const PgQuery__Constraint& constraint = *node.constraints[i]->constraint;
    may_be_put_off = require_placed(constraint, may_be_put_off);
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

namespace {

[[noreturn]] void fail_clause(const std::string& message) {
  fail(sqlstate::kSyntaxError, message);
}

/// DEFERRABLE and INITIALLY DEFERRED: in the constraint itself, or, of a column's, in what stands
/// after it.
void put_off(Constraint& constraint, const PgQuery__Constraint& node, NodeList after) {
  constraint.is_deferrable = node.deferrable != 0;
  constraint.is_initially_deferred = node.initdeferred != 0;
  bool is_said = false;
  for (const PgQuery__Node* each : after) {
    switch (each->constraint->contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
        constraint.is_deferrable = is_said = true;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
        is_said = true;
        if (constraint.is_initially_deferred) {
          fail_clause("constraint declared INITIALLY DEFERRED must be DEFERRABLE");
        }
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
        constraint.is_initially_deferred = true;
        if (!is_said) constraint.is_deferrable = true;
        if (!constraint.is_deferrable) {
          fail_clause("constraint declared INITIALLY DEFERRED must be DEFERRABLE");
        }
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE: break;
      default: return;
    }
  }
}

void require_comparable(const Types& types, const Constraint& constraint, const Column& referring,
                        const Column& referred) {
  const TypeId given[] = {referred.type.id, referring.type.id};
  ChoiceError error = ChoiceError::none;
  choose_operator(types, "=", given, error);
  if (error == ChoiceError::none) return;
  throw SqlError{
      .sqlstate = std::string(sqlstate::kDatatypeMismatch),
      .message = "foreign key constraint \"" + constraint.name + "\" cannot be implemented",
      .detail = "Key columns \"" + referring.name + "\" and \"" + referred.name +
                "\" are of incompatible types: " + types.title(referring.type) + " and " +
                types.title(referred.type) + "."};
}

}  // namespace

void Session::alter_constraint(const PgQuery__Constraint& node, Table& table) {
  const auto found = std::ranges::find(table.constraints, node.conname, &Constraint::name);
  if (found == table.constraints.end()) {
    fail(sqlstate::kUndefinedObject, "constraint \"" + std::string(node.conname) +
                                         "\" of relation \"" + table.name + "\" does not exist");
  }
  if (found->kind != Constraint::Kind::foreign_key) {
    fail(sqlstate::kWrongObjectType, "constraint \"" + found->name + "\" of relation \"" +
                                         table.name + "\" is not a foreign key constraint");
  }
  found->is_deferrable = node.deferrable != 0;
  found->is_initially_deferred = node.initdeferred != 0;
}

void Session::add_foreign_key(const PgQuery__Constraint& node, Table& table,
                              std::optional<std::size_t> column, NodeList after) {
  if (node.fk_matchtype[0] == 'f') unsupported("MATCH FULL");
  Constraint constraint;
  put_off(constraint, node, after);
  constraint.kind = Constraint::Kind::foreign_key;
  constraint.oid = shared_.catalog.next_oid();
  if (column) constraint.columns = {*column};
  if (node.n_fk_attrs > 0) {
    constraint.columns = columns_named(table, names_of({node.fk_attrs, node.n_fk_attrs}), false);
  }
  require_free(node, table);
  const bool is_self = std::string_view(node.pktable->relname) == table.name;
  const auto referred = is_self ? std::make_shared<const Table>(table)
                                : open_table(node.pktable->schemaname, node.pktable->relname,
                                             LockMode::share_row_exclusive, 0);
  require_no_view(*referred, "REFERENCES");
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
    if (a != b) continue;
    if (each.is_deferrable) {
      fail(sqlstate::kObjectNotInPrerequisiteState,
           "cannot use a deferrable " +
               std::string(node.n_pk_attrs == 0 ? "primary key" : "unique constraint") +
               " for referenced table \"" + referred->name + "\"");
    }
    found = true;
  }
  if (constraint.referred_columns.empty()) {
    fail(sqlstate::kUndefinedObject,
         "there is no primary key for referenced table \"" + referred->name + "\"");
  }
  if (!found) {
    fail("42830", "there is no unique constraint matching given keys for referenced table \"" +
                      referred->name + "\"");
  }
  constraint.on_update = action_of(node.fk_upd_action);
  constraint.on_delete = action_of(node.fk_del_action);
  refuse_actions_on_generated(table, constraint);
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
  constraint.set_columns =
      columns_named(table, names_of({node.fk_del_set_cols, node.n_fk_del_set_cols}), false);
  constraint.name = name;
  for (std::size_t i = 0; i < constraint.columns.size(); ++i) {
    require_comparable(*this, constraint, table.columns[constraint.columns[i]],
                       referred->columns[constraint.referred_columns[i]]);
  }
  table.constraints.push_back(std::move(constraint));
}

/// That a constraint which is given a name is the table's only one of it.
void Session::require_free(const PgQuery__Constraint& node, const Table& table) {
  if (node.conname[0] == '\0') return;
  if (std::ranges::find(table.constraints, node.conname, &Constraint::name) ==
      table.constraints.end()) {
    return;
  }
  const bool is_new_table = shared_.catalog.table(table.oid, counts()) == nullptr;
  const bool is_check = node.contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK;
  const std::string name = "\"" + std::string(node.conname) + "\"";
  fail(sqlstate::kDuplicateObject,
       is_check && is_new_table
           ? "check constraint " + name + " already exists"
           : "constraint " + name + " for relation \"" + table.name + "\" already exists");
}

void Session::add_constraint(const std::shared_ptr<const ParseTree>& tree,
                             const PgQuery__Constraint& node, Table& table,
                             std::optional<std::size_t> column, NodeList after) {
  Constraint constraint;
  put_off(constraint, node, after);
  constraint.oid = shared_.catalog.next_oid();
  switch (node.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: {
      constraint.kind = Constraint::Kind::check;
      constraint.expression = {tree, node.raw_expr};
      Analyzer analyzer(*this, *this, *tree);
      ExpressionPtr made =
          analyzer.table_expression(constraint.expression, table, Clause::check_constraint);
      if (made->type.id != TypeId::boolean && made->type.id != TypeId::unknown) {
        fail(sqlstate::kDatatypeMismatch,
             "argument of CHECK must be type boolean, not type " + title(made->type.id));
      }
      require_free(node, table);
      std::vector<std::size_t> used;
      walk(made, [&](ExpressionPtr& part) {
        const auto* reference = dynamic_cast<const ColumnReference*>(part.get());
        if (reference != nullptr &&
            std::ranges::find(used, std::size_t{reference->column}) == used.end()) {
          used.push_back(reference->column);
        }
        return true;
      });
      constraint.columns = used;
      const std::string middle = used.size() == 1 ? "_" + table.columns[used[0]].name : "";
      constraint.name = node.conname[0] != '\0' ? std::string(node.conname)
                                                : free_name(table, table.name + middle + "_check");
      break;
    }
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE: {
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
      require_free(node, table);
      TableIndex index;
      index.oid = constraint.index = shared_.catalog.next_oid();
      index.name = constraint.name;
      index.is_unique = index.is_constraint = true;
      index.is_primary = is_primary;
      index.is_deferrable = constraint.is_deferrable;
      index.nulls_not_distinct = node.nulls_not_distinct;
      for (const std::size_t each : constraint.columns) {
        index.parts.push_back(
            {static_cast<std::int32_t>(each), {}, table.columns[each].type, false, false});
      }
      add_index(table, std::move(index));
      break;
    }
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: add_foreign_key(node, table, column, after); return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION: unsupported("EXCLUDE");
    default: return;
  }
  table.constraints.push_back(std::move(constraint));
}

}  // namespace firedrill::sim::postgres
