#include "sim/postgres/storage/transactions.h"

#include <algorithm>

#include "system/domain/check.h"

namespace firedrill::sim::postgres {

Transactions::Entry& Transactions::entry(Xid xid) {
  check(xid >= first_ && xid < next(), "the transaction has begun");
  return entries_[xid - first_];
}

const Transactions::Entry& Transactions::entry(Xid xid) const {
  check(xid >= first_ && xid < next(), "the transaction has begun");
  return entries_[xid - first_];
}

void Transactions::start_at(Xid first) {
  check(entries_.empty(), "nothing has begun");
  first_ = first;
  latest_ended_ = first - 1;
}

Xid Transactions::begin(Xid parent) {
  const Xid xid = next();
  check(parent == kNoXid || state(parent) == State::in_progress, "its parent is running");
  entries_.push_back({State::in_progress, parent});
  in_progress_.push_back(xid);
  return xid;
}

bool Transactions::is_within(Xid xid, Xid ancestor) const {
  while (xid > ancestor) xid = entry(xid).parent;
  return xid == ancestor;
}

void Transactions::end_all_within(Xid ancestor, State state) {
  const auto first = std::lower_bound(in_progress_.begin(), in_progress_.end(), ancestor);
  const auto last = std::remove_if(first, in_progress_.end(), [&](Xid xid) {
    if (!is_within(xid, ancestor)) return false;
    entry(xid).state = state;
    latest_ended_ = std::max(latest_ended_, xid);
    return true;
  });
  in_progress_.erase(last, in_progress_.end());
}

void Transactions::commit(Xid top) {
  check(entry(top).parent == kNoXid, "a transaction commits as a whole");
  check(state(top) == State::in_progress, "it is running");
  end_all_within(top, State::committed);
}

void Transactions::abort(Xid xid) {
  check(state(xid) == State::in_progress, "it is running");
  end_all_within(xid, State::aborted);
}

Transactions::State Transactions::state(Xid xid) const {
  if (xid == kNoXid) return State::aborted;
  return xid < first_ ? State::committed : entry(xid).state;
}

Xid Transactions::top_of(Xid xid) const {
  while (xid >= first_ && entry(xid).parent != kNoXid) xid = entry(xid).parent;
  return xid;
}

Snapshot Transactions::snapshot(CommandId command) const {
  Snapshot snapshot;
  snapshot.xmax = latest_ended_ + 1;
  const auto last = std::lower_bound(in_progress_.begin(), in_progress_.end(), snapshot.xmax);
  snapshot.in_progress.assign(in_progress_.begin(), last);
  snapshot.xmin = snapshot.in_progress.empty() ? snapshot.xmax : snapshot.in_progress.front();
  snapshot.command = command;
  return snapshot;
}

bool Transactions::is_running_in(const Snapshot& snapshot, Xid xid) {
  if (xid < snapshot.xmin) return false;
  if (xid >= snapshot.xmax) return true;
  return std::binary_search(snapshot.in_progress.begin(), snapshot.in_progress.end(), xid);
}

}  // namespace firedrill::sim::postgres
