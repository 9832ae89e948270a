#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/postgres/storage/transactions.h"

namespace firedrill::sim::postgres {

/// A place in the write-ahead log: counts records, where PostgreSQL's counts bytes.
using Lsn = std::uint64_t;

/// What a sequence is after recovery: PostgreSQL logs it 32 numbers ahead, so that a crash leaves a
/// gap (sequence.c, SEQ_LOG_VALS).
struct LoggedSequence {
  std::int64_t last_value = 1;
  bool is_called = false;
};

/// In which order transactions committed, and how much of that is on disk. Rows are not in it:
/// versions and their transactions' numbers say what had been done by when. So it is known what a
/// server that lost the end of its log comes back with.
///
/// Where it is not kept, everything is on disk at once.
class WriteAheadLog {
 public:
  /// From now on.
  void keep(Lsn from) {
    is_kept_ = true;
    end_ = flushed_ = forgotten_ = from;
  }
  bool is_kept() const { return is_kept_; }

  /// The place behind the new record.
  Lsn commit(Xid top);
  void sequence(std::uint32_t oid, LoggedSequence before);

  Lsn end() const { return end_; }
  Lsn flushed() const { return flushed_; }
  void flush(Lsn upto);
  /// Nobody will ask for what was before.
  void forget(Lsn upto);
  Lsn forgotten() const { return forgotten_; }

  /// Which transactions have committed behind `upto`; ascending.
  std::vector<Xid> committed_after(Lsn upto) const;
  /// Which have a record up to there; ascending. Of those that were forgotten: none.
  std::vector<Xid> committed_until(Lsn upto) const;
  /// What `now` of a sequence was at `upto`.
  LoggedSequence at(std::uint32_t oid, LoggedSequence now, Lsn upto) const;
  /// Versions that these or later transactions have replaced are still asked for. `none` where
  /// there are none.
  Xid oldest_kept(Xid none) const;

 private:
  struct Commit {
    Lsn end = 0;
    Xid top = kNoXid;
  };
  struct SequenceMoved {
    Lsn end = 0;
    std::uint32_t oid = 0;
    LoggedSequence before;
  };

  bool is_kept_ = false;
  Lsn end_ = 0;
  Lsn flushed_ = 0;
  Lsn forgotten_ = 0;
  std::deque<Commit> commits_;
  std::deque<SequenceMoved> sequences_;
};

}  // namespace firedrill::sim::postgres
