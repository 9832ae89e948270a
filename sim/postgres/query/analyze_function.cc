#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/set_results.h"

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
  if (node->agg_within_group) return ordered_set_call(node, name, scope);
  if (!ordered_sets_named(name).empty() && node->n_args == (name == "mode" ? 1U : 2U)) {
    fail(sqlstate::kWrongObjectType,
         "WITHIN GROUP is required for ordered-set aggregate " + std::string(name),
         position(node->location));
  }
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
  // FILTER is looked at before the function is looked for.
  const auto look_at_filter = [&] {
    if (node->agg_filter == nullptr) return;
    scope.clause = Clause::aggregate_argument;
    boolean(node->agg_filter, scope, Clause::filter);
    scope.clause = before;
  };
  ChoiceError error = ChoiceError::none;
  Choice choice;
  try {
    choice = choose_function(types(), name, given, false, error);
  } catch (const SqlError&) {
    look_at_filter();
    throw;
  }
  if (error != ChoiceError::none) {
    // A type's name with one argument is a cast.
    const TypeInfo* type = types().find(name);
    if (error == ChoiceError::not_found && type != nullptr && arguments.size() == 1 &&
        type->category != 'P') {
      ExpressionPtr made =
          coerced_or_null(arguments[0], Type{type->id, -1}, CastContext::explicit_only);
      if (made != nullptr) return made;
    }
    look_at_filter();
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
    return set_call(choice, std::move(arguments), scope, node->location);
  }
  check_sequence(name, arguments);
  return made_call(choice, std::move(arguments), node->location);
}

namespace {
[[noreturn]] void fail_set(const std::string& message, std::int32_t position) {
  throw SqlError{
      .sqlstate = std::string(sqlstate::kFeatureNotSupported),
      .message = message,
      .hint = "You might be able to move the set-returning function into a LATERAL FROM item.",
      .position = position};
}
}  // namespace

ExpressionPtr Analyzer::set_call(const Choice& choice, std::vector<ExpressionPtr> arguments,
                                 Scope& scope, std::int32_t location) {
  switch (scope.clause) {
    case Clause::select:
    case Clause::order_by:
    case Clause::aggregate_argument:  // refused there, and with a hint
    case Clause::window: break;
    case Clause::function_in_from:
      fail(sqlstate::kFeatureNotSupported,
           "set-returning functions must appear at top level of FROM", position(location));
    case Clause::group_by:
    case Clause::insert: unsupported("a set-returning function here", position(location));
    default: {
      const std::string_view clause =
          scope.clause == Clause::having ? "HAVING" : name_of(scope.clause);
      if (clause.empty()) unsupported("a set-returning function here", position(location));
      fail(sqlstate::kFeatureNotSupported,
           "set-returning functions are not allowed in " + std::string(clause), position(location));
    }
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = coerced(std::move(arguments[i]), Type{choice.arguments[i], -1},
                           CastContext::implicit, location);
  }
  const SetFunctionRow& row = *choice.candidate->set_function;
  const bool is_record = row.columns.find(',') != std::string_view::npos;
  const Type result{is_record ? TypeId::record : choice.result, -1};
  auto made = std::make_unique<SetResult>(row, result, std::move(arguments));
  made->location = location;
  return made;
}

/// CASE, COALESCE and the like may not have to compute it.
void Analyzer::refuse_sets(std::span<ExpressionPtr> parts, std::string_view where) {
  for (ExpressionPtr& part : parts) {
    const SetResult* found = part == nullptr ? nullptr : find_set_result(part);
    if (found != nullptr) fail_set(std::string(where), position(found->location));
  }
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
  refuse_sets(arguments,
              node->over == nullptr
                  ? "aggregate function calls cannot contain set-returning function calls"
                  : "window function calls cannot contain set-returning function calls");
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
      // The argument is the same: it becomes a text with it.
      const std::string description = key->description();
      key = coerced(std::move(key), Type{TypeId::text, -1}, CastContext::implicit, -1);
      for (ExpressionPtr& each : made->children) {
        if (each->description() != description) continue;
        each = coerced(std::move(each), Type{TypeId::text, -1}, CastContext::implicit, -1);
      }
    }
    made->order.push_back({std::move(key), ordering.descending, ordering.nulls_first});
  }
  for (ExpressionPtr& each : made->children) {
    if (!made->is_distinct || each->type.id != TypeId::unknown) continue;
    each = coerced(std::move(each), Type{TypeId::text, -1}, CastContext::implicit, -1);
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

namespace {

// The parser's FRAMEOPTION_ bits.
constexpr std::int32_t kFrameNonDefault = 0x00001;
constexpr std::int32_t kFrameRows = 0x00004;
constexpr std::int32_t kFrameGroups = 0x00008;
constexpr std::int32_t kStartCurrentRow = 0x00200;
constexpr std::int32_t kEndUnboundedFollowing = 0x00100;
constexpr std::int32_t kEndCurrentRow = 0x00400;
constexpr std::int32_t kStartPreceding = 0x00800;
constexpr std::int32_t kEndPreceding = 0x01000;
constexpr std::int32_t kStartFollowing = 0x02000;
constexpr std::int32_t kEndFollowing = 0x04000;
constexpr std::int32_t kExcludeCurrentRow = 0x08000;
constexpr std::int32_t kExcludeGroup = 0x10000;
constexpr std::int32_t kExcludeTies = 0x20000;

using BoundKind = WindowFunction::Bound::Kind;

/// The type that the offset of RANGE has for a column of this type; none: there is none.
TypeId range_offset_type(TypeId column, TypeId given) {
  switch (column) {
    case TypeId::int2:
    case TypeId::int4:
    case TypeId::int8: {
      const bool is_whole = given == TypeId::int2 || given == TypeId::int4 || given == TypeId::int8;
      return is_whole ? given : given == TypeId::unknown ? column : TypeId::none;
    }
    case TypeId::float4:
    case TypeId::float8: return TypeId::float8;
    case TypeId::numeric: return TypeId::numeric;
    case TypeId::date:
    case TypeId::time:
    case TypeId::timestamp:
    case TypeId::timestamptz: return TypeId::interval;
    case TypeId::interval: return TypeId::interval;
    default: return TypeId::none;
  }
}

}  // namespace

void Analyzer::window_frame(const PgQuery__WindowDef& node, WindowFunction& window, Scope& scope) {
  const std::int32_t options = node.frame_options;
  using Window = WindowFunction;
  window.mode = (options & kFrameRows) != 0     ? Window::Mode::rows
                : (options & kFrameGroups) != 0 ? Window::Mode::groups
                                                : Window::Mode::range;
  window.exclusion = (options & kExcludeCurrentRow) != 0 ? Window::Exclusion::current_row
                     : (options & kExcludeGroup) != 0    ? Window::Exclusion::group
                     : (options & kExcludeTies) != 0     ? Window::Exclusion::ties
                                                         : Window::Exclusion::none;
  const auto kind = [&](std::int32_t current, std::int32_t preceding, std::int32_t following) {
    return (options & current) != 0     ? BoundKind::current_row
           : (options & preceding) != 0 ? BoundKind::preceding
           : (options & following) != 0 ? BoundKind::following
                                        : BoundKind::unbounded;
  };
  window.start.kind = kind(kStartCurrentRow, kStartPreceding, kStartFollowing);
  window.end.kind = kind(kEndCurrentRow, kEndPreceding, kEndFollowing);
  check((options & kEndUnboundedFollowing) != 0 || window.end.kind != BoundKind::unbounded,
        "no frame ends where all begin");
  if (window.mode == Window::Mode::groups && window.order.empty()) {
    fail("42P20", "GROUPS mode requires an ORDER BY clause", position(node.location));
  }
  frame_offset(node.start_offset, window.start, window, true, scope);
  frame_offset(node.end_offset, window.end, window, false, scope);
}

void Analyzer::frame_offset(const PgQuery__Node* node, WindowFunction::Bound& bound,
                            const WindowFunction& window, bool is_start, Scope& scope) {
  const bool is_preceding = bound.kind == BoundKind::preceding;
  if (!is_preceding && bound.kind != BoundKind::following) return;
  const Clause before = std::exchange(scope.clause, Clause::window);
  ExpressionPtr offset = expression(node, scope);
  scope.clause = before;
  const char* mode = window.mode == WindowFunction::Mode::rows ? "ROWS" : "GROUPS";
  if (window.mode == WindowFunction::Mode::range) {
    if (window.order.size() != 1) {
      fail("42P20", "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
           position(offset->location));
    }
    mode = "RANGE";
  }
  walk(offset, [&](ExpressionPtr& part) {
    const auto* column = dynamic_cast<const ColumnReference*>(part.get());
    if (column != nullptr && column->level == 0) {
      fail(sqlstate::kInvalidColumnReference,
           "argument of " + std::string(mode) + " must not contain variables",
           position(column->location));
    }
    return true;
  });
  if (window.mode != WindowFunction::Mode::range) {
    const TypeId given = offset->type.id;
    const std::int32_t location = offset->location;
    bound.offset = coerced_or_null(offset, Type{TypeId::int8, -1}, CastContext::assignment);
    if (bound.offset == nullptr) {
      fail(sqlstate::kDatatypeMismatch,
           "argument of " + std::string(mode) + " must be type bigint, not type " +
               types().title(given),
           position(location));
    }
    return;
  }
  const WindowFunction::Order& order = window.order[0];
  const Type column = Type{order.expression->type.id, -1};
  const TypeId given = offset->type.id;
  if (range_offset_type(column.id, column.id) == TypeId::none) {
    fail(sqlstate::kFeatureNotSupported,
         "RANGE with offset PRECEDING/FOLLOWING is not supported for column type " +
             types().title(column.id),
         position(offset->location));
  }
  const TypeId wanted = range_offset_type(column.id, given);
  const std::int32_t location = offset->location;
  if (wanted != TypeId::none) {
    bound.offset = coerced_or_null(offset, Type{wanted, -1}, CastContext::implicit);
  }
  if (bound.offset == nullptr) {
    throw SqlError{.sqlstate = std::string(sqlstate::kFeatureNotSupported),
                   .message =
                       "RANGE with offset PRECEDING/FOLLOWING is not supported for column "
                       "type " +
                       types().title(column.id) + " and offset type " + types().title(given),
                   .hint = "Cast the offset value to an appropriate type.",
                   .position = position(location)};
  }
  const auto part = [](Type type, std::uint32_t number) {
    return std::make_unique<ColumnReference>(type, 0, 0, number);
  };
  const bool subtracts = is_preceding != order.descending;
  const bool at_most = is_start == order.descending;
  std::vector<ExpressionPtr> sum;
  sum.push_back(part(column, 1));
  sum.push_back(part(Type{wanted, -1}, 2));
  std::vector<ExpressionPtr> sides;
  sides.push_back(part(column, 0));
  sides.push_back(call_operator(subtracts ? "-" : "+", std::move(sum), -1));
  bound.within = call_operator(at_most ? "<=" : ">=", std::move(sides), -1);
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
    refuse_sets(window.arguments,
                "window function calls cannot contain set-returning function calls");
    scope.clause = Clause::select;
    if (window.arguments.size() < known.least || window.arguments.size() > known.most) {
      no_function(name, window.arguments, ChoiceError::not_found, node->location);
    }
    using Which = WindowFunction::Kind;
    const std::size_t whole = known.kind == Which::ntile ? 0 : 1;  // which argument is an integer
    if (window.arguments.size() > whole && !can_coerce(types(), window.arguments[whole]->type.id,
                                                       TypeId::int4, CastContext::implicit)) {
      no_function(name, window.arguments, ChoiceError::not_found, node->location);
    }
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
    if (known.kind == Which::ntile) window.type = Type{TypeId::int4, -1};
    if (window.arguments.size() > whole) {
      window.arguments[whole] = coerced(std::move(window.arguments[whole]), Type{TypeId::int4, -1},
                                        CastContext::implicit, -1);
    }
  } else {
    window.kind = WindowFunction::Kind::aggregate;
  }
  const bool is_known = node->over->name[0] == '\0' ||
                        std::ranges::find(scope.windows, node->over->name,
                                          &Scope::NamedWindow::name) != scope.windows.end();
  if (!is_known) {
    fail(sqlstate::kUndefinedObject,
         "window \"" + std::string(node->over->name) + "\" does not exist",
         position(node->over->location));
  }
  scope.overs.push_back(node->over);
  scope.has_windows = true;
  const Type type = window.type;
  const std::size_t index = scope.query->windows.size();
  scope.query->windows.push_back(std::move(window));
  auto made = std::make_unique<RowReference>(type, kWindowMark, index);
  made->location = node->location;
  return made;
}

/// Named windows, whether used or not, and then those of OVER, once all else has been looked at.
void Analyzer::window_definitions(Scope& scope) {
  for (const Scope::NamedWindow& named : scope.windows) {
    WindowFunction unused;
    window_definition(*named.definition, unused, scope);
  }
  for (std::size_t i = 0; i < scope.overs.size(); ++i) {
    window_definition(*scope.overs[i], scope.query->windows[i], scope);
  }
}

void Analyzer::window_definition(const PgQuery__WindowDef& over, WindowFunction& window,
                                 Scope& scope) {
  const auto self = std::ranges::find(scope.windows, &over, &Scope::NamedWindow::definition);
  const auto named = [&](std::string_view name) -> const PgQuery__WindowDef& {
    // One that has a name itself knows those before it.
    const auto found =
        std::ranges::find(scope.windows.begin(), self, name, &Scope::NamedWindow::name);
    if (found == self) {
      fail(sqlstate::kUndefinedObject, "window \"" + std::string(name) + "\" does not exist",
           position(over.location));
    }
    return *found->definition;
  };
  if (self == scope.windows.end() && over.name[0] != '\0') {
    window_definition(named(over.name), window, scope);
    return;
  }
  const bool copies = over.refname[0] != '\0';
  const PgQuery__WindowDef* base = copies ? &named(over.refname) : nullptr;
  const Clause before = std::exchange(scope.clause, Clause::window);
  const auto sorted_by = [&](const PgQuery__Node* key) {
    ExpressionPtr value = expression(key, scope);
    if (value->type.id != TypeId::unknown) return value;
    return coerced(std::move(value), Type{TypeId::text, -1}, CastContext::implicit, -1);
  };
  for (const PgQuery__Node* node : NodeList{over.order_clause, over.n_order_clause}) {
    const Ordering ordering = ordering_of(*node->sort_by);
    window.order.push_back(
        {sorted_by(node->sort_by->node), ordering.descending, ordering.nulls_first});
  }
  for (const PgQuery__Node* node : NodeList{over.partition_clause, over.n_partition_clause}) {
    window.partition.push_back(sorted_by(node));
  }
  scope.clause = before;
  const bool is_framed = (over.frame_options & kFrameNonDefault) != 0;
  if (copies) {
    WindowFunction copied;
    window_definition(*base, copied, scope);
    copy_window(over, *base, std::move(copied), window);
  }
  if (is_framed) window_frame(over, window, scope);
}

/// OVER (name ...): what is added must not be there.
void Analyzer::copy_window(const PgQuery__WindowDef& over, const PgQuery__WindowDef& base,
                           WindowFunction from, WindowFunction& window) {
  const auto refuse = [&](bool has, const std::string& what, const std::string& why,
                          const std::string& hint) {
    if (!has) return;
    throw SqlError{.sqlstate = "42P20",
                   .message = "cannot " + what + " window \"" + base.name + "\"" + why,
                   .hint = hint,
                   .position = position(over.location)};
  };
  refuse(!window.partition.empty(), "override PARTITION BY clause of", "", "");
  refuse(!window.order.empty() && !from.order.empty(), "override ORDER BY clause of", "", "");
  const bool adds =
      over.name[0] != '\0' || !window.order.empty() || (over.frame_options & kFrameNonDefault) != 0;
  refuse((base.frame_options & kFrameNonDefault) != 0, "copy", " because it has a frame clause",
         adds ? "" : "Omit the parentheses in this OVER clause.");
  window.partition = std::move(from.partition);
  if (window.order.empty()) window.order = std::move(from.order);
}

}  // namespace firedrill::sim::postgres
