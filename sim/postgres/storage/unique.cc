#include "sim/postgres/storage/unique.h"

#include <algorithm>

#include "sim/postgres/storage/visibility.h"

namespace firedrill::sim::postgres {

namespace {

struct Conflict {
  Version* version = nullptr;
  Xid depends_on = kNoXid;
};

/// The first in the index's order, whether it depends on somebody or not.
Conflict first_conflict(const Actor& actor, const Storage& storage, const Index& index,
                        const Index::Range& range, const Version* self) {
  Conflict conflict;
  index.scan(range, [&](const Row&, Version* version) {
    if (version == self) return true;
    const Liveness now = liveness(storage, actor, *version);
    if (!now.is_live) return true;
    conflict = {version, now.depends_on};
    return false;
  });
  return conflict;
}

Index::Range range_of(const Index& index, const Row& key) {
  Index::Range range;
  for (const IndexColumn& column : index.columns()) range.prefix.push_back(key[column.position]);
  return range;
}

}  // namespace

Version* find_conflict(const Actor& actor, Heap& heap, const Index& index, const Row& key,
                       const Version* self, bool nulls_equal) {
  Index::Range range = range_of(index, key);
  range.nulls_match = nulls_equal;
  for (;;) {
    const Conflict conflict = first_conflict(actor, heap.storage(), index, range, self);
    if (conflict.version == nullptr) return nullptr;
    if (conflict.depends_on == kNoXid) {
      const bool matters = self == nullptr || is_live_now(heap.storage(), actor, *self);
      return matters ? conflict.version : nullptr;
    }
    heap.wait_for(actor, conflict.depends_on);
  }
}

bool may_conflict(const Actor& actor, const Heap& heap, const Index& index, const Row& key,
                  const Version* self, bool nulls_equal) {
  Index::Range range = range_of(index, key);
  range.nulls_match = nulls_equal;
  return first_conflict(actor, heap.storage(), index, range, self).version != nullptr;
}

}  // namespace firedrill::sim::postgres
