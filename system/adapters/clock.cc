#include "system/adapters/clock.h"

#include <chrono>

#include "system/adapters/parked.h"

namespace firedrill::adapters {

WallTime LiveClock::wall() const {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

boost::asio::awaitable<void> LiveClock::sleep_until(Instant until) {
  if (until <= now()) co_return;
  Parked parked;
  const Timers::Entry entry = timers_.at(until, [&parked] { parked.resume(); });
  co_await parked.park();
}

}  // namespace firedrill::adapters
