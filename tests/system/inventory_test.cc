#include <memory>

#include "system/inventory/inventory_api.h"
#include "system/inventory/ledger.h"
#include "system/inventory/redis_inventory.h"
#include "tests/system/service_world.h"

namespace firedrill::inventory {
namespace {

using boost::asio::awaitable;

struct Shop : sim::ServiceWorld {
  Instant deadline() { return world.now() + from_ms(1000); }

  template <class T>
  T get(awaitable<Outcome<T>> call) {
    std::optional<Outcome<T>> outcome;
    const auto body = [](awaitable<Outcome<T>> asked,
                         std::optional<Outcome<T>>* out) -> awaitable<void> {
      out->emplace(co_await std::move(asked));
    };
    check(run(body(std::move(call), &outcome)), "it ends");
    check(outcome->has_value(), "it is a value");
    return std::move(*outcome).value();
  }

  Decided decide(std::string id, std::string user, std::int64_t units, bool admitted = true,
                 std::int64_t cap = 0) {
    Ledger ledger(at_one().database);
    return get(
        ledger.decide({std::move(id), std::move(user), "p", units, cap}, admitted, deadline()));
  }
};

TEST(Ledger, DecidesOnceForEachReservation) {
  Shop shop;
  Ledger ledger(shop.at_one().database);
  EXPECT_EQ(shop.decide("r1", "u", 1), Decided::insufficient);  // no such product
  EXPECT_EQ(shop.get(ledger.open("p", 3, 1, shop.deadline())).initial, 3);
  EXPECT_EQ(shop.get(ledger.open("p", 9, 7, shop.deadline())).initial, 3);
  EXPECT_EQ(shop.decide("r1", "u", 2), Decided::sold);
  EXPECT_EQ(shop.decide("r1", "u", 2), Decided::sold);
  EXPECT_EQ(shop.decide("r1", "u", 2, false), Decided::sold);
  EXPECT_EQ(shop.decide("r2", "v", 2), Decided::insufficient);
  EXPECT_EQ(shop.decide("r3", "v", 1, false), Decided::refused);
  EXPECT_EQ(shop.decide("r3", "v", 1), Decided::refused);  // once and for all
  EXPECT_EQ(shop.decide("r4", "u", 1, true, 2), Decided::over_cap);
  EXPECT_EQ(shop.decide("r5", "v", 1, true, 2), Decided::sold);
  EXPECT_EQ(shop.ask("SELECT initial, sold, epoch FROM inventory.stock"), "3 3 1");
}

TEST(Ledger, WhatIsTakenBackIsFreeAndStaysRefused) {
  Shop shop;
  Ledger ledger(shop.at_one().database);
  shop.get(ledger.open("p", 2, 1, shop.deadline()));
  EXPECT_EQ(shop.decide("r1", "u", 2), Decided::sold);
  for (int i = 0; i < 2; ++i) shop.get(ledger.take_back("r1", shop.deadline()));
  shop.get(ledger.take_back("unheard of", shop.deadline()));
  EXPECT_EQ(shop.ask("SELECT sold FROM inventory.stock"), "0");
  EXPECT_EQ(shop.decide("r1", "u", 2), Decided::refused);
  EXPECT_EQ(shop.decide("r2", "v", 2), Decided::sold);
}

TEST(Ledger, AnEpochIsRaisedByTheFirst) {
  Shop shop;
  Ledger ledger(shop.at_one().database);
  shop.get(ledger.open("p", 2, 1, shop.deadline()));
  EXPECT_EQ(shop.get(ledger.raise("p", 1, shop.deadline()))->epoch, 2);
  EXPECT_FALSE(shop.get(ledger.raise("p", 1, shop.deadline())).has_value());
  EXPECT_EQ(shop.get(ledger.raise("p", 5, shop.deadline()))->epoch, 6);
  EXPECT_FALSE(shop.get(ledger.raise("q", 1, shop.deadline())).has_value());
}

/// Two who sell the last unit at once, on two processes.
TEST(Ledger, OneOfTwoSellsTheLastUnit) {
  Shop shop;
  Ledger first(shop.at_one().database);
  Ledger second(shop.at_two().database);
  shop.get(first.open("p", 1, 1, shop.deadline()));
  std::optional<Decided> other;
  const auto body = [](Ledger* ledger, Instant until,
                       std::optional<Decided>* out) -> awaitable<void> {
    Sale sale{"r2", "v", "p", 1, 0};
    const Outcome<Decided> decided = co_await ledger->decide(std::move(sale), true, until);
    if (decided.has_value()) *out = decided.value();
  };
  shop.at_two().tasks.spawn(body(&second, shop.deadline(), &other));
  const Decided one = shop.decide("r1", "u", 1);
  shop.run_for(from_ms(1000));
  ASSERT_TRUE(other.has_value());
  EXPECT_NE(one, *other);
  EXPECT_EQ(shop.ask("SELECT sold FROM inventory.stock"), "1");
}

/// A product on sale, in both stores.
struct OpenShop : Shop {
  explicit OpenShop(std::int64_t units) {
    get(ledger.open("p", units, 1, deadline()));
    get(stock.seed("p", units, 1, deadline()));
  }

  Reserved reserve(std::string id) {
    return get(inventory->reserve(Hold{std::move(id), "u", "p", 1, from_ms(5000), 0}, deadline()));
  }

  Ledger ledger{at_one().database};
  RedisInventory stock{at_one().redis};
  std::unique_ptr<Inventory> inventory = make_inventory(at_one().redis, at_one().database);
};

/// Redis sells what it has; the ledger remembers what Redis forgot.
TEST(Inventory, WhatRedisForgotIsNotSoldAgain) {
  OpenShop shop(1);
  const auto sale = [](std::string id) { return Sale{std::move(id), "u", "p", 1, 0}; };
  EXPECT_EQ(shop.reserve("r1"), Reserved::now);
  EXPECT_EQ(shop.get(shop.inventory->confirm(sale("r1"), shop.deadline())), Confirmed::sold);

  shop.redis_disk.engine.execute(std::vector<std::string>{"FLUSHALL"}, shop.redis.host().wall());
  EXPECT_EQ(shop.reserve("r2"), Reserved::wrong_epoch);
  shop.get(shop.stock.seed("p", 1, 1, shop.deadline()));  // a restart job, from the catalogue
  EXPECT_EQ(shop.reserve("r2"), Reserved::now);
  EXPECT_EQ(shop.get(shop.inventory->confirm(sale("r2"), shop.deadline())),
            Confirmed::insufficient);
  EXPECT_EQ(shop.get(shop.inventory->confirm(sale("r1"), shop.deadline())), Confirmed::sold);
  EXPECT_EQ(shop.ask("SELECT sold FROM inventory.stock"), "1");
}

TEST(Inventory, CallersLearnOfANewEpoch) {
  OpenShop shop(5);
  EXPECT_EQ(shop.reserve("r1"), Reserved::now);
  const auto raised = shop.get(shop.ledger.raise("p", 1, shop.deadline()));
  EXPECT_EQ(shop.reserve("r2"), Reserved::now);  // not yet
  EXPECT_TRUE(shop.get(shop.stock.rebuild(*raised, {}, shop.deadline())));
  EXPECT_EQ(shop.reserve("r3"), Reserved::now);
  EXPECT_EQ(shop.get(shop.stock.counters("p", shop.deadline()))->reserved, 1);
}

}  // namespace
}  // namespace firedrill::inventory
