#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Zones without rules: UTC and fixed offsets. All others are refused.
namespace firedrill::sim::postgres {

/// "+02", "-5:30", "+0530", "+05:30:10" as part of a timestamp: seconds east of UTC. Nothing where
/// the text is none; `out_of_range` where it is one of 16 hours and more.
struct ParsedOffset {
  enum class Outcome : std::uint8_t { valid, malformed, out_of_range };
  Outcome outcome = Outcome::malformed;
  std::int32_t seconds = 0;
};
ParsedOffset parse_zone_offset(std::string_view text);

/// Seconds east of UTC of a zone that is named as SET TIME ZONE and AT TIME ZONE name it: "UTC",
/// "Z", POSIX's "+02" and "XYZ+2" (two hours west). Throws 22023 for a word that is no zone;
/// 0A000 for zones with rules.
std::int32_t zone_offset_of(std::string_view name);

/// The same for a word or a name with punctuation, within a timestamp: nothing where it is a word
/// that PostgreSQL does not know.
std::optional<std::int32_t> find_zone_offset(std::string_view name);

}  // namespace firedrill::sim::postgres
