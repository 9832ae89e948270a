#include "system/order/flash_consumer.h"

#include <utility>

#include "system/order/order_api.h"
#include "system/ports/clock.h"
#include "system/ports/consume.h"
#include "system/ports/telemetry.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;
using inventory::Confirmed;

constexpr std::size_t kBatch = 16;
constexpr Duration kFetchFor = from_ms(2000);

/// Of a rejection.
std::string reason(Confirmed confirmed) {
  switch (confirmed) {
    case Confirmed::sold: return "";
    case Confirmed::released: return "expired";
    case Confirmed::insufficient: return "sold-out";
    case Confirmed::over_cap: return "over-cap";
  }
  return "";
}

bool stands_confirmed(const std::optional<Standing>& standing) {
  return standing.has_value() && standing->status == OrderStatus::confirmed;
}

}  // namespace

Instant FlashConsumer::store_deadline() const {
  return ports_.clock.now() + sale_.redis_timeout + sale_.database_timeout;
}

asio::awaitable<void> FlashConsumer::run() {
  return consume(ports_, who_, {kBatch, kFetchFor, sale_.publish_timeout},
                 [this](Delivery& delivery) { return handle(delivery); });
}

/// What is delivered again finds everything done.
asio::awaitable<bool> FlashConsumer::handle(Delivery& delivery) {
  const std::optional<QueuedOrder> order = parse_queued_order(delivery.body);
  if (!order.has_value()) {
    ports_.telemetry.note("drops a message that is no order: " + delivery.id);
    co_return true;
  }
  const auto cap = sale_.cap_per_user.find(order->product);
  inventory::Sale sale{order->order_id, order->user, order->product, order->quantity,
                       cap != sale_.cap_per_user.end() ? cap->second : 0};
  const Outcome<Confirmed> confirmed =
      co_await inventory_.confirm(std::move(sale), store_deadline());
  if (!confirmed.has_value()) co_return false;

  const bool sold = confirmed.value() == Confirmed::sold;
  const Outcome<std::optional<Standing>> moved =
      co_await records_.move_for(who_.group, order->order_id, order->order_id,
                                 sold ? OrderStatus::confirmed : OrderStatus::rejected,
                                 reason(confirmed.value()), store_deadline());
  if (!moved.has_value()) co_return false;
  if (!sold || stands_confirmed(moved.value())) co_return true;
  // Another attempt under its key had found nothing to sell, and rejected it meanwhile.
  const Outcome<inventory::Released> back =
      co_await inventory_.take_back(order->product, order->order_id, store_deadline());
  co_return back.has_value();
}

}  // namespace firedrill::order
