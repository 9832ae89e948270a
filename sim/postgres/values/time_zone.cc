#include "sim/postgres/values/time_zone.h"

#include <algorithm>
#include <string>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/datetime_fields.h"

namespace firedrill::sim::postgres {

namespace {

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

/// ":30" at the beginning of `rest`, which is then behind it.
std::int32_t take_sexagesimal(std::string_view& rest) {
  if (rest.empty() || rest[0] != ':') return 0;
  const ScannedInteger scanned = scan_integer(rest.substr(1));
  rest.remove_prefix(1 + scanned.end);
  return scanned.fits_int32() ? static_cast<std::int32_t>(scanned.value) : 60;
}

/// Hours, minutes and seconds as POSIX writes them: up to 167 hours.
std::optional<std::int32_t> posix_offset(std::string_view text) {
  constexpr std::int64_t kMostHours = 24 * 7 - 1;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text[0])) return {};
  const ScannedInteger hours = scan_integer(text);
  if (!hours.fits_int32() || hours.value > kMostHours) return {};
  text.remove_prefix(hours.end);
  const std::int32_t minutes = take_sexagesimal(text);
  const std::int32_t seconds = take_sexagesimal(text);
  if (!text.empty() || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return {};
  const auto total = static_cast<std::int32_t>(hours.value) * 3600 + minutes * 60 + seconds;
  return is_negative ? -total : total;
}

/// "XYZ+2", "+2", "<+02>-2": a name, then how far west it is.
std::optional<std::int32_t> posix_zone(std::string_view name) {
  if (name.starts_with('<')) {
    const std::size_t end = name.find('>');
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  } else {
    while (!name.empty() && is_letter(name[0])) name.remove_prefix(1);
  }
  const std::optional<std::int32_t> west = posix_offset(name);
  if (!west) return {};
  return -*west;
}

bool is_universal_name(std::string_view name) {
  const std::string_view city = name.starts_with("etc/") ? name.substr(4) : "";
  return city == "utc" || city == "gmt" || city == "uct" || city == "zulu" || city == "universal" ||
         city == "greenwich" || city == "gmt0";
}

}  // namespace

ParsedOffset parse_zone_offset(std::string_view text) {
  using enum ParsedOffset::Outcome;
  constexpr std::int32_t kMostHours = 15;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return {};
  const ScannedInteger scanned = scan_integer(text.substr(1));
  if (!scanned.fits_int32()) return {out_of_range, 0};
  auto hours = static_cast<std::int32_t>(scanned.value);
  std::int32_t minutes = 0;
  std::string_view rest = text.substr(1 + scanned.end);
  const bool is_run_together = rest.empty() && text.size() > 3;
  if (is_run_together) {
    minutes = hours % 100;
    hours /= 100;
  } else {
    minutes = take_sexagesimal(rest);
  }
  const std::int32_t seconds = is_run_together ? 0 : take_sexagesimal(rest);
  const bool is_valid = hours >= 0 && hours <= kMostHours && minutes >= 0 && minutes < 60 &&
                        seconds >= 0 && seconds < 60;
  if (!is_valid) return {out_of_range, 0};
  if (!rest.empty()) return {};
  const std::int32_t total = (hours * 60 + minutes) * 60 + seconds;
  return {valid, text[0] == '-' ? -total : total};
}

std::optional<std::int32_t> find_zone_offset(std::string_view name) {
  const std::string lowered = lower_case(name);
  const Word word = find_zone_word(lowered);
  if (word.kind == WordKind::zone || is_universal_name(lowered)) return 0;
  if (const auto offset = posix_zone(lowered)) return offset;
  const bool is_plain = std::ranges::all_of(lowered, is_letter);
  if (word.kind == WordKind::unknown && is_plain) return {};
  unsupported("the time zone \"" + std::string(name) + "\"");
}

std::int32_t zone_offset_of(std::string_view name) {
  const std::optional<std::int32_t> offset = find_zone_offset(name);
  if (!offset)
    fail(sqlstate::kInvalidParameterValue,
         "time zone \"" + std::string(name) + "\" not recognized");
  return *offset;
}

}  // namespace firedrill::sim::postgres
