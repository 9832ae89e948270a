#include "system/order/flash_consumer.h"

#include <utility>

#include "system/order/order_api.h"
#include "system/ports/clock.h"
#include "system/ports/telemetry.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;
using inventory::Confirmed;

constexpr std::size_t kBatch = 16;
constexpr Duration kFetchFor = from_ms(2000);
constexpr Duration kPauseAfterFailure = from_ms(100);

}  // namespace

Instant FlashConsumer::redis_deadline() const {
  return ports_.clock.now() + sale_.redis_timeout;
}

asio::awaitable<void> FlashConsumer::run() {
  while (true) {
    Outcome<std::vector<Delivery>> fetched =
        co_await ports_.queue.fetch(who_, kBatch, ports_.clock.now() + kFetchFor);
    if (!fetched.has_value()) {
      co_await ports_.clock.sleep_for(kPauseAfterFailure);
      continue;
    }
    for (Delivery& delivery : fetched.value()) {
      const bool done = co_await handle(delivery);
      if (!done) continue;
      // An ack that is lost costs a delivery more, which finds everything done.
      static_cast<void>(co_await ports_.queue.ack(who_, std::move(delivery),
                                                  ports_.clock.now() + sale_.publish_timeout));
    }
  }
}

/// Whether nothing is left to do for this delivery.
asio::awaitable<bool> FlashConsumer::handle(Delivery delivery) {
  const std::optional<QueuedOrder> order = parse_queued_order(delivery.body);
  if (!order.has_value()) {
    ports_.telemetry.note("drops a message that is no order: " + delivery.id);
    co_return true;
  }
  const Outcome<Confirmed> confirmed =
      co_await inventory_.confirm(order->product, order->order_id, redis_deadline());
  if (!confirmed.has_value()) co_return false;

  const bool sold = confirmed.value() == Confirmed::now || confirmed.value() == Confirmed::before;
  if (confirmed.value() == Confirmed::unknown_id) {
    ports_.telemetry.note("finds no reservation for the queued order " + order->order_id);
  }
  const Outcome<std::optional<Standing>> moved = co_await records_.move_for(
      who_.group, order->order_id, order->order_id,
      sold ? OrderStatus::confirmed : OrderStatus::rejected, sold ? "" : "expired",
      ports_.clock.now() + sale_.database_timeout);
  co_return moved.has_value();
}

}  // namespace firedrill::order
