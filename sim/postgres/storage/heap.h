#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/storage/index.h"
#include "sim/postgres/storage/locks.h"
#include "sim/postgres/storage/transactions.h"
#include "sim/postgres/values/value.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

/// One version of a row. Lives until no snapshot can see it and nobody can reach it.
struct Version {
  struct Locker {
    Xid xid = kNoXid;
    RowLockMode mode = RowLockMode::key_share;

    friend bool operator==(const Locker&, const Locker&) = default;
  };

  std::uint64_t number = 0;  ///< its place in the heap: versions are scanned in this order
  Xid xmin = kNoXid;         ///< who made it
  CommandId cmin = 0;
  Xid xmax = kNoXid;  ///< who replaced or deleted it (or tried to: that one may have aborted)
  CommandId cmax = 0;
  /// With which xmax changed it: no_key_update, or update (keys changed, or deleted).
  RowLockMode change = RowLockMode::update;
  Version* newer = nullptr;  ///< by xmax; null: deleted
  /// The version that this one replaced without another entry in any index (PostgreSQL's HOT): by
  /// an index this one is found behind that one, where nobody looks who sees that one.
  const Version* hot_from = nullptr;
  std::vector<Locker> lockers;  ///< some may have ended: these no longer count
  Row values;
  bool is_needed = false;  ///< by vacuum(): an older version that stays leads to it
};

/// Gives transactions their numbers.
class NumberGiver {
 public:
  /// The actor's transaction gets one, if it has none.
  virtual void give_number() = 0;

 protected:
  ~NumberGiver() = default;
};

/// Who asks, and with what right: the state of the current transaction of a backend.
struct Actor {
  BackendId backend = 0;
  Xid top = kNoXid;      ///< kNoXid: has written nothing yet
  Xid current = kNoXid;  ///< of the innermost subtransaction; what is written now is its work
  CommandId command = 0;
  /// Who keeps the locks that are taken now: the depth of the innermost subtransaction.
  LockOwner owner = kTransactionOwner;
  NumberGiver* numbers = nullptr;  ///< null: it has its number before it writes

  /// Before it writes a row, and as it locks one: not sooner, for who holds a row with others is
  /// waited for in the order of numbers.
  void need_number() const {
    if (numbers != nullptr) numbers->give_number();
    check(current != kNoXid, "who writes has a number");
  }
};

enum class Change : std::uint8_t {
  done,
  /// Made by a later command, or by nobody who committed, or already changed by an earlier command
  /// of the own transaction: a bug of the caller, but for ON CONFLICT DO UPDATE, which meets it in
  /// "cannot affect row a second time".
  invisible,
  self_modified,  ///< by the own transaction, in this command or a later one (cmax tells)
  updated,        ///< by another, which committed: the newer version is at `newer`
  deleted,        ///< by another, which committed
  would_block,    ///< policy skip or error: somebody holds it
};

/// What all heaps of one server share.
///
/// A transaction with a number: `top = storage.begin(backend)`; at its end transactions.commit(top)
/// or abort(top), then locks.release_transaction(backend), in this order. A subtransaction with a
/// number (taken when it first writes; its parents have theirs first): `begin(backend, parent,
/// owner)`; RELEASE: release_subtransaction(); ROLLBACK TO: transactions.abort(xid), then
/// locks.release_since(backend, owner).
struct Storage {
  Transactions transactions;
  Locks& locks;

  /// Begins, and holds the exclusive lock on the number, for which others wait.
  Xid begin(BackendId backend, Xid parent = kNoXid, LockOwner owner = kTransactionOwner);
  /// `xid`: kNoXid if it never wrote.
  void release_subtransaction(BackendId backend, Xid xid, LockOwner owner);
  /// Whether it is running, as (part of) the transaction of that number. False for kNoXid.
  bool is_current(Xid xid, Xid top) const;
};

/// The rows of one table, all versions of them, in the order of insertion.
class Heap {
 public:
  Heap(std::uint32_t table, Storage& storage);
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  ~Heap();

  /// As PostgreSQL's HeapTupleSatisfiesMVCC.
  bool is_visible(const Version& version, const Snapshot& snapshot, const Actor& actor) const;

  /// In order, those that the snapshot sees, until `found` returns false. Versions that are added
  /// meanwhile are not met. `found` may sleep.
  void scan(const Snapshot& snapshot, const Actor& actor,
            const std::function<bool(Version&)>& found);

  /// The same, with those that it does not see: what PredicateLocks::reads_row() wants to know of.
  void scan_all(const Snapshot& snapshot, const Actor& actor,
                const std::function<bool(Version&, bool is_visible)>& found);

  Version& insert(const Actor& actor, Row values);
  /// heap_update(): as to waiting, order of waiters, and outcome. `mode`: update where columns of a
  /// unique index change, else no_key_update. Done: `newer` is the new version. `version` was seen
  /// by the actor's snapshot, or found by following `newer`. The actor's `command` is the one that
  /// reads and writes (PostgreSQL's estate->es_output_cid). `claimed` is called when nothing can
  /// keep it from changing the row any more, but for what it throws.
  Change update(const Actor& actor, Version& version, Row values, RowLockMode mode,
                WaitPolicy policy, const std::function<void()>& claimed = {});
  /// heap_delete().
  Change remove(const Actor& actor, Version& version, WaitPolicy policy,
                const std::function<void()>& claimed = {});
  /// heap_lock_tuple(). Done: `version` is locked (a key_share lock may be taken of a version that
  /// was replaced, where the keys stayed). `follow_updates`: as SELECT FOR ... does, locks the
  /// newer versions, too (heap_lock_updated_tuple()); ON CONFLICT DO UPDATE and the locking of
  /// `newer` after `updated` do not. would_block: NOWAIT is the caller's 55P03 "could not obtain
  /// lock on row in relation "x"".
  Change lock(const Actor& actor, Version& version, RowLockMode mode, WaitPolicy policy,
              bool follow_updates = true);
  /// lock(), and where the answer would be `updated`, of the newest version (as READ COMMITTED
  /// does: heapam_tuple_lock() with TUPLE_LOCK_FLAG_FIND_LAST_VERSION): `version` is what was
  /// locked then; if it is another than before, check the conditions again (EvalPlanQual). Never
  /// `updated`.
  Change lock_newest(const Actor& actor, Version*& version, RowLockMode mode, WaitPolicy policy,
                     bool follow_updates = true);

  /// Waits until the transaction has ended (XactLockTableWait()).
  void wait_for(const Actor& actor, Xid xid);

  /// Throws away versions that nobody can see who has a snapshot as old as `horizon` (the least
  /// xmin of all snapshots in use, or Transactions::oldest_running()), having called `gone` for
  /// each (to take it out of indexes). Does nothing while somebody sleeps in here. References to
  /// versions that a snapshot in use sees stay valid.
  void vacuum(Xid horizon, const std::function<void(Version&)>& gone);
  /// How many versions were replaced, deleted or inserted since: when to vacuum().
  std::size_t changes_since_vacuum() const { return changes_; }
  /// Versions, dead ones included.
  std::size_t size() const { return versions_.size(); }
  std::uint32_t table() const { return table_; }
  Storage& storage() const { return storage_; }

 private:
  friend class RowAccess;

  Version& append(const Actor& actor, Row values);
  std::size_t place_of(std::uint64_t number) const;
  template <class Found>
  void each(Found found);

  std::uint32_t table_;
  Storage& storage_;
  std::deque<std::unique_ptr<Version>> versions_;  ///< ascending by number
  std::uint64_t next_number_ = 1;
  std::size_t changes_ = 0;
  std::uint64_t vacuums_ = 0;  ///< so that scans notice that places have moved
  std::uint32_t sleepers_ = 0;
};

}  // namespace firedrill::sim::postgres
