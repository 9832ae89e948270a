#include "sim/postgres/storage/write_ahead_log.h"

#include <algorithm>

#include "system/domain/check.h"

namespace firedrill::sim::postgres {

Lsn WriteAheadLog::commit(Xid top) {
  ++end_;
  if (is_kept_) commits_.push_back({end_, top});
  return end_;
}

void WriteAheadLog::sequence(std::uint32_t oid, LoggedSequence before) {
  ++end_;
  if (is_kept_) sequences_.push_back({end_, oid, before});
}

void WriteAheadLog::flush(Lsn upto) {
  check(upto <= end_, "what is on disk was written");
  flushed_ = std::max(flushed_, upto);
}

void WriteAheadLog::forget(Lsn upto) {
  check(upto <= flushed_, "what may get lost is not forgotten");
  forgotten_ = std::max(forgotten_, upto);
  while (!commits_.empty() && commits_.front().end <= upto) commits_.pop_front();
  while (!sequences_.empty() && sequences_.front().end <= upto) sequences_.pop_front();
}

std::vector<Xid> WriteAheadLog::committed_after(Lsn upto) const {
  std::vector<Xid> found;
  for (const Commit& each : commits_) {
    if (each.end > upto) found.push_back(each.top);
  }
  std::ranges::sort(found);
  return found;
}

std::vector<Xid> WriteAheadLog::committed_until(Lsn upto) const {
  std::vector<Xid> found;
  for (const Commit& each : commits_) {
    if (each.end <= upto) found.push_back(each.top);
  }
  std::ranges::sort(found);
  return found;
}

LoggedSequence WriteAheadLog::at(std::uint32_t oid, LoggedSequence now, Lsn upto) const {
  const auto first_lost = std::ranges::find_if(
      sequences_, [&](const SequenceMoved& moved) { return moved.oid == oid && moved.end > upto; });
  return first_lost != sequences_.end() ? first_lost->before : now;
}

Xid WriteAheadLog::oldest_kept(Xid none) const {
  Xid oldest = none;
  for (const Commit& each : commits_) oldest = std::min(oldest, each.top);
  return oldest;
}

}  // namespace firedrill::sim::postgres
