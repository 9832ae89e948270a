#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>

#include "system/ports/ports.h"
#include "system/ports/queue.h"

namespace firedrill {

/// How a consumer asks its broker.
struct Consuming {
  std::size_t batch;  ///< deliveries that are fetched at a time
  Duration fetch_for;
  Duration ack_for;
};

/// Consumes for ever, one delivery after the other. `handle` tells whether nothing is left to do
/// for a delivery: it is acknowledged then, else left to be delivered again. An ack that is lost
/// costs a delivery more.
boost::asio::awaitable<void> consume(Ports ports, Subscription who, Consuming how,
                                     std::function<boost::asio::awaitable<bool>(Delivery&)> handle);

}  // namespace firedrill
