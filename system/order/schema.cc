#include "system/order/schema_api.h"

#include <string>

#include "system/ports/clock.h"
#include "system/ports/telemetry.h"

namespace firedrill::order {

namespace asio = boost::asio;

asio::awaitable<void> bring_up_schema(Ports ports) {
  constexpr Duration kAttempt = from_ms(2000);
  constexpr Duration kPause = from_ms(100);
  while (true) {
    const Outcome<Migrated> migrated =
        co_await migrate(ports.database, "order", migrations(), ports.clock.now() + kAttempt);
    if (migrated.has_value()) co_return;
    ports.telemetry.count("schema_not_up");
    co_await ports.clock.sleep_for(kPause);
  }
}

}  // namespace firedrill::order
