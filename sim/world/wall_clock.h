#pragma once

#include <cstdint>

#include "system/domain/time.h"

namespace firedrill::sim {

/// 2026-01-01T00:00:00Z: what a right wall clock shows when a world begins.
constexpr WallTime kWorldBegan{std::chrono::seconds(1'767'225'600)};

/// The wall clock of a host: may be off, drift and jump, and knows nothing of it. Whatever is wrong
/// with it adds up, and each part can be taken back on its own, in any order.
class WallClock {
 public:
  WallTime at(Instant now) const {
    ++readings_;
    const Wide gained = Wide{drift_ppm_} * to_ns(now.time_since_epoch()) - drift_base_;
    const Duration drift{static_cast<std::int64_t>(gained / 1'000'000)};
    return kWorldBegan + now.time_since_epoch() + offset_ + drift;
  }

  /// Steps the clock by `by`, forwards or back.
  void jump(Duration by) { offset_ += by; }

  /// From `since` on the clock gains `ppm` microseconds a second more. `drift(since, -ppm)` takes
  /// that back, with all that it gained. Above -1'000'000 in all the clock never steps back.
  void drift(Instant since, std::int64_t ppm) {
    drift_ppm_ += ppm;
    drift_base_ += Wide{ppm} * to_ns(since.time_since_epoch());
  }

  /// How often anybody has looked.
  std::uint64_t readings() const { return readings_; }

 private:
  __extension__ using Wide = __int128;

  Duration offset_{};
  std::int64_t drift_ppm_ = 0;
  Wide drift_base_ = 0;  ///< the sum of ppm x since, over what drifts
  mutable std::uint64_t readings_ = 0;
};

}  // namespace firedrill::sim
