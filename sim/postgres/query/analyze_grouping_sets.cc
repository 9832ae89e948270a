#include <algorithm>

#include "sim/postgres/functions/ordered_set_aggregates.h"
#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

namespace {

using Set = std::vector<std::size_t>;  // of targets
using Sets = std::vector<Set>;

constexpr std::size_t kMostSets = 4096;
constexpr std::size_t kMostInCube = 12;

Set joined(const Set& left, const Set& right) {
  Set set = left;
  for (const std::size_t each : right) {
    if (std::ranges::find(set, each) == set.end()) set.push_back(each);
  }
  return set;
}

Sets crossed(const Sets& left, const Sets& right) {
  Sets all;
  for (const Set& a : left) {
    for (const Set& b : right) all.push_back(joined(a, b));
  }
  return all;
}

/// GROUP BY (a, b): what stands in parentheses is taken as if they were not there.
NodeList parts_of(const PgQuery__Node* const& node) {
  const bool is_list = node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
                       node->row_expr->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;
  if (is_list) return {node->row_expr->args, node->row_expr->n_args};
  return {const_cast<PgQuery__Node* const*>(&node), 1};
}

}  // namespace

std::vector<std::vector<std::size_t>> Analyzer::grouping_sets(const PgQuery__Node* node,
                                                              Query& query, Scope& scope) {
  if (node->node_case != PG_QUERY__NODE__NODE_GROUPING_SET) {
    Set set;
    for (const PgQuery__Node* part : parts_of(node)) set.push_back(group_key(part, query, scope));
    return {set};
  }
  const PgQuery__GroupingSet& sets = *node->grouping_set;
  query.has_grouping_sets = true;
  if (sets.kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY) return {{}};
  std::vector<Sets> items;
  for (const PgQuery__Node* item : NodeList{sets.content, sets.n_content}) {
    items.push_back(grouping_sets(item, query, scope));
  }
  Sets all;
  switch (sets.kind) {
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP:
      for (std::size_t count = items.size() + 1; count > 0; --count) {
        Set set;
        for (std::size_t i = 0; i + 1 < count; ++i) set = joined(set, items[i][0]);
        all.push_back(std::move(set));
      }
      return all;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE:
      if (items.size() > kMostInCube) {
        fail("54011", "CUBE is limited to 12 elements", position(sets.location));
      }
      for (std::size_t bits = 0; bits < (std::size_t{1} << items.size()); ++bits) {
        Set set;
        for (std::size_t i = 0; i < items.size(); ++i) {
          if ((bits >> i & 1U) == 0) set = joined(set, items[i][0]);
        }
        all.push_back(std::move(set));
      }
      return all;
    default:
      for (const Sets& item : items) std::ranges::copy(item, std::back_inserter(all));
      return all;
  }
}

void Analyzer::group_by(const PgQuery__SelectStmt* node, Query& query, Scope& scope) {
  Sets all = {{}};
  for (const PgQuery__Node* item : NodeList{node->group_clause, node->n_group_clause}) {
    query.is_grouped = true;
    all = crossed(all, grouping_sets(item, query, scope));
    if (all.size() > kMostSets) {
      fail("54001", "too many grouping sets present (maximum 4096)");
    }
  }
  if (!query.has_grouping_sets) return;
  if (node->group_distinct) {
    Sets distinct;
    std::vector<Set> seen;
    for (const Set& set : all) {
      Set sorted = set;
      std::ranges::sort(sorted);
      if (std::ranges::find(seen, sorted) != seen.end()) continue;
      seen.push_back(std::move(sorted));
      distinct.push_back(set);
    }
    all = std::move(distinct);
  }
  query.grouping_sets = std::move(all);
}

ExpressionPtr Analyzer::grouping_call(const PgQuery__GroupingFunc* node, Scope& scope) {
  constexpr std::size_t kMostArguments = 31;
  if (node->n_args > kMostArguments) {
    fail("54023", "GROUPING must have fewer than 32 arguments", position(node->location));
  }
  auto made = std::make_unique<GroupingCall>(expressions({node->args, node->n_args}, scope));
  made->location = node->location;
  scope.has_aggregates = true;
  return made;
}

// --- WITHIN GROUP --------------------------------------------------------------------------------

ExpressionPtr Analyzer::ordered_set_call(const PgQuery__FuncCall* node, std::string_view name,
                                         Scope& scope) {
  const AggregateRow* row = ordered_set_aggregate(name);
  const std::int32_t at = position(node->location);
  if (row == nullptr) {
    const auto candidates = functions_named(name);
    const bool aggregates = std::ranges::any_of(candidates, [](const Candidate& candidate) {
      return candidate.kind == Candidate::Kind::aggregate;
    });
    if (aggregates) {
      std::vector<ExpressionPtr> arguments = expressions({node->args, node->n_args}, scope);
      for (const PgQuery__Node* each : NodeList{node->agg_order, node->n_agg_order}) {
        arguments.push_back(expression(each->sort_by->node, scope));
      }
      std::vector<TypeId> given;
      for (const ExpressionPtr& each : arguments) given.push_back(each->type.id);
      ChoiceError error = ChoiceError::none;
      choose_function(types(), name, given, false, error);
      if (error != ChoiceError::none) no_function(name, arguments, error, node->location);
      fail(sqlstate::kWrongObjectType,
           std::string(name) + " is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
           at);
    }
    unsupported(std::string(name) + " WITHIN GROUP", at);
  }
  if (node->over != nullptr) {
    fail(sqlstate::kFeatureNotSupported,
         "OVER is not supported for ordered-set aggregate " + std::string(name), at);
  }
  std::vector<ExpressionPtr> direct = expressions({node->args, node->n_args}, scope);
  const Clause before = std::exchange(scope.clause, Clause::aggregate_argument);
  std::vector<ExpressionPtr> values;
  std::vector<AggregateCall::Order> order;
  for (const PgQuery__Node* each : NodeList{node->agg_order, node->n_agg_order}) {
    const Ordering ordering = ordering_of(*each->sort_by);
    values.push_back(expression(each->sort_by->node, scope));
    order.push_back(
        {expression(each->sort_by->node, scope), ordering.descending, ordering.nulls_first});
  }
  scope.clause = before;
  const std::size_t wanted = name == "mode" ? 0 : 1;
  std::vector<ExpressionPtr> all_arguments;
  if (direct.size() != wanted || values.size() != 1) {
    for (auto* list : {&direct, &values}) {
      std::ranges::move(*list, std::back_inserter(all_arguments));
    }
    no_function(name, all_arguments, ChoiceError::not_found, node->location);
  }
  const auto settle = [&](ExpressionPtr& value, TypeId to) {
    value = coerced(std::move(value), Type{to, -1}, CastContext::implicit, node->location);
  };
  if (values[0]->type.id == TypeId::unknown) {
    settle(values[0], TypeId::text);
    settle(order[0].expression, TypeId::text);
  }
  if (name == "percentile_cont" && values[0]->type.id != TypeId::interval) {
    if (!can_coerce(types(), values[0]->type.id, TypeId::float8, CastContext::implicit)) {
      all_arguments.push_back(std::move(direct[0]));
      all_arguments.push_back(std::move(values[0]));
      no_function(name, all_arguments, ChoiceError::not_found, node->location);
    }
    settle(values[0], TypeId::float8);
    settle(order[0].expression, TypeId::float8);
  }
  Type result{values[0]->type.id, -1};
  if (wanted == 1) {
    const bool is_array = types().get(direct[0]->type.id).is_array();
    settle(direct[0], is_array ? TypeId::float8_array : TypeId::float8);
    if (is_array) result = array_of(result.id, -1);
  }
  auto made = std::make_unique<AggregateCall>(*row, result, std::move(values));
  made->location = node->location;
  made->order = std::move(order);
  made->direct = std::move(direct);
  if (node->agg_filter != nullptr) {
    made->filter = boolean(node->agg_filter, scope, Clause::filter);
  }
  scope.has_aggregates = true;
  return made;
}

}  // namespace firedrill::sim::postgres
