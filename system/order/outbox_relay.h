#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "system/domain/time.h"
#include "system/ports/ports.h"

namespace firedrill::order {

/// Publishes what the outbox holds (the pattern "transactional outbox", hardened). Any number of
/// relays may run. Each event is published at least once; of one order, in the order of its
/// versions. Why it is built so:
///  - claiming, publishing and marking are three steps: no lock is held while a broker answers. A
///    claim is a lease with an owner: who dies leaves it to run out, who comes late marks nothing;
///  - an event is claimed once all earlier ones of its order are published: whatever fails holds
///    up its own order alone;
///  - marked as published is what the broker has confirmed. Where its answer is missing the event
///    is published again;
///  - what fails waits longer each time; what keeps failing is DEAD: it stays where it is, for an
///    operator, and so do its successors.
class OutboxRelay {
 public:
  struct Options {
    Duration database_timeout = from_ms(300);
    Duration publish_timeout = from_ms(400);
    /// Precondition: longer than publishing a whole batch may take.
    Duration lease = from_ms(5000);
    std::int64_t batch = 8;
    std::int64_t attempts = 16;  ///< before it is DEAD
  };

  /// `name` is for people.
  OutboxRelay(Ports ports, std::string name, Options options);

  /// Publishes for ever.
  boost::asio::awaitable<void> run();

 private:
  struct Event {
    std::string seq;
    std::string order_id;
    std::string payload;
  };

  /// Whether there was anything.
  boost::asio::awaitable<bool> round();
  boost::asio::awaitable<std::vector<Event>> claim();
  Instant database_deadline() const;

  Ports ports_;
  Options options_;
  std::string owner_;  ///< of one life of a process: no other's claims are taken for its own
};

}  // namespace firedrill::order
