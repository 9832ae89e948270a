#pragma once

#include "sim/postgres/query/query.h"

namespace firedrill::sim::postgres {

/// Makes NULL of what subqueries in FROM, and common tables that are read once, select and nobody
/// reads, as PostgreSQL's planner does (remove_unused_subquery_outputs(), and what it pulls up): an
/// error of it is no error then. What sorting, DISTINCT, UNION and volatile functions need stays.
void leave_out_unused(Query& query);

}  // namespace firedrill::sim::postgres
