#include "sim/postgres/query/recursion.h"

#include <string>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

class Walk {
 public:
  Walk(std::string_view name, const std::function<std::int32_t(std::int32_t)>& position)
      : name_(name), position_(position) {}

  void look_at(const PgQuery__SelectStmt& select) {
    if (select.larg != nullptr) look_at(*select.larg);
    if (select.rarg != nullptr) look_at(*select.rarg);
    for (std::size_t i = 0; i < select.n_from_clause; ++i) look_at(select.from_clause[i], false);
  }

 private:
  void look_at(const PgQuery__Node* node, bool within_outer_join) {
    if (node == nullptr) return;
    switch (node->node_case) {
      case PG_QUERY__NODE__NODE_RANGE_VAR: meet(*node->range_var, within_outer_join); return;
      case PG_QUERY__NODE__NODE_RANGE_SUBSELECT: {
        const bool before = std::exchange(outer_, outer_ || within_outer_join);
        look_at(*node->range_subselect->subquery->select_stmt);
        outer_ = before;
        return;
      }
      case PG_QUERY__NODE__NODE_JOIN_EXPR: {
        const PgQuery__JoinExpr& join = *node->join_expr;
        const bool full = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
        const bool left = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
        const bool right = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
        look_at(join.larg, within_outer_join || full || right);
        look_at(join.rarg, within_outer_join || full || left);
        return;
      }
      default: return;
    }
  }

  void meet(const PgQuery__RangeVar& table, bool within_outer_join) {
    if (table.schemaname[0] != '\0' || name_ != table.relname) return;
    const std::string what = "recursive reference to query \"" + std::string(name_) + "\" must not";
    if (within_outer_join || outer_) {
      fail("42P19", what + " appear within an outer join", position_(table.location));
    }
    if (is_met_) fail("42P19", what + " appear more than once", position_(table.location));
    is_met_ = true;
  }

  std::string_view name_;
  const std::function<std::int32_t(std::int32_t)>& position_;
  bool is_met_ = false;
  bool outer_ = false;  ///< the subquery that is looked at stands within an outer join
};

}  // namespace

void check_recursion(const PgQuery__SelectStmt& part, std::string_view name,
                     const std::function<std::int32_t(std::int32_t)>& position) {
  Walk(name, position).look_at(part);
}

}  // namespace firedrill::sim::postgres
