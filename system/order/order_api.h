#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "system/domain/order.h"
#include "system/ports/network.h"

namespace firedrill::order {

/// The body of POST /v1/flash-orders.
struct FlashOrder {
  std::string sale;
  std::string product;
  std::int64_t quantity = 0;
};

/// Reads a body; or says which field is wrong, in `problem`.
std::optional<FlashOrder> parse_flash_order(std::string_view body, std::string& problem);

/// What the flash-sale topic carries for one accepted order.
struct QueuedOrder {
  std::string order_id;
  std::string user;
  std::string product;
  std::int64_t quantity = 0;
  std::int64_t occurred_at_ms = 0;  ///< by the wall clock of who placed it: for people
};

std::string to_json(const QueuedOrder& order);
std::optional<QueuedOrder> parse_queued_order(std::string_view body);

/// 202 {orderId, status, statusUrl}
HttpResponse accepted(std::string_view order_id, std::string_view status);

/// 200 {orderId, status, productId, quantity}
HttpResponse order_found(std::string_view order_id, std::string_view status,
                         std::string_view product, std::int64_t quantity);

/// {"error":{"code","message","retryAfterMs"?}}
HttpResponse error(int status, std::string_view code, std::string_view message,
                   std::int64_t retry_after_ms = 0);

/// What answers the order service's REST interface, whichever design is behind it.
class FlashOrderApi {
 public:
  virtual ~FlashOrderApi() = default;
  virtual boost::asio::awaitable<HttpResponse> post(std::string user, std::string key,
                                                    std::string body) = 0;
  virtual boost::asio::awaitable<HttpResponse> get(std::string order_id) = 0;
};

/// Routes POST /v1/flash-orders, GET /v1/orders/{id} and GET /healthz. `api` outlives the handler.
HttpHandler order_routes(FlashOrderApi& api);

}  // namespace firedrill::order
