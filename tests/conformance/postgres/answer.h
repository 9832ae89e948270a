#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/engine.h"
#include "tests/support/postgres_client.h"

namespace firedrill::test {

/// What the engine's session answers to a text of statements, in the real client's form.
std::vector<PostgresResult> ask_engine(sim::postgres::Engine& engine,
                                       sim::postgres::SessionId session, std::string_view sql);

/// What it has answered since it was asked last.
std::vector<PostgresResult> take_answers(sim::postgres::Engine& engine,
                                         sim::postgres::SessionId session);

/// As a person reads it, and so that two that count as the same are the same text: where `sql` does
/// not order its rows they are sorted, and types that users made have no number.
std::string describe(const std::vector<PostgresResult>& results, std::string_view sql);

/// Whether the engine says that it does not have something.
bool is_refusal(const std::vector<PostgresResult>& results);

}  // namespace firedrill::test
