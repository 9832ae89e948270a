#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firedrill::sim::redis {

/// An integer as Redis reads one: canonical decimal digits, nothing around them.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A floating point number as Redis reads one ("inf" too, never NaN).
std::optional<double> parse_double(std::string_view text);

/// The same in the precision of INCRBYFLOAT ("inf" too, never NaN).
std::optional<long double> parse_long_double(std::string_view text);

/// As INCRBYFLOAT prints: %.17Lf without the zeros at its end.
std::string long_double_text(long double value);

/// A cursor of SCAN, as strtoul() reads one: it takes signs, and nothing at all for 0.
std::optional<std::uint64_t> parse_cursor(std::string_view text);

/// A score as Redis 7.0 prints one: %.17g.
std::string score_text(double value);

/// a + b, or nothing where that leaves 64 bits.
std::optional<std::int64_t> add(std::int64_t a, std::int64_t b);

/// Redis's glob: * ? [a-z] [^a] and backslash.
bool glob_matches(std::string_view pattern, std::string_view text);

/// ASCII only, as Redis compares names and options. `lower` is in lower case.
bool equals_ignoring_case(std::string_view text, std::string_view lower);

std::string lower_case(std::string_view text);

}  // namespace firedrill::sim::redis
