#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace firedrill::sim::postgres {

/// One backend: a session, as storage knows it. In the order of their start.
using BackendId = std::uint32_t;

/// Table-level modes, in the manual's order (13.3.1); other things are locked share or exclusive.
enum class LockMode : std::uint8_t {
  access_share,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};

/// Row-level modes, the manual's 13.3.2, weakest first.
enum class RowLockMode : std::uint8_t { key_share, share, no_key_update, update };

bool conflict(LockMode left, LockMode right);
bool conflict(RowLockMode left, RowLockMode right);

/// What is locked.
struct LockTag {
  enum class Kind : std::uint8_t { relation, transaction, row, advisory };
  Kind kind = Kind::relation;
  std::uint64_t first =
      0;  ///< relation: oid; transaction: xid; row: table's oid; advisory: key or its first half
  std::uint64_t second =
      0;  ///< row: its number; advisory: second half, and 1 or 2 above it for the kind of key
  auto operator<=>(const LockTag&) const = default;
};

enum class WaitPolicy : std::uint8_t { block, skip, error };

/// Who keeps a lock within a backend: what ends with it releases the lock. Subtransactions are
/// numbered by their depth: that of the first SAVEPOINT is kTransactionOwner + 1.
using LockOwner = std::uint32_t;
inline constexpr LockOwner kSessionOwner = 0;
inline constexpr LockOwner kTransactionOwner = 1;

/// One edge of a circle of waiters.
struct LockWait {
  BackendId waiter = 0;
  LockTag tag;
  LockMode mode = LockMode::access_share;
  BackendId blocker = 0;
};

/// How a backend sleeps. The engine implements it: a backend's statement runs on a fiber of its
/// own.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  /// Returns when wake() was called for the backend; throws the SqlError that ended its sleep
  /// otherwise (cancelled, timed out, terminated), or 40P01.
  virtual void wait(BackendId backend) = 0;
  /// It goes on some time after this returns, not within. Also called while a fiber is unwound:
  /// what that one held or waited for, others get.
  virtual void wake(BackendId backend) = 0;
  /// Throws 40P01 in the backend that is running: its lock was refused at once, without
  /// deadlock_timeout, since two would wait for each other in one queue.
  [[noreturn]] virtual void deadlock(BackendId backend, const std::vector<LockWait>& circle) = 0;
};

/// PostgreSQL's heavyweight lock manager (lock.c, proc.c, deadlock.c): queues, in which nobody
/// overtakes a waiter whom he would conflict with, but who already holds a lock that those ahead
/// wait for stands before them; a backend may hold a lock many times, and in many modes.
///
/// Of advisory locks and transactions, `share` and `exclusive` are the modes, as in pg_locks.
/// Fibers that wait in here are destroyed before this is, and before the Sleeper.
class Locks {
 public:
  using Wait = LockWait;

  explicit Locks(Sleeper& sleeper) : sleeper_(sleeper) {}
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;

  /// False: not to be had at once, and `policy` was not to wait. What wait() throws leaves by here,
  /// with the backend out of the queue.
  bool acquire(BackendId backend, const LockTag& tag, LockMode mode, WaitPolicy policy,
               LockOwner owner = kTransactionOwner);
  /// One hold of that owner. False: it held none. (pg_advisory_unlock(): kSessionOwner.)
  bool release(BackendId backend, const LockTag& tag, LockMode mode, LockOwner owner);
  /// COMMIT and ROLLBACK, after Transactions was told: all holds but the session's.
  void release_transaction(BackendId backend) { release_since(backend, kTransactionOwner); }
  /// ROLLBACK TO a savepoint: the holds of that owner, and of those within it.
  void release_since(BackendId backend, LockOwner owner);
  /// RELEASE SAVEPOINT: what it holds is its parent's from now on.
  void give_to_parent(BackendId backend, LockOwner owner);
  /// pg_advisory_unlock_all(): the session's holds on advisory locks.
  void release_advisory(BackendId backend);
  /// All holds, of all kinds: the session has ended.
  void release_all(BackendId backend);
  /// In exactly that mode, by whatever owner.
  bool holds(BackendId backend, const LockTag& tag, LockMode mode) const;
  /// Whether anybody waits in the lock's queue.
  bool has_waiters(const LockTag& tag) const;

  /// Whether `backend` waits in a circle; PostgreSQL asks that after deadlock_timeout. Where
  /// another order of a queue would resolve it, the queue is put into that order (which may wake
  /// some, `backend` among them), and the answer is empty; else it is the circle: who waits, for
  /// what, and for whom, beginning with `backend`, which is to be given 40P01 by wait().
  std::vector<LockWait> find_deadlock(BackendId backend);

  struct Held {
    BackendId backend = 0;
    LockTag tag;
    LockMode mode = LockMode::access_share;
    bool granted = true;
  };
  /// As pg_locks shows them: by tag, then in the order of their arrival.
  std::vector<Held> all() const;
  /// Those for whom `backend` waits (pg_blocking_pids()): who hold what conflicts, then who wait
  /// ahead of it for what conflicts.
  std::vector<BackendId> blockers_of(BackendId backend) const;

 private:
  friend class DeadlockSearch;

  /// Sets of modes, by bit.
  using Modes = std::uint8_t;
  struct Hold {
    LockMode mode = LockMode::access_share;
    LockOwner owner = kTransactionOwner;
    std::uint32_t times = 1;
  };
  /// Who holds the lock or waits for it; in the order of their first request.
  struct Holder {
    BackendId backend = 0;
    Modes modes = 0;  ///< those of `holds`
    std::vector<Hold> holds;
  };
  struct Waiter {
    BackendId backend = 0;
    LockMode mode = LockMode::access_share;
    LockOwner owner = kTransactionOwner;
    Modes held = 0;  ///< what it holds of the same lock meanwhile
  };
  struct Lock {
    LockTag tag;
    std::vector<Holder> holders;
    std::vector<Waiter> queue;
  };
  struct Backend {
    std::vector<Lock*> held;  ///< in the order of acquisition
    Lock* awaited = nullptr;
  };

  static Modes bit(LockMode mode);
  static Modes conflicts_of(LockMode mode);
  static Holder* find_holder(Lock& lock, BackendId backend);
  static const Hold* find_hold(const Holder& holder, LockMode mode);
  static bool conflicts_with_held(const Lock& lock, BackendId backend, LockMode mode);
  static Modes waited_for(const Lock& lock);
  static void add_hold(Holder& holder, LockMode mode, LockOwner owner);

  const Lock* find(const LockTag& tag) const;
  Holder& enter(Lock& lock, BackendId backend);
  void grant(Lock& lock, BackendId backend, LockMode mode, LockOwner owner);
  void sleep_in_queue(Lock& lock, const Waiter& waiter);
  bool has_early_deadlock(const Lock& lock, const Waiter& waiter, std::size_t place) const;
  std::size_t place_in_queue(const Lock& lock, const Waiter& waiter) const;
  bool may_go_first(const Lock& lock, const Waiter& waiter, std::size_t place) const;
  void leave_queue(Lock& lock, BackendId backend);
  void wake_waiters(Lock& lock);
  void drop_holder_if_idle(Lock& lock, BackendId backend);
  void clean(Lock& lock, Modes released);
  template <class Ends>
  void release_where(BackendId backend, Ends ends);

  Sleeper& sleeper_;
  std::map<LockTag, Lock> locks_;
  std::map<BackendId, Backend> backends_;
};

}  // namespace firedrill::sim::postgres
