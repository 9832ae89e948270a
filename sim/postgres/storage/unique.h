#pragma once

#include "sim/postgres/storage/heap.h"

namespace firedrill::sim::postgres {

/// Looks for a version that stands in the way of `key` in a unique index, as _bt_check_unique() and
/// check_exclusion_or_unique_constraint(CEOUC_WAIT) do: one that is live, or that the own
/// transaction made and did not delete. Where that depends on a transaction which is running
/// (it made the version, or replaced or deleted it), waits for that to end and looks again. Null:
/// there is none, and nobody else ran since the last look, so insert the key before you sleep.
///
/// INSERT and UPDATE: after the version is in the heap, for each unique index in turn: this, with
/// `self` the new version, then Index::insert(). A conflict is 23505.
/// ON CONFLICT: before the heap's insert, of the arbiter indexes in turn, with `self` null; then as
/// for INSERT. (The others see a row that is not yet in all indexes wait for its transaction, where
/// PostgreSQL has them wait for the insertion, and then for its transaction.)
/// Deferred constraints: at their time, with `self` the version, after the index has it; if it is
/// no longer live there is no conflict.
///
/// `nulls_equal`: NULLS NOT DISTINCT. Else a key with a NULL conflicts with nothing.
Version* find_conflict(const Actor& actor, Heap& heap, const Index& index, const Row& key,
                       const Version* self, bool nulls_equal = false);

/// Whether there may be one, without waiting to see: a deferrable constraint is then to be looked
/// at again (UNIQUE_CHECK_PARTIAL).
bool may_conflict(const Actor& actor, const Heap& heap, const Index& index, const Row& key,
                  const Version* self, bool nulls_equal = false);

}  // namespace firedrill::sim::postgres
