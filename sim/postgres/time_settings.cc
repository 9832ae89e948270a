#include "sim/postgres/time_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

struct TimeSetting {
  std::string_view name;
  std::int64_t least_ms = 0;
};
constexpr auto kSettings = std::to_array<TimeSetting>({
    {"client_connection_check_interval", 0},
    {"deadlock_timeout", 1},
    {"idle_in_transaction_session_timeout", 0},
    {"idle_session_timeout", 0},
    {"lock_timeout", 0},
    {"statement_timeout", 0},
});

struct Unit {
  std::string_view name;
  std::int64_t us = 0;
};
/// The largest first.
constexpr auto kUnits = std::to_array<Unit>({{"d", 86'400'000'000},
                                             {"h", 3'600'000'000},
                                             {"min", 60'000'000},
                                             {"s", 1'000'000},
                                             {"ms", 1'000},
                                             {"us", 1}});

[[noreturn]] void fail_invalid(std::string_view name, std::string_view value, std::string hint) {
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                 .message = "invalid value for parameter \"" + std::string(name) + "\": \"" +
                            std::string(value) + "\"",
                 .hint = std::move(hint)};
}

const char* after_spaces(const char* at) {
  while (std::isspace(static_cast<unsigned char>(*at)) != 0) ++at;
  return at;
}

/// parse_int() of guc.c.
std::int64_t read_ms(std::string_view name, const std::string& value) {
  char* end = nullptr;
  errno = 0;
  auto number = static_cast<double>(std::strtol(value.c_str(), &end, 0));
  if (*end == '.' || *end == 'e' || *end == 'E' || errno == ERANGE) {
    errno = 0;
    number = std::strtod(value.c_str(), &end);
  }
  if (end == value.c_str() || errno == ERANGE || std::isnan(number)) fail_invalid(name, value, "");
  const char* at = after_spaces(end);
  if (*at != '\0') {
    const char* rest = at;
    while (*rest != '\0' && std::isspace(static_cast<unsigned char>(*rest)) == 0) ++rest;
    const std::string_view unit(at, static_cast<std::size_t>(rest - at));
    const auto* known = std::ranges::find(kUnits, unit, &Unit::name);
    if (known == kUnits.end() || *after_spaces(rest) != '\0') {
      fail_invalid(name, value,
                   "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and "
                   "\"d\".");
    }
    number = number * static_cast<double>(known->us) / 1000;
  }
  number = std::rint(number);
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  if (number > kMost || number < -kMost - 1) {
    fail_invalid(name, value, "Value exceeds integer range.");
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace

bool is_time_setting(std::string_view name) {
  return std::ranges::find(kSettings, name, &TimeSetting::name) != kSettings.end();
}

std::string normal_time(std::string_view name, std::string_view value) {
  const std::int64_t ms = read_ms(name, std::string(value));
  const std::int64_t least = std::ranges::find(kSettings, name, &TimeSetting::name)->least_ms;
  if (ms < least) {
    fail(sqlstate::kInvalidParameterValue,
         std::to_string(ms) + " ms is outside the valid range for parameter \"" +
             std::string(name) + "\" (" + std::to_string(least) + " .. 2147483647)");
  }
  if (ms == 0) return "0";
  const auto* unit =
      std::ranges::find_if(kUnits, [&](const Unit& each) { return ms * 1000 % each.us == 0; });
  return std::to_string(ms * 1000 / unit->us) + std::string(unit->name);
}

std::int64_t time_us(std::string_view normal) {
  const std::size_t digits = std::min(normal.find_first_not_of("0123456789"), normal.size());
  const auto* unit = std::ranges::find(kUnits, normal.substr(digits), &Unit::name);
  if (unit == kUnits.end()) return 0;
  return std::strtoll(std::string(normal.substr(0, digits)).c_str(), nullptr, 10) * unit->us;
}

}  // namespace firedrill::sim::postgres
