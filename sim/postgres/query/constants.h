#pragma once

#include "sim/postgres/query/query.h"

namespace firedrill::sim::postgres {

/// Computes what is constant in a query, as PostgreSQL's planner does before there is any row: an
/// error of it is the statement's, were there no row at all. What cannot be reached (the rest of
/// a CASE, of a COALESCE, behind AND false) is not computed. What is known so is kept with the
/// expressions, for this run and, where no parameter has a part in it, for the next ones.
void compute_constants(const Query& query, const Frame& frame);

/// Of a subquery in FROM that is nothing but its rows: it becomes part of the query around it.
bool is_pulled_up(const Query& query);

}  // namespace firedrill::sim::postgres
