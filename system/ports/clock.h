#pragma once

#include <boost/asio/awaitable.hpp>

#include "system/domain/time.h"

namespace firedrill {

/// Time, as one process sees it.
///
/// Ownership: the port outlives every coroutine that uses it. Ordering: sleepers wake in the order
/// of their instants; equal instants in any order. What may go wrong: a paused or overloaded
/// process wakes late, by any amount; never early. The wall clock may be wrong by any amount,
/// drift, and jump either way; the monotonic one does none of these.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The monotonic clock. For deadlines and for measuring.
  virtual Instant now() const = 0;

  /// What the host believes the time of day to be. For people, and for nothing that must be right.
  virtual WallTime wall() const = 0;

  /// Returns when now() >= until; at once where that is already so.
  virtual boost::asio::awaitable<void> sleep_until(Instant until) = 0;

  boost::asio::awaitable<void> sleep_for(Duration length) { return sleep_until(now() + length); }
};

}  // namespace firedrill
