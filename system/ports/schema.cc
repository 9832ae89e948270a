#include "system/ports/schema.h"

#include "system/ports/clock.h"
#include "system/ports/telemetry.h"

namespace firedrill {

namespace asio = boost::asio;

asio::awaitable<void> bring_up_schema(Ports ports, std::string_view service,
                                      std::vector<Migration> migrations) {
  constexpr Duration kAttempt = from_ms(2000);
  constexpr Duration kPause = from_ms(100);
  while (true) {
    const Outcome<Migrated> migrated =
        co_await migrate(ports.database, service, migrations, ports.clock.now() + kAttempt);
    if (migrated.has_value()) co_return;
    ports.telemetry.count("schema_not_up");
    co_await ports.clock.sleep_for(kPause);
  }
}

}  // namespace firedrill
