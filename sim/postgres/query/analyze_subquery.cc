#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

ExpressionPtr Analyzer::subquery(const PgQuery__SubLink* node, Scope& scope) {
  using Which = Subquery::Kind;
  if (scope.clause == Clause::check_constraint) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in check constraint",
         position(node->location));
  }
  if (scope.clause == Clause::default_value) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in DEFAULT expression",
         position(node->location));
  }
  if (scope.clause == Clause::index_expression || scope.clause == Clause::index_predicate) {
    fail(sqlstate::kFeatureNotSupported, "cannot use subquery in index expression",
         position(node->location));
  }
  QueryPtr query = select(node->subselect->select_stmt, &scope);
  const auto columns = query->output();
  const Type boolean_type{TypeId::boolean, -1};
  const auto made = [&](Which kind, Type type) {
    auto expression_made = std::make_unique<Subquery>(kind, type, std::move(query));
    expression_made->location = node->location;
    return expression_made;
  };
  const auto one_column = [&] {
    if (columns.size() == 1) return;
    fail(sqlstate::kSyntaxError, "subquery must return only one column", position(node->location));
  };
  switch (node->sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK: return made(Which::exists, boolean_type);
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
      one_column();
      return made(Which::scalar, columns[0].type);
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK: {
      one_column();
      const TypeInfo& info = types().get(columns[0].type.id);
      const TypeId array = info.is_array() ? info.id : info.array;
      return made(Which::array, Type{array, -1});
    }
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
    case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
    case PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK: break;
    default: unsupported("this kind of subquery", position(node->location));
  }
  const bool is_any = node->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
  const std::string name =
      node->n_oper_name > 0 ? std::string(last_name({node->oper_name, node->n_oper_name})) : "=";
  ExpressionPtr left = expression(node->testexpr, scope);
  auto* row = dynamic_cast<RowConstructor*>(left.get());
  const std::size_t width = row != nullptr ? row->children.size() : 1;
  if (width < columns.size()) {
    fail(sqlstate::kSyntaxError, "subquery has too many columns", position(node->location));
  }
  if (width > columns.size()) {
    fail(sqlstate::kSyntaxError, "subquery has too few columns", position(node->location));
  }
  const bool is_row = node->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
  auto result = made(is_row ? Which::row_compare : is_any ? Which::any : Which::all, boolean_type);
  // In the comparison entry 0 holds the left side's values, then the subquery's row.
  std::vector<ExpressionPtr> lefts;
  if (row != nullptr) {
    lefts = std::move(row->children);
  } else {
    lefts.push_back(std::move(left));
  }
  std::vector<ExpressionPtr> comparisons;
  for (std::size_t i = 0; i < width; ++i) {
    if (lefts[i]->type.id == TypeId::unknown) {
      lefts[i] = coerced(std::move(lefts[i]), columns[i].type, CastContext::implicit, -1);
    }
    std::vector<ExpressionPtr> sides;
    sides.push_back(
        std::make_unique<ColumnReference>(lefts[i]->type, 0, 0, static_cast<std::uint32_t>(i)));
    sides.push_back(std::make_unique<ColumnReference>(columns[i].type, 0, 0,
                                                      static_cast<std::uint32_t>(width + i)));
    comparisons.push_back(call_operator(name, std::move(sides), node->location));
    result->children.push_back(std::move(lefts[i]));
  }
  if (comparisons.size() == 1) {
    result->comparison = std::move(comparisons[0]);
  } else {
    std::vector<ExpressionPtr> placeholders;
    for (std::size_t side : {std::size_t{0}, width}) {
      for (std::size_t i = 0; i < width; ++i) {
        const Type type = side == 0 ? result->children[i]->type : columns[i].type;
        placeholders.push_back(
            std::make_unique<ColumnReference>(type, 0, 0, static_cast<std::uint32_t>(side + i)));
      }
    }
    result->comparison = row_comparison(name, std::move(placeholders), node->location);
  }
  return result;
}

}  // namespace firedrill::sim::postgres
