#pragma once

#include "sim/postgres/query/parse.h"

namespace firedrill::sim::postgres {

/// What is analysed and planned; all others are commands.
inline bool is_query(const PgQuery__Node* node) {
  return node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ||
         node->node_case == PG_QUERY__NODE__NODE_INSERT_STMT ||
         node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ||
         node->node_case == PG_QUERY__NODE__NODE_DELETE_STMT;
}

/// What a failed transaction still takes.
inline bool ends_transaction(const PgQuery__Node* node) {
  if (node->node_case != PG_QUERY__NODE__NODE_TRANSACTION_STMT) return false;
  switch (node->transaction_stmt->kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO: return true;
    default: return false;
  }
}

}  // namespace firedrill::sim::postgres
