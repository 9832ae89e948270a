#pragma once

#include <chrono>
#include <cstdint>

namespace firedrill {

/// Lengths of time, everywhere, in nanoseconds (about 292 years fit).
using Duration = std::chrono::nanoseconds;

/// Tags, not clocks: they have no now(). Only a Clock port tells the time.
struct MonotonicTag {
  using duration = Duration;
};
struct WallTag {
  using duration = Duration;
};

/// A reading of a process's monotonic clock: comparable within one process only, never steps back.
/// In a world it is the virtual time since the world began.
using Instant = std::chrono::time_point<MonotonicTag, Duration>;

/// A reading of a host's wall clock: since the Unix epoch, as that host believes. It may jump.
using WallTime = std::chrono::time_point<WallTag, Duration>;

constexpr std::int64_t to_ns(Duration duration) {
  return duration.count();
}
constexpr std::int64_t to_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}
constexpr std::int64_t to_us(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}
constexpr Duration from_ms(std::int64_t ms) {
  return std::chrono::milliseconds(ms);
}
constexpr Duration from_us(std::int64_t us) {
  return std::chrono::microseconds(us);
}

}  // namespace firedrill
