#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "system/domain/order.h"
#include "system/domain/time.h"
#include "system/ports/outcome.h"
#include "system/ports/redis.h"

namespace firedrill::order {

std::string order_key(std::string_view order_id);

/// How an order stands.
struct Standing {
  OrderStatus status = OrderStatus::pending;
  std::string reason;  ///< of a rejection: sold-out, over-cap, expired, no-such-product
};

struct OrderRecord {
  std::string user;
  std::string key;
  std::string product;
  std::int64_t quantity = 0;
  Standing standing;
};

/// How opening a record went.
struct Opened {
  bool key_reused = false;  ///< with another body: there is another order under this id
  Standing standing;
};

/// Order records, in Redis until the order service has its database. Every write is one script, and
/// may be asked again.
class OrderRecords {
 public:
  explicit OrderRecords(Redis& redis) : redis_(redis) {}

  /// Opens the order in PENDING where it is not there.
  boost::asio::awaitable<Outcome<Opened>> open(std::string order_id, OrderRecord record,
                                               Instant deadline);

  /// Moves the order from PENDING (or QUEUED) to `to`. Answers how it stands afterwards: not
  /// `to` where it stood elsewhere already. None where there is no such order.
  boost::asio::awaitable<Outcome<std::optional<Standing>>> move(std::string order_id,
                                                                OrderStatus to, std::string reason,
                                                                Instant deadline);

  boost::asio::awaitable<Outcome<std::optional<OrderRecord>>> find(std::string order_id,
                                                                   Instant deadline);

 private:
  Redis& redis_;
};

}  // namespace firedrill::order
