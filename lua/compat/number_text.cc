#include "lua/compat/number_text.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace firedrill::lua {

namespace {

/// printf's %.<precision>g, quickly where `value` is a whole number below `limit` = 10^precision.
std::string_view general_text(double value, const char* format, double limit,
                              char (&buffer)[kNumberText]) {
  if (std::fabs(value) < limit && value == std::trunc(value) &&
      (value != 0 || !std::signbit(value))) {
    const auto end =
        std::to_chars(buffer, buffer + kNumberText, static_cast<std::int64_t>(value)).ptr;
    return {buffer, static_cast<std::size_t>(end - buffer)};
  }
  const int length = std::snprintf(buffer, kNumberText, format, value);
  return {buffer, static_cast<std::size_t>(length)};
}

}  // namespace

std::string_view number_text(double value, char (&buffer)[kNumberText]) {
  return general_text(value, "%.14g", 1e14, buffer);
}

std::string_view argument_text(double value, char (&buffer)[kNumberText]) {
  return general_text(value, "%.17g", 1e17, buffer);
}

std::optional<double> parse_number(std::string_view text) {
  constexpr std::size_t kExactDigits = 15;
  if (!text.empty() && text.size() <= kExactDigits) {
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc{} && end == text.data() + text.size() && text.front() != '-') {
      return static_cast<double>(whole);
    }
  }
  const std::string copy(text.substr(0, text.find('\0')));
  char* end = nullptr;
  double value = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str()) return std::nullopt;
  if (*end == 'x' || *end == 'X') {
    value = static_cast<double>(std::strtoul(copy.c_str(), &end, 16));
  }
  while (std::isspace(static_cast<unsigned char>(*end))) ++end;
  if (*end != '\0') return std::nullopt;
  return value;
}

}  // namespace firedrill::lua
