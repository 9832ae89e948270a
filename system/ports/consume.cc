#include "system/ports/consume.h"

#include <utility>

#include "system/ports/clock.h"

namespace firedrill {

namespace asio = boost::asio;

asio::awaitable<void> consume(Ports ports, Subscription who, Consuming how,
                              std::function<asio::awaitable<bool>(Delivery&)> handle) {
  constexpr Duration kPauseAfterFailure = from_ms(100);
  while (true) {
    Outcome<std::vector<Delivery>> fetched =
        co_await ports.queue.fetch(who, how.batch, ports.clock.now() + how.fetch_for);
    if (!fetched.has_value()) {
      co_await ports.clock.sleep_for(kPauseAfterFailure);
      continue;
    }
    for (Delivery& delivery : fetched.value()) {
      const bool done = co_await handle(delivery);
      if (!done) continue;
      static_cast<void>(
          co_await ports.queue.ack(who, std::move(delivery), ports.clock.now() + how.ack_for));
    }
  }
}

}  // namespace firedrill
