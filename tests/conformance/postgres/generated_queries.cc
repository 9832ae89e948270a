#include <algorithm>
#include <array>

#include "tests/conformance/postgres/generated_grammar.h"

namespace firedrill::test {

namespace {

/// Whether what is computed of it may be equal and look otherwise: 1.0 and 1.00, 24 hours and a
/// day.
bool looks_vary(Sort sort) {
  return sort == Sort::num || sort == Sort::f8 || sort == Sort::iv || sort == Sort::jsonb ||
         sort == Sort::bc;
}

std::string ordinals(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i > 1 ? ", " : "") + std::to_string(i);
  return list;
}

std::string all_of(const ExpressionScope& scope) {
  std::string list;
  for (const VisibleColumn& column : scope.columns) {
    list += (list.empty() ? "" : ", ") + column.text;
  }
  return list;
}

void see(ExpressionScope& scope, const std::string& name, const std::vector<Sort>& sorts) {
  for (std::size_t i = 0; i < sorts.size(); ++i) {
    scope.columns.push_back({name + ".c" + std::to_string(i + 1), sorts[i]});
  }
}

}  // namespace

std::string StatementGrammar::alias() {
  return "q" + std::to_string(++aliases_);
}

std::vector<Sort> StatementGrammar::some_sorts(std::size_t most) {
  std::vector<Sort> sorts(1 + draw_.below(most));
  for (Sort& sort : sorts) {
    sort = draw_.one_in(2) ? any_column(any_table()).sort : any_sort(draw_);
  }
  return sorts;
}

std::string StatementGrammar::from_item(ExpressionScope& scope, const ExpressionScope* outer,
                                        int depth) {
  const std::string name = alias();
  const auto add = [&](const ExpressionScope& more) {
    scope.columns.insert(scope.columns.end(), more.columns.begin(), more.columns.end());
  };
  if (depth > 0 && draw_.one_in(6)) {
    count("subquery in FROM");
    const GeneratedQuery inner = query(some_sorts(3), nullptr, 0);
    see(scope, name, inner.sorts);
    return "(" + inner.text + ") " + name;
  }
  if (draw_.one_in(25)) {
    count("generate_series");
    scope.columns.push_back({name, Sort::i4});
    return "generate_series(" + std::to_string(draw_.between(-1, 2)) + ", " +
           std::to_string(draw_.between(1, 5)) + ") " + name;
  }
  if (draw_.one_in(40)) {
    count("unnest in FROM");
    scope.columns.push_back({name + ".u", Sort::text});
    return "unnest(" + typed_literal(draw_, Sort::texts) + ") " + name + "(u)";
  }
  if (draw_.one_in(40)) {
    count("VALUES in FROM");
    const std::vector<Sort> sorts = some_sorts(2);
    const GeneratedQuery rows = values_query(sorts);
    see(scope, name, sorts);
    std::string columns;
    for (std::size_t i = 1; i <= sorts.size(); ++i) {
      columns += (i > 1 ? ", c" : "c") + std::to_string(i);
    }
    return "(" + rows.text + ") " + name + "(" + columns + ")";
  }
  (void)outer;
  const GeneratedTable& table = any_table();
  add(scope_of(table, name));
  return table.name + (draw_.one_in(2) ? " AS " : " ") + name;
}

std::string StatementGrammar::join(std::string left, ExpressionScope& scope, int depth) {
  const std::size_t before = scope.columns.size();
  if (draw_.one_in(6)) {
    count("LATERAL");
    const std::string name = alias();
    ExpressionScope seen = scope;
    seen.has_subqueries = false;
    const GeneratedTable& table = any_table();
    const std::string inner = alias();
    ExpressionScope both = scope_of(table, inner);
    both.columns.insert(both.columns.end(), seen.columns.begin(), seen.columns.end());
    both.has_subqueries = false;
    const Sort sort = any_column(table).sort;
    const std::string query = "(SELECT " + expression(sort, both, 1) + " AS c1 FROM " + table.name +
                              " " + inner + optional_part(" WHERE " + condition(both, 1)) + ") " +
                              name;
    scope.columns.push_back({name + ".c1", sort});
    return left + (draw_.one_in(2) ? " LEFT JOIN LATERAL " + query + " ON true"
                                   : " CROSS JOIN LATERAL " + query);
  }
  const std::string right = from_item(scope, nullptr, depth);
  if (draw_.one_in(8)) {
    count("CROSS JOIN");
    return left + (draw_.one_in(2) ? ", " : " CROSS JOIN ") + right;
  }
  // Equal columns of both sides, where there are such.
  std::string on;
  for (int i = 0; i < 6 && on.empty(); ++i) {
    const VisibleColumn& a = scope.columns[draw_.below(before)];
    const VisibleColumn& b = scope.columns[before + draw_.below(scope.columns.size() - before)];
    if (a.sort == b.sort) on = a.text + " = " + b.text;
  }
  const bool has_equality = !on.empty();
  if (on.empty()) on = condition(scope, 1);
  if (has_equality && draw_.one_in(3)) on += optional_part(" AND " + condition(scope, 1));
  switch (draw_.below(has_equality ? 5 : 3)) {
    case 0: count("JOIN"); return left + " JOIN " + right + " ON " + on;
    case 1: count("LEFT JOIN"); return left + " LEFT JOIN " + right + " ON " + on;
    case 2: count("RIGHT JOIN"); return left + " RIGHT JOIN " + right + " ON " + on;
    case 3: count("FULL JOIN"); return left + " FULL JOIN " + right + " ON " + on;
    default: count("INNER JOIN"); return left + " INNER JOIN " + right + " ON " + on;
  }
}

std::string StatementGrammar::from(ExpressionScope& scope, const ExpressionScope* outer,
                                   int depth) {
  std::string text = from_item(scope, outer, depth);
  if (depth > 0 && draw_.percent(35)) text = join(std::move(text), scope, depth - 1);
  if (depth > 0 && draw_.percent(8)) text = join(std::move(text), scope, depth - 1);
  return text;
}

GeneratedQuery StatementGrammar::plain_query(const std::vector<Sort>& sorts,
                                             const ExpressionScope* outer, int depth) {
  ExpressionScope scope;
  const std::string rows = from(scope, outer, depth);
  if (outer != nullptr) {
    scope.columns.insert(scope.columns.end(), outer->columns.begin(), outer->columns.end());
  }
  const std::string where =
      draw_.percent(60) ? optional_part(" WHERE " + condition(scope, depth + 1)) : "";
  ExpressionScope select = scope;
  if (depth > 0 && draw_.one_in(4)) select.window_order = all_of(scope);
  std::vector<std::string> items;
  for (const Sort sort : sorts) {
    const int deep = depth == 0 && looks_vary(sort) ? 0 : depth + 1;
    items.push_back(expression(sort, select, deep) + " AS c" + std::to_string(items.size() + 1));
  }
  return {"SELECT " + optional_list(items) + " FROM " + rows + where, sorts};
}

GeneratedQuery StatementGrammar::grouped_query(const std::vector<Sort>& sorts,
                                               const ExpressionScope* outer, int depth) {
  ExpressionScope inner;
  const std::string rows = from(inner, outer, depth);
  const std::string where = draw_.percent(40) ? optional_part(" WHERE " + condition(inner, 1)) : "";
  ExpressionScope keys;
  const std::size_t count_of_keys = draw_.below(3);
  for (std::size_t i = 0; i < count_of_keys; ++i) keys.columns.push_back(draw_.pick(inner.columns));
  keys.has_subqueries = false;
  inner.has_subqueries = false;
  std::string group = all_of(keys);
  if (!group.empty() && draw_.one_in(5)) {
    count("GROUP BY expression");
    const std::string key = from_template(Sort::text, inner, 0);
    group += ", " + key;
    keys.columns.push_back({key, Sort::text});
  }
  keys.aggregated = &inner;
  std::vector<std::string> items;
  for (const Sort sort : sorts) {
    items.push_back(expression(sort, keys, depth) + " AS c" + std::to_string(items.size() + 1));
  }
  count(group.empty() ? "aggregates alone" : "GROUP BY");
  std::string having;
  if (draw_.one_in(4)) {
    count("HAVING");
    having = optional_part(" HAVING " + (draw_.one_in(2) ? "count(*) > 1" : condition(keys, 1)));
  }
  if (!group.empty()) group = " GROUP BY " + group;
  return {"SELECT " + optional_list(items) + " FROM " + rows + where + group + having, sorts};
}

GeneratedQuery StatementGrammar::distinct_query(const ExpressionScope* outer) {
  ExpressionScope scope;
  const std::string rows = from(scope, outer, 1);
  std::vector<Sort> sorts;
  std::vector<std::string> items;
  const std::size_t columns = 1 + draw_.below(3);
  for (std::size_t i = 0; i < columns; ++i) {
    const VisibleColumn& column = draw_.pick(scope.columns);
    sorts.push_back(column.sort);
    items.push_back(column.text + " AS c" + std::to_string(i + 1));
  }
  const std::string where = optional_part(" WHERE " + condition(scope, 1));
  if (draw_.one_in(3)) {
    count("DISTINCT ON");
    const VisibleColumn& key = draw_.pick(scope.columns);
    std::string list;
    for (const std::string& item : items) list += (list.empty() ? "" : ", ") + item;
    return {"SELECT DISTINCT ON (" + key.text + ") " + list + " FROM " + rows + where +
                " ORDER BY " + key.text + (draw_.one_in(3) ? " DESC" : "") + ", " +
                ordinals(columns),
            sorts, true};
  }
  count("DISTINCT");
  return {"SELECT DISTINCT " + optional_list(items) + " FROM " + rows + where, sorts};
}

GeneratedQuery StatementGrammar::values_query(const std::vector<Sort>& sorts) {
  count("VALUES");
  std::vector<std::string> rows;
  const std::size_t count_of_rows = 1 + draw_.below(4);
  ExpressionScope nothing;
  nothing.has_subqueries = false;
  for (std::size_t i = 0; i < count_of_rows; ++i) {
    std::string row;
    for (const Sort sort : sorts) {
      row += (row.empty() ? "(" : ", ") +
             (i == 0 ? literal(sort) + "::" + std::string(type_of(sort))
                     : expression(sort, nothing, looks_vary(sort) ? 0 : 1));
    }
    rows.push_back(row + ")");
  }
  return {"VALUES " + optional_list(rows), sorts};
}

GeneratedQuery StatementGrammar::set_query(const ExpressionScope* outer, int depth) {
  std::vector<Sort> sorts = some_sorts(3);
  const auto branch = [&] {
    ExpressionScope scope;
    const std::string rows = from(scope, outer, 0);
    std::vector<std::string> items;
    for (const Sort sort : sorts) {
      items.push_back(leaf(sort, scope) + " AS c" + std::to_string(items.size() + 1));
    }
    std::string list;
    for (const std::string& item : items) list += (list.empty() ? "" : ", ") + item;
    return "SELECT " + list + " FROM " + rows + optional_part(" WHERE " + condition(scope, 1));
  };
  static constexpr std::array<std::string_view, 6> kNames = {
      "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"};
  const auto& name = draw_.pick(kNames);
  count(name);
  std::string text = branch() + " " + std::string(name) + " " + branch();
  if (draw_.one_in(4)) text = "(" + text + ") " + std::string(draw_.pick(kNames)) + " " + branch();
  (void)depth;
  return {text, sorts};
}

GeneratedQuery StatementGrammar::with_query(int depth) {
  const std::string name = alias();
  if (draw_.one_in(4)) {
    count("WITH RECURSIVE");
    ExpressionScope scope;
    scope.columns = {{name + ".n", Sort::i4}, {name + ".s", Sort::text}};
    scope.has_subqueries = false;
    const std::string step = draw_.one_in(2) ? "UNION ALL" : "UNION";
    std::vector<Sort> sorts = {Sort::i4, Sort::text};
    return {"WITH RECURSIVE " + name + "(n, s) AS (SELECT " + std::to_string(draw_.between(0, 2)) +
                ", 'x'::text " + step + " SELECT n + 1, " + expression(Sort::text, scope, 1) +
                "::text FROM " + name + " WHERE n < " + std::to_string(draw_.between(1, 6)) +
                ") SELECT " + expression(Sort::i4, scope, 1) + " AS c1, " +
                expression(Sort::text, scope, 2) + " AS c2 FROM " + name,
            sorts};
  }
  ExpressionScope scope;
  scope.has_subqueries = false;
  std::string inner;
  if (draw_.one_in(4)) {
    count("modifying WITH");
    const std::size_t kind = draw_.below(3);
    const GeneratedTable& table = any_table();
    const GeneratedColumn& column = any_column(table);
    const ExpressionScope own = scope_of(table, table.name);
    const std::string where = " WHERE " + condition(own, 1);
    if (kind == 0) {
      inner = "DELETE FROM " + table.name + where;
    } else if (kind == 1) {
      inner = "UPDATE " + table.name + " SET " + assignments(table, own, false) + where;
    } else {
      inner = insert_text();
      const std::size_t at = inner.find(" RETURNING ");
      if (at != std::string::npos) inner.resize(at);
      while (!inner.empty() && inner.back() <= mark::kEndValue) inner.pop_back();
    }
    const bool is_insert = kind == 2;
    inner += is_insert ? " RETURNING *" : " RETURNING " + table.name + "." + column.name + " AS c1";
    if (is_insert)
      return {"WITH " + name + " AS (" + inner + ") SELECT count(*) AS c1 FROM " + name,
              {Sort::i8}};
    see(scope, name, {column.sort});
  } else {
    count("WITH");
    const GeneratedQuery of = query(some_sorts(3), nullptr, 0);
    inner = of.text;
    see(scope, name, of.sorts);
  }
  (void)depth;
  const std::string materialized =
      draw_.one_in(6) ? (draw_.one_in(2) ? "MATERIALIZED " : "NOT MATERIALIZED ") : "";
  std::vector<Sort> sorts = some_sorts(2);
  std::vector<std::string> items;
  for (const Sort sort : sorts) {
    items.push_back(expression(sort, scope, 1) + " AS c" + std::to_string(items.size() + 1));
  }
  return {"WITH " + name + " AS " + materialized + "(" + inner + ") SELECT " +
              optional_list(items) + " FROM " + name +
              optional_part(" WHERE " + condition(scope, 1)),
          sorts};
}

GeneratedQuery StatementGrammar::query(const std::vector<Sort>& sorts, const ExpressionScope* outer,
                                       int depth) {
  if (draw_.percent(25)) return grouped_query(sorts, outer, depth);
  return plain_query(sorts, outer, depth);
}

/// ORDER BY, LIMIT, OFFSET.
std::string StatementGrammar::tail(const GeneratedQuery& query, bool& is_ordered) {
  if (query.is_ordered) {
    is_ordered = std::ranges::none_of(query.sorts, looks_vary);
    return optional_part(" LIMIT " + std::to_string(draw_.between(0, 6)));
  }
  const bool can_order = std::ranges::none_of(query.sorts, looks_vary);
  if (!can_order || !draw_.percent(50)) return "";
  is_ordered = true;
  std::string order;
  for (std::size_t i = 1; i <= query.sorts.size(); ++i) {
    static constexpr std::array<std::string_view, 5> kHow = {"", "", " DESC", " NULLS FIRST",
                                                             " DESC NULLS LAST"};
    order += (i > 1 ? ", " : "") + (draw_.one_in(3) ? "c" + std::to_string(i) : std::to_string(i)) +
             std::string(draw_.pick(kHow));
  }
  std::string text = " ORDER BY " + order;
  if (draw_.one_in(4)) {
    count("LIMIT");
    text += optional_part(" LIMIT " + std::to_string(draw_.between(0, 6)));
  }
  if (draw_.one_in(6)) {
    count("OFFSET");
    text += optional_part(" OFFSET " + std::to_string(draw_.between(0, 4)));
  }
  if (draw_.one_in(25)) {
    count("FETCH FIRST");
    text = " ORDER BY " + order + " FETCH FIRST 3 ROWS " + (draw_.one_in(2) ? "ONLY" : "WITH TIES");
  }
  return text;
}

GeneratedStatement StatementGrammar::select_statement() {
  if (draw_.one_in(9)) {  // one row, of nothing: what fails there fails for both
    count("SELECT without FROM");
    ExpressionScope nothing;
    nothing.may_fail = true;
    std::vector<std::string> items;
    for (const Sort sort : some_sorts(4)) items.push_back(expression(sort, nothing, 3));
    return {"SELECT " + optional_list(items)};
  }
  if (draw_.one_in(14)) {
    count("row locks");
    const GeneratedTable& table = any_table();
    static constexpr std::array<std::string_view, 6> kLocks = {
        " FOR UPDATE",    " FOR NO KEY UPDATE",      " FOR SHARE",
        " FOR KEY SHARE", " FOR UPDATE SKIP LOCKED", " FOR UPDATE NOWAIT"};
    return {"SELECT * FROM " + table.name +
            optional_part(" WHERE " + condition(scope_of(table, table.name), 2)) +
            std::string(draw_.pick(kLocks))};
  }
  if (draw_.one_in(20)) {
    const GeneratedTable& table = any_table();
    const ExpressionScope scope = scope_of(table, table.name);
    ExpressionScope risky = scope;
    risky.may_fail = true;
    return {"SELECT " + expression(any_sort(draw_), risky, 3) + " FROM " + table.name};
  }
  GeneratedQuery made;
  switch (draw_.below(8)) {
    case 0: made = distinct_query(nullptr); break;
    case 1: made = set_query(nullptr, 1); break;
    case 2: made = with_query(1); break;
    case 3:
      if (draw_.one_in(2)) {
        made = values_query(some_sorts(3));
        return {made.text};
      }
      [[fallthrough]];
    default: made = query(some_sorts(4), nullptr, 1);
  }
  GeneratedStatement statement;
  const std::string end = tail(made, statement.is_ordered);
  statement.text = made.text + end;
  return statement;
}

}  // namespace firedrill::test
