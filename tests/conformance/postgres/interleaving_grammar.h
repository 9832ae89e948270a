#pragma once

#include "sim/kernel/random_stream.h"
#include "tests/conformance/postgres/interleaving.h"

namespace firedrill::test {

/// Two to four sessions, each with a short transaction or a few statements without one, over three
/// small tables, a sequence and two advisory locks.
Interleaving any_interleaving(sim::RandomStream& random);

/// Serializable transactions alone, of statements that depend on nothing but rows: those that
/// commit have to fit some order, one after the other.
Interleaving any_serializable(sim::RandomStream& random);

}  // namespace firedrill::test
