#include "sim/postgres/storage/heap.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/storage/visibility.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

LockTag tag_of(Xid xid) {
  return {LockTag::Kind::transaction, xid, 0};
}

}  // namespace

Xid Storage::begin(BackendId backend, Xid parent, LockOwner owner) {
  const Xid xid = transactions.begin(parent);
  locks.acquire(backend, tag_of(xid), LockMode::exclusive, WaitPolicy::block, owner);
  return xid;
}

void Storage::release_subtransaction(BackendId backend, Xid xid, LockOwner owner) {
  if (xid != kNoXid) locks.release(backend, tag_of(xid), LockMode::exclusive, owner);
  locks.give_to_parent(backend, owner);
}

bool Storage::is_current(Xid xid, Xid top) const {
  return xid != kNoXid && top != kNoXid && xid >= top &&
         transactions.state(xid) == Transactions::State::in_progress &&
         transactions.top_of(xid) == top;
}

Heap::Heap(std::uint32_t table, Storage& storage) : table_(table), storage_(storage) {}
Heap::~Heap() = default;

bool Heap::is_visible(const Version& version, const Snapshot& snapshot, const Actor& actor) const {
  return postgres::is_visible(storage_, actor, snapshot, version);
}

std::size_t Heap::place_of(std::uint64_t number) const {
  const auto place = std::partition_point(
      versions_.begin(), versions_.end(),
      [&](const std::unique_ptr<Version>& version) { return version->number < number; });
  return static_cast<std::size_t>(place - versions_.begin());
}

/// Until `found` returns false. A place is found again where a vacuum moved it.
template <class Found>
void Heap::each(Found found) {
  const std::uint64_t end = next_number_;
  for (std::size_t place = 0; place < versions_.size();) {
    Version& version = *versions_[place];
    if (version.number >= end) return;
    const std::uint64_t number = version.number;
    const std::uint64_t vacuums = vacuums_;
    if (!found(version)) return;
    place = vacuums == vacuums_ ? place + 1 : place_of(number + 1);
  }
}

void Heap::scan(const Snapshot& snapshot, const Actor& actor,
                const std::function<bool(Version&)>& found) {
  each([&](Version& version) { return !is_visible(version, snapshot, actor) || found(version); });
}

void Heap::scan_all(const Snapshot& snapshot, const Actor& actor,
                    const std::function<bool(Version&, bool is_visible)>& found) {
  each([&](Version& version) { return found(version, is_visible(version, snapshot, actor)); });
}

Version& Heap::append(const Actor& actor, Row values) {
  actor.need_number();
  Version& version = *versions_.emplace_back(std::make_unique<Version>());
  version.number = next_number_++;
  version.xmin = actor.current;
  version.cmin = actor.command;
  version.values = std::move(values);
  ++changes_;
  return version;
}

Version& Heap::insert(const Actor& actor, Row values) {
  return append(actor, std::move(values));
}

void Heap::wait_for(const Actor& actor, Xid xid) {
  struct Sleeping {
    std::uint32_t& count;
    explicit Sleeping(std::uint32_t& sleepers) : count(sleepers) { ++count; }
    ~Sleeping() { --count; }
  };
  const Sleeping sleeping(sleepers_);
  for (;;) {
    storage_.locks.acquire(actor.backend, tag_of(xid), LockMode::share, WaitPolicy::block,
                           actor.owner);
    storage_.locks.release(actor.backend, tag_of(xid), LockMode::share, actor.owner);
    if (storage_.transactions.state(xid) != Transactions::State::in_progress) return;
    const Xid top = storage_.transactions.top_of(xid);
    check(top != xid, "a transaction that is running holds the lock on its number");
    xid = top;
  }
}

void Heap::vacuum(Xid horizon, const std::function<void(Version&)>& gone) {
  if (sleepers_ > 0) return;
  const Transactions& transactions = storage_.transactions;
  for (const auto& version : versions_) {
    version->is_needed = false;
    if (version->xmax == kNoXid) continue;
    if (transactions.state(version->xmax) != Transactions::State::aborted) continue;
    version->xmax = kNoXid;
    version->newer = nullptr;
  }
  const auto is_dead = [&](const Version& version) {
    if (transactions.state(version.xmin) == Transactions::State::aborted) return true;
    return version.xmax < horizon &&
           transactions.state(version.xmax) == Transactions::State::committed;
  };
  std::erase_if(versions_, [&](const std::unique_ptr<Version>& version) {
    if (is_dead(*version) && !version->is_needed) {
      gone(*version);
      if (version->newer != nullptr && version->newer->hot_from == version.get()) {
        version->newer->hot_from = nullptr;
      }
      return true;
    }
    if (version->newer != nullptr) version->newer->is_needed = true;
    return false;
  });
  changes_ = 0;
  ++vacuums_;
}

}  // namespace firedrill::sim::postgres
