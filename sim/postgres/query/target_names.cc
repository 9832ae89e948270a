#include <array>
#include <string>

#include "sim/postgres/query/analyzer.h"

// What a column of a result is called where nothing says so: FigureColname() of PostgreSQL.

namespace firedrill::sim::postgres {

namespace {
/// Whether a cast leaves the name as it is: all but those of other casts, of CASE, and none at all.
bool has_strong_name(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_TYPE_CAST: return has_strong_name(node->type_cast->arg);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return node->case_expr->defresult != nullptr && has_strong_name(node->case_expr->defresult);
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: return has_strong_name(node->collate_clause->arg);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const auto& tree = *node->a_indirection;
      for (std::size_t i = 0; i < tree.n_indirection; ++i) {
        if (tree.indirection[i]->node_case == PG_QUERY__NODE__NODE_STRING) return true;
      }
      return has_strong_name(tree.arg);
    }
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
             node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK ||
             node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK;
    default: return name_of_target(node) != "?column?";
  }
}
}  // namespace

std::string name_of_target(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF: {
      const NodeList fields{node->column_ref->fields, node->column_ref->n_fields};
      for (std::size_t i = fields.size(); i > 0; --i) {
        if (fields[i - 1]->node_case == PG_QUERY__NODE__NODE_STRING) {
          return std::string(string_of(fields[i - 1]));
        }
      }
      return "?column?";
    }
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const auto& tree = *node->a_indirection;
      for (std::size_t i = tree.n_indirection; i > 0; --i) {
        if (tree.indirection[i - 1]->node_case == PG_QUERY__NODE__NODE_STRING) {
          return std::string(string_of(tree.indirection[i - 1]));
        }
      }
      return name_of_target(tree.arg);
    }
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return std::string(last_name({node->func_call->funcname, node->func_call->n_funcname}));
    case PG_QUERY__NODE__NODE_A_EXPR:
      return node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? "nullif" : "?column?";
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      // The innermost name goes before a type's, the outermost type's before another's.
      if (has_strong_name(node->type_cast->arg)) return name_of_target(node->type_cast->arg);
      const auto& type = *node->type_cast->type_name;
      return std::string(last_name({type.names, type.n_names}));
    }
    case PG_QUERY__NODE__NODE_CASE_EXPR: {
      const PgQuery__Node* otherwise = node->case_expr->defresult;
      if (otherwise != nullptr && has_strong_name(otherwise)) return name_of_target(otherwise);
      return "case";
    }
    case PG_QUERY__NODE__NODE_SUB_LINK: {
      const auto& link = *node->sub_link;
      switch (link.sub_link_type) {
        case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK: return "exists";
        case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK: return "array";
        case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK: {
          const PgQuery__SelectStmt* select = link.subselect->select_stmt;
          if (select->n_target_list == 0) return "?column?";
          const PgQuery__ResTarget* target = select->target_list[0]->res_target;
          if (target->name[0] != '\0') return target->name;
          return name_of_target(target->val);
        }
        default: return "?column?";
      }
    }
    case PG_QUERY__NODE__NODE_GROUPING_FUNC: return "grouping";
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: return "array";
    case PG_QUERY__NODE__NODE_ROW_EXPR: return "row";
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: return "coalesce";
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least";
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: return name_of_target(node->collate_clause->arg);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: {
      static constexpr std::array kNames = {"",
                                            "current_date",
                                            "current_time",
                                            "current_time",
                                            "current_timestamp",
                                            "current_timestamp",
                                            "localtime",
                                            "localtime",
                                            "localtimestamp",
                                            "localtimestamp",
                                            "current_role",
                                            "current_user",
                                            "user",
                                            "session_user",
                                            "current_catalog",
                                            "current_schema"};
      return kNames.at(static_cast<std::size_t>(node->sqlvalue_function->op));
    }
    default: return "?column?";
  }
}

}  // namespace firedrill::sim::postgres
