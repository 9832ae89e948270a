#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "system/domain/time.h"
#include "system/inventory/inventory_api.h"
#include "system/ports/database.h"
#include "system/ports/outcome.h"

namespace firedrill::inventory {

/// What the ledger has of a product.
struct LedgerStock {
  std::string product;
  std::int64_t initial = 0;
  std::int64_t sold = 0;
  std::int64_t epoch = 1;
};

/// What was sold to a user.
struct UserUnits {
  std::string user;
  std::int64_t units = 0;
};

/// Answers of Ledger::decide().
enum class Decided : std::uint8_t {
  sold,          ///< now, or before
  refused,       ///< before, for whatever reason; or now, since it was not admitted
  insufficient,  ///< refused now: not so many are left
  over_cap,      ///< refused now: the user would have more than the cap
};

/// The stock ledger, in PostgreSQL: what was sold, decided once for each reservation by a
/// conditional update. What Redis forgets, is wrong about or admits twice, loses here. Every call
/// may be asked again.
class Ledger {
 public:
  explicit Ledger(Database& database) : database_(database) {}

  /// Opens a product where it is not there. Answers what there is.
  boost::asio::awaitable<Outcome<LedgerStock>> open(std::string product, std::int64_t initial,
                                                    std::int64_t epoch, Instant deadline);

  boost::asio::awaitable<Outcome<std::optional<LedgerStock>>> find(std::string product,
                                                                   Instant deadline);
  boost::asio::awaitable<Outcome<std::vector<LedgerStock>>> all(Instant deadline);

  /// Sells or refuses, once and for all: another answer for the same reservation never follows,
  /// but by take_back(). `admitted`: whether it may be sold at all. A product that is not there has
  /// no units.
  boost::asio::awaitable<Outcome<Decided>> decide(Sale sale, bool admitted, Instant deadline);

  /// What was sold is refused from now on, and its units are free.
  boost::asio::awaitable<Outcome<Committed>> take_back(std::string reservation, Instant deadline);

  /// Raises the epoch above `epoch`. None where it is above that already (another was first), or
  /// there is no such product.
  boost::asio::awaitable<Outcome<std::optional<LedgerStock>>> raise(std::string product,
                                                                    std::int64_t epoch,
                                                                    Instant deadline);

  /// To whom the product was sold.
  boost::asio::awaitable<Outcome<std::vector<UserUnits>>> buyers(std::string product,
                                                                 Instant deadline);

 private:
  Database& database_;
};

}  // namespace firedrill::inventory
