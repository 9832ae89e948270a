#pragma once

#include <boost/asio/awaitable.hpp>

#include "system/domain/flash_sale.h"
#include "system/ports/ports.h"

namespace firedrill::as_written {

/// The article's outbox: every 100 ms, take 100 pending rows, publish each and mark it as
/// published; where that throws, count a retry. One runs in each process that keeps orders.
boost::asio::awaitable<void> poll_outbox(Ports ports, FlashSale sale);

}  // namespace firedrill::as_written
