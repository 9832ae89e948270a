#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/postgres/storage/heap.h"
#include "sim/postgres/storage/index.h"

namespace firedrill::sim::postgres {

/// An entry that an index is about to get.
struct NewKey {
  std::uint32_t index_id = 0;
  const Index* index = nullptr;
  const Row* key = nullptr;
};

/// Serializable snapshot isolation (predicate.c): what serializable transactions have read, and who
/// wrote what another had read. One that would stand between two others in a way that no order of
/// them explains fails with 40001. Locks are by rows and by ranges of keys, never by pages, and are
/// never made coarser, but for notes_pages(): whom this fails, PostgreSQL fails, too, unless its
/// coarser locks have failed another one.
///
/// Of transactions that are not serializable (or need not be tracked), nothing is noted: all calls
/// but begin() may be made for any actor. READ ONLY DEFERRABLE is not here.
class PredicateLocks {
 public:
  explicit PredicateLocks(const Transactions& transactions) : transactions_(transactions) {}
  PredicateLocks(const PredicateLocks&) = delete;
  PredicateLocks& operator=(const PredicateLocks&) = delete;

  /// From now on, reads are noted as PostgreSQL does where a table and its indexes have one page
  /// each: what reads of an index reads all of its keys, and who reads more than two rows of a
  /// table by an index, all that change. For comparison with a real one.
  void note_pages() { notes_pages_ = true; }

  /// A serializable transaction has taken its snapshot, the only one it takes.
  void begin(BackendId backend, const Snapshot& snapshot, bool read_only);
  bool is_tracked(BackendId backend) const { return current_.contains(backend); }

  // Reads, before what they return is used. `table` names a heap: TRUNCATE makes a new one.
  // reads_row() may throw 40001.

  /// A scan of the whole heap.
  void reads_relation(const Actor& actor, std::uint32_t table);
  /// Of all versions that a scan meets, those that the snapshot does not see, too.
  void reads_row(const Actor& actor, std::uint32_t table, const Version& version, bool is_visible);
  /// A scan of an index, whatever it finds.
  void reads_range(const Actor& actor, std::uint32_t index_id, const Index::Range& range);

  /// Before the heap is told (the rows), and before the indexes are (the keys): `old`: null for an
  /// INSERT; `keys`: entries that are new, none where an update changes no key. May throw 40001.
  void writes(const Actor& actor, std::uint32_t table, const Version* old,
              std::span<const NewKey> keys);

  /// COMMIT, before it is too late to fail: may throw 40001. Then commit(), once the transaction
  /// has ended in Transactions.
  void pre_commit(const Actor& actor);
  void commit(const Actor& actor) { finish(actor.backend, true); }
  void abort(const Actor& actor) { finish(actor.backend, false); }

  /// Transactions that are noted, committed ones included.
  std::size_t size() const { return noted_.size(); }

 private:
  using Id = std::uint64_t;      ///< of a noted transaction, in the order of their snapshots
  using Moment = std::uint64_t;  ///< counts commits (and the attempts)

  struct Noted {
    Id id = 0;
    Xid top = kNoXid;
    Snapshot snapshot;
    Moment snapshot_at = 0;  ///< the last commit before it
    Moment prepared_at = 0;
    Moment committed_at = 0;
    Xid finished_before = kNoXid;
    bool is_read_only = false;  ///< declared, or committed without a write
    bool is_declared_read_only = false;
    bool is_prepared = false;
    bool is_committed = false;
    bool is_doomed = false;
    bool is_safe = false;  ///< read only, and nobody can make it part of an anomaly
    bool has_written = false;
    bool has_out_conflict = false;  ///< with one that committed before it did
    Moment earliest_out_commit = 0;
    // rw-conflicts: `out`: who wrote what this one had read in an older version; `in`: who read so.
    std::vector<Id> out;
    std::vector<Id> in;
    /// Of a read only one: the writers that may yet make it unsafe; of a writer: these readers.
    std::vector<Id> may_be_unsafe;
    // What it has read, each with its place in the order of all reads.
    std::map<std::uint32_t, Moment> relations;
    std::map<std::pair<std::uint32_t, std::uint64_t>, Moment> rows;
    std::map<std::uint32_t, Moment> pages;  ///< of tables, in the place of their rows
    struct ReadRange {
      std::uint32_t index_id = 0;
      Index::Range range;
      Moment read_at = 0;  ///< when it first read of that index
    };
    std::vector<ReadRange> ranges;
  };

  void note_row(Noted& self, std::uint32_t table, std::uint64_t number);
  Noted* own(const Actor& actor);
  Noted* reader(const Actor& actor);
  Noted& at(Id id) { return noted_.at(id); }
  static bool contains(const std::vector<Id>& ids, Id id);
  bool note_possible_conflicts(Noted& reader);
  bool may_conflict(const Noted& reader, const Noted& writer) const;
  using Reader = std::pair<Moment, Id>;
  void conflict_with(Noted& writer, std::vector<Reader> readers);
  void check_writer(Noted& self, Xid top);
  void add_conflict(Noted& self, Noted& reader, Noted& writer);
  bool is_dangerous(const Noted& reader, const Noted& writer);
  bool writer_is_pivot(const Noted& reader, const Noted& writer);
  bool reader_is_pivot(const Noted& reader, const Noted& writer);
  void check_pivot(const Noted& self, Noted& pivot);

  void finish(BackendId backend, bool well);
  void mark_finished(Noted& self, bool well);
  void settle_out_conflicts(Noted& self);
  void settle_in_conflicts(Noted& self, bool well);
  void tell_readers(Noted& self, bool well);
  void remove_conflict(Noted& reader, Noted& writer);
  void remove_possible(Noted& reader, Noted& writer);
  void drop(Id id);
  void drop_reads(Noted& noted);
  void clear_old();

  const Transactions& transactions_;
  std::map<Id, Noted> noted_;
  std::map<BackendId, Id> current_;
  std::map<Xid, Id> by_top_;
  Id next_id_ = 1;
  Moment last_commit_ = 1;
  Moment last_read_ = 0;
  /// Those that committed until then overlap no writer any more.
  Moment cleared_through_ = 0;
  std::uint32_t writers_ = 0;
  bool notes_pages_ = false;
};

}  // namespace firedrill::sim::postgres
