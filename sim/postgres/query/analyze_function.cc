#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

namespace {

struct WindowName {
  std::string_view name;
  WindowFunction::Kind kind;
  std::size_t least;
  std::size_t most;
};
constexpr auto kWindowNames = std::to_array<WindowName>({
    {"row_number", WindowFunction::Kind::row_number, 0, 0},
    {"rank", WindowFunction::Kind::rank, 0, 0},
    {"dense_rank", WindowFunction::Kind::dense_rank, 0, 0},
    {"percent_rank", WindowFunction::Kind::percent_rank, 0, 0},
    {"cume_dist", WindowFunction::Kind::cume_dist, 0, 0},
    {"ntile", WindowFunction::Kind::ntile, 1, 1},
    {"lag", WindowFunction::Kind::lag, 1, 3},
    {"lead", WindowFunction::Kind::lead, 1, 3},
    {"first_value", WindowFunction::Kind::first_value, 1, 1},
    {"last_value", WindowFunction::Kind::last_value, 1, 1},
    {"nth_value", WindowFunction::Kind::nth_value, 2, 2},
});

const WindowName* window_name(std::string_view name) {
  const auto* found = std::ranges::find(kWindowNames, name, &WindowName::name);
  return found != kWindowNames.end() ? found : nullptr;
}

/// Where aggregates may not stand, and how that is said.
std::string_view name_of(Clause clause) {
  switch (clause) {
    case Clause::where: return "WHERE";
    case Clause::join_on: return "JOIN conditions";
    case Clause::group_by: return "GROUP BY";
    case Clause::values: return "VALUES";
    case Clause::update: return "UPDATE";
    case Clause::returning: return "RETURNING";
    case Clause::limit: return "LIMIT";
    case Clause::offset: return "OFFSET";
    case Clause::filter: return "FILTER";
    case Clause::function_in_from: return "functions in FROM";
    case Clause::check_constraint: return "check constraints";
    case Clause::default_value: return "DEFAULT expressions";
    case Clause::index_expression: return "index expressions";
    case Clause::index_predicate: return "index predicates";
    case Clause::generated: return "column generation expressions";
    case Clause::call_argument: return "EXECUTE parameters";
    default: return "";
  }
}

bool is_system_schema(std::string_view schema) {
  return schema == "pg_catalog";
}

}  // namespace

ExpressionPtr Analyzer::function_call(const PgQuery__FuncCall* node, Scope& scope) {
  const NodeList names{node->funcname, node->n_funcname};
  const std::string_view name = last_name(names);
  std::string full;
  for (const PgQuery__Node* part : names) {
    if (!full.empty()) full += '.';
    full += string_of(part);
  }
  if (names.size() > 2 || (names.size() == 2 && !is_system_schema(string_of(names[0])))) {
    const auto arguments = expressions({node->args, node->n_args}, scope);
    if (names.size() == 2 && !catalog_.has_schema(string_of(names[0]))) {
      fail("3F000", "schema \"" + std::string(string_of(names[0])) + "\" does not exist",
           position(node->location));
    }
    no_function(full, arguments, ChoiceError::not_found, node->location);
  }
  if (node->agg_within_group) unsupported("WITHIN GROUP", position(node->location));
  if (node->func_variadic) unsupported("a call with VARIADIC", position(node->location));
  if (window_name(name) != nullptr) {
    if (node->over == nullptr) {
      fail(sqlstate::kWrongObjectType,
           "window function " + std::string(name) + " requires an OVER clause",
           position(node->location));
    }
    return window_call(node, name, scope);
  }
  const Clause before = scope.clause;
  const auto candidates = functions_named(name);
  const bool may_aggregate = std::ranges::any_of(candidates, [](const Candidate& candidate) {
    return candidate.kind == Candidate::Kind::aggregate;
  });
  std::vector<ExpressionPtr> arguments;
  if (!node->agg_star) {
    if (may_aggregate) {
      // An aggregate within an aggregate is an error, but within a window's it is not.
      scope.clause = node->over != nullptr ? Clause::window : Clause::aggregate_argument;
    }
    arguments = expressions({node->args, node->n_args}, scope);
    scope.clause = before;
  }
  std::vector<TypeId> given;
  for (const ExpressionPtr& argument : arguments) given.push_back(argument->type.id);
  ChoiceError error = ChoiceError::none;
  const Choice choice = choose_function(types(), name, given, false, error);
  if (error != ChoiceError::none) {
    // A type's name with one argument is a cast.
    const TypeInfo* type = types().find(name);
    if (error == ChoiceError::not_found && type != nullptr && arguments.size() == 1 &&
        type->category != 'P') {
      ExpressionPtr made =
          coerced_or_null(arguments[0], Type{type->id, -1}, CastContext::explicit_only);
      if (made != nullptr) return made;
    }
    // FILTER is looked at before the function is looked for.
    if (node->agg_filter != nullptr) {
      scope.clause = Clause::aggregate_argument;
      boolean(node->agg_filter, scope, Clause::filter);
      scope.clause = before;
    }
    no_function(full, arguments, error, node->location);
  }
  const Candidate::Kind kind = choice.candidate->kind;
  if (kind == Candidate::Kind::aggregate) {
    return aggregate_call(node, choice, std::move(arguments), scope);
  }
  const auto refuse = [&](bool used, const std::string& what) {
    if (!used) return;
    fail(sqlstate::kWrongObjectType,
         what + ", but " + std::string(name) + " is not an aggregate function",
         position(node->location));
  };
  refuse(node->agg_star, std::string(name) + "(*) specified");
  refuse(node->agg_distinct, "DISTINCT specified");
  refuse(node->n_agg_order > 0, "ORDER BY specified");
  refuse(node->agg_filter != nullptr, "FILTER specified");
  if (node->over != nullptr) {
    fail(sqlstate::kWrongObjectType,
         "OVER specified, but " + std::string(name) +
             " is not a window function nor an aggregate function",
         position(node->location));
  }
  if (kind == Candidate::Kind::set_function) {
    unsupported("a set-returning function outside of FROM", position(node->location));
  }
  check_sequence(name, arguments);
  return made_call(choice, std::move(arguments), node->location);
}

/// nextval('...') names its sequence, which is looked up while the statement is analysed.
void Analyzer::check_sequence(std::string_view name, std::span<const ExpressionPtr> arguments) {
  if (name != "nextval" && name != "currval" && name != "setval") return;
  const auto* literal = dynamic_cast<const Constant*>(arguments[0].get());
  if (literal == nullptr || literal->type.id != TypeId::unknown || literal->value.is_null()) return;
  try {
    catalog_.find_sequence(literal->value.text());
  } catch (SqlError& error) {
    if (error.sqlstate != sqlstate::kUndefinedTable) return;
    error.position = position(literal->location);
    throw;
  }
}

ExpressionPtr Analyzer::aggregate_call(const PgQuery__FuncCall* node, const Choice& choice,
                                       std::vector<ExpressionPtr> arguments, Scope& scope) {
  if (node->over == nullptr && scope.clause == Clause::aggregate_argument) {
    fail(sqlstate::kGroupingError, "aggregate function calls cannot be nested",
         position(node->location));
  }
  const std::string_view refused = name_of(scope.clause);
  if (!refused.empty() && node->over == nullptr) {
    fail(sqlstate::kGroupingError, "aggregate functions are not allowed in " + std::string(refused),
         position(node->location));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    TypeId type = choice.arguments[i];
    const bool is_open = type == TypeId::any && arguments[i]->type.id == TypeId::unknown;
    if (is_open && dynamic_cast<Parameter*>(arguments[i].get()) == nullptr) type = TypeId::text;
    arguments[i] =
        coerced(std::move(arguments[i]), Type{type, -1}, CastContext::implicit, node->location);
  }
  if (arguments.empty() && !node->agg_star) {
    fail(sqlstate::kWrongObjectType,
         std::string(choice.candidate->name) +
             "(*) must be used to call a parameterless aggregate function",
         position(node->location));
  }
  if (node->over != nullptr && node->agg_distinct) {
    fail(sqlstate::kFeatureNotSupported, "DISTINCT is not implemented for window functions",
         position(node->location));
  }
  if (node->over != nullptr && node->n_agg_order > 0) {
    fail(sqlstate::kFeatureNotSupported,
         "aggregate ORDER BY is not implemented for window functions", position(node->location));
  }
  auto made = std::make_unique<AggregateCall>(*choice.candidate->aggregate, Type{choice.result, -1},
                                              std::move(arguments));
  made->location = node->location;
  made->is_distinct = node->agg_distinct;
  const Clause before = std::exchange(scope.clause, Clause::aggregate_argument);
  if (node->agg_filter != nullptr) {
    made->filter = boolean(node->agg_filter, scope, Clause::filter);
  }
  for (std::size_t i = 0; i < node->n_agg_order; ++i) {
    const PgQuery__SortBy* sort = node->agg_order[i]->sort_by;
    const Ordering ordering = ordering_of(*sort);
    ExpressionPtr key = expression(sort->node, scope);
    const bool is_argument = std::ranges::any_of(made->children, [&](const ExpressionPtr& each) {
      return each->description() == key->description();
    });
    if (made->is_distinct && !is_argument) {
      fail(sqlstate::kInvalidColumnReference,
           "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
           position(location_of(*key)));
    }
    if (key->type.id == TypeId::unknown) {
      key = coerced(std::move(key), Type{TypeId::text, -1}, CastContext::implicit, -1);
    }
    made->order.push_back({std::move(key), ordering.descending, ordering.nulls_first});
  }
  scope.clause = before;
  if (node->over == nullptr) {
    scope.has_aggregates = true;
    return made;
  }
  ExpressionPtr call = window_call(node, "", scope);
  WindowFunction& window = scope.query->windows.back();
  window.type = made->type;
  window.filter = std::move(made->filter);
  window.aggregate = std::move(made);
  call->type = window.type;
  return call;
}

/// Stands for the window's value: apply_windows() knows where that will be.
ExpressionPtr Analyzer::window_call(const PgQuery__FuncCall* node, std::string_view name,
                                    Scope& scope) {
  if (scope.clause == Clause::aggregate_argument) {
    fail(sqlstate::kGroupingError, "aggregate function calls cannot contain window function calls",
         position(node->location));
  }
  if (scope.clause == Clause::window) {
    fail("42P20", "window function calls cannot be nested", position(node->location));
  }
  if (scope.clause != Clause::select && scope.clause != Clause::order_by) {
    const std::string_view refused =
        scope.clause == Clause::having ? "HAVING" : name_of(scope.clause);
    fail("42P20", "window functions are not allowed in " + std::string(refused),
         position(node->location));
  }
  WindowFunction window;
  if (!name.empty()) {
    const WindowName& known = *window_name(name);
    window.kind = known.kind;
    scope.clause = Clause::window;
    window.arguments = expressions({node->args, node->n_args}, scope);
    scope.clause = Clause::select;
    if (window.arguments.size() < known.least || window.arguments.size() > known.most) {
      no_function(name, window.arguments, ChoiceError::not_found, node->location);
    }
    using Which = WindowFunction::Kind;
    const bool of_argument = known.least > 0 && known.kind != Which::ntile;
    const bool is_share = known.kind == Which::percent_rank || known.kind == Which::cume_dist;
    window.type = Type{is_share ? TypeId::float8 : TypeId::int8, -1};
    if (of_argument) {
      if (window.arguments.size() > 2) {  // of anycompatible, all others of anyelement
        std::vector<ExpressionPtr*> both = {&window.arguments[0], &window.arguments[2]};
        const std::array given = {both[0]->get()->type.id, both[1]->get()->type.id};
        const TypeId common_of = common_type(types(), given);
        if (common_of == TypeId::none) {
          no_function(name, window.arguments, ChoiceError::not_found, node->location);
        }
        for (ExpressionPtr* each : both) {
          *each = coerced(std::move(*each), Type{common_of, -1}, CastContext::implicit, -1);
        }
      }
      if (window.arguments[0]->type.id == TypeId::unknown) {
        fail(sqlstate::kDatatypeMismatch,
             "could not determine polymorphic type because input has type unknown");
      }
      window.type = Type{window.arguments[0]->type.id, -1};
    }
    if (known.kind == Which::ntile) {
      window.type = Type{TypeId::int4, -1};
      window.arguments[0] = coerced(std::move(window.arguments[0]), Type{TypeId::int4, -1},
                                    CastContext::implicit, -1);
    }
    if (window.arguments.size() > 1) {
      window.arguments[1] = coerced(std::move(window.arguments[1]), Type{TypeId::int4, -1},
                                    CastContext::implicit, -1);
    }
  } else {
    window.kind = WindowFunction::Kind::aggregate;
  }
  const PgQuery__WindowDef* definition = node->over;
  const PgQuery__WindowDef* base = definition;
  if (definition->name[0] != '\0' || definition->refname[0] != '\0') {
    const std::string_view wanted =
        definition->name[0] != '\0' ? definition->name : definition->refname;
    const auto found = std::ranges::find(scope.windows, wanted, &Scope::NamedWindow::name);
    if (found == scope.windows.end()) {
      fail(sqlstate::kUndefinedObject, "window \"" + std::string(wanted) + "\" does not exist",
           position(definition->location));
    }
    base = found->definition;
  }
  const Clause before = std::exchange(scope.clause, Clause::window);
  const auto sorted_by = [&](const PgQuery__Node* key) {
    ExpressionPtr value = expression(key, scope);
    if (value->type.id != TypeId::unknown) return value;
    return coerced(std::move(value), Type{TypeId::text, -1}, CastContext::implicit, -1);
  };
  const PgQuery__WindowDef* partitions = base;
  for (std::size_t i = 0; i < partitions->n_partition_clause; ++i) {
    window.partition.push_back(sorted_by(partitions->partition_clause[i]));
  }
  const PgQuery__WindowDef* ordered = definition->n_order_clause > 0 ? definition : base;
  for (std::size_t i = 0; i < ordered->n_order_clause; ++i) {
    const PgQuery__SortBy* sort = ordered->order_clause[i]->sort_by;
    const Ordering ordering = ordering_of(*sort);
    window.order.push_back({sorted_by(sort->node), ordering.descending, ordering.nulls_first});
  }
  scope.clause = before;
  // The parser's FRAMEOPTION_ bits.
  constexpr std::int32_t kNonDefault = 0x00001;
  constexpr std::int32_t kRange = 0x00002;
  constexpr std::int32_t kRows = 0x00004;
  constexpr std::int32_t kStartUnboundedPreceding = 0x00020;
  constexpr std::int32_t kEndUnboundedFollowing = 0x00100;
  constexpr std::int32_t kEndCurrentRow = 0x00400;
  const PgQuery__WindowDef* framed =
      (definition->frame_options & kNonDefault) != 0 ? definition : base;
  const std::int32_t options = framed->frame_options;
  if ((options & kNonDefault) != 0) {
    const bool known = (options & kStartUnboundedPreceding) != 0 &&
                       (options & (kRange | kRows)) != 0 &&
                       (options & (kEndCurrentRow | kEndUnboundedFollowing)) != 0;
    if (!known) unsupported("this window frame", position(node->location));
    window.rows_mode = (options & kRows) != 0;
    window.whole_partition = (options & kEndUnboundedFollowing) != 0;
  }
  scope.has_windows = true;
  const Type type = window.type;
  const std::size_t index = scope.query->windows.size();
  scope.query->windows.push_back(std::move(window));
  auto made = std::make_unique<RowReference>(type, kWindowMark, index);
  made->location = node->location;
  return made;
}

}  // namespace firedrill::sim::postgres
