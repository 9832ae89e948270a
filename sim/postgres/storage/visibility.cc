#include "sim/postgres/storage/visibility.h"

namespace firedrill::sim::postgres {

namespace {

using State = Transactions::State;

/// To a snapshot: whether that transaction has ended well.
bool has_committed(const Transactions& transactions, const Snapshot& snapshot, Xid xid) {
  return !Transactions::is_running_in(snapshot, xid) && transactions.state(xid) == State::committed;
}

}  // namespace

bool is_visible(const Storage& storage, const Actor& actor, const Snapshot& snapshot,
                const Version& version) {
  if (storage.is_current(version.xmin, actor.top)) {
    if (version.cmin >= snapshot.command) return false;
  } else if (!has_committed(storage.transactions, snapshot, version.xmin)) {
    return false;
  }
  if (version.xmax == kNoXid) return true;
  if (storage.is_current(version.xmax, actor.top)) return version.cmax >= snapshot.command;
  return !has_committed(storage.transactions, snapshot, version.xmax);
}

Liveness liveness(const Storage& storage, const Actor& actor, const Version& version) {
  const Transactions& transactions = storage.transactions;
  const State made = transactions.state(version.xmin);
  if (made == State::aborted) return {};
  if (made == State::in_progress && !storage.is_current(version.xmin, actor.top))
    return {true, version.xmin};
  const State changed = transactions.state(version.xmax);
  if (changed == State::aborted) return {true, kNoXid};
  if (changed == State::committed || storage.is_current(version.xmax, actor.top)) return {};
  return {true, version.xmax};
}

bool is_live_now(const Storage& storage, const Actor& actor, const Version& version) {
  const auto counts = [&](Xid xid) {
    return xid != kNoXid && (storage.transactions.state(xid) == State::committed ||
                             storage.is_current(xid, actor.top));
  };
  return counts(version.xmin) && !counts(version.xmax);
}

}  // namespace firedrill::sim::postgres
