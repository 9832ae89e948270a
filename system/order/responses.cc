#include "system/order/responses.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace firedrill::order {

namespace {

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

Json parse(std::string_view body) { return Json::parse(body, nullptr, false); }

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
              {"quantity", order.quantity}}
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
  return QueuedOrder{std::move(*id), std::move(*user), std::move(*product), *quantity};
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

}  // namespace firedrill::order
