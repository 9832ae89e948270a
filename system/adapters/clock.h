#pragma once

#include "system/adapters/timers.h"
#include "system/ports/clock.h"

namespace firedrill::adapters {

/// The clocks of this host.
class LiveClock final : public Clock {
 public:
  explicit LiveClock(Timers& timers) : timers_(timers) {}

  Instant now() const override { return timers_.now(); }
  WallTime wall() const override;
  boost::asio::awaitable<void> sleep_until(Instant until) override;

 private:
  Timers& timers_;
};

}  // namespace firedrill::adapters
