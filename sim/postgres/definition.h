#pragma once

#include <string>
#include <vector>

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

/// What the statements of definitions (definition*.cc) share.
std::vector<std::string> names_of(NodeList nodes);
/// Their places in the table; 42703 where there is no such column. `in_key`: of a key, not of a
/// reference.
std::vector<std::size_t> columns_named(const Table& table, const std::vector<std::string>& names,
                                       bool in_key);
/// "_a_b", as the names of constraints have it.
std::string joined(const Table& table, const std::vector<std::size_t>& columns);

}  // namespace firedrill::sim::postgres
