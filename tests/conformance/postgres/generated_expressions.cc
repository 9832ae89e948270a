#include <array>

#include "tests/conformance/postgres/generated_grammar.h"
#include "tests/conformance/postgres/generated_templates.h"

namespace firedrill::test {

std::string StatementGrammar::literal(Sort sort) {
  if (!takes_parameters_ || draw_.one_in(3)) {
    if (!draw_.one_in(15)) return typed_literal(draw_, sort);
    return draw_.one_in(3) ? "NULL" : "NULL::" + std::string(type_of(sort));
  }
  parameter_sorts_.push_back(sort);
  parameter_texts_.push_back(draw_.one_in(8) ? std::nullopt
                                             : std::optional(raw_literal(draw_, sort)));
  std::string text = "$" + std::to_string(parameter_sorts_.size());
  // Of types that the model has not, and PostgreSQL may take an untyped one for.
  const bool is_open = sort == Sort::jsonb || sort == Sort::i4s || sort == Sort::texts;
  if (casts_parameters_ || is_open || draw_.percent(60)) text += "::" + std::string(type_of(sort));
  return text;
}

std::string StatementGrammar::leaf(Sort sort, const ExpressionScope& scope) {
  std::vector<const VisibleColumn*> fitting;
  for (const VisibleColumn& column : scope.columns) {
    if (column.sort == sort) fitting.push_back(&column);
  }
  if (!fitting.empty() && draw_.percent(75)) return draw_.pick(fitting)->text;
  return literal(sort);
}

std::string StatementGrammar::mistaken(Sort sort, const ExpressionScope& scope) {
  count("mistake");
  switch (draw_.below(7)) {
    case 0: return "nothing";
    case 1: return "t1.missing";
    case 2: return "no_function(" + leaf(sort, scope) + ")";
    case 3: return leaf(any_sort(draw_), scope);
    case 4: return "(" + leaf(sort, scope) + " + " + leaf(any_sort(draw_), scope) + ")";
    case 5: return leaf(sort, scope) + "::" + std::string(type_of(any_sort(draw_)));
    default: return "'nonsense'::" + std::string(type_of(sort));
  }
}

std::string StatementGrammar::expression(Sort sort, const ExpressionScope& scope, int depth) {
  if (is_mistaken_ && draw_.one_in(6)) {
    is_mistaken_ = false;
    return mistaken(sort, scope);
  }
  if (scope.aggregated != nullptr && draw_.percent(60)) return aggregate(sort, scope, depth);
  if (depth <= 0 || draw_.percent(30)) return leaf(sort, scope);
  if (!scope.window_order.empty() && draw_.one_in(10)) return window(sort, scope);
  if (draw_.one_in(5)) return value_part(general(sort, scope, depth - 1));
  return value_part(from_template(sort, scope, depth - 1));
}

std::string StatementGrammar::from_template(Sort sort, const ExpressionScope& scope, int depth) {
  const auto& templates = templates_for(sort);
  for (int i = 0; i < 20; ++i) {
    const ExpressionTemplate& chosen = *draw_.pick(templates);
    if (chosen.may_fail && !scope.may_fail) continue;
    count("expression " + std::string(chosen.pattern));
    return filled(chosen.pattern, sort, scope, depth);
  }
  return leaf(sort, scope);
}

std::string StatementGrammar::filled(std::string_view pattern, Sort sort,
                                     const ExpressionScope& scope, int depth) {
  const std::string_view whole = pattern;
  std::string text;
  std::optional<Sort> same;
  while (!pattern.empty()) {
    const std::size_t end = pattern.find('}');
    const std::size_t begin = pattern.find('{');
    const std::string_view inner =
        begin == std::string_view::npos || end == std::string_view::npos || end < begin
            ? std::string_view()
            : pattern.substr(begin + 1, end - begin - 1);
    const bool is_constant = inner.starts_with('=');
    const std::string_view name = is_constant ? inner.substr(1) : inner;
    const bool is_same = name == "T";
    if (is_same && !same) {
      // Arrays of arrays have to fit one another.
      const bool is_element = whole.find("ARRAY[{T}") != std::string_view::npos;
      do {
        same = any_sort(draw_);
      } while (is_element && (*same == Sort::i4s || *same == Sort::texts));
    }
    const std::optional<Sort> wanted = is_same ? same : sort_named(name);
    if (!wanted) {  // braces of the pattern's own
      const std::size_t taken = end == std::string_view::npos ? pattern.size() : end + 1;
      text += pattern.substr(0, taken);
      pattern.remove_prefix(taken);
      continue;
    }
    text += pattern.substr(0, begin);
    text += is_constant ? typed_literal(draw_, *wanted) : expression(*wanted, scope, depth);
    pattern.remove_prefix(end + 1);
  }
  (void)sort;
  return text;
}

/// What there is of every sort.
std::string StatementGrammar::general(Sort sort, const ExpressionScope& scope, int depth) {
  const auto part = [&] { return expression(sort, scope, depth); };
  switch (draw_.below(scope.has_subqueries ? 8 : 7)) {
    case 0: count("COALESCE"); return "coalesce(" + part() + optional_part(", " + part()) + ")";
    case 1: count("NULLIF"); return "nullif(" + part() + ", " + part() + ")";
    case 2: count("GREATEST"); return "greatest(" + part() + ", " + part() + ")";
    case 3: count("LEAST"); return "least(" + part() + optional_part(", " + part()) + ")";
    case 4:
      count("CASE WHEN");
      return "CASE WHEN " + condition(scope, depth) + " THEN " + part() +
             optional_part(" WHEN " + condition(scope, depth) + " THEN " + part()) +
             optional_part(" ELSE " + part()) + " END";
    case 5: {
      count("CASE x WHEN");
      const Sort subject = any_sort(draw_);
      return "CASE " + expression(subject, scope, depth) + " WHEN " +
             typed_literal(draw_, subject) + " THEN " + part() + " ELSE " + part() + " END";
    }
    case 6: count("cast"); return "CAST(" + part() + " AS " + std::string(type_of(sort)) + ")";
    default: return scalar_subquery(sort, scope);
  }
}

std::string StatementGrammar::condition(const ExpressionScope& scope, int depth) {
  if (scope.has_subqueries && depth > 0 && draw_.one_in(8)) {
    return subquery_condition(scope, depth - 1);
  }
  return depth > 0 ? from_template(Sort::boolean, scope, depth - 1)
                   : "(" + leaf(Sort::i4, scope) + " > " + literal(Sort::i4) + ")";
}

}  // namespace firedrill::test
