#include <algorithm>
#include <iterator>

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
  const std::int32_t at = position(node->location);
  if (ordered_sets_named(name).empty()) {
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
  std::vector<TypeId> given;
  for (const ExpressionPtr& each : direct) given.push_back(each->type.id);
  for (const ExpressionPtr& each : values) given.push_back(each->type.id);
  ChoiceError error = ChoiceError::none;
  const Choice choice = choose_ordered_set(types(), name, given, error);
  const auto no_such = [&](std::string hint) {
    std::vector<ExpressionPtr> all = std::move(direct);
    std::ranges::move(values, std::back_inserter(all));
    no_function(name, all, error, node->location, std::move(hint));
  };
  if (error != ChoiceError::none) no_such("");
  if (values.size() != 1) {
    error = ChoiceError::not_found;
    const std::size_t wanted = choice.arguments.size() - 1;
    no_such("There is an ordered-set aggregate " + std::string(name) + ", but it requires " +
            std::to_string(wanted) + " direct argument" + (wanted == 1 ? "" : "s") + ", not " +
            std::to_string(direct.size()) + ".");
  }
  const auto settle = [&](ExpressionPtr& value, TypeId to) {
    value = coerced(std::move(value), Type{to, -1}, CastContext::implicit, node->location);
  };
  if (!direct.empty()) settle(direct[0], choice.arguments[0]);
  settle(values[0], choice.arguments.back());
  settle(order[0].expression, choice.arguments.back());
  auto made = std::make_unique<AggregateCall>(*choice.candidate->aggregate, Type{choice.result, -1},
                                              std::move(values));
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
