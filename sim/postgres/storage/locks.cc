#include "sim/postgres/storage/locks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::uint8_t mask(std::initializer_list<LockMode> modes) {
  std::uint8_t bits = 0;
  for (const LockMode mode : modes)
    bits = static_cast<std::uint8_t>(bits | 1U << static_cast<unsigned>(mode));
  return bits;
}

/// The manual's table 13.2, by the mode that is asked for.
constexpr std::array<std::uint8_t, 8> kConflicts = [] {
  using enum LockMode;
  return std::array<std::uint8_t, 8>{
      mask({access_exclusive}),
      mask({exclusive, access_exclusive}),
      mask({share, share_row_exclusive, exclusive, access_exclusive}),
      mask({share_update_exclusive, share, share_row_exclusive, exclusive, access_exclusive}),
      mask({row_exclusive, share_update_exclusive, share_row_exclusive, exclusive,
            access_exclusive}),
      mask({row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
            access_exclusive}),
      mask({row_share, row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
            access_exclusive}),
      mask({access_share, row_share, row_exclusive, share_update_exclusive, share,
            share_row_exclusive, exclusive, access_exclusive}),
  };
}();

}  // namespace

bool conflict(LockMode left, LockMode right) {
  return (kConflicts[static_cast<std::size_t>(left)] >> static_cast<unsigned>(right) & 1U) != 0;
}

/// The manual's table 13.3: each mode conflicts with those from its opposite on.
bool conflict(RowLockMode left, RowLockMode right) {
  return static_cast<int>(left) + static_cast<int>(right) >= 3;
}

Locks::Modes Locks::bit(LockMode mode) {
  return mask({mode});
}
Locks::Modes Locks::conflicts_of(LockMode mode) {
  return kConflicts[static_cast<std::size_t>(mode)];
}

const Locks::Lock* Locks::find(const LockTag& tag) const {
  const auto found = locks_.find(tag);
  return found == locks_.end() ? nullptr : &found->second;
}

Locks::Holder* Locks::find_holder(Lock& lock, BackendId backend) {
  const auto found = std::ranges::find(lock.holders, backend, &Holder::backend);
  return found == lock.holders.end() ? nullptr : &*found;
}

bool Locks::conflicts_with_held(const Lock& lock, BackendId backend, LockMode mode) {
  const Modes conflicts = conflicts_of(mode);
  return std::ranges::any_of(lock.holders, [&](const Holder& holder) {
    return holder.backend != backend && (holder.modes & conflicts) != 0;
  });
}

Locks::Modes Locks::waited_for(const Lock& lock) {
  Modes modes = 0;
  for (const Waiter& waiter : lock.queue) modes |= bit(waiter.mode);
  return modes;
}

Locks::Holder& Locks::enter(Lock& lock, BackendId backend) {
  if (Holder* holder = find_holder(lock, backend)) return *holder;
  backends_[backend].held.push_back(&lock);
  return lock.holders.emplace_back(Holder{.backend = backend, .modes = 0, .holds = {}});
}

void Locks::add_hold(Holder& holder, LockMode mode, LockOwner owner) {
  holder.modes |= bit(mode);
  for (Hold& hold : holder.holds) {
    if (hold.mode != mode || hold.owner != owner) continue;
    ++hold.times;
    return;
  }
  holder.holds.push_back({.mode = mode, .owner = owner});
}

void Locks::grant(Lock& lock, BackendId backend, LockMode mode, LockOwner owner) {
  add_hold(enter(lock, backend), mode, owner);
}

bool Locks::acquire(BackendId backend, const LockTag& tag, LockMode mode, WaitPolicy policy,
                    LockOwner owner) {
  Lock& lock = locks_[tag];
  lock.tag = tag;
  Holder& holder = enter(lock, backend);
  const bool is_held = (holder.modes & bit(mode)) != 0;
  if (is_held ||
      ((waited_for(lock) & conflicts_of(mode)) == 0 && !conflicts_with_held(lock, backend, mode))) {
    add_hold(holder, mode, owner);
    return true;
  }
  if (policy != WaitPolicy::block) {
    drop_holder_if_idle(lock, backend);
    return false;
  }
  sleep_in_queue(lock, {.backend = backend, .mode = mode, .owner = owner, .held = holder.modes});
  return true;
}

/// Before the first who has to wait for what the newcomer already holds; else at the end.
std::size_t Locks::place_in_queue(const Lock& lock, const Waiter& waiter) const {
  if (waiter.held == 0) return lock.queue.size();
  const auto place = std::ranges::find_if(lock.queue, [&](const Waiter& other) {
    return (conflicts_of(other.mode) & waiter.held) != 0;
  });
  return static_cast<std::size_t>(place - lock.queue.begin());
}

/// The one behind `place` waits for the newcomer; if the newcomer has to wait for that one, too,
/// neither will ever go on.
bool Locks::has_early_deadlock(const Lock& lock, const Waiter& waiter, std::size_t place) const {
  return place < lock.queue.size() && (conflicts_of(waiter.mode) & lock.queue[place].held) != 0;
}

bool Locks::may_go_first(const Lock& lock, const Waiter& waiter, std::size_t place) const {
  if (place == lock.queue.size()) return false;
  Modes ahead = 0;
  for (std::size_t i = 0; i < place; ++i) ahead |= bit(lock.queue[i].mode);
  return (conflicts_of(waiter.mode) & ahead) == 0 &&
         !conflicts_with_held(lock, waiter.backend, waiter.mode);
}

void Locks::sleep_in_queue(Lock& lock, const Waiter& waiter) {
  const std::size_t place = place_in_queue(lock, waiter);
  if (has_early_deadlock(lock, waiter, place)) {
    const Waiter& other = lock.queue[place];
    const std::vector<LockWait> circle{{waiter.backend, lock.tag, waiter.mode, other.backend},
                                       {other.backend, lock.tag, other.mode, waiter.backend}};
    drop_holder_if_idle(lock, waiter.backend);
    sleeper_.deadlock(waiter.backend, circle);
  }
  if (may_go_first(lock, waiter, place)) {
    grant(lock, waiter.backend, waiter.mode, waiter.owner);
    return;
  }
  lock.queue.insert(lock.queue.begin() + static_cast<std::ptrdiff_t>(place), waiter);
  backends_[waiter.backend].awaited = &lock;

  // However the sleep ends: out of the queue, unless the lock was granted.
  struct Leave {
    Locks& locks;
    Lock& lock;
    BackendId backend;
    ~Leave() { locks.leave_queue(lock, backend); }
  };
  const Leave leave{*this, lock, waiter.backend};
  const BackendId backend = waiter.backend;
  while (backends_[backend].awaited != nullptr) sleeper_.wait(backend);
}

void Locks::leave_queue(Lock& lock, BackendId backend) {
  if (backends_[backend].awaited == nullptr) return;  // granted; the lock may even be gone again
  backends_[backend].awaited = nullptr;
  std::erase_if(lock.queue, [&](const Waiter& waiter) { return waiter.backend == backend; });
  wake_waiters(lock);
  drop_holder_if_idle(lock, backend);
}

/// Those who conflict neither with what is held nor with who waits ahead of them.
void Locks::wake_waiters(Lock& lock) {
  Modes ahead = 0;
  for (std::size_t i = 0; i < lock.queue.size();) {
    const Waiter waiter = lock.queue[i];
    if ((conflicts_of(waiter.mode) & ahead) != 0 ||
        conflicts_with_held(lock, waiter.backend, waiter.mode)) {
      ahead |= bit(waiter.mode);
      ++i;
      continue;
    }
    lock.queue.erase(lock.queue.begin() + static_cast<std::ptrdiff_t>(i));
    grant(lock, waiter.backend, waiter.mode, waiter.owner);
    backends_[waiter.backend].awaited = nullptr;
    sleeper_.wake(waiter.backend);
  }
}

/// May destroy the lock.
void Locks::drop_holder_if_idle(Lock& lock, BackendId backend) {
  const Holder* holder = find_holder(lock, backend);
  Backend& state = backends_[backend];
  if (holder == nullptr || holder->modes != 0 || state.awaited == &lock) return;
  lock.holders.erase(lock.holders.begin() + (holder - lock.holders.data()));
  const auto place = std::find(state.held.rbegin(), state.held.rend(), &lock);
  state.held.erase(std::next(place).base());
  if (lock.holders.empty() && lock.queue.empty()) locks_.erase(LockTag(lock.tag));
}

/// Takes away the holds of which `ends` is true; wakes who can go then.
template <class Ends>
void Locks::release_where(BackendId backend, Ends ends) {
  const auto found = backends_.find(backend);
  if (found == backends_.end()) return;
  const std::vector<Lock*> held = found->second.held;
  for (Lock* lock : held) {
    Holder& holder = *find_holder(*lock, backend);
    const Modes before = holder.modes;
    std::erase_if(holder.holds, [&](const Hold& hold) { return ends(lock->tag, hold); });
    holder.modes = 0;
    for (const Hold& hold : holder.holds) holder.modes |= bit(hold.mode);
    if (holder.modes != before) wake_waiters(*lock);
    drop_holder_if_idle(*lock, backend);
  }
}

bool Locks::release(BackendId backend, const LockTag& tag, LockMode mode, LockOwner owner) {
  const auto found = locks_.find(tag);
  Holder* holder = found == locks_.end() ? nullptr : find_holder(found->second, backend);
  if (holder == nullptr) return false;
  const auto hold = std::ranges::find_if(
      holder->holds, [&](const Hold& other) { return other.mode == mode && other.owner == owner; });
  if (hold == holder->holds.end()) return false;
  if (--hold->times > 0) return true;
  holder->holds.erase(hold);
  if (find_hold(*holder, mode) != nullptr) return true;
  holder->modes = static_cast<Modes>(holder->modes & ~bit(mode));
  wake_waiters(found->second);
  drop_holder_if_idle(found->second, backend);
  return true;
}

const Locks::Hold* Locks::find_hold(const Holder& holder, LockMode mode) {
  const auto found = std::ranges::find(holder.holds, mode, &Hold::mode);
  return found == holder.holds.end() ? nullptr : &*found;
}

void Locks::release_since(BackendId backend, LockOwner owner) {
  check(owner != kSessionOwner, "the session's locks end with it");
  release_where(backend, [&](const LockTag&, const Hold& hold) { return hold.owner >= owner; });
}

void Locks::release_advisory(BackendId backend) {
  release_where(backend, [](const LockTag& tag, const Hold& hold) {
    return tag.kind == LockTag::Kind::advisory && hold.owner == kSessionOwner;
  });
}

void Locks::release_all(BackendId backend) {
  release_where(backend, [](const LockTag&, const Hold&) { return true; });
  const auto found = backends_.find(backend);
  if (found != backends_.end() && found->second.awaited == nullptr) backends_.erase(found);
}

void Locks::give_to_parent(BackendId backend, LockOwner owner) {
  check(owner > kTransactionOwner, "only a subtransaction has a parent");
  for (Lock* lock : backends_[backend].held) {
    Holder& holder = *find_holder(*lock, backend);
    const std::vector<Hold> holds = std::exchange(holder.holds, {});
    for (Hold hold : holds) {
      if (hold.owner >= owner) hold.owner = owner - 1;
      add_hold(holder, hold.mode, hold.owner);
      for (Hold& added : holder.holds)
        if (added.mode == hold.mode && added.owner == hold.owner) added.times += hold.times - 1;
    }
  }
}

bool Locks::holds(BackendId backend, const LockTag& tag, LockMode mode) const {
  const Lock* lock = find(tag);
  return lock != nullptr && std::ranges::any_of(lock->holders, [&](const Holder& holder) {
           return holder.backend == backend && (holder.modes & bit(mode)) != 0;
         });
}

bool Locks::has_waiters(const LockTag& tag) const {
  const Lock* lock = find(tag);
  return lock != nullptr && !lock->queue.empty();
}

std::vector<Locks::Held> Locks::all() const {
  std::vector<Held> shown;
  for (const auto& [tag, lock] : locks_) {
    for (const Holder& holder : lock.holders)
      for (unsigned mode = 0; mode < kConflicts.size(); ++mode)
        if ((holder.modes >> mode & 1U) != 0)
          shown.push_back({holder.backend, tag, static_cast<LockMode>(mode), true});
    for (const Waiter& waiter : lock.queue)
      shown.push_back({waiter.backend, tag, waiter.mode, false});
  }
  return shown;
}

std::vector<BackendId> Locks::blockers_of(BackendId backend) const {
  const auto found = backends_.find(backend);
  if (found == backends_.end() || found->second.awaited == nullptr) return {};
  const Lock& lock = *found->second.awaited;
  const auto self = std::ranges::find(lock.queue, backend, &Waiter::backend);
  const Modes conflicts = conflicts_of(self->mode);
  std::vector<BackendId> blockers;
  for (const Holder& holder : lock.holders)
    if (holder.backend != backend && (holder.modes & conflicts) != 0)
      blockers.push_back(holder.backend);
  for (auto ahead = lock.queue.begin(); ahead != self; ++ahead)
    if ((bit(ahead->mode) & conflicts) != 0 &&
        std::ranges::find(blockers, ahead->backend) == blockers.end())
      blockers.push_back(ahead->backend);
  return blockers;
}

}  // namespace firedrill::sim::postgres
