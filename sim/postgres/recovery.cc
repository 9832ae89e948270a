#include "sim/postgres/recovery.h"

#include <algorithm>

namespace firedrill::sim::postgres {

namespace {

/// The new version of each row, found by the number of the old one.
struct Copied {
  std::uint64_t number = 0;
  Version* version = nullptr;
};

class Recovery {
 public:
  Recovery(const Shared& from, Lsn upto, Shared& to)
      : from_(from),
        upto_(upto),
        to_(to),
        lost_(from.log.committed_after(upto)),
        logged_(from.log.committed_until(upto)) {}

  void run() {
    Transactions& transactions = to_.storage.transactions;
    transactions.start_at(from_.storage.transactions.next());
    actor_.top = actor_.current = transactions.begin();
    to_.catalog = from_.catalog.copy([this](Xid xid) { return counts(xid); }, actor_.top,
                                     [this](const Table& table) { return copy(table); },
                                     [this](const Sequence& sequence) { return copy(sequence); });
    transactions.commit(actor_.top);
    to_.now = from_.now;
    to_.clock_ahead = from_.clock_ahead;
    to_.configured = from_.configured;
    to_.random_state = from_.random_state;
    to_.watches.watch_same_as(from_.watches);
    to_.log.keep(upto_);
  }

 private:
  /// One that waits for the disk has committed, if the disk has its record.
  bool counts(Xid xid) const {
    if (xid == kNoXid) return true;
    const Transactions& transactions = from_.storage.transactions;
    const Xid top = transactions.top_of(xid);
    if (std::ranges::binary_search(lost_, top)) return false;
    switch (transactions.state(xid)) {
      case Transactions::State::committed: return true;
      case Transactions::State::aborted: return false;
      case Transactions::State::in_progress: return std::ranges::binary_search(logged_, top);
    }
    return false;
  }

  std::shared_ptr<const Table> copy(const Table& table) const {
    auto made = std::make_shared<Table>(table);
    if (table.view != nullptr) return made;
    made->heap = std::make_shared<Heap>(table.heap->table(), to_.storage);
    std::vector<Copied> rows;
    table.heap->scan_all({}, actor_, [&](Version& version, bool) {
      if (!counts(version.xmin)) return true;
      if (version.xmax != kNoXid && counts(version.xmax)) return true;
      rows.push_back({version.number, &made->heap->insert(actor_, version.values)});
      return true;
    });
    for (TableIndex& index : made->indexes) {
      auto entries = std::make_shared<Index>(index.entries->columns(), to_.types);
      index.entries->scan({}, [&](const Row& key, const Version* version) {
        const auto found = std::ranges::lower_bound(rows, version->number, {}, &Copied::number);
        if (found != rows.end() && found->number == version->number) {
          entries->insert(key, found->version);
        }
        return true;
      });
      index.entries = std::move(entries);
    }
    return made;
  }

  std::shared_ptr<const Sequence> copy(const Sequence& sequence) const {
    const LoggedSequence found = from_.log.at(sequence.oid, sequence.state->logged, upto_);
    auto made = std::make_shared<Sequence>(sequence);
    made->state =
        std::make_shared<Sequence::State>(Sequence::State(found.last_value, found.is_called));
    return made;
  }

  const Shared& from_;
  Lsn upto_;
  Shared& to_;
  std::vector<Xid> lost_;    ///< ascending
  std::vector<Xid> logged_;  ///< ascending
  Actor actor_;
};

}  // namespace

void recover(const Shared& from, Lsn upto, Shared& to) {
  check(upto >= from.log.forgotten() && upto <= from.log.end(), "the log is there");
  Recovery(from, upto, to).run();
}

}  // namespace firedrill::sim::postgres
