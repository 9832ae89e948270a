#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sim/postgres/storage/heap.h"
#include "sim/postgres/storage/visibility.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

using State = Transactions::State;

/// With which mode of the lock manager those queue who want the row in that mode.
LockMode queue_mode(RowLockMode mode) {
  switch (mode) {
    case RowLockMode::key_share: return LockMode::access_share;
    case RowLockMode::share: return LockMode::row_share;
    case RowLockMode::no_key_update: return LockMode::exclusive;
    case RowLockMode::update: break;
  }
  return LockMode::access_exclusive;
}

}  // namespace

/// One attempt of one transaction at one version: to change it, or to lock it. Where it has to wait
/// for the end of others, it queues for that: it holds the lock manager's lock on the row, so that
/// who comes later waits behind it.
class RowAccess {
 public:
  RowAccess(Heap& heap, const Actor& actor, Version& version, RowLockMode mode, WaitPolicy policy)
      : heap_(heap),
        transactions_(heap.storage_.transactions),
        locks_(heap.storage_.locks),
        actor_(actor),
        version_(version),
        mode_(mode),
        policy_(policy) {}
  RowAccess(const RowAccess&) = delete;
  RowAccess& operator=(const RowAccess&) = delete;
  ~RowAccess() {
    if (is_queued_) locks_.release(actor_.backend, queue_tag(), queue_mode(mode_), actor_.owner);
  }

  /// Done: the version may be changed now.
  Change claim();
  /// Done: it is locked.
  Change lock(bool follow_updates);
  /// After claim().
  void change_to(Version* newer);
  /// Lockers that go on: those that the newer version gets, too.
  std::vector<Version::Locker> lockers_left() const;

 private:
  enum class Status : std::uint8_t { free, busy, self_modified, invisible, updated, deleted };
  /// Who holds the version: lockers that run, and who changed it, unless that was undone.
  struct Member {
    Xid xid = kNoXid;
    RowLockMode mode = RowLockMode::key_share;
  };

  bool is_own(Xid xid) const { return heap_.storage_.is_current(xid, actor_.top); }
  bool is_running(Xid xid) const { return transactions_.state(xid) == State::in_progress; }
  static bool is_replaced(const Transactions& transactions, const Version& version) {
    return transactions.state(version.xmax) == State::committed;
  }
  static Status replacement(const Version& version) {
    return version.newer == nullptr ? Status::deleted : Status::updated;
  }
  static Change outcome(Status status);

  Status status() const;
  std::vector<Member> members_of(const Version& version) const;
  bool stands_in_the_way(const Member& member) const {
    return !is_own(member.xid) && conflict(member.mode, mode_);
  }
  bool is_marked() const;
  bool queue_up();
  bool wait_for_members(const std::vector<Member>& members);
  bool has_joined(const std::vector<Member>& members) const;
  bool holds_enough(const std::vector<Member>& members) const;
  Change lock_newer(Version* version);
  Change wait_to_lock(const std::vector<Member>& members, bool follow_updates);
  std::optional<Change> look_at_newer(Version*& version);
  void forget_what_ended(Version& version);
  void add_lock(Version& version);
  LockTag queue_tag() const { return {LockTag::Kind::row, heap_.table_, version_.number}; }

  Heap& heap_;
  Transactions& transactions_;
  Locks& locks_;
  const Actor& actor_;
  Version& version_;
  RowLockMode mode_;
  WaitPolicy policy_;
  bool is_queued_ = false;
  bool may_queue_ = true;
};

Change RowAccess::outcome(Status status) {
  switch (status) {
    case Status::invisible: return Change::invisible;
    case Status::self_modified: return Change::self_modified;
    case Status::updated: return Change::updated;
    case Status::deleted: return Change::deleted;
    case Status::free:
    case Status::busy: break;
  }
  return Change::done;
}

/// HeapTupleSatisfiesUpdate().
RowAccess::Status RowAccess::status() const {
  if (is_own(version_.xmin)) {
    if (version_.cmin >= actor_.command) return Status::invisible;
  } else if (transactions_.state(version_.xmin) != State::committed) {
    return Status::invisible;
  }
  if (is_own(version_.xmax))
    return version_.cmax >= actor_.command ? Status::self_modified : Status::invisible;
  if (is_running(version_.xmax) ||
      std::ranges::any_of(version_.lockers, [&](const auto& it) { return is_running(it.xid); }))
    return Status::busy;
  return is_replaced(transactions_, version_) ? replacement(version_) : Status::free;
}

/// By number, for in this order they are waited for.
std::vector<RowAccess::Member> RowAccess::members_of(const Version& version) const {
  std::vector<Member> members;
  for (const Version::Locker& locker : version.lockers)
    if (is_running(locker.xid)) members.push_back({locker.xid, locker.mode});
  if (transactions_.state(version.xmax) != State::aborted)
    members.push_back({version.xmax, version.change});
  std::ranges::stable_sort(members, {}, &Member::xid);
  return members;
}

/// A multixact has the marks of members, too, that have ended: until another lock or change makes
/// it anew, who wants one of the weaker locks queues for the row because of them, though he need
/// not wait for anybody (heap_lock_tuple(), GetMultiXactIdHintBits()).
bool RowAccess::is_marked() const {
  const bool is_changed = version_.xmax != kNoXid;
  if (mode_ > RowLockMode::share || version_.lockers.size() + (is_changed ? 1 : 0) < 2)
    return false;
  const RowLockMode least =
      mode_ == RowLockMode::key_share ? RowLockMode::update : RowLockMode::no_key_update;
  return (is_changed && version_.change >= least) ||
         std::ranges::any_of(version_.lockers,
                             [least](const auto& locker) { return locker.mode >= least; });
}

bool RowAccess::queue_up() {
  if (is_queued_) return true;
  ++heap_.sleepers_;
  struct Awake {
    std::uint32_t& count;
    ~Awake() { --count; }
  };
  const Awake awake{heap_.sleepers_};
  is_queued_ =
      locks_.acquire(actor_.backend, queue_tag(), queue_mode(mode_), policy_, actor_.owner);
  return is_queued_;
}

/// False: `policy_` forbids it.
bool RowAccess::wait_for_members(const std::vector<Member>& members) {
  for (const Member& member : members) {
    if (!stands_in_the_way(member)) continue;
    if (policy_ == WaitPolicy::block) {
      heap_.wait_for(actor_, member.xid);
    } else if (is_running(member.xid)) {
      return false;
    }
  }
  return true;
}

/// Whether somebody locks it by now who was not among them: he is to be waited for, too.
bool RowAccess::has_joined(const std::vector<Member>& members) const {
  return std::ranges::any_of(version_.lockers, [&](const Version::Locker& locker) {
    return is_running(locker.xid) &&
           std::ranges::find(members, locker.xid, &Member::xid) == members.end();
  });
}

Change RowAccess::claim() {
  for (;;) {
    const Status now = status();
    if (now != Status::busy) return outcome(now);
    const std::vector<Member> members = members_of(version_);
    const auto in_the_way = [this](const Member& member) { return stands_in_the_way(member); };
    if (std::ranges::none_of(members, in_the_way)) return Change::done;
    // Who already holds a lock on it does not queue: those in the queue may wait for him.
    const bool is_member =
        std::ranges::any_of(members, [this](const Member& member) { return is_own(member.xid); });
    if (!is_member && !queue_up()) return Change::would_block;
    if (!wait_for_members(members)) return Change::would_block;
    if (has_joined(members)) continue;
    if (is_replaced(transactions_, version_)) return outcome(replacement(version_));
  }
}

bool RowAccess::holds_enough(const std::vector<Member>& members) const {
  return std::ranges::any_of(
      members, [this](const Member& member) { return is_own(member.xid) && member.mode >= mode_; });
}

Change RowAccess::lock(bool follow_updates) {
  for (bool first = true;; first = false) {
    const Status now = status();
    if (now == Status::invisible || now == Status::self_modified) return outcome(now);
    if (now == Status::free) break;
    const std::vector<Member> members = members_of(version_);
    if (first) {
      if (holds_enough(members)) return Change::done;
      may_queue_ = std::ranges::none_of(
          members, [this](const Member& member) { return is_own(member.xid); });
    }
    const bool must_sleep = std::ranges::any_of(
        members, [this](const Member& member) { return stands_in_the_way(member); });
    if (must_sleep || is_marked()) {
      if (now != Status::busy) return outcome(now);
      const Xid changed_by = version_.xmax;
      const std::vector<Version::Locker> lockers = version_.lockers;
      const Change waited = wait_to_lock(members, follow_updates);
      if (waited != Change::done) return waited;
      if (must_sleep || version_.xmax != changed_by || version_.lockers != lockers) continue;
      break;
    }
    // Only a lock on the keys gets by an update.
    const bool is_updated = transactions_.state(version_.xmax) != State::aborted;
    if (is_updated && follow_updates) {
      const Change followed = lock_newer(version_.newer);
      if (followed != Change::done) return followed;
    }
    const std::vector<Member> still = members_of(version_);
    if (std::ranges::none_of(still,
                             [this](const Member& member) { return stands_in_the_way(member); }))
      break;
  }
  add_lock(version_);
  return Change::done;
}

/// Done: look again.
Change RowAccess::wait_to_lock(const std::vector<Member>& members, bool follow_updates) {
  Version* newer = version_.newer;
  if (may_queue_ && !queue_up()) return Change::would_block;
  if (!wait_for_members(members)) return Change::would_block;
  if (follow_updates) {
    const Change followed = lock_newer(newer);
    if (followed != Change::done) return followed;
  }
  if (has_joined(members)) return Change::done;
  return is_replaced(transactions_, version_) ? outcome(replacement(version_)) : Change::done;
}

/// heap_lock_updated_tuple(): without queueing, and whatever the policy.
Change RowAccess::lock_newer(Version* version) {
  while (version != nullptr) {
    if (transactions_.state(version->xmin) == State::aborted) return Change::done;
    if (const std::optional<Change> end = look_at_newer(version)) return *end;
  }
  return Change::done;
}

/// Locks it, and goes on to the next; or waits, and stays; or tells the end.
std::optional<Change> RowAccess::look_at_newer(Version*& version) {
  const std::vector<Member> members = members_of(*version);
  bool is_held = false;
  for (const Member& member : members) {
    is_held = is_own(member.xid);
    if (is_held) break;
    if (!conflict(member.mode, mode_)) continue;
    if (!is_running(member.xid)) return outcome(replacement(*version));
    heap_.wait_for(actor_, member.xid);
    return std::nullopt;
  }
  if (!is_held) add_lock(*version);
  version = transactions_.state(version->xmax) == State::aborted ? nullptr : version->newer;
  return std::nullopt;
}

void RowAccess::forget_what_ended(Version& version) {
  std::erase_if(version.lockers, [&](const auto& locker) { return !is_running(locker.xid); });
  if (version.xmax == kNoXid || transactions_.state(version.xmax) != State::aborted) return;
  version.xmax = kNoXid;
  version.newer = nullptr;
}

void RowAccess::add_lock(Version& version) {
  actor_.need_number();
  forget_what_ended(version);
  const auto own = std::ranges::find(version.lockers, actor_.current, &Version::Locker::xid);
  if (own == version.lockers.end())
    version.lockers.push_back({actor_.current, mode_});
  else
    own->mode = std::max(own->mode, mode_);
}

std::vector<Version::Locker> RowAccess::lockers_left() const {
  std::vector<Version::Locker> left;
  for (const Version::Locker& locker : version_.lockers)
    if (is_running(locker.xid) && !is_own(locker.xid)) left.push_back(locker);
  return left;
}

/// A lock of the same transaction, if it is the only one, becomes one with the change. After FOR
/// UPDATE, the change counts as one of the keys, also where that lock was taken outside of a
/// savepoint: then both are in a multixact, which has one mark for all of its members.
void RowAccess::change_to(Version* newer) {
  forget_what_ended(version_);
  version_.change = mode_;
  for (const Version::Locker& locker : version_.lockers) {
    if (locker.mode == RowLockMode::update) version_.change = RowLockMode::update;
  }
  if (version_.lockers.size() == 1 && version_.lockers.front().xid == actor_.current) {
    version_.change = std::max(mode_, version_.lockers.front().mode);
    version_.lockers.clear();
  }
  version_.xmax = actor_.current;
  version_.cmax = actor_.command;
  version_.newer = newer;
  ++heap_.changes_;
}

Change Heap::update(const Actor& actor, Version& version, Row values, RowLockMode mode,
                    WaitPolicy policy, const std::function<void()>& claimed) {
  check(mode >= RowLockMode::no_key_update, "an update locks its row so much");
  actor.need_number();
  RowAccess access(*this, actor, version, mode, policy);
  const Change outcome = access.claim();
  if (outcome != Change::done) return outcome;
  if (claimed) claimed();
  Version& newer = append(actor, std::move(values));
  newer.lockers = access.lockers_left();
  access.change_to(&newer);
  return Change::done;
}

Change Heap::remove(const Actor& actor, Version& version, WaitPolicy policy,
                    const std::function<void()>& claimed) {
  actor.need_number();
  RowAccess access(*this, actor, version, RowLockMode::update, policy);
  const Change outcome = access.claim();
  if (outcome != Change::done) return outcome;
  if (claimed) claimed();
  access.change_to(nullptr);
  return outcome;
}

Change Heap::lock(const Actor& actor, Version& version, RowLockMode mode, WaitPolicy policy,
                  bool follow_updates) {
  return RowAccess(*this, actor, version, mode, policy).lock(follow_updates);
}

Change Heap::lock_newest(const Actor& actor, Version*& version, RowLockMode mode, WaitPolicy policy,
                         bool follow_updates) {
  Version* next = version;
  for (;;) {
    const Change locked = lock(actor, *next, mode, policy, follow_updates);
    if (locked == Change::done) version = next;
    if (locked != Change::updated) return locked;
    // The newest that is live, or may be.
    for (next = next->newer;;) {
      if (next == nullptr) return Change::deleted;
      const Liveness now = liveness(storage_, actor, *next);
      if (now.is_live && now.depends_on == kNoXid) break;
      if (!now.is_live) {
        if (storage_.transactions.state(next->xmin) == State::aborted) return Change::deleted;
        next = next->newer;
      } else if (policy == WaitPolicy::block) {
        wait_for(actor, now.depends_on);
      } else {
        return Change::would_block;
      }
    }
    if (storage_.is_current(next->xmin, actor.top) && next->cmin >= actor.command)
      return Change::self_modified;
  }
}

}  // namespace firedrill::sim::postgres
