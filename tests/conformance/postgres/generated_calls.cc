#include <array>

#include "tests/conformance/postgres/generated_grammar.h"

namespace firedrill::test {

namespace {

struct AggregateTemplate {
  Sort result;
  std::string_view name;
  Sort argument;
};

constexpr auto kAggregates = std::to_array<AggregateTemplate>({
    {Sort::i8, "sum", Sort::i4},
    {Sort::i8, "sum", Sort::i2},
    {Sort::num, "sum", Sort::num},
    {Sort::num, "sum", Sort::i8},
    {Sort::f8, "sum", Sort::f8},
    {Sort::iv, "sum", Sort::iv},
    {Sort::num, "avg", Sort::i4},
    {Sort::num, "avg", Sort::num},
    {Sort::f8, "avg", Sort::f8},
    {Sort::boolean, "bool_and", Sort::boolean},
    {Sort::boolean, "bool_or", Sort::boolean},
    {Sort::boolean, "every", Sort::boolean},
    {Sort::i4, "bit_and", Sort::i4},
    {Sort::i4, "bit_or", Sort::i4},
    {Sort::num, "stddev", Sort::i4},
    {Sort::num, "var_pop", Sort::num},
    {Sort::num, "variance", Sort::i4},
    {Sort::num, "stddev_pop", Sort::num},
});

/// Sorts whose equal values look alike.
constexpr std::array kExtremes = {Sort::i2,   Sort::i4,  Sort::i8,   Sort::num, Sort::f8,
                                  Sort::text, Sort::bc,  Sort::tstz, Sort::ts,  Sort::date,
                                  Sort::mood, Sort::i4s, Sort::texts};

bool has_extremes(Sort sort) {
  for (const Sort each : kExtremes) {
    if (each == sort) return true;
  }
  return false;
}

}  // namespace

std::string StatementGrammar::aggregate(Sort sort, const ExpressionScope& scope, int depth) {
  const ExpressionScope& inner = *scope.aggregated;
  const std::string filter =
      draw_.one_in(5) ? optional_part(" FILTER (WHERE " + condition(inner, 1) + ")") : "";
  const auto ordered = [&](Sort of, std::string_view separator) {
    const std::string value = leaf(of, inner);
    const bool distinct = draw_.one_in(4);
    count("ordered aggregate");
    return std::string(distinct ? "DISTINCT " : "") + value + std::string(separator) +
           (distinct || draw_.percent(80) ? " ORDER BY " + value : " ORDER BY " + value + " DESC") +
           (draw_.one_in(4) ? " NULLS FIRST" : "");
  };
  if (sort == Sort::i8 && draw_.percent(40)) {
    count("count");
    if (draw_.one_in(2)) return "count(*)" + filter;
    const Sort of = any_sort(draw_);
    return "count(" + std::string(draw_.one_in(3) ? "DISTINCT " : "") + leaf(of, inner) + ")" +
           filter;
  }
  if (sort == Sort::text && draw_.one_in(2)) {
    count("string_agg");
    return "string_agg(" + ordered(Sort::text, ", ','") + ")" + filter;
  }
  if ((sort == Sort::i4s || sort == Sort::texts) && draw_.one_in(2)) {
    count("array_agg");
    return "array_agg(" + ordered(sort == Sort::i4s ? Sort::i4 : Sort::text, "") + ")" + filter;
  }
  if (sort == Sort::jsonb && draw_.one_in(2)) {
    count("jsonb_agg");
    return "jsonb_agg(" + ordered(draw_.one_in(2) ? Sort::i4 : Sort::text, "") + ")" + filter;
  }
  std::vector<const AggregateTemplate*> fitting;
  for (const AggregateTemplate& each : kAggregates) {
    if (each.result == sort) fitting.push_back(&each);
  }
  if (!fitting.empty() && draw_.percent(70)) {
    const AggregateTemplate& chosen = *draw_.pick(fitting);
    count(chosen.name);
    const bool is_distinct = draw_.one_in(6);
    return std::string(chosen.name) + "(" + (is_distinct ? "DISTINCT " : "") +
           (is_distinct ? leaf(chosen.argument, inner)
                        : expression(chosen.argument, inner, depth > 0 ? 1 : 0)) +
           ")" + filter;
  }
  if (!has_extremes(sort)) return leaf(sort, scope);
  count("min or max");
  return std::string(draw_.one_in(2) ? "min(" : "max(") + leaf(sort, inner) + ")" + filter;
}

std::string StatementGrammar::window(Sort sort, const ExpressionScope& scope) {
  const Sort partition = any_sort(draw_);
  const std::string by =
      draw_.one_in(2) ? optional_part("PARTITION BY " + leaf(partition, scope) + " ") : "";
  const std::string total = "OVER (" + by + "ORDER BY " + scope.window_order + ")";
  const std::string of = leaf(sort, scope);
  if (sort == Sort::i8 && draw_.percent(80)) {
    switch (draw_.below(5)) {
      case 0: count("row_number"); return "row_number() " + total;
      case 1:
        count("rank");
        return "rank() OVER (" + by + "ORDER BY " + leaf(any_sort(draw_), scope) + ")";
      case 2:
        count("dense_rank");
        return "dense_rank() OVER (" + by + "ORDER BY " + leaf(any_sort(draw_), scope) + " DESC)";
      case 3:
        count("sum over");
        return "sum(" + leaf(Sort::i4, scope) + ") OVER (" + by + "ORDER BY " +
               leaf(any_sort(draw_), scope) + ")";
      default: count("count over"); return "count(*) OVER (" + by + ")";
    }
  }
  if (sort == Sort::i4 && draw_.one_in(4)) {
    count("ntile");
    return "ntile(3) " + total;
  }
  if (sort == Sort::f8 && draw_.one_in(3)) {
    count("percent_rank");
    return std::string(draw_.one_in(2) ? "percent_rank() " : "cume_dist() ") + total;
  }
  switch (draw_.below(5)) {
    case 0: count("lag"); return "lag(" + of + ") " + total;
    case 1:
      count("lead");
      return "lead(" + of + ", 2, " + typed_literal(draw_, sort) + ") " + total;
    case 2:
      count("last_value");
      return "last_value(" + of + ") OVER (" + by + "ORDER BY " + scope.window_order +
             optional_part(" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING") + ")";
    case 3: count("nth_value"); return "nth_value(" + of + ", 2) " + total;
    default: count("first_value"); return "first_value(" + of + ") " + total;
  }
}

std::string StatementGrammar::scalar_subquery(Sort sort, const ExpressionScope& scope) {
  count("scalar subquery");
  const GeneratedTable& table = any_table();
  const std::string name = alias();
  ExpressionScope inner = scope_of(table, name);
  inner.has_subqueries = false;
  if (draw_.one_in(10)) {
    return "(SELECT " + leaf(sort, scope) + ")";
  }
  ExpressionScope both = inner;
  both.columns.insert(both.columns.end(), scope.columns.begin(), scope.columns.end());
  ExpressionScope grouped;
  grouped.aggregated = &inner;
  grouped.has_subqueries = false;
  if (!has_extremes(sort)) {
    return "(SELECT " + name + "." + any_column(table).name + " IS NULL FROM " + table.name + " " +
           name + " WHERE false)::text::" + std::string(type_of(sort));
  }
  return "(SELECT " + std::string(draw_.one_in(2) ? "max(" : "min(") + leaf(sort, inner) +
         ") FROM " + table.name + " " + name + optional_part(" WHERE " + condition(both, 1)) + ")";
}

std::string StatementGrammar::subquery_condition(const ExpressionScope& scope, int depth) {
  const GeneratedTable& table = any_table();
  const std::string name = alias();
  ExpressionScope both = scope_of(table, name);
  both.has_subqueries = false;
  const Sort sort = any_column(table).sort;
  const std::string value = leaf(sort, both);
  ExpressionScope outer = scope;
  outer.has_subqueries = false;
  const std::string left = expression(sort, outer, depth > 0 ? 1 : 0);
  both.columns.insert(both.columns.end(), scope.columns.begin(), scope.columns.end());
  const std::string rows =
      " FROM " + table.name + " " + name + optional_part(" WHERE " + condition(both, 1));
  switch (draw_.below(8)) {
    case 0: count("IN subquery"); return "(" + left + " IN (SELECT " + value + rows + "))";
    case 1: count("NOT IN subquery"); return "(" + left + " NOT IN (SELECT " + value + rows + "))";
    case 2: count("ANY subquery"); return "(" + left + " = ANY (SELECT " + value + rows + "))";
    case 3: count("ALL subquery"); return "(" + left + " < ALL (SELECT " + value + rows + "))";
    case 4:
      count("row IN subquery");
      return "((" + left + ", " + leaf(Sort::i4, scope) + ") IN (SELECT " + value + ", " +
             leaf(Sort::i4, both) + rows + "))";
    case 5:
      count("row = subquery");
      return "((" + left + ", 1) = (SELECT max(" + (has_extremes(sort) ? value : "1") + ")" +
             (has_extremes(sort) ? "" : "::text::" + std::string(type_of(sort))) + ", 1" + rows +
             "))";
    case 6: count("NOT EXISTS"); return "(NOT EXISTS (SELECT 1" + rows + "))";
    default: count("EXISTS"); return "EXISTS (SELECT " + value + rows + ")";
  }
}

}  // namespace firedrill::test
