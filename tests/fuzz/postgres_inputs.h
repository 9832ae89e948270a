#pragma once

#include <cstdint>
#include <string>

#include "tests/fuzz/redis_inputs.h"

namespace firedrill::fuzz {

/// Some thirty steps (steps_of) of two clients of PostgreSQL's: messages of the protocol, most of
/// them right, with statements, most of them right; some of both nearly so, some bytes that are
/// nothing.
std::string make_postgres_input(std::uint64_t seed);

}  // namespace firedrill::fuzz
