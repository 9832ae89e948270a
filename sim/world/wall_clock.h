#pragma once

#include <cstdint>

#include "system/domain/time.h"

namespace firedrill::sim {

/// 2026-01-01T00:00:00Z: what a right wall clock shows when a world begins.
constexpr WallTime kWorldBegan{std::chrono::seconds(1'767'225'600)};

/// The wall clock of a host: may be off, drift and jump, and knows nothing of it.
class WallClock {
 public:
  WallTime at(Instant now) const {
    ++readings_;
    const Duration since = now - since_;
    const Duration drift{since.count() / 1'000'000 * drift_ppm_};
    return kWorldBegan + now.time_since_epoch() + offset_ + drift;
  }

  /// Steps the clock by `by`, forwards or back.
  void jump(Duration by) { offset_ += by; }

  /// From `now` on the clock gains `ppm` microseconds a second. What it gained before stays.
  void set_drift(Instant now, std::int64_t ppm) {
    offset_ += Duration{(now - since_).count() / 1'000'000 * drift_ppm_};
    since_ = now;
    drift_ppm_ = ppm;
  }

  /// Back to the right time (as a synchronisation that steps does).
  void correct(Instant now) {
    since_ = now;
    offset_ = Duration::zero();
    drift_ppm_ = 0;
  }

  /// How often anybody has looked.
  std::uint64_t readings() const { return readings_; }

 private:
  Duration offset_{};
  std::int64_t drift_ppm_ = 0;
  Instant since_{};
  mutable std::uint64_t readings_ = 0;
};

}  // namespace firedrill::sim
