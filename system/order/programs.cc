#include "system/order/programs.h"

#include <memory>
#include <utility>

#include "system/domain/check.h"
#include "system/domain/rest.h"
#include "system/inventory/redis_inventory.h"
#include "system/order/flash_consumer.h"
#include "system/order/flash_orders.h"
#include "system/order/responses.h"
#include "system/ports/tasks.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;

class OrderService final : public Program, FlashOrderApi {
 public:
  OrderService(Ports ports, FlashSale sale, std::uint16_t port)
      : sale_(std::move(sale)), inventory_(ports.redis), orders_(ports, sale_, inventory_) {
    listening_ = ports.network.listen(port, order_routes(*this));
    check(listening_ != nullptr, "the order service's port is free");
  }

 private:
  asio::awaitable<HttpResponse> post(std::string user, std::string key,
                                     std::string body) override {
    std::string problem;
    std::optional<FlashOrder> order = parse_flash_order(body, problem);
    if (!order.has_value()) co_return error(422, "malformed", problem);
    co_return co_await orders_.place(std::move(user), std::move(key), std::move(*order));
  }

  asio::awaitable<HttpResponse> get(std::string order_id) override {
    return orders_.read(std::move(order_id));
  }

  FlashSale sale_;
  inventory::RedisInventory inventory_;
  FlashOrders orders_;
  std::unique_ptr<Listening> listening_;
};

class OrderConsumer final : public Program {
 public:
  OrderConsumer(Ports ports, FlashSale sale, std::string name)
      : sale_(std::move(sale)),
        inventory_(ports.redis),
        consumer_(ports, sale_, inventory_, std::move(name)) {
    ports.tasks.spawn(consumer_.run());
  }

 private:
  FlashSale sale_;
  inventory::RedisInventory inventory_;
  FlashConsumer consumer_;
};

asio::awaitable<HttpResponse> route(FlashOrderApi* api, HttpRequest request) {
  constexpr std::string_view orders = "/v1/orders/";
  if (request.target == "/v1/flash-orders") {
    if (request.method != "POST") co_return error(405, "method", "expected POST");
    std::string user(request.headers.get("x-user-id"));
    std::string key(request.headers.get("idempotency-key"));
    if (user.empty()) co_return error(401, "unauthenticated", "X-User-Id: missing");
    if (key.empty()) co_return error(400, "no-key", "Idempotency-Key: missing");
    co_return co_await api->post(std::move(user), std::move(key), std::move(request.body));
  }
  const std::string_view id = path_after(request.target, orders);
  if (!id.empty() && request.method == "GET") co_return co_await api->get(std::string(id));
  if (request.target == "/healthz") {
    HttpResponse healthy;
    healthy.status = 200;
    co_return healthy;
  }
  co_return error(404, "no-such-resource", "no such resource");
}

}  // namespace

HttpHandler order_routes(FlashOrderApi& api) {
  return [api = &api](HttpRequest request) { return route(api, std::move(request)); };
}

ProgramFactory order_service(FlashSale sale, std::uint16_t port) {
  return [sale = std::move(sale), port](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<OrderService>(ports, sale, port);
  };
}

ProgramFactory order_consumer(FlashSale sale, std::string name) {
  return [sale = std::move(sale), name = std::move(name)](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<OrderConsumer>(ports, sale, name);
  };
}

}  // namespace firedrill::order
