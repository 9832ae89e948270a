#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "system/domain/order.h"
#include "system/domain/time.h"
#include "system/ports/database.h"
#include "system/ports/outcome.h"

namespace firedrill::order {

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

/// Order records, in PostgreSQL. Every write is one statement, a transaction of its own: the
/// order's next version, the row of the outbox that tells of it, and the consumer's row of the
/// inbox are committed together or not at all. Each may be asked again.
class OrderRecords {
 public:
  explicit OrderRecords(Database& database) : database_(database) {}

  /// Opens the order in PENDING where it is not there.
  boost::asio::awaitable<Outcome<Opened>> open(std::string order_id, OrderRecord record,
                                               Instant deadline);

  /// Moves the order from PENDING (or QUEUED) to `to`. Answers how it stands afterwards: not
  /// `to` where it stood elsewhere already. None where there is no such order.
  boost::asio::awaitable<Outcome<std::optional<Standing>>> move(std::string order_id,
                                                                OrderStatus to, std::string reason,
                                                                Instant deadline);

  /// The same, by a consumer for a message that it has received: once for each message, however
  /// often it is delivered. `consumer` is the group's name.
  boost::asio::awaitable<Outcome<std::optional<Standing>>> move_for(
      std::string consumer, std::string message, std::string order_id, OrderStatus to,
      std::string reason, Instant deadline);

  boost::asio::awaitable<Outcome<std::optional<OrderRecord>>> find(std::string order_id,
                                                                   Instant deadline);

 private:
  boost::asio::awaitable<Outcome<std::optional<Standing>>> moved(SqlStatement statement,
                                                                 SqlParameters parameters,
                                                                 std::string order_id,
                                                                 Instant deadline);

  Database& database_;
};

}  // namespace firedrill::order
