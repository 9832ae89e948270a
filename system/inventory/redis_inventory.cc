#include "system/inventory/redis_inventory.h"

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

/// The script's number as `Answer`. A reply that is no number is an error of Redis (it loads, it is
/// out of memory, ...): the script may have stopped half-way, so nothing is known.
template <class Answer>
Outcome<Answer> answer(const Outcome<RedisReply>& reply) {
  if (!reply.has_value()) return reply.without_value<Answer>();
  if (!reply.value().is_integer()) return Unknown{Why::reset};
  return static_cast<Answer>(reply.value().integer);
}

}  // namespace

std::unique_ptr<Inventory> redis_inventory(Redis& redis) {
  return std::make_unique<RedisInventory>(redis);
}

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

asio::awaitable<Outcome<Reserved>> RedisInventory::reserve(Hold hold, Instant deadline) {
  std::vector<std::string> keys = {
      stock_key(hold.product), reservation_key(hold.product, hold.reservation),
      deadlines_key(hold.product), users_key(hold.product), log_key(hold.product)};
  std::vector<std::string> args = {hold.reservation,
                                   hold.user,
                                   std::to_string(hold.quantity),
                                   std::to_string(to_ms(hold.ttl)),
                                   std::to_string(hold.cap),
                                   std::to_string(hold.epoch)};
  co_return answer<Reserved>(
      co_await redis_.eval(scripts::reserve, std::move(keys), std::move(args), deadline));
}

asio::awaitable<Outcome<Confirmed>> RedisInventory::confirm(std::string product,
                                                            std::string reservation,
                                                            Instant deadline) {
  std::vector<std::string> keys = {stock_key(product), reservation_key(product, reservation),
                                   deadlines_key(product), log_key(product)};
  std::vector<std::string> args(1, std::move(reservation));
  co_return answer<Confirmed>(
      co_await redis_.eval(scripts::confirm, std::move(keys), std::move(args), deadline));
}

asio::awaitable<Outcome<Released>> RedisInventory::release(std::string product,
                                                           std::string reservation,
                                                           Instant deadline) {
  return give_back(std::move(product), std::move(reservation), "release", deadline);
}

asio::awaitable<Outcome<Released>> RedisInventory::expire(std::string product,
                                                          std::string reservation,
                                                          Instant deadline) {
  return give_back(std::move(product), std::move(reservation), "expire", deadline);
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

}  // namespace firedrill::inventory
