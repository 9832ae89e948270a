#pragma once

#include "sim/postgres/storage/heap.h"

namespace firedrill::sim::postgres {

/// To the snapshot (HeapTupleSatisfiesMVCC()).
bool is_visible(const Storage& storage, const Actor& actor, const Snapshot& snapshot,
                const Version& version);

/// At this moment, with what others have not committed yet (HeapTupleSatisfiesDirty()).
struct Liveness {
  bool is_live = false;
  /// Where it is live: on whose end that depends; kNoXid: on nobody's.
  Xid depends_on = kNoXid;
};
Liveness liveness(const Storage& storage, const Actor& actor, const Version& version);

/// At this moment, as if all others who are running would abort (HeapTupleSatisfiesSelf()).
bool is_live_now(const Storage& storage, const Actor& actor, const Version& version);

}  // namespace firedrill::sim::postgres
