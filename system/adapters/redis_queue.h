#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/adapters/redis_link.h"
#include "system/adapters/timers.h"
#include "system/ports/clock.h"
#include "system/ports/queue.h"

namespace firedrill::adapters {

/// A queue on Redis Streams.
///
/// A topic is `partitions` streams, named q:{TOPIC}:PARTITION; the partition of a key is its 64-bit
/// FNV-1a hash modulo their number, which therefore must not change while messages are kept. A
/// publish is confirmed by the reply to XADD: as durable as that server's persistence. Groups begin
/// at the first message that the stream still holds, and are made when somebody fetches. A
/// delivery that was not acknowledged for `redelivery_after` goes to the next consumer who fetches.
/// Acknowledged messages stay in the stream (other groups may want them) until `longest_stream`
/// cuts them off, read or not.
///
/// The partitions of a topic share a hash tag: on a Redis Cluster they are on one node, and one
/// read takes from all of them. While their slot moves, a fetch may be refused.
class RedisStreamsQueue final : public Queue {
 public:
  struct Options {
    RedisLink::Options server;
    std::uint32_t partitions = 4;
    Duration redelivery_after = from_ms(5000);
    std::uint64_t longest_stream = 0;  ///< messages kept in each partition, roughly; 0: all
  };

  RedisStreamsQueue(boost::asio::any_io_executor executor, Timers& timers, Clock& clock,
                    Options options);
  ~RedisStreamsQueue() override;

  boost::asio::awaitable<Outcome<Published>> publish(std::string topic, std::string key,
                                                     std::string body, Instant deadline) override;
  boost::asio::awaitable<Outcome<std::vector<Delivery>>> fetch(Subscription who, std::size_t max,
                                                               Instant deadline) override;
  boost::asio::awaitable<Outcome<Acked>> ack(Subscription who, Delivery delivery,
                                             Instant deadline) override;

 private:
  using Deliveries = std::vector<Delivery>;
  using Words = std::vector<std::string>;
  class Lease;

  /// What is remembered of a subscription between two fetches.
  struct Consumer {
    struct Kept {
      Delivery delivery;
      Instant until;  ///< then the broker gives it to somebody else
    };
    std::deque<Kept> surplus;             ///< read beyond what a fetch asked for
    Instant claim_at{};                   ///< when to look for stale deliveries next
    std::vector<std::string> claim_from;  ///< of each partition: XAUTOCLAIM's cursor
    std::uint32_t next_partition = 0;     ///< where claiming begins: none is starved
  };

  std::string stream(std::string_view topic, std::uint32_t partition) const;
  std::uint32_t partition_of(std::string_view key) const;
  Consumer& consumer(const Subscription& who);
  Deliveries take_surplus(const Subscription& who, std::size_t max);
  Deliveries keep_surplus(const Subscription& who, std::size_t max, Deliveries all);
  std::optional<Duration> time_to_block(const Subscription& who, Instant deadline) const;

  boost::asio::awaitable<Outcome<Deliveries>> fetch_on(RedisLink* link, Subscription who,
                                                       std::size_t max, Instant deadline);
  boost::asio::awaitable<Outcome<Acked>> make_groups(RedisLink* link, Subscription who,
                                                     Instant deadline);
  boost::asio::awaitable<Outcome<RedisReply>> read(RedisLink* link, Subscription who,
                                                   std::size_t max, std::optional<Duration> block,
                                                   Instant deadline);
  Outcome<Deliveries> to_deliveries(const Subscription& who, const RedisReply& reply);
  boost::asio::awaitable<Outcome<Deliveries>> claim(RedisLink* link, Subscription who,
                                                    std::size_t max, Instant deadline);
  boost::asio::awaitable<Outcome<Acked>> count_attempts(RedisLink* link, Subscription who,
                                                        Deliveries* claimed, Instant deadline);

  boost::asio::any_io_executor executor_;
  Timers& timers_;
  Clock& clock_;
  Options options_;
  RedisLink writer_;  ///< publishes and acknowledges: never waits behind a blocking read
  std::vector<std::unique_ptr<RedisLink>> idle_readers_;       ///< one is taken by each fetch
  std::set<std::pair<std::string, std::string>> groups_made_;  ///< (topic, group)
  std::map<std::array<std::string, 3>, Consumer> consumers_;
};

}  // namespace firedrill::adapters
