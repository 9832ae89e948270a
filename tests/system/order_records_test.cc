#include "system/order/order_records.h"

#include "tests/system/service_world.h"

namespace firedrill::order {
namespace {

using boost::asio::awaitable;

struct Office : sim::ServiceWorld {
  Instant deadline() { return world.now() + from_ms(1000); }

  Opened open(std::string id, std::int64_t quantity) {
    Opened opened;
    const auto body = [](Ports ports, Instant until, std::string order, std::int64_t units,
                         Opened* out) -> awaitable<void> {
      OrderRecords records(ports.database);
      OrderRecord record{"u", "k", "p", units, {}};
      const Outcome<Opened> done =
          co_await records.open(std::move(order), std::move(record), until);
      check(done.has_value(), "it is a value");
      *out = done.value();
    };
    check(run(body(at_one(), deadline(), std::move(id), quantity, &opened)), "it ends");
    return opened;
  }

  std::optional<Standing> move(std::string id, OrderStatus to, std::string message = "") {
    std::optional<Standing> standing;
    const auto body = [](Ports ports, Instant until, std::string order, OrderStatus status,
                         std::string heard, std::optional<Standing>* out) -> awaitable<void> {
      OrderRecords records(ports.database);
      if (heard.empty()) {
        const auto moved = co_await records.move(std::move(order), status, "why", until);
        check(moved.has_value(), "it is a value");
        *out = moved.value();
      } else {
        const auto moved = co_await records.move_for("group", std::move(heard), std::move(order),
                                                     status, "why", until);
        check(moved.has_value(), "it is a value");
        *out = moved.value();
      }
    };
    check(run(body(at_one(), deadline(), std::move(id), to, std::move(message), &standing)),
          "it ends");
    return standing;
  }

  std::string orders() { return ask("SELECT id, status, version FROM orders.orders ORDER BY id"); }
  std::string events() {
    return ask(
        "SELECT aggregate, version, status, payload::jsonb ->> 'aggregateSeq', "
        "payload::jsonb -> 'data' ->> 'status' FROM orders.outbox ORDER BY seq");
  }
};

TEST(OrderRecords, EachVersionHasItsEvent) {
  Office office;
  EXPECT_EQ(office.open("o-1", 2).standing.status, OrderStatus::pending);
  EXPECT_EQ(office.move("o-1", OrderStatus::queued)->status, OrderStatus::queued);
  EXPECT_EQ(office.move("o-1", OrderStatus::confirmed)->status, OrderStatus::confirmed);
  EXPECT_EQ(office.orders(), "o-1 CONFIRMED 3");
  EXPECT_EQ(office.events(),
            "o-1 1 PENDING 1 PENDING\no-1 2 QUEUED 2 QUEUED\no-1 3 CONFIRMED 3 CONFIRMED");
}

TEST(OrderRecords, AskingAgainChangesNothing) {
  Office office;
  office.open("o-1", 2);
  EXPECT_FALSE(office.open("o-1", 2).key_reused);
  EXPECT_TRUE(office.open("o-1", 3).key_reused);
  office.move("o-1", OrderStatus::rejected);
  const Opened again = office.open("o-1", 2);
  EXPECT_EQ(again.standing.status, OrderStatus::rejected);
  EXPECT_EQ(again.standing.reason, "why");
  EXPECT_EQ(office.move("o-1", OrderStatus::rejected)->status, OrderStatus::rejected);
  EXPECT_EQ(office.move("o-1", OrderStatus::confirmed)->status, OrderStatus::rejected);
  EXPECT_EQ(office.move("o-1", OrderStatus::queued)->status, OrderStatus::rejected);
  EXPECT_FALSE(office.move("o-2", OrderStatus::queued).has_value());
  EXPECT_EQ(office.orders(), "o-1 REJECTED 2");
  EXPECT_EQ(office.events(), "o-1 1 PENDING 1 PENDING\no-1 2 REJECTED 2 REJECTED");
}

TEST(OrderRecords, AMessageIsDealtWithOnce) {
  Office office;
  office.open("o-1", 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(office.move("o-1", OrderStatus::confirmed, "m-1")->status, OrderStatus::confirmed);
  }
  EXPECT_EQ(office.ask("SELECT consumer, message FROM orders.inbox"), "group m-1");
  EXPECT_EQ(office.orders(), "o-1 CONFIRMED 2");
}

/// Who answers for an order has written it: his commit waits for those before it.
TEST(OrderRecords, WhoAsksAgainWrites) {
  Office office;
  office.open("o-1", 1);
  const auto before = office.postgres_disk.engine->log_end();
  office.open("o-1", 1);
  EXPECT_GT(office.postgres_disk.engine->log_end(), before);
  office.move("o-1", OrderStatus::confirmed);
  const auto confirmed = office.postgres_disk.engine->log_end();
  office.move("o-1", OrderStatus::confirmed);
  EXPECT_GT(office.postgres_disk.engine->log_end(), confirmed);
}

}  // namespace
}  // namespace firedrill::order
