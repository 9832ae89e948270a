#include <algorithm>
#include <array>
#include <charconv>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/set_results.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr Type kBoolean{TypeId::boolean, -1};
constexpr Type kText{TypeId::text, -1};
constexpr Type kUnknown{TypeId::unknown, -1};

template <class... Parts>
std::vector<ExpressionPtr> list_of(Parts... parts) {
  std::vector<ExpressionPtr> list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

bool is_null_constant(const PgQuery__Node* node) {
  return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull;
}

/// Depth of recursion, bounded: see query/nesting.h. Here against what nesting cannot see.
class Deeper {
 public:
  explicit Deeper(std::uint32_t& depth) : depth_(depth) {
    constexpr std::uint32_t kMost = 4000;
    if (++depth_ > kMost) {
      --depth_;
      fail(sqlstate::kStatementTooComplex, "stack depth limit exceeded");
    }
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  std::uint32_t& depth_;
};

}  // namespace

std::vector<ExpressionPtr> Analyzer::expressions(NodeList nodes, Scope& scope) {
  std::vector<ExpressionPtr> made;
  for (const PgQuery__Node* node : nodes) made.push_back(expression(node, scope));
  return made;
}

ExpressionPtr Analyzer::expression_in(const PgQuery__Node* node, Scope& scope, Clause clause) {
  const Clause before = std::exchange(scope.clause, clause);
  ExpressionPtr made = expression(node, scope);
  scope.clause = before;
  return made;
}

ExpressionPtr Analyzer::as_boolean(ExpressionPtr value, std::string_view construct) {
  const TypeId from = value->type.id;
  const std::int32_t location = location_of(*value);
  ExpressionPtr made = coerced_or_null(value, kBoolean, CastContext::implicit);
  if (made == nullptr) {
    fail(sqlstate::kDatatypeMismatch,
         "argument of " + std::string(construct) + " must be type boolean, not type " +
             types().title(from),
         position(location));
  }
  return made;
}

ExpressionPtr Analyzer::boolean(const PgQuery__Node* node, Scope& scope, Clause clause) {
  static constexpr std::array<std::pair<Clause, std::string_view>, 6> kNames = {{
      {Clause::where, "WHERE"},
      {Clause::having, "HAVING"},
      {Clause::join_on, "JOIN/ON"},
      {Clause::filter, "FILTER"},
      {Clause::check_constraint, "CHECK"},
      {Clause::index_predicate, "WHERE"},
  }};
  const auto* named =
      std::ranges::find(kNames, clause, &std::pair<Clause, std::string_view>::first);
  return as_boolean(expression_in(node, scope, clause),
                    named != kNames.end() ? named->second : "WHERE");
}

ExpressionPtr Analyzer::expression(const PgQuery__Node* node, Scope& scope) {
  const Deeper deeper(depth_);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST: return constant(node->a_const);
    case PG_QUERY__NODE__NODE_COLUMN_REF: return column_reference(node->column_ref, scope);
    case PG_QUERY__NODE__NODE_PARAM_REF: return parameter(node->param_ref);
    case PG_QUERY__NODE__NODE_A_EXPR: return operation(node->a_expr, scope);
    case PG_QUERY__NODE__NODE_TYPE_CAST: return cast(node->type_cast, scope);
    case PG_QUERY__NODE__NODE_FUNC_CALL: return function_call(node->func_call, scope);
    case PG_QUERY__NODE__NODE_SUB_LINK: return subquery(node->sub_link, scope);
    case PG_QUERY__NODE__NODE_CASE_EXPR: return case_expression(node->case_expr, scope);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return array_constructor(node->a_array_expr, scope, TypeId::none);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: return indirection(node->a_indirection, scope);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: return value_function(node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_ROW_EXPR: return row_constructor(node->row_expr, scope);
    case PG_QUERY__NODE__NODE_BOOL_EXPR: {
      const auto& tree = *node->bool_expr;
      using Operation = Boolean::Operation;
      const Operation operation =
          tree.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? Operation::conjunction
          : tree.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? Operation::disjunction
                                                             : Operation::negation;
      static constexpr std::array kNames = {"AND", "OR", "NOT"};
      std::vector<ExpressionPtr> parts;
      for (const PgQuery__Node* part : NodeList{tree.args, tree.n_args}) {
        parts.push_back(
            as_boolean(expression(part, scope), kNames[static_cast<std::size_t>(operation)]));
      }
      auto made = std::make_unique<Boolean>(operation, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_NULL_TEST: {
      const auto& tree = *node->null_test;
      ExpressionPtr argument = expression(tree.arg, scope);
      const bool is_parameter = dynamic_cast<Parameter*>(argument.get()) != nullptr;
      if (argument->type.id == TypeId::unknown && !is_parameter) {
        argument = coerced(std::move(argument), kText, CastContext::implicit, tree.location);
      }
      const bool is_null = tree.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
      return std::make_unique<Test>(is_null ? Test::Kind::null : Test::Kind::not_null,
                                    std::move(argument));
    }
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST: {
      const auto& tree = *node->boolean_test;
      using Which = Test::Kind;
      static constexpr std::array<std::pair<Which, const char*>, 6> kKinds = {{
          {Which::truth, "IS TRUE"},
          {Which::not_truth, "IS NOT TRUE"},
          {Which::falsity, "IS FALSE"},
          {Which::not_falsity, "IS NOT FALSE"},
          {Which::unknown, "IS UNKNOWN"},
          {Which::not_unknown, "IS NOT UNKNOWN"},
      }};
      const auto& [kind, name] = kKinds.at(static_cast<std::size_t>(tree.booltesttype) - 1);
      return std::make_unique<Test>(kind, as_boolean(expression(tree.arg, scope), name));
    }
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: {
      const auto& tree = *node->coalesce_expr;
      auto parts = expressions({tree.args, tree.n_args}, scope);
      std::vector<ExpressionPtr*> pointers;
      for (ExpressionPtr& part : parts) pointers.push_back(&part);
      refuse_sets(parts, "set-returning functions are not allowed in COALESCE");
      unify(pointers, "COALESCE");
      const Type type = parts[0]->type;
      auto made = std::make_unique<Coalesce>(Type{type.id, -1}, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR: {
      const auto& tree = *node->min_max_expr;
      const bool greatest = tree.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
      auto parts = expressions({tree.args, tree.n_args}, scope);
      std::vector<ExpressionPtr*> pointers;
      for (ExpressionPtr& part : parts) pointers.push_back(&part);
      unify(pointers, greatest ? "GREATEST" : "LEAST");
      const Type type = parts[0]->type;
      auto made = std::make_unique<Extreme>(greatest, Type{type.id, -1}, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: {
      const auto& tree = *node->collate_clause;
      const std::string_view name = last_name({tree.collname, tree.n_collname});
      if (name != "C" && name != "POSIX" && name != "default") {
        unsupported("collation \"" + std::string(name) + "\"", position(tree.location));
      }
      return expression(tree.arg, scope);
    }
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      fail(sqlstate::kSyntaxError, "DEFAULT is not allowed in this context",
           position(node->set_to_default->location));
    case PG_QUERY__NODE__NODE_GROUPING_FUNC: return grouping_call(node->grouping_func, scope);
    case PG_QUERY__NODE__NODE_CURRENT_OF_EXPR: unsupported("WHERE CURRENT OF");
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE: unsupported("xml");
    case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
      unsupported("an argument by name", position(node->named_arg_expr->location));
    default: unsupported("an expression of kind " + std::to_string(node->node_case));
  }
}

ExpressionPtr Analyzer::constant(const PgQuery__AConst* node) {
  ExpressionPtr made;
  if (node->isnull) {
    made = std::make_unique<Constant>(kUnknown, Value());
  } else {
    switch (node->val_case) {
      case PG_QUERY__A__CONST__VAL_IVAL:
        made = std::make_unique<Constant>(Type{TypeId::int4, -1},
                                          Value::of(static_cast<std::int64_t>(node->ival->ival)));
        break;
      case PG_QUERY__A__CONST__VAL_FVAL: {
        const std::string_view text = node->fval->fval;
        std::int64_t whole = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
          const bool is_small = whole >= INT32_MIN && whole <= INT32_MAX;
          made = std::make_unique<Constant>(Type{is_small ? TypeId::int4 : TypeId::int8, -1},
                                            Value::of(whole));
        } else {
          made = std::make_unique<Constant>(
              Type{TypeId::numeric, -1}, from_text(environment_, Type{TypeId::numeric, -1}, text));
        }
        break;
      }
      case PG_QUERY__A__CONST__VAL_BOOLVAL:
        made = std::make_unique<Constant>(kBoolean, Value::of(node->boolval->boolval != 0));
        break;
      case PG_QUERY__A__CONST__VAL_SVAL:
        made = std::make_unique<Constant>(kUnknown, Value::of(std::string(node->sval->sval)));
        break;
      case PG_QUERY__A__CONST__VAL_BSVAL: unsupported("a bit string", position(node->location));
      default:  // protobuf leaves out a zero
        made = std::make_unique<Constant>(Type{TypeId::int4, -1}, Value::of(std::int64_t{0}));
    }
  }
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::parameter(const PgQuery__ParamRef* node) {
  constexpr std::int32_t kMost = 65'535;
  if (node->number < 1 || node->number > kMost || parameters_ == nullptr) {
    fail("42P02", "there is no parameter $" + std::to_string(node->number),
         position(node->location));
  }
  const auto index = static_cast<std::size_t>(node->number - 1);
  if (index >= parameters_->size()) parameters_->resize(index + 1, TypeId::unknown);
  TypeId known = (*parameters_)[index];
  if (frozen_parameters_ != nullptr) {
    known = index < frozen_parameters_->size() ? (*frozen_parameters_)[index] : TypeId::unknown;
  }
  auto made = std::make_unique<Parameter>(Type{known, -1}, index);
  made->location = node->location;
  return made;
}

// --- Operators -----------------------------------------------------------------------------------

ExpressionPtr Analyzer::operation(const PgQuery__AExpr* node, Scope& scope) {
  const std::string_view name = last_name({node->name, node->n_name});
  switch (node->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP: break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL: return array_operation(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: return distinct(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN: return in_list(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM: return between(node, scope);
    default:  // LIKE, ILIKE, SIMILAR TO: the parser has made operators of them
      break;
  }
  const bool is_row_of_subquery =
      node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && node->lexpr != nullptr &&
      node->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
      node->rexpr->node_case == PG_QUERY__NODE__NODE_SUB_LINK &&
      node->rexpr->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
  if (is_row_of_subquery) {
    PgQuery__SubLink link = *node->rexpr->sub_link;
    link.sub_link_type = PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
    link.testexpr = node->lexpr;
    link.oper_name = node->name;
    link.n_oper_name = node->n_name;
    link.location = node->location;
    return subquery(&link, scope);
  }
  // expr = NULL, where the parser was told to take it for IS NULL: not by default.
  ExpressionPtr left = node->lexpr != nullptr ? expression(node->lexpr, scope) : nullptr;
  ExpressionPtr right = expression(node->rexpr, scope);
  const bool is_row = left != nullptr && dynamic_cast<RowConstructor*>(left.get()) != nullptr &&
                      (dynamic_cast<RowConstructor*>(right.get()) != nullptr);
  if (is_row) return row_operation(name, std::move(left), std::move(right), node->location);
  std::vector<ExpressionPtr> arguments;
  if (left != nullptr) arguments.push_back(std::move(left));
  arguments.push_back(std::move(right));
  return call_operator(name, std::move(arguments), node->location);
}

ExpressionPtr Analyzer::row_operation(std::string_view name, ExpressionPtr left,
                                      ExpressionPtr right, std::int32_t location) {
  if (left->children.size() != right->children.size()) {
    fail(sqlstate::kSyntaxError, "unequal number of entries in row expressions",
         position(location));
  }
  if (left->children.empty()) {
    fail(sqlstate::kFeatureNotSupported, "cannot compare rows of zero length", position(location));
  }
  const std::size_t width = left->children.size();
  if (name == "=" || name == "<>") {  // each value is asked for once, as far as it decides
    std::vector<ExpressionPtr> comparisons;
    for (std::size_t i = 0; i < width; ++i) {
      comparisons.push_back(call_operator(
          name, list_of(std::move(left->children[i]), std::move(right->children[i])), location));
    }
    const auto kind = name == "=" ? RowComparison::Kind::equal : RowComparison::Kind::not_equal;
    return std::make_unique<RowComparison>(kind, std::move(comparisons));
  }
  std::vector<ExpressionPtr> operands = std::move(left->children);
  std::ranges::move(right->children, std::back_inserter(operands));
  std::vector<ExpressionPtr> placeholders;
  for (std::size_t i = 0; i < width; ++i) {
    ExpressionPtr& a = operands[i];
    ExpressionPtr& b = operands[width + i];
    if (a->type.id == TypeId::unknown && b->type.id == TypeId::unknown) {
      a = coerced(std::move(a), kText, CastContext::implicit, -1);
    }
    if (a->type.id == TypeId::unknown) {
      a = coerced(std::move(a), Type{b->type.id, -1}, CastContext::implicit, -1);
    } else if (b->type.id == TypeId::unknown) {
      b = coerced(std::move(b), Type{a->type.id, -1}, CastContext::implicit, -1);
    }
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    placeholders.push_back(
        std::make_unique<ColumnReference>(operands[i]->type, 0, 0, static_cast<std::uint32_t>(i)));
  }
  return std::make_unique<OperandComparison>(
      std::move(operands), row_comparison(name, std::move(placeholders), location));
}

/// Of rows whose values `operands` read, the left one's and then the right one's: more than once.
ExpressionPtr Analyzer::row_comparison(std::string_view name, std::vector<ExpressionPtr> operands,
                                       std::int32_t location) {
  using Which = RowComparison::Kind;
  static constexpr std::array<std::pair<std::string_view, Which>, 6> kKinds = {{
      {"=", Which::equal},
      {"<>", Which::not_equal},
      {"<", Which::less},
      {"<=", Which::less_equal},
      {">", Which::greater},
      {">=", Which::greater_equal},
  }};
  const auto* kind = std::ranges::find(kKinds, name, &std::pair<std::string_view, Which>::first);
  if (kind == kKinds.end()) {
    for (std::size_t i = 0; 2 * i < operands.size(); ++i) {  // there may be no such operator at all
      call_operator(name,
                    list_of(std::move(operands[i]), std::move(operands[operands.size() / 2 + i])),
                    location);
    }
    throw SqlError{.sqlstate = std::string(sqlstate::kFeatureNotSupported),
                   .message = "could not determine interpretation of row comparison operator " +
                              std::string(name),
                   .hint =
                       "Row comparison operators must be associated with btree operator "
                       "families.",
                   .position = position(location)};
  }
  const std::size_t width = operands.size() / 2;
  const bool is_equality = kind->second == Which::equal || kind->second == Which::not_equal;
  const auto copy = [&](std::size_t i) {
    const auto& of = dynamic_cast<const ColumnReference&>(*operands[i]);
    return std::make_unique<ColumnReference>(of.type, of.level, of.entry, of.column);
  };
  std::vector<ExpressionPtr> comparisons;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_equality) {
      comparisons.push_back(
          call_operator(name.substr(0, 1), list_of(copy(i), copy(width + i)), location));
    }
    comparisons.push_back(
        call_operator(is_equality ? name : "=", list_of(copy(i), copy(width + i)), location));
  }
  return std::make_unique<RowComparison>(kind->second, std::move(comparisons));
}

ExpressionPtr Analyzer::in_list(const PgQuery__AExpr* node, Scope& scope) {
  const bool negated = last_name({node->name, node->n_name}) == "<>";
  const PgQuery__List* items = node->rexpr->list;
  const NodeList nodes{items->items, items->n_items};
  const bool is_row = node->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
  // Where all have one type with the left side: one array, as PostgreSQL makes it.
  if (!is_row && nodes.size() > 1) {
    ExpressionPtr left = expression(node->lexpr, scope);
    std::vector<ExpressionPtr> parts = expressions(nodes, scope);
    std::vector<TypeId> given = {left->type.id};
    for (const ExpressionPtr& part : parts) given.push_back(part->type.id);
    TypeId type = TypeId::none;
    std::vector<TypeId> categories;
    type = common_type(types(), given);
    if (type != TypeId::none && type != TypeId::record && types().get(type).array != TypeId::none) {
      for (ExpressionPtr& part : parts) {
        part = coerced(std::move(part), Type{type, -1}, CastContext::implicit, part->location);
      }
      const Type array{types().get(type).array, -1};
      auto list = std::make_unique<ArrayConstructor>(array, type, std::move(parts));
      ExpressionPtr element = std::make_unique<ColumnReference>(Type{type, -1}, 0, 0, 1);
      if (left->type.id == TypeId::unknown) {
        left = coerced(std::move(left), Type{type, -1}, CastContext::implicit, node->location);
      }
      ExpressionPtr first = std::make_unique<ColumnReference>(left->type, 0, 0, 0);
      ExpressionPtr comparison = call_operator(
          negated ? "<>" : "=", list_of(std::move(first), std::move(element)), node->location);
      return std::make_unique<ArrayComparison>(negated, std::move(left), std::move(list),
                                               std::move(comparison));
    }
  }
  // PostgreSQL looks at the left side once, and then at the list before it compares.
  const ParameterTypes before = parameters_ != nullptr ? *parameters_ : ParameterTypes();
  ExpressionPtr first = expression(node->lexpr, scope);
  std::vector<ExpressionPtr> items_made = expressions(nodes, scope);
  std::vector<ExpressionPtr> comparisons;
  for (ExpressionPtr& right : items_made) {
    frozen_parameters_ = first == nullptr ? &before : nullptr;
    ExpressionPtr left = first != nullptr ? std::move(first) : expression(node->lexpr, scope);
    frozen_parameters_ = nullptr;
    const bool rows = is_row && dynamic_cast<RowConstructor*>(right.get()) != nullptr;
    const std::string_view name = negated ? "<>" : "=";
    comparisons.push_back(
        rows ? row_operation(name, std::move(left), std::move(right), node->location)
             : call_operator(name, list_of(std::move(left), std::move(right)), node->location));
  }
  if (comparisons.size() == 1) return std::move(comparisons[0]);
  return std::make_unique<Boolean>(
      negated ? Boolean::Operation::conjunction : Boolean::Operation::disjunction,
      std::move(comparisons));
}

ExpressionPtr Analyzer::between(const PgQuery__AExpr* node, Scope& scope) {
  const PgQuery__List* bounds = node->rexpr->list;
  const auto compare = [&](std::string_view name, std::size_t bound) {
    ExpressionPtr value = expression(node->lexpr, scope);
    ExpressionPtr limit = expression(bounds->items[bound], scope);
    return call_operator(name, list_of(std::move(value), std::move(limit)), node->location);
  };
  using Operation = Boolean::Operation;
  const auto both = [&](std::size_t low, std::size_t high, bool negated) -> ExpressionPtr {
    ExpressionPtr above = compare(negated ? "<" : ">=", low);
    ExpressionPtr below = compare(negated ? ">" : "<=", high);
    return std::make_unique<Boolean>(negated ? Operation::disjunction : Operation::conjunction,
                                     list_of(std::move(above), std::move(below)));
  };
  const bool negated = node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN ||
                       node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  ExpressionPtr made = both(0, 1, negated);
  if (node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN ||
      node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN) {
    return made;
  }
  ExpressionPtr reversed = both(1, 0, negated);
  return std::make_unique<Boolean>(negated ? Operation::conjunction : Operation::disjunction,
                                   list_of(std::move(made), std::move(reversed)));
}

ExpressionPtr Analyzer::array_operation(const PgQuery__AExpr* node, Scope& scope) {
  const std::string_view name = last_name({node->name, node->n_name});
  ExpressionPtr left = expression(node->lexpr, scope);
  ExpressionPtr array = expression(node->rexpr, scope);
  if (array->type.id == TypeId::unknown) {
    const TypeId element = left->type.id == TypeId::unknown ? TypeId::text : left->type.id;
    array = coerced(std::move(array), array_of(element, node->location), CastContext::implicit,
                    array->location);
  }
  const TypeInfo& info = types().get(array->type.id);
  if (!info.is_array()) {
    fail(sqlstate::kWrongObjectType, "op ANY/ALL (array) requires array on right side",
         position(node->location));
  }
  ExpressionPtr first;
  if (left->type.id == TypeId::unknown) {
    left = coerced(std::move(left), Type{info.element, -1}, CastContext::implicit, left->location);
  }
  first = std::make_unique<ColumnReference>(left->type, 0, 0, 0);
  ExpressionPtr second = std::make_unique<ColumnReference>(Type{info.element, -1}, 0, 0, 1);
  ExpressionPtr comparison =
      call_operator(name, list_of(std::move(first), std::move(second)), node->location);
  if (comparison->type.id != TypeId::boolean) {
    fail(sqlstate::kWrongObjectType, "op ANY/ALL (array) requires operator to yield boolean",
         position(node->location));
  }
  return std::make_unique<ArrayComparison>(node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL,
                                           std::move(left), std::move(array),
                                           std::move(comparison));
}

ExpressionPtr Analyzer::distinct(const PgQuery__AExpr* node, Scope& scope) {
  const bool is_null_if = node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF;
  // x IS [NOT] DISTINCT FROM NULL
  if (!is_null_if && (is_null_constant(node->rexpr) || is_null_constant(node->lexpr))) {
    const PgQuery__Node* other = is_null_constant(node->rexpr) ? node->lexpr : node->rexpr;
    ExpressionPtr value = expression(other, scope);
    // NullTest asks nothing of a parameter's type, either: 42P18, where nobody else does.
    const bool is_parameter = dynamic_cast<const Parameter*>(value.get()) != nullptr;
    if (value->type.id == TypeId::unknown && !is_parameter) {
      value = coerced(std::move(value), kText, CastContext::implicit, node->location);
    }
    const bool negated = node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT;
    return std::make_unique<Test>(negated ? Test::Kind::not_null : Test::Kind::null,
                                  std::move(value));
  }
  ExpressionPtr left = expression(node->lexpr, scope);
  ExpressionPtr right = expression(node->rexpr, scope);
  const std::array<TypeId, 2> given = {left->type.id, right->type.id};
  ChoiceError error = ChoiceError::none;
  const Choice choice = choose_operator(types(), "=", given, error);
  if (error != ChoiceError::none) {
    const auto arguments = list_of(std::move(left), std::move(right));
    no_operator("=", arguments, error, node->location);
  }
  const Type left_type{choice.arguments[0], -1};
  const Type right_type{choice.arguments[1], -1};
  left = coerced(std::move(left), left_type, CastContext::implicit, node->location);
  right = coerced(std::move(right), right_type, CastContext::implicit, node->location);
  ExpressionPtr equal =
      made_call(choice,
                list_of(ExpressionPtr(std::make_unique<ColumnReference>(left_type, 0, 0, 0)),
                        ExpressionPtr(std::make_unique<ColumnReference>(right_type, 0, 0, 1))),
                node->location);
  using Which = Distinct::Kind;
  const Which kind = is_null_if                                              ? Which::null_if
                     : node->kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT ? Which::distinct
                                                                             : Which::not_distinct;
  const Type type = is_null_if ? left->type : kBoolean;
  auto made =
      std::make_unique<Distinct>(kind, type, std::move(left), std::move(right), std::move(equal));
  made->location = node->location;
  return made;
}

// --- CASE, casts, arrays, rows -------------------------------------------------------------------

ExpressionPtr Analyzer::case_expression(const PgQuery__CaseExpr* node, Scope& scope) {
  auto made = std::make_unique<Case>();
  std::vector<ExpressionPtr*> results;
  for (std::size_t i = 0; i < node->n_args; ++i) {
    const PgQuery__CaseWhen* when = node->args[i]->case_when;
    ExpressionPtr condition;
    if (node->arg != nullptr) {
      ExpressionPtr subject = expression(node->arg, scope);
      if (subject->type.id == TypeId::unknown) {
        subject = coerced(std::move(subject), kText, CastContext::implicit, node->location);
      }
      ExpressionPtr value = expression(when->expr, scope);
      condition = call_operator("=", list_of(std::move(subject), std::move(value)), when->location);
    } else {
      condition = as_boolean(expression(when->expr, scope), "CASE/WHEN");
    }
    made->children.push_back(std::move(condition));
    made->children.push_back(expression(when->result, scope));
  }
  made->children.push_back(node->defresult != nullptr
                               ? expression(node->defresult, scope)
                               : std::make_unique<Constant>(kUnknown, Value()));
  refuse_sets(made->children, "set-returning functions are not allowed in CASE");
  results.push_back(&made->children.back());  // PostgreSQL looks at the ELSE first
  for (std::size_t i = 1; i < made->children.size(); i += 2) results.push_back(&made->children[i]);
  unify(results, "CASE");
  made->type = Type{made->children.back()->type.id, -1};
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::cast(const PgQuery__TypeCast* node, Scope& scope) {
  const Type type = type_of(node->type_name);
  ExpressionPtr value;
  if (node->arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR &&
      types().get(type.id).is_array()) {
    value = array_constructor(node->arg->a_array_expr, scope, types().get(type.id).element);
  } else {
    value = expression(node->arg, scope);
  }
  // A literal stands where it is; a cast where its first word is.
  const std::int32_t inner = location_of(*value);
  const bool is_literal =
      (value->type.id == TypeId::unknown || value->type.id == type.id) && type.modifier < 0;
  const bool is_new_parameter =
      value->type.id == TypeId::unknown && dynamic_cast<const Parameter*>(value.get()) != nullptr;
  const bool is_inner = (is_literal && !is_new_parameter) || inner < node->location;
  const std::int32_t location = inner >= 0 && is_inner ? inner : node->location;
  const TypeId from = value->type.id;
  ExpressionPtr made = coerced_or_null(value, type, CastContext::explicit_only);
  if (made == nullptr) {
    fail(sqlstate::kCannotCoerce,
         "cannot cast type " + types().title(from) + " to " + types().title(type.id),
         position(node->location));
  }
  made->location = location;
  if (made->type.modifier < 0 && type.modifier >= 0) made->type = type;
  return made;
}

ExpressionPtr Analyzer::array_constructor(const PgQuery__AArrayExpr* node, Scope& scope,
                                          TypeId wanted) {
  std::vector<ExpressionPtr> parts;
  bool nests = false;
  for (std::size_t i = 0; i < node->n_elements; ++i) {
    const PgQuery__Node* element = node->elements[i];
    if (element->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
      parts.push_back(array_constructor(element->a_array_expr, scope, wanted));
      nests = true;
    } else {
      parts.push_back(expression(element, scope));
      nests = nests || types().get(parts.back()->type.id).is_array();
    }
  }
  if (parts.empty() && wanted == TypeId::none) {
    throw SqlError{.sqlstate = std::string(sqlstate::kIndeterminateDatatype),
                   .message = "cannot determine type of empty array",
                   .hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
                   .position = position(node->location)};
  }
  TypeId element = wanted;
  if (element == TypeId::none) {
    std::vector<ExpressionPtr*> pointers;
    for (ExpressionPtr& part : parts) pointers.push_back(&part);
    unify(pointers, "ARRAY");
    element = nests ? types().get(parts[0]->type.id).element : parts[0]->type.id;
  } else {
    const Type each{nests ? types().get(element).array : element, -1};
    for (ExpressionPtr& part : parts) {
      part = coerced(std::move(part), each, CastContext::explicit_only, part->location);
    }
  }
  auto made = std::make_unique<ArrayConstructor>(array_of(element, node->location), element,
                                                 std::move(parts));
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::subscripted(ExpressionPtr array, NodeList indices, Scope& scope) {
  const TypeInfo& info = types().get(array->type.id);
  if (array->type.id == TypeId::jsonb) {
    for (const PgQuery__Node* node : indices) {
      if (node->a_indices->is_slice) {
        const PgQuery__AIndices* slice = node->a_indices;
        const PgQuery__Node* bound = slice->uidx != nullptr ? slice->uidx : slice->lidx;
        fail(sqlstate::kDatatypeMismatch, "jsonb subscript does not support slices",
             bound == nullptr ? 0 : position(location_of(*expression(bound, scope))));
      }
      ExpressionPtr index = expression(node->a_indices->uidx, scope);
      if (index->type.id == TypeId::unknown) {
        index = coerced(std::move(index), kText, CastContext::implicit, -1);
      }
      array = call_operator("->", list_of(std::move(array), std::move(index)), -1);
    }
    return array;
  }
  if (!info.is_array()) {
    fail(sqlstate::kDatatypeMismatch,
         "cannot subscript type " + info.title + " because it does not support subscripting",
         position(location_of(*array)));
  }
  std::vector<Subscript::Index> made;
  bool is_slice = false;
  const auto number = [&](const PgQuery__Node* node) -> ExpressionPtr {
    if (node == nullptr) return nullptr;
    ExpressionPtr value = expression(node, scope);
    ExpressionPtr whole = coerced_or_null(value, Type{TypeId::int4, -1}, CastContext::assignment);
    if (whole == nullptr) {
      fail(sqlstate::kDatatypeMismatch, "array subscript must have type integer");
    }
    return whole;
  };
  for (const PgQuery__Node* node : indices) {
    const PgQuery__AIndices* index = node->a_indices;
    is_slice = is_slice || index->is_slice;
    made.push_back({index->is_slice != 0, number(index->lidx), number(index->uidx)});
  }
  const Type type{is_slice ? array->type.id : info.element, -1};
  return std::make_unique<Subscript>(type, std::move(array), std::move(made));
}

ExpressionPtr Analyzer::indirection(const PgQuery__AIndirection* node, Scope& scope) {
  ExpressionPtr value = expression(node->arg, scope);
  std::vector<PgQuery__Node*> indices;
  const auto flush = [&] {
    if (!indices.empty()) value = subscripted(std::move(value), indices, scope);
    indices.clear();
  };
  for (std::size_t i = 0; i < node->n_indirection; ++i) {
    PgQuery__Node* step = node->indirection[i];
    if (step->node_case == PG_QUERY__NODE__NODE_A_INDICES) {
      indices.push_back(step);
      continue;
    }
    flush();
    if (step->node_case == PG_QUERY__NODE__NODE_A_STAR) unsupported("(row).*");
    const std::string_view name = string_of(step);
    const auto* row = dynamic_cast<const WholeRow*>(value.get());
    if (row == nullptr) {
      fail(sqlstate::kWrongObjectType, "column notation ." + std::string(name) +
                                           " applied to type " + types().title(value->type.id) +
                                           ", which is not a composite type");
    }
    const auto found = std::ranges::find(row->names(), name);
    if (found == row->names().end()) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + std::string(name) + "\" not found in data type record");
    }
    const auto at = static_cast<std::size_t>(found - row->names().begin());
    const Type type{row->types()[at], -1};
    value = std::make_unique<FieldSelect>(type, std::move(value), at);
  }
  flush();
  return value;
}

ExpressionPtr Analyzer::row_constructor(const PgQuery__RowExpr* node, Scope& scope) {
  std::vector<ExpressionPtr> parts = expressions({node->args, node->n_args}, scope);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) names.push_back("f" + std::to_string(i + 1));
  auto made = std::make_unique<RowConstructor>(std::move(parts), std::move(names));
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::value_function(const PgQuery__SQLValueFunction* node) {
  using enum PgQuery__SQLValueFunctionOp;
  const auto call = [&](std::string_view name) { return call_function(name, {}, node->location); };
  const auto with_precision = [&](std::string_view name) {
    ExpressionPtr value = call(name);
    const Type type{value->type.id, node->typmod};
    return coerced(std::move(value), type, CastContext::explicit_only, node->location);
  };
  switch (node->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE: return call("current_date");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP: return call("now");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N: return with_precision("now");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME: return call("localtime");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N: return with_precision("localtime");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP: return call("localtimestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
      return with_precision("localtimestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER: return call("current_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER: return call("session_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG: return call("current_database");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA: return call("current_schema");
    default: unsupported("time with time zone", position(node->location));
  }
}

// --- Types ---------------------------------------------------------------------------------------

namespace {

std::int32_t whole_number(const PgQuery__Node* node) {
  if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
    fail(sqlstate::kSyntaxError, "type modifiers must be simple constants or identifiers");
  }
  return node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL ? node->a_const->ival->ival : 0;
}

std::int32_t numeric_modifier(const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kMostDigits = 1000;
  if (numbers.size() > 2) fail(sqlstate::kInvalidParameterValue, "invalid NUMERIC type modifier");
  const std::int32_t precision = numbers[0];
  const std::int32_t scale = numbers.size() == 2 ? numbers[1] : 0;
  if (precision < 1 || precision > kMostDigits) {
    fail(sqlstate::kInvalidParameterValue,
         "NUMERIC precision " + std::to_string(precision) + " must be between 1 and 1000");
  }
  if (scale < -kMostDigits || scale > kMostDigits) {
    fail(sqlstate::kInvalidParameterValue,
         "NUMERIC scale " + std::to_string(scale) + " must be between -1000 and 1000");
  }
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

std::int32_t modifier_of(TypeId id, const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kMostCharacters = 10'485'760;
  constexpr std::int32_t kMostPrecision = 6;
  switch (id) {
    case TypeId::varchar:
    case TypeId::bpchar: {
      const std::string name = id == TypeId::varchar ? "varchar" : "char";
      if (numbers.size() != 1) fail(sqlstate::kInvalidParameterValue, "invalid type modifier");
      if (numbers[0] < 1) {
        fail(sqlstate::kInvalidParameterValue, "length for type " + name + " must be at least 1");
      }
      if (numbers[0] > kMostCharacters) {
        fail(sqlstate::kInvalidParameterValue,
             "length for type " + name + " cannot exceed " + std::to_string(kMostCharacters));
      }
      return numbers[0] + 4;
    }
    case TypeId::numeric: return numeric_modifier(numbers);
    case TypeId::timestamp:
    case TypeId::timestamptz:
    case TypeId::time: return std::min(numbers[0], kMostPrecision);
    case TypeId::interval: unsupported("an interval with fields or a precision");
    default: return -1;
  }
}

}  // namespace

Type Analyzer::array_of(TypeId element, std::int32_t location) {
  const TypeId array = types().get(element).array;
  if (array == TypeId::none) {
    fail(sqlstate::kUndefinedObject,
         "could not find array type for data type " + types().title(element), position(location));
  }
  return Type{array, -1};
}

Type Analyzer::type_of(const PgQuery__TypeName* node) {
  if (node->setof) unsupported("SETOF");
  if (node->pct_type) unsupported("%TYPE", position(node->location));
  std::string name(last_name({node->names, node->n_names}));
  if (node->n_names == 1 && name == "serial") name = "int4";
  const std::string schema = node->n_names > 1 ? std::string(string_of(node->names[0])) : "";
  if (!schema.empty() && schema != "pg_catalog" && !catalog_.has_schema(schema)) {
    fail("3F000", "schema \"" + schema + "\" does not exist", position(node->location));
  }
  const TypeInfo* info =
      schema.empty() ? catalog_.types().find(name) : catalog_.find_type(schema, name);
  if (info != nullptr && !schema.empty()) name = schema + "." + name;
  if (info == nullptr || info->category == 'X') {
    fail(sqlstate::kUndefinedObject, "type \"" + name + "\" does not exist",
         position(node->location));
  }
  if (info->id != TypeId::interval && node->n_typmods > 0) {
    const bool takes = info->id == TypeId::varchar || info->id == TypeId::bpchar ||
                       info->id == TypeId::numeric || info->id == TypeId::timestamp ||
                       info->id == TypeId::timestamptz || info->id == TypeId::time;
    if (!takes) {
      fail(sqlstate::kSyntaxError, "type modifier is not allowed for type \"" + name + "\"",
           position(node->location));
    }
  }
  std::vector<std::int32_t> numbers;
  for (std::size_t i = 0; i < node->n_typmods; ++i)
    numbers.push_back(whole_number(node->typmods[i]));
  Type type{info->id, -1};
  if (info->id == TypeId::interval && node->n_typmods > 0) {
    constexpr std::int32_t kFullRange = 0x7fff;
    if (numbers[0] != kFullRange) unsupported("an interval with fields", position(node->location));
  } else if (!numbers.empty()) {
    type.modifier = modifier_of(info->id, numbers);
  }
  if (node->n_array_bounds > 0) {
    if (info->array == TypeId::none) {
      fail(sqlstate::kUndefinedObject, "type \"" + name + "[]\" does not exist",
           position(node->location));
    }
    type.id = info->array;
  }
  return type;
}

}  // namespace firedrill::sim::postgres
