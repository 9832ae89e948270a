#pragma once

#include <functional>
#include <string_view>

#include "sim/postgres/query/parse.h"

namespace firedrill::sim::postgres {

/// Refuses a recursive query whose second part names the query in FROM more than once, or on the
/// side of an outer join that may have no row: 42P19 (parse_cte.c,
/// checkWellFormedRecursionWalker()). Such ones have no meaning, or no end.
void check_recursion(const PgQuery__SelectStmt& part, std::string_view name,
                     const std::function<std::int32_t(std::int32_t)>& position);

}  // namespace firedrill::sim::postgres
