#pragma once

#include <string>
#include <vector>

#include "sim/postgres/query/query.h"

namespace firedrill::sim::postgres {

/// The steps that a query is run in, one a line, as EXPLAIN (COSTS OFF) of PostgreSQL writes them:
/// what needs rows before what they come from, which is indented. The plan is this engine's own,
/// and conditions are not shown. `began_with`: TableIndex::is_usable().
std::vector<std::string> explain(const Query& query, Xid began_with);

}  // namespace firedrill::sim::postgres
