#pragma once

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

/// Fills `to`, which is new, with what a server comes back with that finds the log of `from` up to
/// there: the work of all transactions that have committed by then, and nothing else. Numbers of
/// transactions, objects and sequences go on.
void recover(const Shared& from, Lsn upto, Shared& to);

}  // namespace firedrill::sim::postgres
