#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sim/redis/stream_id.h"

namespace firedrill::sim::redis {

/// A consumer group of a stream: how far it has read, and who has which entry without having
/// acknowledged it yet. Times are milliseconds of the server's clock. A value: copies are deep.
class StreamGroup {
 public:
  struct Consumer {
    std::string name;
    std::int64_t seen_ms = 0;
    std::set<StreamId> pending;  ///< the ids of the group's pending entries that it owns
  };
  struct Pending {
    Consumer* consumer = nullptr;  ///< never null once it is delivered
    std::int64_t delivered_ms = 0;
    std::uint64_t deliveries = 1;
  };
  /// In the order of their names' bytes.
  using Consumers = std::map<std::string, Consumer, std::less<>>;

  StreamGroup(StreamId last, std::optional<std::int64_t> read)
      : last_id(last), entries_read(read) {}
  StreamGroup(const StreamGroup& other);
  StreamGroup& operator=(const StreamGroup&) = delete;

  StreamId last_id;  ///< the greatest that was delivered
  /// How many entries of the stream's whole life it has read; nothing where that is unknown.
  std::optional<std::int64_t> entries_read;

  const Consumers& consumers() const { return consumers_; }
  const std::map<StreamId, Pending>& pending() const { return pending_; }

  Consumer* find_consumer(std::string_view name);
  /// A new one; there is none of this name.
  Consumer& add_consumer(std::string_view name, std::int64_t now_ms);
  /// With all that it has pending; how much that was. There is one of this name.
  std::size_t erase_consumer(std::string_view name);

  Pending* find_pending(StreamId id);
  /// The entry is (from now on) this consumer's.
  Pending& assign(StreamId id, Consumer& consumer);
  /// False where it is not pending.
  bool acknowledge(StreamId id);

 private:
  Consumers consumers_;
  std::map<StreamId, Pending> pending_;
};

}  // namespace firedrill::sim::redis
