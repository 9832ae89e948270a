#include <algorithm>

#include "sim/postgres/session.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

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
      const auto nothing = shared_.parses.parsed("SELECT 1");
      Analyzer analyzer(*this, *this, *nothing);
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
    relation_exists(node.sequence->relname, node.if_not_exists);
    return;
  }
  auto sequence =
      make_sequence(schema, node.sequence->relname, TypeId::int8, {node.options, node.n_options});
  shared_.catalog.put_sequence(std::move(sequence), actor_.current, counts());
}

void Session::create_enum(const PgQuery__CreateEnumStmt& node) {
  const std::string name(last_name({node.type_name, node.n_type_name}));
  const std::string schema =
      schema_for(node.n_type_name > 1 ? string_of(node.type_name[0]) : std::string_view());
  if (find_type(schema, name) != nullptr) {
    fail(sqlstate::kDuplicateObject, "type \"" + name + "\" already exists");
  }
  Catalog::Enum made;
  made.schema = schema;
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

}  // namespace firedrill::sim::postgres
