#include "system/order/flash_orders.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <utility>
#include <vector>

#include "lua/redis/scripts.h"
#include "system/ports/clock.h"
#include "system/ports/queue.h"
#include "system/ports/redis.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;
using inventory::Released;
using inventory::Reserved;

constexpr std::int64_t kRetryAfterMs = 200;

HttpResponse not_now() {
  return error(503, "unavailable", "not possible now, and nothing was done", kRetryAfterMs);
}

HttpResponse unknown() {
  return error(504, "unknown", "it may have been done: ask again with the same key", kRetryAfterMs);
}

template <class T>
HttpResponse without_value(const Outcome<T>& outcome) {
  return outcome.is_refused() ? not_now() : unknown();
}

/// Whether the database refused a value: a user, key or id that is no UTF-8.
template <class T>
bool is_no_text(const Outcome<T>& outcome) {
  constexpr std::string_view kDataException = "22";
  return outcome.sqlstate().text().starts_with(kDataException);
}

HttpResponse rejected(const std::string& reason) {
  if (reason == "over-cap") return error(403, reason, "more than one user may buy");
  if (reason == "no-such-product") return error(404, reason, "no such product");
  return error(409, reason, reason == "expired" ? "the hold ran out" : "sold out");
}

/// What an order that stands already is answered.
HttpResponse answer_standing(const std::string& order_id, const Standing& standing) {
  if (standing.status == OrderStatus::rejected) return rejected(standing.reason);
  return accepted(order_id, to_string(standing.status));
}

}  // namespace

std::string order_id_of(std::string_view user, std::string_view key) {
  std::string name(user);
  name.push_back('\n');  // no header field holds a line feed
  name.append(key);
  const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  const boost::uuids::uuid id = generate(name);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "o-";
  text.reserve(2 + 2 * id.size());
  for (const std::uint8_t byte : id) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

Instant FlashOrders::redis_deadline() const {
  return ports_.clock.now() + sale_.redis_timeout;
}

Instant FlashOrders::database_deadline() const {
  return ports_.clock.now() + sale_.database_timeout;
}

asio::awaitable<HttpResponse> FlashOrders::place(std::string user, std::string key,
                                                 FlashOrder order) {
  if (order.quantity <= 0) co_return error(422, "bad-quantity", "quantity: expected 1 or more");
  if (!sale_.cap_per_user.contains(order.product)) co_return rejected("no-such-product");

  Attempt attempt{order_id_of(user, key), std::move(user), std::move(key), std::move(order)};
  std::vector<std::string> keys(1, "rate:" + attempt.order.sale + ":" + attempt.user);
  std::vector<std::string> args = {std::to_string(sale_.rate_limit),
                                   std::to_string(to_ms(sale_.rate_window)), attempt.order_id};
  const Outcome<RedisReply> allowed =
      co_await ports_.redis.eval(scripts::rate, std::move(keys), std::move(args), redis_deadline());
  if (!allowed.has_value() || !allowed.value().is_integer()) co_return not_now();
  if (allowed.value().integer == 0) {
    co_return error(429, "rate-limited", "too many requests", to_ms(sale_.rate_window));
  }

  OrderRecord record{attempt.user, attempt.key, attempt.order.product, attempt.order.quantity, {}};
  const Outcome<Opened> opened =
      co_await records_.open(attempt.order_id, std::move(record), database_deadline());
  if (is_no_text(opened)) {
    co_return error(400, "malformed", "X-User-Id, Idempotency-Key: expected UTF-8");
  }
  if (!opened.has_value()) co_return without_value(opened);
  if (opened.value().key_reused) {
    co_return error(422, "key-reused", "Idempotency-Key: used before with another body");
  }
  if (opened.value().standing.status != OrderStatus::pending) {
    co_return answer_standing(attempt.order_id, opened.value().standing);
  }
  co_return co_await reserve(std::move(attempt));
}

asio::awaitable<HttpResponse> FlashOrders::reserve(Attempt attempt) {
  inventory::Hold hold{attempt.order_id,      attempt.user,
                       attempt.order.product, attempt.order.quantity,
                       sale_.hold_ttl,        sale_.cap_per_user.at(attempt.order.product)};
  const Outcome<Reserved> reserved = co_await inventory_.reserve(std::move(hold), redis_deadline());
  if (!reserved.has_value()) co_return without_value(reserved);
  switch (reserved.value()) {
    case Reserved::now:
    case Reserved::before:
    case Reserved::confirmed_before: break;
    case Reserved::insufficient: co_return co_await reject(std::move(attempt), "sold-out");
    case Reserved::over_cap: co_return co_await reject(std::move(attempt), "over-cap");
    case Reserved::released: co_return co_await reject(std::move(attempt), "expired");
    case Reserved::no_such_product:
      co_return co_await reject(std::move(attempt), "no-such-product");
    case Reserved::wrong_epoch: co_return not_now();
    case Reserved::bad_quantity:
    case Reserved::other_parameters:
      co_return error(500, "internal", "the stock refused what the order service had checked");
  }
  co_return co_await enqueue(std::move(attempt));
}

asio::awaitable<HttpResponse> FlashOrders::enqueue(Attempt attempt) {
  QueuedOrder message{attempt.order_id, attempt.user, attempt.order.product, attempt.order.quantity,
                      to_ms(ports_.clock.wall().time_since_epoch())};
  const Outcome<Published> published =
      co_await ports_.queue.publish(std::string(kFlashOrdersTopic), attempt.order_id,
                                    to_json(message), ports_.clock.now() + sale_.publish_timeout);
  if (!published.has_value()) {
    // Not undone: the queue may have it. The hold runs out where it has not.
    co_return unknown();
  }
  const Outcome<std::optional<Standing>> moved =
      co_await records_.move(attempt.order_id, OrderStatus::queued, "", database_deadline());
  if (moved.has_value() && moved.value().has_value()) {
    co_return answer_standing(attempt.order_id, *moved.value());
  }
  co_return accepted(attempt.order_id, to_string(OrderStatus::queued));
}

asio::awaitable<HttpResponse> FlashOrders::reject(Attempt attempt, std::string reason) {
  const Outcome<Released> released =
      co_await inventory_.release(attempt.order.product, attempt.order_id, redis_deadline());
  if (!released.has_value()) co_return unknown();
  if (released.value() == Released::confirmed) {  // another attempt under this key has won
    co_return accepted(attempt.order_id, to_string(OrderStatus::confirmed));
  }
  const Outcome<std::optional<Standing>> moved =
      co_await records_.move(attempt.order_id, OrderStatus::rejected, reason, database_deadline());
  if (!moved.has_value()) co_return unknown();
  if (!moved.value().has_value()) co_return rejected(reason);
  co_return answer_standing(attempt.order_id, *moved.value());
}

asio::awaitable<HttpResponse> FlashOrders::read(std::string order_id) {
  const Outcome<std::optional<OrderRecord>> found =
      co_await records_.find(order_id, database_deadline());
  if (is_no_text(found)) co_return error(404, "no-such-order", "no such order");
  if (!found.has_value()) co_return not_now();
  if (!found.value().has_value()) co_return error(404, "no-such-order", "no such order");
  const OrderRecord& record = *found.value();
  co_return order_found(order_id, to_string(record.standing.status), record.product,
                        record.quantity);
}

}  // namespace firedrill::order
