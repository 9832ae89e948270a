#pragma once

#include <cstdint>
#include <vector>

namespace firedrill::sim::postgres {

/// A transaction that has written something, or a subtransaction of one. Never reused.
using Xid = std::uint64_t;
inline constexpr Xid kNoXid = 0;
inline constexpr Xid kFirstXid = 3;  ///< as in PostgreSQL, where smaller ones are special

/// Commands of one transaction, counted: what a command wrote, only later ones see.
using CommandId = std::uint32_t;

/// Which transactions' effects are seen: those that had committed when it was taken.
struct Snapshot {
  Xid xmin = kFirstXid;          ///< all below had ended
  Xid xmax = kFirstXid;          ///< none from here on had ended (it may be below next())
  std::vector<Xid> in_progress;  ///< between the two, ascending; subtransactions, too
  CommandId command = 0;         ///< of the own transaction: what earlier commands wrote
};

/// What became of transactions (PostgreSQL's commit log), and which are running.
class Transactions {
 public:
  enum class State : std::uint8_t { in_progress, committed, aborted };

  /// The next one is this: all before it, of a server that this one goes on from, count as
  /// committed. Before anything else.
  void start_at(Xid first);
  /// `parent`: of a subtransaction. See Storage::begin(), which also locks the number.
  Xid begin(Xid parent = kNoXid);
  /// With those of its subtransactions that were released (not rolled back).
  void commit(Xid top);
  /// With all its subtransactions. Also of a subtransaction alone (ROLLBACK TO).
  void abort(Xid xid);

  /// Of a subtransaction that was released: its parent's. kNoXid: aborted.
  State state(Xid xid) const;
  /// The transaction that it is part of; itself, where it is no subtransaction.
  Xid top_of(Xid xid) const;
  Snapshot snapshot(CommandId command) const;
  Xid next() const { return first_ + entries_.size(); }
  /// The oldest that is running, or next().
  Xid oldest_running() const { return in_progress_.empty() ? next() : in_progress_.front(); }
  /// Whether the snapshot counts it among those that had not committed yet.
  static bool is_running_in(const Snapshot& snapshot, Xid xid);

 private:
  struct Entry {
    State state = State::in_progress;
    Xid parent = kNoXid;
  };

  Entry& entry(Xid xid);
  const Entry& entry(Xid xid) const;
  bool is_within(Xid xid, Xid ancestor) const;
  void end_all_within(Xid ancestor, State state);

  Xid first_ = kFirstXid;
  std::vector<Entry> entries_;    ///< of first_, ...
  std::vector<Xid> in_progress_;  ///< ascending
  Xid latest_ended_ = kFirstXid - 1;
};

}  // namespace firedrill::sim::postgres
