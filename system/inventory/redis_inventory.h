#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/inventory/inventory_api.h"
#include "system/inventory/ledger.h"
#include "system/ports/redis.h"

namespace firedrill::inventory {

/// Keys of one product: tagged, so that a Redis Cluster keeps them on one node.
std::string stock_key(std::string_view product);
std::string reservation_key(std::string_view product, std::string_view reservation);
std::string deadlines_key(std::string_view product);
std::string users_key(std::string_view product);
std::string log_key(std::string_view product);

/// Answers of lua/redis/confirm.lua.
enum class Moved : std::int8_t { now = 1, before = 2, released = -4, unknown_id = -8 };

/// The stock in Redis: each call is one Lua script.
class RedisInventory {
 public:
  explicit RedisInventory(Redis& redis) : redis_(redis) {}

  /// `epoch`: of the stock that the caller knows.
  boost::asio::awaitable<Outcome<Reserved>> reserve(Hold hold, std::int64_t epoch,
                                                    Instant deadline);
  boost::asio::awaitable<Outcome<Moved>> confirm(std::string product, std::string reservation,
                                                 Instant deadline);
  /// Gives back a hold; or one whose deadline has come, which the script decides; or what was
  /// confirmed.
  boost::asio::awaitable<Outcome<Released>> release(std::string product, std::string reservation,
                                                    Instant deadline) {
    return give_back(std::move(product), std::move(reservation), "release", deadline);
  }
  boost::asio::awaitable<Outcome<Released>> expire(std::string product, std::string reservation,
                                                   Instant deadline) {
    return give_back(std::move(product), std::move(reservation), "expire", deadline);
  }
  boost::asio::awaitable<Outcome<Released>> restock(std::string product, std::string reservation,
                                                    Instant deadline) {
    return give_back(std::move(product), std::move(reservation), "restock", deadline);
  }

  struct Counters {
    std::int64_t initial = 0;
    std::int64_t available = 0;
    std::int64_t reserved = 0;
    std::int64_t sold = 0;
    std::int64_t epoch = 0;
  };
  /// None where there is no such product.
  boost::asio::awaitable<Outcome<std::optional<Counters>>> counters(std::string product,
                                                                    Instant deadline);

  /// The stock as the ledger has it, in its epoch. False where there is this epoch or a later one.
  boost::asio::awaitable<Outcome<bool>> rebuild(LedgerStock stock, std::vector<UserUnits> users,
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
