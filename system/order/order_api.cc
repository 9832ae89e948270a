#include "system/order/order_api.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "system/domain/rest.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

std::optional<std::string> text(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return field->get<std::string>();
}

std::optional<std::int64_t> whole(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_number_integer()) return std::nullopt;
  return field->get<std::int64_t>();
}

Json parse(std::string_view body) {
  return Json::parse(body, nullptr, false);
}

HttpResponse respond(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("content-type", "application/json");
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace

std::optional<FlashOrder> parse_flash_order(std::string_view body, std::string& problem) {
  const Json json = parse(body);
  if (!json.is_object()) {
    problem = "the body is no JSON object";
    return std::nullopt;
  }
  auto sale = text(json, "saleId");
  auto product = text(json, "productId");
  const auto quantity = whole(json, "quantity");
  if (!sale) problem = "saleId: expected a string";
  if (!product) problem = "productId: expected a string";
  if (!quantity) problem = "quantity: expected a whole number";
  if (!sale || !product || !quantity) return std::nullopt;
  return FlashOrder{std::move(*sale), std::move(*product), *quantity};
}

std::string to_json(const QueuedOrder& order) {
  return Json{{"orderId", order.order_id},
              {"userId", order.user},
              {"productId", order.product},
              {"quantity", order.quantity},
              {"occurredAt", order.occurred_at_ms}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<QueuedOrder> parse_queued_order(std::string_view body) {
  const Json json = parse(body);
  if (!json.is_object()) return std::nullopt;
  auto id = text(json, "orderId");
  auto user = text(json, "userId");
  auto product = text(json, "productId");
  const auto quantity = whole(json, "quantity");
  if (!id || !user || !product || !quantity) return std::nullopt;
  return QueuedOrder{std::move(*id), std::move(*user), std::move(*product), *quantity,
                     whole(json, "occurredAt").value_or(0)};
}

HttpResponse accepted(std::string_view order_id, std::string_view status) {
  return respond(202, Json{{"orderId", order_id},
                           {"status", status},
                           {"statusUrl", "/v1/orders/" + std::string(order_id)}});
}

HttpResponse order_found(std::string_view order_id, std::string_view status,
                         std::string_view product, std::int64_t quantity) {
  return respond(200, Json{{"orderId", order_id},
                           {"status", status},
                           {"productId", product},
                           {"quantity", quantity}});
}

HttpResponse error(int status, std::string_view code, std::string_view message,
                   std::int64_t retry_after_ms) {
  Json body{{"error", {{"code", code}, {"message", message}}}};
  if (retry_after_ms > 0) body["error"]["retryAfterMs"] = retry_after_ms;
  return respond(status, body);
}

namespace {

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

}  // namespace firedrill::order
