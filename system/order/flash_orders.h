#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "system/domain/flash_sale.h"
#include "system/inventory/inventory_api.h"
#include "system/order/order_api.h"
#include "system/order/order_records.h"
#include "system/ports/network.h"
#include "system/ports/ports.h"

namespace firedrill::order {

/// The order id of a user's idempotency key: a retry names the same order (UUID v5 of both).
std::string order_id_of(std::string_view user, std::string_view key);

/// The flash-sale hot path, hardened. Why it is built so:
///  - ids before effects: the order id is a function of (user, key), and is the reservation id;
///  - unknown is not no: nothing is undone because an answer is missing. The caller hears 504 and
///    asks again under the same key, or the hold runs out;
///  - accepted means that the queue has confirmed the order;
///  - an order is rejected only after its reservation id has been released for good, so that no
///    other attempt under the same key can sell to it afterwards.
class FlashOrders {
 public:
  FlashOrders(Ports ports, const FlashSale& sale, inventory::Inventory& inventory)
      : ports_(ports), sale_(sale), inventory_(inventory), records_(ports.database) {}

  /// Answers POST /v1/flash-orders of `user` under the idempotency key `key`.
  boost::asio::awaitable<HttpResponse> place(std::string user, std::string key, FlashOrder order);

  /// Answers GET /v1/orders/{id}.
  boost::asio::awaitable<HttpResponse> read(std::string order_id);

 private:
  struct Attempt {
    std::string order_id;
    std::string user;
    std::string key;
    FlashOrder order;
  };

  boost::asio::awaitable<HttpResponse> reserve(Attempt attempt);
  boost::asio::awaitable<HttpResponse> enqueue(Attempt attempt);
  boost::asio::awaitable<HttpResponse> reject(Attempt attempt, std::string reason);
  Instant redis_deadline() const;
  Instant database_deadline() const;

  Ports ports_;
  const FlashSale& sale_;
  inventory::Inventory& inventory_;
  OrderRecords records_;
};

}  // namespace firedrill::order
