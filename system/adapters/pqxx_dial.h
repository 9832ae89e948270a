#pragma once

#include <expected>
#include <string>

#include "system/adapters/pqxx_answer.h"
#include "system/adapters/pqxx_connection.h"

struct pg_conn;

namespace firedrill::adapters {

/// Connects; until it has, or is refused, or is broken off. The result is the caller's to finish.
std::expected<pg_conn*, SqlFailure> dial(const PqxxOptions& options, const PqxxBreaker& breaker);

}  // namespace firedrill::adapters
