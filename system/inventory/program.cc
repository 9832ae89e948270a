#include "system/inventory/program.h"

#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "system/domain/rest.h"
#include "system/inventory/redis_inventory.h"
#include "system/ports/clock.h"
#include "system/ports/network.h"
#include "system/ports/tasks.h"
#include "system/ports/telemetry.h"

namespace firedrill::inventory {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

constexpr Duration kRedisTimeout = from_ms(500);
constexpr Duration kSweepEvery = from_ms(1000);
constexpr const char* kSweepLast = "99";  // a hundred at a time

HttpResponse respond(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("content-type", "application/json");
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

HttpResponse error(int status, std::string_view code, std::string_view message) {
  return respond(status, Json{{"error", {{"code", code}, {"message", message}}}});
}

template <class T>
HttpResponse without_value(const Outcome<T>& outcome) {
  if (outcome.is_refused()) return error(503, "unavailable", "nothing was done");
  return error(504, "unknown", "it may have been done: ask again");
}

std::int64_t whole(const RedisReply& reply) {
  std::int64_t value = 0;
  std::from_chars(reply.text.data(), reply.text.data() + reply.text.size(), value);
  return value;
}

class InventoryService final : public Program {
 public:
  InventoryService(Ports ports, std::uint16_t port) : ports_(ports), inventory_(ports.redis) {
    listening_ = must_listen(ports.network, "inventory", port, [this](HttpRequest request) {
      return route(this, std::move(request));
    });
    ports.tasks.spawn(sweep());
  }

 private:
  static asio::awaitable<HttpResponse> route(InventoryService* self, HttpRequest request) {
    const std::string_view product = path_after(request.target, "/v1/inventory/");
    if (product.empty()) co_return error(404, "no-such-resource", "no such resource");
    if (request.method == "PUT") {
      co_return co_await self->put(std::string(product), std::move(request.body));
    }
    if (request.method == "GET") co_return co_await self->get(std::string(product));
    co_return error(405, "method", "expected PUT or GET");
  }

  asio::awaitable<HttpResponse> put(std::string product, std::string body) {
    const Json json = Json::parse(body, nullptr, false);
    const bool complete = json.is_object() && json.contains("initial") &&
                          json["initial"].is_number_unsigned() && json.contains("epoch") &&
                          json["epoch"].is_number_unsigned();
    if (!complete) {
      co_return error(422, "malformed", "initial and epoch: expected whole numbers, 0 or more");
    }
    // Listed first: the sweeper must know every product that may have holds.
    std::vector<std::string> list = {"SADD", std::string(kProductsKey), product};
    const Outcome<RedisReply> listed = co_await ports_.redis.call(std::move(list), deadline());
    if (!listed.has_value()) co_return without_value(listed);
    const Outcome<bool> seeded =
        co_await inventory_.seed(product, json["initial"].get<std::int64_t>(),
                                 json["epoch"].get<std::int64_t>(), deadline());
    if (!seeded.has_value()) co_return without_value(seeded);
    co_return co_await get(std::move(product));
  }

  asio::awaitable<HttpResponse> get(std::string product) {
    std::vector<std::string> command = {
        "HMGET", stock_key(product), "initial", "avail", "reserved", "sold", "epoch"};
    const Outcome<RedisReply> reply = co_await ports_.redis.call(std::move(command), deadline());
    if (!reply.has_value()) co_return without_value(reply);
    const std::vector<RedisReply>& items = reply.value().items;
    if (items.size() != 5) co_return error(500, "internal", "the stock is no hash");
    if (items[0].is_nil()) co_return error(404, "no-such-product", "no such product");
    co_return respond(200, Json{{"initial", whole(items[0])},
                                {"available", whole(items[1])},
                                {"reserved", whole(items[2])},
                                {"sold", whole(items[3])},
                                {"epoch", whole(items[4])}});
  }

  asio::awaitable<void> sweep() {
    while (true) {
      co_await ports_.clock.sleep_for(kSweepEvery);
      std::vector<std::string> list = {"SMEMBERS", std::string(kProductsKey)};
      const Outcome<RedisReply> products = co_await ports_.redis.call(std::move(list), deadline());
      if (!products.has_value()) continue;
      for (const RedisReply& product : products.value().items) co_await sweep_product(product.text);
    }
  }

  /// Asks for the earliest deadlines in turn; the script says, by the server's time, which has
  /// come.
  asio::awaitable<void> sweep_product(std::string product) {
    std::vector<std::string> query = {"ZRANGE", deadlines_key(product), "0", kSweepLast};
    const Outcome<RedisReply> held = co_await ports_.redis.call(std::move(query), deadline());
    if (!held.has_value()) co_return;
    for (const RedisReply& reservation : held.value().items) {
      const Outcome<Released> released =
          co_await inventory_.expire(product, reservation.text, deadline());
      if (!released.has_value() || released.value() == Released::not_due) co_return;
      if (released.value() == Released::now) ports_.telemetry.count("holds_expired");
    }
  }

  Instant deadline() const { return ports_.clock.now() + kRedisTimeout; }

  Ports ports_;
  RedisInventory inventory_;
  std::unique_ptr<Listening> listening_;
};

}  // namespace

ProgramFactory inventory_service(std::uint16_t port) {
  return [port](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<InventoryService>(ports, port);
  };
}

}  // namespace firedrill::inventory
