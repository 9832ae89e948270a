#include "system/order/order_records.h"

#include <charconv>
#include <utility>
#include <vector>

#include "lua/redis/scripts.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;

std::optional<OrderStatus> parse_status(std::string_view text) {
  for (const OrderStatus status :
       {OrderStatus::pending, OrderStatus::queued, OrderStatus::confirmed, OrderStatus::rejected}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

std::optional<Standing> standing(const std::vector<RedisReply>& items, std::size_t from) {
  if (items.size() < from + 2) return std::nullopt;
  const auto status = parse_status(items[from].text);
  if (!status) return std::nullopt;
  return Standing{*status, items[from + 1].text};
}

std::int64_t whole(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// What tells one body from another under the same key.
std::string fingerprint(const OrderRecord& record) {
  return record.product + "|" + std::to_string(record.quantity);
}

constexpr Unknown kNotUnderstood{Why::reset};  // an error of Redis: it may have stopped half-way

}  // namespace

std::string order_key(std::string_view order_id) {
  return std::string("order:").append(order_id);
}

asio::awaitable<Outcome<Opened>> OrderRecords::open(std::string order_id, OrderRecord record,
                                                    Instant deadline) {
  std::vector<std::string> keys(1, order_key(order_id));
  std::string print = fingerprint(record);
  std::vector<std::string> args = {std::move(record.user), std::move(record.key),
                                   std::move(record.product), std::to_string(record.quantity),
                                   std::move(print)};
  const Outcome<RedisReply> reply =
      co_await redis_.eval(scripts::order_open, std::move(keys), std::move(args), deadline);
  if (!reply.has_value()) co_return reply.without_value<Opened>();
  const std::vector<RedisReply>& items = reply.value().items;
  if (items.empty()) co_return kNotUnderstood;
  if (items[0].integer == 3) co_return Opened{true, {}};
  auto stands = standing(items, 1);
  if (!stands) co_return kNotUnderstood;
  co_return Opened{false, std::move(*stands)};
}

asio::awaitable<Outcome<std::optional<Standing>>> OrderRecords::move(std::string order_id,
                                                                     OrderStatus to,
                                                                     std::string reason,
                                                                     Instant deadline) {
  std::vector<std::string> keys(1, order_key(order_id));
  std::vector<std::string> args = {std::string(to_string(to)), std::move(reason)};
  args.emplace_back(to_string(OrderStatus::pending));
  if (to != OrderStatus::queued) args.emplace_back(to_string(OrderStatus::queued));
  const Outcome<RedisReply> reply =
      co_await redis_.eval(scripts::order_move, std::move(keys), std::move(args), deadline);
  if (!reply.has_value()) co_return reply.without_value<std::optional<Standing>>();
  if (!reply.value().is_array()) co_return kNotUnderstood;
  co_return standing(reply.value().items, 0);
}

asio::awaitable<Outcome<std::optional<OrderRecord>>> OrderRecords::find(std::string order_id,
                                                                        Instant deadline) {
  std::vector<std::string> command = {"HMGET", order_key(order_id), "status",  "reason", "user",
                                      "key",   "product",           "quantity"};
  const Outcome<RedisReply> reply = co_await redis_.call(std::move(command), deadline);
  if (!reply.has_value()) co_return reply.without_value<std::optional<OrderRecord>>();
  const std::vector<RedisReply>& items = reply.value().items;
  if (items.size() < 6) co_return kNotUnderstood;
  auto stands = standing(items, 0);
  if (!stands) co_return std::optional<OrderRecord>();
  OrderRecord record{items[2].text, items[3].text, items[4].text, whole(items[5].text),
                     std::move(*stands)};
  co_return std::optional<OrderRecord>(std::move(record));
}

}  // namespace firedrill::order
