#pragma once

#include <string>

#include "system/domain/flash_sale.h"
#include "system/ports/network.h"
#include "system/ports/program.h"

namespace firedrill::order {

/// The order service: answers REST on `port`.
ProgramFactory order_service(FlashSale sale, std::uint16_t port);

/// The order service's worker: consumes the flash-sale topic. `name` is unique among the workers.
ProgramFactory order_consumer(FlashSale sale, std::string name);

/// What answers requests to the order service's REST interface, whichever design is behind it.
class FlashOrderApi {
 public:
  virtual ~FlashOrderApi() = default;
  virtual boost::asio::awaitable<HttpResponse> post(std::string user, std::string key,
                                                    std::string body) = 0;
  virtual boost::asio::awaitable<HttpResponse> get(std::string order_id) = 0;
};

/// Routes POST /v1/flash-orders, GET /v1/orders/{id} and GET /healthz. `api` outlives the handler's use.
HttpHandler order_routes(FlashOrderApi& api);

}  // namespace firedrill::order
