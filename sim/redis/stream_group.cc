#include "sim/redis/stream_group.h"

#include "system/domain/check.h"

namespace firedrill::sim::redis {

StreamGroup::StreamGroup(const StreamGroup& other)
    : last_id(other.last_id),
      entries_read(other.entries_read),
      consumers_(other.consumers_),
      pending_(other.pending_) {
  for (auto& [id, entry] : pending_) {
    entry.consumer = &consumers_.find(entry.consumer->name)->second;
  }
}

StreamGroup::Consumer* StreamGroup::find_consumer(std::string_view name) {
  const auto found = consumers_.find(name);
  return found == consumers_.end() ? nullptr : &found->second;
}

StreamGroup::Consumer& StreamGroup::add_consumer(std::string_view name, std::int64_t now_ms) {
  const auto [added, is_new] =
      consumers_.try_emplace(std::string(name), Consumer{std::string(name), now_ms, {}});
  check(is_new, "a consumer is added once");
  return added->second;
}

std::size_t StreamGroup::erase_consumer(std::string_view name) {
  const auto found = consumers_.find(name);
  check(found != consumers_.end(), "only a consumer that is there is erased");
  const std::size_t had = found->second.pending.size();
  for (const StreamId id : found->second.pending) pending_.erase(id);
  consumers_.erase(found);
  return had;
}

StreamGroup::Pending* StreamGroup::find_pending(StreamId id) {
  const auto found = pending_.find(id);
  return found == pending_.end() ? nullptr : &found->second;
}

StreamGroup::Pending& StreamGroup::assign(StreamId id, Consumer& consumer) {
  // Mostly the newest id of all: found at the end.
  const auto entry = pending_.try_emplace(pending_.end(), id);
  Pending& pending = entry->second;
  if (pending.consumer == &consumer) return pending;
  if (pending.consumer != nullptr) pending.consumer->pending.erase(id);
  consumer.pending.insert(consumer.pending.end(), id);
  pending.consumer = &consumer;
  return pending;
}

bool StreamGroup::acknowledge(StreamId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  found->second.consumer->pending.erase(id);
  pending_.erase(found);
  return true;
}

}  // namespace firedrill::sim::redis
