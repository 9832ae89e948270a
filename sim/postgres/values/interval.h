#pragma once

#include <cstdint>

#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

/// Months, days and the rest are kept apart: how long a month or a day is depends on where it
/// starts.
struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t microseconds = 0;
};
template <>
inline constexpr Kind kind_of<Interval> = Kind::interval;

}  // namespace firedrill::sim::postgres
