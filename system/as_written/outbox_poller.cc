#include "system/as_written/outbox_poller.h"

#include <string>
#include <utility>

#include "system/domain/order.h"
#include "system/ports/clock.h"
#include "system/ports/database.h"
#include "system/ports/queue.h"

namespace firedrill::as_written {

namespace {

namespace asio = boost::asio;

constexpr Duration kEvery = from_ms(100);

constexpr SqlStatement kPending{
    "SELECT seq, aggregate, payload FROM orders.outbox WHERE state = 'PENDING' "
    "ORDER BY seq LIMIT 100"};
constexpr SqlStatement kPublished{"UPDATE orders.outbox SET state = 'PUBLISHED' WHERE seq = $1"};
constexpr SqlStatement kFailed{"UPDATE orders.outbox SET attempts = attempts + 1 WHERE seq = $1"};

}  // namespace

asio::awaitable<void> poll_outbox(Ports ports, FlashSale sale) {
  while (true) {
    const Outcome<SqlRows> pending =
        co_await ports.database.run(kPending, {}, ports.clock.now() + sale.database_timeout);
    const std::size_t count = pending.has_value() ? pending.value().size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const SqlRows& rows = pending.value();
      std::string order_id = rows.text(i, 1);
      std::string payload = rows.text(i, 2);
      const Outcome<Published> published = co_await ports.queue.publish(
          std::string(kOrderEventsTopic), std::move(order_id), std::move(payload),
          ports.clock.now() + sale.publish_timeout);
      SqlParameters row = sql_parameters(rows.text(i, 0));
      static_cast<void>(co_await ports.database.run(published.has_value() ? kPublished : kFailed,
                                                    std::move(row),
                                                    ports.clock.now() + sale.database_timeout));
    }
    co_await ports.clock.sleep_for(kEvery);
  }
}

}  // namespace firedrill::as_written
