#include "system/order/programs.h"

#include <memory>
#include <utility>

#include "system/inventory/inventory_api.h"
#include "system/order/flash_consumer.h"
#include "system/order/flash_orders.h"
#include "system/order/order_api.h"
#include "system/order/outbox_relay.h"
#include "system/order/schema_api.h"
#include "system/ports/schema.h"
#include "system/ports/tasks.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;

class OrderService final : public Program, FlashOrderApi {
 public:
  OrderService(Ports ports, FlashSale sale, std::uint16_t port)
      : sale_(std::move(sale)),
        inventory_(inventory::make_inventory(ports.redis, ports.database)),
        orders_(ports, sale_, *inventory_) {
    ports.tasks.spawn(bring_up_schema(ports, "order", migrations()));
    listening_ = must_listen(ports.network, "order", port, order_routes(*this));
  }

 private:
  asio::awaitable<HttpResponse> post(std::string user, std::string key, std::string body) override {
    std::string problem;
    std::optional<FlashOrder> order = parse_flash_order(body, problem);
    if (!order.has_value()) co_return error(422, "malformed", problem);
    co_return co_await orders_.place(std::move(user), std::move(key), std::move(*order));
  }

  asio::awaitable<HttpResponse> get(std::string order_id) override {
    return orders_.read(std::move(order_id));
  }

  FlashSale sale_;
  std::unique_ptr<inventory::Inventory> inventory_;
  FlashOrders orders_;
  std::unique_ptr<Listening> listening_;
};

class OrderConsumer final : public Program {
 public:
  OrderConsumer(Ports ports, FlashSale sale, const std::string& name)
      : sale_(std::move(sale)),
        inventory_(inventory::make_inventory(ports.redis, ports.database)),
        consumer_(ports, sale_, *inventory_, name),
        relay_(ports, name,
               {.database_timeout = sale_.database_timeout,
                .publish_timeout = sale_.publish_timeout}) {
    ports.tasks.spawn(bring_up_schema(ports, "order", migrations()));
    ports.tasks.spawn(consumer_.run());
    ports.tasks.spawn(relay_.run());
  }

 private:
  FlashSale sale_;
  std::unique_ptr<inventory::Inventory> inventory_;
  FlashConsumer consumer_;
  OutboxRelay relay_;
};

}  // namespace

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
