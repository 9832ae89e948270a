#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "system/domain/time.h"
#include "system/order/order_api.h"
#include "system/ports/database.h"
#include "system/ports/outcome.h"

namespace firedrill::as_written {

/// How an order's row stands.
struct OrderRow {
  std::string status;
  std::string product;
  std::int64_t quantity = 0;
};

/// The rows of orders, in the tables of the order service. The order and its row in the outbox are
/// written in one transaction, each time.
class Orders {
 public:
  explicit Orders(Database& database) : database_(database) {}

  /// Inserts the order as PENDING where it is not there.
  boost::asio::awaitable<Outcome<Committed>> save(const order::QueuedOrder& order,
                                                  Instant deadline);
  /// PENDING becomes CONFIRMED.
  boost::asio::awaitable<Outcome<Committed>> confirm(const order::QueuedOrder& order,
                                                     Instant deadline);

  boost::asio::awaitable<Outcome<std::optional<OrderRow>>> find(std::string order_id,
                                                                Instant deadline);

 private:
  Database& database_;
};

}  // namespace firedrill::as_written
