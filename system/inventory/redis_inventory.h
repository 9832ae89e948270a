#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "system/inventory/inventory_api.h"

namespace firedrill::inventory {

/// Keys of one product: tagged, so that a Redis Cluster keeps them on one node.
std::string stock_key(std::string_view product);
std::string reservation_key(std::string_view product, std::string_view reservation);
std::string deadlines_key(std::string_view product);
std::string users_key(std::string_view product);
std::string log_key(std::string_view product);

/// The stock in Redis: each call is one Lua script.
class RedisInventory final : public Inventory {
 public:
  explicit RedisInventory(Redis& redis) : redis_(redis) {}

  boost::asio::awaitable<Outcome<Reserved>> reserve(Hold hold, Instant deadline) override;
  boost::asio::awaitable<Outcome<Confirmed>> confirm(std::string product, std::string reservation,
                                                     Instant deadline) override;
  boost::asio::awaitable<Outcome<Released>> release(std::string product, std::string reservation,
                                                    Instant deadline) override;

  /// Gives back a hold whose deadline has come: the script decides whether it has.
  boost::asio::awaitable<Outcome<Released>> expire(std::string product, std::string reservation,
                                                   Instant deadline);

  /// Opens the stock of a product. True where this call set it, false where it was set before.
  boost::asio::awaitable<Outcome<bool>> seed(std::string product, std::int64_t initial,
                                             std::int64_t epoch, Instant deadline);

 private:
  boost::asio::awaitable<Outcome<Released>> give_back(std::string product, std::string reservation,
                                                      std::string_view mode, Instant deadline);

  Redis& redis_;
};

}  // namespace firedrill::inventory
