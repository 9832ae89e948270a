#include "system/as_written/programs.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "lua/redis/scripts.h"
#include "system/as_written/orders.h"
#include "system/as_written/outbox_poller.h"
#include "system/domain/order.h"
#include "system/domain/rest.h"
#include "system/order/order_api.h"
#include "system/order/schema_api.h"
#include "system/ports/clock.h"
#include "system/ports/consume.h"
#include "system/ports/network.h"
#include "system/ports/queue.h"
#include "system/ports/random.h"
#include "system/ports/redis.h"
#include "system/ports/schema.h"
#include "system/ports/tasks.h"
#include "system/ports/telemetry.h"

namespace firedrill::as_written {

namespace {

namespace asio = boost::asio;
using order::error;
using order::FlashOrder;
using order::QueuedOrder;

class OrderService final : public Program, order::FlashOrderApi {
 public:
  OrderService(Ports ports, FlashSale sale, std::uint16_t port)
      : ports_(ports), sale_(std::move(sale)), orders_(ports.database) {
    ports.tasks.spawn(bring_up_schema(ports, "order", order::migrations()));
    listening_ = must_listen(ports.network, "order", port, order::order_routes(*this));
  }

 private:
  asio::awaitable<HttpResponse> post(std::string user, std::string, std::string body) override {
    std::string problem;
    std::optional<FlashOrder> order = order::parse_flash_order(body, problem);
    if (!order.has_value()) co_return error(422, "malformed", problem);

    const std::int64_t now_ms = to_ms(ports_.clock.wall().time_since_epoch());
    std::vector<std::string> rate_keys(1, "rate:" + order->sale + ":" + user);
    std::vector<std::string> rate_args = {std::to_string(sale_.rate_limit),
                                          std::to_string(to_ms(sale_.rate_window)),
                                          std::to_string(now_ms)};
    const Outcome<RedisReply> allowed = co_await ports_.redis.eval(
        scripts::as_written_rate, std::move(rate_keys), std::move(rate_args), redis_deadline());
    if (!allowed.has_value() || !allowed.value().is_integer()) co_return exception();
    if (allowed.value().integer == 0) co_return error(429, "rate-limited", "too many requests");

    std::vector<std::string> keys(1, stock_key(order->product));
    std::vector<std::string> args(1, std::to_string(order->quantity));
    const Outcome<RedisReply> deducted = co_await ports_.redis.eval(
        scripts::as_written_deduct, std::move(keys), std::move(args), redis_deadline());
    if (!deducted.has_value() || !deducted.value().is_integer()) co_return exception();
    if (deducted.value().integer == -1) co_return error(404, "no-such-product", "no such product");
    if (deducted.value().integer == 0) co_return error(409, "sold-out", "sold out");

    QueuedOrder queued{"o-" + ports_.random.id(), std::move(user), order->product, order->quantity,
                       now_ms};
    std::string id = queued.order_id;
    ports_.tasks.spawn(send(std::move(queued)));
    co_return order::accepted(id, to_string(OrderStatus::queued));
  }

  asio::awaitable<HttpResponse> get(std::string order_id) override {
    const Outcome<std::optional<OrderRow>> found =
        co_await orders_.find(order_id, ports_.clock.now() + sale_.database_timeout);
    if (!found.has_value()) co_return exception();
    if (!found.value().has_value()) co_return error(404, "no-such-order", "no such order");
    const OrderRow& row = *found.value();
    co_return order::order_found(order_id, row.status, row.product, row.quantity);
  }

  asio::awaitable<void> send(QueuedOrder queued) {
    const Outcome<Published> sent = co_await ports_.queue.publish(
        std::string(kFlashOrdersTopic), queued.order_id, order::to_json(queued),
        ports_.clock.now() + sale_.publish_timeout);
    if (sent.has_value()) co_return;
    const std::string units = std::to_string(queued.quantity);
    ports_.telemetry.note("restores " + units + " of " + queued.product + " (send " +
                          std::string(to_string(sent.why())) + ")");
    ports_.telemetry.count("stock_restored");
    std::vector<std::string> command = {"INCRBY", stock_key(queued.product), units};
    static_cast<void>(co_await ports_.redis.call(std::move(command), redis_deadline()));
  }

  static HttpResponse exception() { return error(500, "internal", "an exception was thrown"); }
  Instant redis_deadline() const { return ports_.clock.now() + sale_.redis_timeout; }

  Ports ports_;
  FlashSale sale_;
  Orders orders_;
  std::unique_ptr<Listening> listening_;
};

class OrderConsumer final : public Program {
 public:
  OrderConsumer(Ports ports, FlashSale sale, std::string name)
      : ports_(ports),
        sale_(std::move(sale)),
        orders_(ports.database),
        who_{std::string(kFlashOrdersTopic), std::string(kFlashOrdersGroup), std::move(name)} {
    ports.tasks.spawn(bring_up_schema(ports, "order", order::migrations()));
    ports.tasks.spawn(consume(ports, who_, {16, from_ms(2000), sale_.publish_timeout},
                              [this](Delivery& delivery) { return make_order(delivery); }));
    ports.tasks.spawn(poll_outbox(ports, sale_));
  }

 private:
  asio::awaitable<bool> make_order(Delivery& delivery) {
    const std::optional<QueuedOrder> order = order::parse_queued_order(delivery.body);
    if (!order.has_value()) co_return true;
    const Outcome<Committed> saved =
        co_await orders_.save(*order, ports_.clock.now() + sale_.database_timeout);
    if (!saved.has_value()) co_return false;
    const Outcome<Committed> confirmed =
        co_await orders_.confirm(*order, ports_.clock.now() + sale_.database_timeout);
    co_return confirmed.has_value();
  }

  Ports ports_;
  FlashSale sale_;
  Orders orders_;
  Subscription who_;
};

class InventoryService final : public Program {
 public:
  InventoryService(Ports ports, std::uint16_t port) : ports_(ports) {
    listening_ = must_listen(ports.network, "inventory", port, [this](HttpRequest request) {
      return answer(this, std::move(request));
    });
  }

 private:
  static asio::awaitable<HttpResponse> answer(InventoryService* self, HttpRequest request) {
    const std::string_view product = path_after(request.target, "/v1/inventory/");
    const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
    if (product.empty() || request.method != "PUT") {
      co_return error(404, "no-such-resource", "no such resource");
    }
    if (!body.is_object() || !body.contains("initial") || !body["initial"].is_number_unsigned()) {
      co_return error(422, "malformed", "initial: expected a whole number");
    }
    std::vector<std::string> command = {"SET", stock_key(product),
                                        std::to_string(body["initial"].get<std::int64_t>()), "NX"};
    const Outcome<RedisReply> set = co_await self->ports_.redis.call(
        std::move(command), self->ports_.clock.now() + from_ms(500));
    if (!set.has_value()) co_return error(500, "internal", "an exception was thrown");
    HttpResponse done;
    done.status = 200;
    co_return done;
  }

  Ports ports_;
  std::unique_ptr<Listening> listening_;
};

}  // namespace

std::string stock_key(std::string_view product) {
  return std::string("stock:").append(product);
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

ProgramFactory inventory_service(std::uint16_t port) {
  return [port](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<InventoryService>(ports, port);
  };
}

}  // namespace firedrill::as_written
