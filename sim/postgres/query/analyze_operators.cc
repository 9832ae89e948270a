#include <algorithm>
#include <array>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/set_results.h"

namespace firedrill::sim::postgres {

namespace {

constexpr Type kBoolean{TypeId::boolean, -1};
constexpr Type kText{TypeId::text, -1};

}  // namespace

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

}  // namespace firedrill::sim::postgres
