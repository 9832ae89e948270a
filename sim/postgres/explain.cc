#include "sim/postgres/query/explain.h"

#include <string>
#include <string_view>

#include "sim/postgres/query/statement_kind.h"
#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

std::vector<OutputColumn> Session::explained_columns() {
  return {{"QUERY PLAN", Type{TypeId::text, -1}}};
}

/// Costs are never shown, whether they are asked for or not: there are none here.
void Session::explain(const std::shared_ptr<const ParseTree>& tree,
                      const PgQuery__ExplainStmt& node, StatementResult& result) {
  for (std::size_t i = 0; i < node.n_options; ++i) {
    const std::string name = node.options[i]->def_elem->defname;
    if (name != "costs") unsupported("EXPLAIN with the option " + name);
  }
  if (!is_query(node.query)) unsupported("EXPLAIN of this statement");
  const Plans::Taken prepared = prepared_for(tree, node.query, {}, false);
  for (const std::string& line : postgres::explain(*prepared->query, began_with_)) {
    result.rows.push_back({Value::of(line)});
  }
  result.columns = explained_columns();
  result.returns_rows = true;
  result.tag = "EXPLAIN";
}

}  // namespace firedrill::sim::postgres
