#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill {

/// The broker has the message, and keeps it as its durability promises.
struct Published {
  std::uint32_t partition = 0;
  std::string id;  ///< the broker's name for it, unique within topic and partition
};

/// One delivery of one message to one consumer of a group.
struct Delivery {
  std::string topic;
  std::uint32_t partition = 0;
  std::string id;
  std::string key;
  std::string body;
  std::uint32_t attempt = 1;  ///< 1 for the first delivery, as far as the broker knows
};

/// Who reads what. Consumers of one group share its messages; groups do not know each other.
struct Subscription {
  std::string topic;
  std::string group;
  std::string consumer;  ///< unique among the live consumers of the group
};

/// The broker acknowledged an acknowledgement.
struct Acked {};

/// A message broker with topics, partitions, consumer groups and acknowledgements.
///
/// Ownership: everything is moved in and out; the port outlives every coroutine that uses it.
/// Ordering: messages of one key go to one partition, and are first delivered in the order in which
/// the broker stored them; redelivery breaks that order. What may be lost: nothing that was
/// confirmed; a publish that ends as Unknown is stored, or not, or will be later. What may be
/// repeated: every delivery, to any consumer of the group, until its ack is stored; also after it,
/// where the ack came too late.
class Queue {
 public:
  virtual ~Queue() = default;

  virtual boost::asio::awaitable<Outcome<Published>> publish(std::string topic, std::string key,
                                                             std::string body,
                                                             Instant deadline) = 0;

  /// Waits for up to `max` deliveries. Empty at the deadline where there was nothing.
  virtual boost::asio::awaitable<Outcome<std::vector<Delivery>>> fetch(Subscription who,
                                                                       std::size_t max,
                                                                       Instant deadline) = 0;

  /// This delivery is done with. Acknowledging what is not pending (any more) is no error.
  virtual boost::asio::awaitable<Outcome<Acked>> ack(Subscription who, Delivery delivery,
                                                     Instant deadline) = 0;
};

}  // namespace firedrill
