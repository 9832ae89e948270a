#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "system/domain/time.h"
#include "system/ports/database.h"
#include "system/ports/outcome.h"
#include "system/ports/redis.h"

namespace firedrill::inventory {

/// What is asked of the stock under one reservation id. The same id with the same parameters is the
/// same request, however often it comes.
struct Hold {
  std::string reservation;
  std::string user;
  std::string product;
  std::int64_t quantity = 0;
  Duration ttl{};        ///< how long the hold lasts unless it is confirmed
  std::int64_t cap = 0;  ///< units that the user may hold and have bought; 0: no cap
};

/// What is to be sold under a reservation id that is (or was) held.
struct Sale {
  std::string reservation;
  std::string user;
  std::string product;
  std::int64_t quantity = 0;
  std::int64_t cap = 0;  ///< as in Hold
};

/// Answers of lua/redis/reserve.lua. wrong_epoch: the stock is about to be made anew.
enum class Reserved : std::int8_t {
  now = 1,
  before = 2,            ///< already held under this id
  confirmed_before = 3,  ///< already sold under this id
  insufficient = 0,
  no_such_product = -1,
  bad_quantity = -2,
  released = -4,  ///< the id was released: it is never held again
  over_cap = -5,
  wrong_epoch = -6,
  other_parameters = -7,
};

/// How a sale went, for good.
enum class Confirmed : std::uint8_t {
  sold,          ///< now, or before
  released,      ///< the hold had been given back
  insufficient,  ///< Redis had admitted more than there is
  over_cap,      ///< or more than the user may buy
};

/// Answers of lua/redis/release.lua.
enum class Released : std::int8_t {
  now = 1,
  before = 2,  ///< already released; or never held, and refused from now on
  confirmed = -3,
  not_sold = -9,
  not_due = -10,
};

/// Stock and reservations. Every call is idempotent by reservation id: a call whose outcome is
/// unknown may be asked again.
class Inventory {
 public:
  virtual ~Inventory() = default;

  virtual boost::asio::awaitable<Outcome<Reserved>> reserve(Hold hold, Instant deadline) = 0;
  virtual boost::asio::awaitable<Outcome<Confirmed>> confirm(Sale sale, Instant deadline) = 0;
  virtual boost::asio::awaitable<Outcome<Released>> release(std::string product,
                                                            std::string reservation,
                                                            Instant deadline) = 0;
  /// Takes a sale back: nobody has the units, and nobody ever gets them under this id.
  virtual boost::asio::awaitable<Outcome<Released>> take_back(std::string product,
                                                              std::string reservation,
                                                              Instant deadline) = 0;
};

/// The stock in Redis, which admits, and in the ledger, which decides. The ports outlive it.
std::unique_ptr<Inventory> make_inventory(Redis& redis, Database& database);

}  // namespace firedrill::inventory
