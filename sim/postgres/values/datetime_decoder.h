#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime_fields.h"

namespace firedrill::sim::postgres {

/// What a text says about a date or a time.
struct DecodedDatetime {
  enum class Outcome : std::uint8_t { moment, epoch, infinity, minus_infinity };
  Outcome outcome = Outcome::moment;
  CalendarTime time;                        ///< a clock of 24:00:00 or 23:59:60 is possible
  std::optional<std::int32_t> zone_offset;  ///< seconds east of UTC, where the text says it
};

/// Of a date with or without a time; `type` is what an error names. Throws 22007, 22008, 22009.
DecodedDatetime decode_datetime(std::string_view text, std::string_view type,
                                const Environment& environment);

/// Of a time, with or without a date and a zone.
DecodedDatetime decode_time_only(std::string_view text, std::string_view type);

/// "01:02", "01:02:03.4", "02:03.4" (minutes and seconds).
struct DecodedClock {
  std::int64_t hours = 0;
  std::int32_t minutes = 0;
  std::int32_t seconds = 0;
  std::int32_t microseconds = 0;  ///< up to 1,000,000
};
DatetimeError decode_clock(std::string_view text, DecodedClock& clock);

}  // namespace firedrill::sim::postgres
