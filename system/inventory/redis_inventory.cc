#include "system/inventory/redis_inventory.h"

#include <charconv>
#include <utility>

#include "lua/redis/scripts.h"

namespace firedrill::inventory {

namespace {

namespace asio = boost::asio;

std::string tagged(std::string_view product, std::string_view suffix) {
  std::string key;
  key.reserve(product.size() + suffix.size() + 2);
  key.append("{").append(product).append("}").append(suffix);
  return key;
}

std::int64_t whole(const RedisReply& reply) {
  std::int64_t value = 0;
  std::from_chars(reply.text.data(), reply.text.data() + reply.text.size(), value);
  return value;
}

/// The script's number as `Answer`. A reply that is no number is an error of Redis (it loads, it is
/// out of memory, ...): the script may have stopped half-way, so nothing is known.
template <class Answer>
Outcome<Answer> answer(const Outcome<RedisReply>& reply) {
  if (!reply.has_value()) return reply.without_value<Answer>();
  if (!reply.value().is_integer()) return Unknown{Why::reset};
  return static_cast<Answer>(reply.value().integer);
}

}  // namespace

std::string stock_key(std::string_view product) {
  return tagged(product, ":s");
}
std::string reservation_key(std::string_view product, std::string_view reservation) {
  return tagged(product, ":r:").append(reservation);
}
std::string deadlines_key(std::string_view product) {
  return tagged(product, ":x");
}
std::string users_key(std::string_view product) {
  return tagged(product, ":u");
}
std::string log_key(std::string_view product) {
  return tagged(product, ":log");
}

asio::awaitable<Outcome<Reserved>> RedisInventory::reserve(Hold hold, std::int64_t epoch,
                                                           Instant deadline) {
  std::vector<std::string> keys = {
      stock_key(hold.product), reservation_key(hold.product, hold.reservation),
      deadlines_key(hold.product), users_key(hold.product), log_key(hold.product)};
  std::vector<std::string> args = {hold.reservation,
                                   hold.user,
                                   std::to_string(hold.quantity),
                                   std::to_string(to_ms(hold.ttl)),
                                   std::to_string(hold.cap),
                                   std::to_string(epoch)};
  co_return answer<Reserved>(
      co_await redis_.eval(scripts::reserve, std::move(keys), std::move(args), deadline));
}

asio::awaitable<Outcome<Moved>> RedisInventory::confirm(std::string product,
                                                        std::string reservation, Instant deadline) {
  std::vector<std::string> keys = {stock_key(product), reservation_key(product, reservation),
                                   deadlines_key(product), log_key(product)};
  std::vector<std::string> args(1, std::move(reservation));
  co_return answer<Moved>(
      co_await redis_.eval(scripts::confirm, std::move(keys), std::move(args), deadline));
}

asio::awaitable<Outcome<Released>> RedisInventory::give_back(std::string product,
                                                             std::string reservation,
                                                             std::string_view mode,
                                                             Instant deadline) {
  std::vector<std::string> keys = {stock_key(product), reservation_key(product, reservation),
                                   deadlines_key(product), users_key(product), log_key(product)};
  std::vector<std::string> args = {std::move(reservation), std::string(mode)};
  co_return answer<Released>(
      co_await redis_.eval(scripts::release, std::move(keys), std::move(args), deadline));
}

asio::awaitable<Outcome<bool>> RedisInventory::seed(std::string product, std::int64_t initial,
                                                    std::int64_t epoch, Instant deadline) {
  std::vector<std::string> keys = {stock_key(product), log_key(product)};
  std::vector<std::string> args = {std::to_string(initial), std::to_string(epoch)};
  const Outcome<RedisReply> reply =
      co_await redis_.eval(scripts::seed, std::move(keys), std::move(args), deadline);
  if (!reply.has_value()) co_return reply.without_value<bool>();
  if (!reply.value().is_integer() || reply.value().integer < 0) co_return Unknown{Why::reset};
  co_return reply.value().integer == 1;
}

asio::awaitable<Outcome<std::optional<RedisInventory::Counters>>> RedisInventory::counters(
    std::string product, Instant deadline) {
  std::vector<std::string> command = {
      "HMGET", stock_key(product), "initial", "avail", "reserved", "sold", "epoch"};
  const Outcome<RedisReply> reply = co_await redis_.call(std::move(command), deadline);
  if (!reply.has_value()) co_return reply.without_value<std::optional<Counters>>();
  const std::vector<RedisReply>& items = reply.value().items;
  if (items.size() != 5) co_return Refused{Why::by_server};  // it loads, or is no hash
  if (items[0].is_nil()) co_return std::optional<Counters>();
  co_return std::optional<Counters>(
      {whole(items[0]), whole(items[1]), whole(items[2]), whole(items[3]), whole(items[4])});
}

asio::awaitable<Outcome<bool>> RedisInventory::rebuild(LedgerStock stock,
                                                       std::vector<UserUnits> users,
                                                       Instant deadline) {
  std::vector<std::string> keys = {stock_key(stock.product), deadlines_key(stock.product),
                                   users_key(stock.product), log_key(stock.product)};
  std::vector<std::string> args = {std::to_string(stock.initial), std::to_string(stock.sold),
                                   std::to_string(stock.epoch)};
  for (UserUnits& each : users) {
    args.push_back(std::move(each.user));
    args.push_back(std::to_string(each.units));
  }
  const Outcome<RedisReply> reply =
      co_await redis_.eval(scripts::rebuild, std::move(keys), std::move(args), deadline);
  if (!reply.has_value()) co_return reply.without_value<bool>();
  if (!reply.value().is_integer()) co_return Unknown{Why::reset};
  co_return reply.value().integer == 1;
}

}  // namespace firedrill::inventory
