#include "sim/redis/server/store.h"

#include <algorithm>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

constexpr Duration kLongestPutOff = std::chrono::seconds(2);

}  // namespace

void Store::append(std::string_view effects) {
  if (persistence_ == Persistence::append_only) buffer_.append(effects);
}

Store::Flush Store::flush(Instant now) {
  Flush flush;
  const bool everysec = policy_ == Config::Fsync::everysec;
  if (!buffer_.empty()) {
    if (everysec && syncing_) {
      if (!put_off_since_) put_off_since_ = now;
      if (now - *put_off_since_ < kLongestPutOff) return flush;
      flush.waits = true;  // write(2) on a file that is being synced blocks
    }
    put_off_since_.reset();
    log_.append(buffer_);
    buffer_.clear();
  }
  if (policy_ == Config::Fsync::no || !unsynced() || syncing_) return flush;
  const std::int64_t second = to_ms(now.time_since_epoch()) / 1000;
  if (everysec && second <= last_fsync_s_) return flush;
  last_fsync_s_ = second;
  syncing_ = log_.size();
  flush.fsync_begins = true;
  flush.waits = flush.waits || !everysec;
  return flush;
}

void Store::end_fsync() {
  check(syncing_.has_value(), "an fsync that ends has begun");
  synced_ = *syncing_;
  syncing_.reset();
}

void Store::save(std::string snapshot) {
  base_ = std::move(snapshot);
  log_.clear();
  buffer_.clear();
  synced_ = 0;
  syncing_.reset();
  put_off_since_.reset();
}

std::size_t Store::lose_buffer() {
  syncing_.reset();
  put_off_since_.reset();
  return std::exchange(buffer_, {}).size();
}

std::size_t Store::lose_unsynced(std::size_t percent_kept) {
  check(percent_kept <= 100, "a part is no more than the whole");
  const std::size_t at_risk = log_.size() - synced_;
  const std::size_t lost = lose_buffer();
  const std::size_t kept = at_risk * percent_kept / 100;
  log_.resize(synced_ + kept);
  synced_ = log_.size();
  return lost + at_risk - kept;
}

void Store::truncate(std::size_t bytes) {
  check(bytes <= log_.size(), "a file is not shortened by more than it has");
  log_.resize(log_.size() - bytes);
  synced_ = std::min(synced_, log_.size());
}

void Store::load(Engine& engine, WallTime now) {
  if (persistence_ == Persistence::none) {
    save({});
    return;
  }
  check(engine.apply(base_, now) == base_.size(), "a snapshot loads whole");
  const auto used = engine.apply(log_, now);
  check(used.has_value(), "an append-only file holds commands");
  log_.resize(*used);
  synced_ = std::min(synced_, log_.size());
}

}  // namespace firedrill::sim::redis
