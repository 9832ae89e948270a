#include <map>
#include <utility>

#include "system/inventory/inventory_api.h"
#include "system/inventory/ledger.h"
#include "system/inventory/redis_inventory.h"

namespace firedrill::inventory {

namespace {

namespace asio = boost::asio;

class BothStores final : public Inventory {
 public:
  BothStores(Redis& redis, Database& database) : redis_(redis), ledger_(database) {}

  asio::awaitable<Outcome<Reserved>> reserve(Hold hold, Instant deadline) override {
    const auto known = epochs_.find(hold.product);
    if (known != epochs_.end()) {
      Hold first = hold;
      const Outcome<Reserved> reserved =
          co_await redis_.reserve(std::move(first), known->second, deadline);
      if (!is_of_another_epoch(reserved)) co_return reserved;
    }
    const Outcome<std::optional<LedgerStock>> there = co_await ledger_.find(hold.product, deadline);
    // Nothing was reserved yet, whatever became of the question.
    if (!there.has_value()) co_return Refused{there.why()};
    if (!there.value().has_value()) co_return Reserved::no_such_product;
    const std::int64_t epoch = there.value()->epoch;
    epochs_[hold.product] = epoch;
    const Outcome<Reserved> reserved = co_await redis_.reserve(std::move(hold), epoch, deadline);
    if (is_of_another_epoch(reserved)) co_return Reserved::wrong_epoch;
    co_return reserved;
  }

  /// Redis first: what was given back there may be somebody else's.
  asio::awaitable<Outcome<Confirmed>> confirm(Sale sale, Instant deadline) override {
    const Outcome<Moved> moved = co_await redis_.confirm(sale.product, sale.reservation, deadline);
    if (!moved.has_value()) co_return moved.without_value<Confirmed>();
    const std::string product = sale.product;
    const std::string reservation = sale.reservation;
    const bool admitted = moved.value() != Moved::released;
    const Outcome<Decided> decided = co_await ledger_.decide(std::move(sale), admitted, deadline);
    if (!decided.has_value()) co_return decided.without_value<Confirmed>();
    if (decided.value() == Decided::sold) co_return Confirmed::sold;
    if (moved.value() == Moved::now || moved.value() == Moved::before) {
      const Outcome<Released> restocked = co_await redis_.restock(product, reservation, deadline);
      if (!restocked.has_value()) co_return restocked.without_value<Confirmed>();
    }
    switch (decided.value()) {
      case Decided::insufficient: co_return Confirmed::insufficient;
      case Decided::over_cap: co_return Confirmed::over_cap;
      case Decided::sold:
      case Decided::refused: break;
    }
    co_return Confirmed::released;
  }

  asio::awaitable<Outcome<Released>> release(std::string product, std::string reservation,
                                             Instant deadline) override {
    return redis_.release(std::move(product), std::move(reservation), deadline);
  }

  asio::awaitable<Outcome<Released>> take_back(std::string product, std::string reservation,
                                               Instant deadline) override {
    const Outcome<Committed> taken = co_await ledger_.take_back(reservation, deadline);
    if (!taken.has_value()) co_return taken.without_value<Released>();
    co_return co_await redis_.restock(std::move(product), std::move(reservation), deadline);
  }

 private:
  /// A product that the ledger has and Redis has not is about to be made anew.
  static bool is_of_another_epoch(const Outcome<Reserved>& reserved) {
    return reserved.has_value() && (reserved.value() == Reserved::wrong_epoch ||
                                    reserved.value() == Reserved::no_such_product);
  }

  RedisInventory redis_;
  Ledger ledger_;
  std::map<std::string, std::int64_t> epochs_;  ///< as the ledger had them
};

}  // namespace

std::unique_ptr<Inventory> make_inventory(Redis& redis, Database& database) {
  return std::make_unique<BothStores>(redis, database);
}

}  // namespace firedrill::inventory
