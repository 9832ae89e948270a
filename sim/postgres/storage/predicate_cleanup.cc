#include <algorithm>

#include "sim/postgres/storage/predicate_locks.h"
#include "system/domain/check.h"

/// What is left of a serializable transaction after its end, and for how long.
namespace firedrill::sim::postgres {

void PredicateLocks::finish(BackendId backend, bool well) {
  const auto found = current_.find(backend);
  if (found == current_.end()) return;
  Noted& self = at(found->second);
  current_.erase(found);
  check(!well || self.is_prepared, "pre_commit() comes before commit()");
  mark_finished(self, well);
  if (well) {
    settle_out_conflicts(self);
    settle_in_conflicts(self, true);
  }
  tell_readers(self, well);
  if (!well) drop(self.id);
  clear_old();
}

void PredicateLocks::mark_finished(Noted& self, bool well) {
  self.finished_before = transactions_.next();
  if (well) {
    self.is_committed = true;
    self.committed_at = ++last_commit_;
    if (!self.has_written) self.is_read_only = true;
  } else {
    self.is_doomed = true;
    self.is_prepared = false;
  }
  if (self.is_declared_read_only) return;
  if (--writers_ == 0) cleared_through_ = last_commit_;
}

/// Those who committed before are remembered by the earliest of them alone.
void PredicateLocks::settle_out_conflicts(Noted& self) {
  const std::vector<Id> out = self.out;
  for (const Id id : out) {
    Noted& writer = at(id);
    if (!self.is_read_only && writer.is_committed) {
      if (!self.has_out_conflict || writer.prepared_at < self.earliest_out_commit)
        self.earliest_out_commit = writer.prepared_at;
      self.has_out_conflict = true;
    }
    if (writer.is_committed || writer.snapshot_at >= last_commit_) remove_conflict(self, writer);
  }
}

void PredicateLocks::settle_in_conflicts(Noted& self, bool well) {
  const std::vector<Id> in = self.in;
  for (const Id id : in) {
    Noted& reader = at(id);
    if (!well || reader.is_committed || reader.is_read_only) remove_conflict(reader, self);
  }
}

/// Read only transactions, of which it was not known whether this one makes them unsafe.
void PredicateLocks::tell_readers(Noted& self, bool well) {
  const std::vector<Id> others = self.may_be_unsafe;
  for (const Id id : others) {
    Noted& other = at(id);
    if (self.is_declared_read_only) {
      remove_possible(self, other);
      continue;
    }
    const bool makes_unsafe = well && self.has_written && self.has_out_conflict &&
                              self.earliest_out_commit <= other.snapshot_at;
    if (makes_unsafe) {
      const std::vector<Id> writers = other.may_be_unsafe;
      for (const Id writer : writers) remove_possible(other, at(writer));
      continue;
    }
    remove_possible(other, self);
    if (other.may_be_unsafe.empty()) other.is_safe = true;
  }
}

void PredicateLocks::remove_conflict(Noted& reader, Noted& writer) {
  std::erase(reader.out, writer.id);
  std::erase(writer.in, reader.id);
}

void PredicateLocks::remove_possible(Noted& reader, Noted& writer) {
  std::erase(reader.may_be_unsafe, writer.id);
  std::erase(writer.may_be_unsafe, reader.id);
}

void PredicateLocks::drop(Id id) {
  Noted& noted = at(id);
  drop_reads(noted);
  const std::vector<Id> out = noted.out;
  for (const Id writer : out) remove_conflict(noted, at(writer));
  if (noted.top != kNoXid) by_top_.erase(noted.top);
  noted_.erase(id);
}

/// And with them, who conflicts in: both matter to writers alone that overlap it.
void PredicateLocks::drop_reads(Noted& noted) {
  noted.relations.clear();
  noted.rows.clear();
  noted.pages.clear();
  noted.ranges.clear();
  settle_in_conflicts(noted, false);
}

/// Committed transactions are kept while one runs whose snapshot is older than their end.
void PredicateLocks::clear_old() {
  Xid oldest = kNoXid;
  for (const auto& [backend, id] : current_) {
    const Xid xmin = at(id).snapshot.xmin;
    if (oldest == kNoXid || xmin < oldest) oldest = xmin;
  }
  std::vector<Id> gone;
  for (auto& [id, noted] : noted_) {
    if (!noted.is_committed) continue;
    const bool is_overlapped = oldest != kNoXid && noted.finished_before > oldest;
    const bool is_cleared = noted.committed_at <= cleared_through_;
    if (!is_overlapped || (is_cleared && noted.is_read_only))
      gone.push_back(id);
    else if (is_cleared)
      drop_reads(noted);
  }
  for (const Id id : gone) drop(id);
}

}  // namespace firedrill::sim::postgres
