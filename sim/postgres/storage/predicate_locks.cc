#include "sim/postgres/storage/predicate_locks.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "sim/postgres/sql_error.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_serialization(const std::string& reason) {
  throw SqlError{.sqlstate = std::string(sqlstate::kSerializationFailure),
                 .message =
                     "could not serialize access due to read/write dependencies among "
                     "transactions",
                 .detail = "Reason code: " + reason,
                 .hint = "The transaction might succeed if retried."};
}

}  // namespace

bool PredicateLocks::contains(const std::vector<Id>& ids, Id id) {
  return std::ranges::find(ids, id) != ids.end();
}

PredicateLocks::Noted* PredicateLocks::own(const Actor& actor) {
  const auto found = current_.find(actor.backend);
  return found == current_.end() ? nullptr : &at(found->second);
}

/// Null as well for one that has been found safe: it need not be noted any longer.
PredicateLocks::Noted* PredicateLocks::reader(const Actor& actor) {
  Noted* self = own(actor);
  if (self == nullptr || !self->is_safe) return self;
  finish(actor.backend, false);
  return nullptr;
}

/// Read only transactions beside which no other writes need not be noted.
void PredicateLocks::begin(BackendId backend, const Snapshot& snapshot, bool read_only) {
  check(!is_tracked(backend), "a transaction takes one snapshot");
  if (read_only && writers_ == 0) return;
  const Id id = next_id_++;
  Noted& self = noted_[id];
  self.id = id;
  self.snapshot = snapshot;
  self.snapshot_at = last_commit_;
  self.is_read_only = self.is_declared_read_only = read_only;
  if (read_only && !note_possible_conflicts(self)) {
    noted_.erase(id);
    return;
  }
  if (!read_only) ++writers_;
  current_[backend] = id;
}

bool PredicateLocks::note_possible_conflicts(Noted& reader) {
  for (auto& [id, other] : noted_) {
    if (other.is_committed || other.is_doomed || other.is_read_only) continue;
    reader.may_be_unsafe.push_back(id);
    other.may_be_unsafe.push_back(reader.id);
  }
  return !reader.may_be_unsafe.empty();
}

void PredicateLocks::reads_relation(const Actor& actor, std::uint32_t table) {
  if (Noted* self = reader(actor)) self->relations.try_emplace(table, ++last_read_);
}

void PredicateLocks::reads_range(const Actor& actor, std::uint32_t index_id,
                                 const Index::Range& range) {
  Noted* self = reader(actor);
  if (self == nullptr) return;
  const auto first = std::ranges::find(self->ranges, index_id, &Noted::ReadRange::index_id);
  const Moment read_at = first == self->ranges.end() ? ++last_read_ : first->read_at;
  self->ranges.push_back({index_id, notes_pages_ ? Index::Range() : range, read_at});
}

void PredicateLocks::note_row(Noted& self, std::uint32_t table, std::uint64_t number) {
  constexpr std::ptrdiff_t kMostOfPage = 2;  // max_pred_locks_per_page
  if (self.relations.contains(table) || self.pages.contains(table)) return;
  self.rows.try_emplace({table, number}, ++last_read_);
  if (!notes_pages_) return;
  const auto first = self.rows.lower_bound({table, 0});
  const auto last = self.rows.lower_bound({table + 1, 0});
  if (std::distance(first, last) <= kMostOfPage) return;
  self.rows.erase(first, last);
  self.pages[table] = ++last_read_;
}

void PredicateLocks::reads_row(const Actor& actor, std::uint32_t table, const Version& version,
                               bool is_visible) {
  Noted* self = reader(actor);
  if (self == nullptr) return;
  if (self->is_doomed)
    fail_serialization("Canceled on identification as a pivot, during conflict out checking.");
  const Xid made_by = transactions_.top_of(version.xmin);
  if (is_visible && made_by != actor.top) note_row(*self, table, version.number);
  const Xid writer = is_visible ? version.xmax : version.xmin;
  if (transactions_.state(writer) == Transactions::State::aborted) return;
  const Xid top = transactions_.top_of(writer);
  if (top != actor.top) check_writer(*self, top);
}

/// Its writes are not seen, though it may have committed.
void PredicateLocks::check_writer(Noted& self, Xid top) {
  const auto found = by_top_.find(top);
  if (found == by_top_.end() || found->second == self.id) return;
  Noted& writer = at(found->second);
  if (writer.is_doomed) return;
  const bool appears_to_run_first =
      self.is_read_only && writer.is_committed &&
      (!writer.has_out_conflict || self.snapshot_at < writer.earliest_out_commit);
  if (appears_to_run_first || !Transactions::is_running_in(self.snapshot, top)) return;
  if (!contains(self.out, writer.id)) add_conflict(self, self, writer);
}

bool PredicateLocks::may_conflict(const Noted& reader, const Noted& writer) const {
  return reader.id != writer.id && !reader.is_doomed &&
         (!reader.is_committed || writer.snapshot.xmin < reader.finished_before) &&
         !contains(reader.out, writer.id);
}

/// Of one thing, in the order in which they have read it.
void PredicateLocks::conflict_with(Noted& writer, std::vector<Reader> readers) {
  std::ranges::sort(readers);
  for (const auto& [read_at, id] : readers) {
    if (may_conflict(at(id), writer)) add_conflict(writer, at(id), writer);
  }
}

void PredicateLocks::writes(const Actor& actor, std::uint32_t table, const Version* old,
                            std::span<const NewKey> keys) {
  Noted* self = own(actor);
  if (self == nullptr) return;
  if (self->is_doomed)
    fail_serialization("Canceled on identification as a pivot, during conflict in checking.");
  check(actor.top != kNoXid, "who writes has a number");
  self->has_written = true;
  self->top = actor.top;
  by_top_[actor.top] = self->id;
  // As PostgreSQL looks for them, which matters to who fails: the row's readers, its page's, then
  // the table's, then those of each index.
  std::vector<Reader> of_row;
  std::vector<Reader> of_page;
  std::vector<Reader> of_table;
  for (const auto& [id, reader] : noted_) {
    const auto relation = reader.relations.find(table);
    if (relation != reader.relations.end()) {
      of_table.emplace_back(relation->second, id);
    } else if (old != nullptr) {
      const auto row = reader.rows.find({table, old->number});
      if (row != reader.rows.end()) of_row.emplace_back(row->second, id);
      const auto page = reader.pages.find(table);
      if (page != reader.pages.end()) of_page.emplace_back(page->second, id);
    }
  }
  conflict_with(*self, std::move(of_row));
  conflict_with(*self, std::move(of_page));
  conflict_with(*self, std::move(of_table));
  for (const NewKey& key : keys) {
    std::vector<Reader> of_index;
    for (const auto& [id, reader] : noted_) {
      const auto range = std::ranges::find_if(reader.ranges, [&](const Noted::ReadRange& read) {
        return read.index_id == key.index_id && key.index->is_within(read.range, *key.key);
      });
      if (range != reader.ranges.end()) of_index.emplace_back(range->read_at, id);
    }
    conflict_with(*self, std::move(of_index));
  }
  // Of a row that it has changed, a transaction needs no other note; but that may be undone.
  if (old != nullptr && actor.current == actor.top) self->rows.erase({table, old->number});
}

void PredicateLocks::add_conflict(Noted& self, Noted& reader, Noted& writer) {
  if (is_dangerous(reader, writer)) {
    if (self.id == writer.id)
      fail_serialization("Canceled on identification as a pivot, during write.");
    if (writer.is_prepared)
      fail_serialization("Canceled on conflict out to pivot " + std::to_string(writer.top) +
                         ", during read.");
    writer.is_doomed = true;
  }
  reader.out.push_back(writer.id);
  writer.in.push_back(reader.id);
}

bool PredicateLocks::is_dangerous(const Noted& reader, const Noted& writer) {
  return (writer.is_committed && writer.has_out_conflict) || writer_is_pivot(reader, writer) ||
         reader_is_pivot(reader, writer);
}

/// reader -> writer -> third, and the third committed first.
bool PredicateLocks::writer_is_pivot(const Noted& reader, const Noted& writer) {
  return std::ranges::any_of(writer.out, [&](Id id) {
    const Noted& third = at(id);
    return third.is_prepared &&
           (!reader.is_committed || third.prepared_at <= reader.committed_at) &&
           (!writer.is_committed || third.prepared_at <= writer.committed_at) &&
           (!reader.is_read_only || third.prepared_at <= reader.snapshot_at);
  });
}

/// first -> reader -> writer, and the writer committed first.
bool PredicateLocks::reader_is_pivot(const Noted& reader, const Noted& writer) {
  if (!writer.is_prepared || reader.is_read_only) return false;
  return std::ranges::any_of(reader.in, [&](Id id) {
    const Noted& first = at(id);
    return !first.is_doomed && (!first.is_committed || first.committed_at >= writer.prepared_at) &&
           (!first.is_read_only || first.snapshot_at >= writer.prepared_at);
  });
}

void PredicateLocks::pre_commit(const Actor& actor) {
  Noted* self = own(actor);
  if (self == nullptr) return;
  if (self->is_doomed)
    fail_serialization("Canceled on identification as a pivot, during commit attempt.");
  for (const Id id : self->in) {
    Noted& pivot = at(id);
    if (!pivot.is_committed && !pivot.is_doomed) check_pivot(*self, pivot);
  }
  self->prepared_at = ++last_commit_;
  self->is_prepared = true;
}

/// `self` is about to commit first of the three: then the pivot has to fail, for what commits now
/// makes progress, and the pivot may be retried.
void PredicateLocks::check_pivot(const Noted& self, Noted& pivot) {
  const bool is_dangerous = std::ranges::any_of(pivot.in, [&](Id id) {
    const Noted& first = at(id);
    return first.id == self.id || (!first.is_committed && !first.is_read_only && !first.is_doomed);
  });
  if (!is_dangerous) return;
  if (pivot.is_prepared)
    fail_serialization("Canceled on commit attempt with conflict in from prepared pivot.");
  pivot.is_doomed = true;
}

}  // namespace firedrill::sim::postgres
