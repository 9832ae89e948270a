#include "sim/redis/numbers.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace firedrill::sim::redis {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Matches the class that `pattern` begins with ('[' is gone), and moves behind its ']'.
bool class_matches(std::string_view& pattern, char c) {
  bool negated = false;
  if (!pattern.empty() && pattern.front() == '^') {
    negated = true;
    pattern.remove_prefix(1);
  }
  bool found = false;
  while (!pattern.empty() && pattern.front() != ']') {
    if (pattern.front() == '\\' && pattern.size() >= 2) {
      found = found || pattern[1] == c;
      pattern.remove_prefix(2);
    } else if (pattern.size() >= 3 && pattern[1] == '-') {
      const auto [first, last] = std::minmax(pattern[0], pattern[2]);
      found = found || (c >= first && c <= last);
      pattern.remove_prefix(3);
    } else {
      found = found || pattern.front() == c;
      pattern.remove_prefix(1);
    }
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return found != negated;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  const bool negative = text.front() == '-';
  const std::string_view digits = negative ? text.substr(1) : text;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
  if (digits.front() == '0' && text.size() > 1) return std::nullopt;  // "00", "-0" are text
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  if (const auto integer = parse_integer(text)) return static_cast<double>(*integer);
  if (text.empty() || text.find('\0') != text.npos ||
      std::isspace(static_cast<unsigned char>(text.front()))) {
    return std::nullopt;
  }
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  const bool spelt_infinite = std::isinf(value) && copy.find_first_of("iI") != copy.npos;
  if (*end != '\0' || std::isnan(value) || (std::isinf(value) && !spelt_infinite)) {
    return std::nullopt;
  }
  return value;
}

std::optional<long double> parse_long_double(std::string_view text) {
  constexpr std::size_t kLongest = 5 * 1024;
  if (text.empty() || text.size() >= kLongest || text.find('\0') != text.npos ||
      std::isspace(static_cast<unsigned char>(text.front()))) {
    return std::nullopt;
  }
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const long double value = std::strtold(copy.c_str(), &end);
  const bool out_of_range = errno == ERANGE && (std::isinf(value) || value == 0);
  if (*end != '\0' || std::isnan(value) || out_of_range) return std::nullopt;
  return value;
}

std::string long_double_text(long double value) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, "%.17Lf", value)), '\0');
  std::snprintf(text.data(), text.size() + 1, "%.17Lf", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::optional<std::uint64_t> parse_cursor(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const std::uint64_t value = std::strtoul(copy.c_str(), &end, 10);
  const bool begins_blank = std::isspace(static_cast<unsigned char>(copy.c_str()[0])) != 0;
  if (begins_blank || *end != '\0' || errno == ERANGE) return std::nullopt;
  return value;
}

std::string score_text(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  if (std::fabs(value) < 1e16 && value == std::trunc(value) &&
      !(value == 0 && std::signbit(value))) {
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value));
    return std::string(buffer, end.ptr);
  }
  const int length = std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return std::string(buffer, static_cast<std::size_t>(length));
}

std::optional<std::int64_t> add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    if (c == '*') {
      while (!pattern.empty() && pattern.front() == '*') pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      for (std::size_t i = 0; i <= text.size(); ++i) {
        if (glob_matches(pattern, text.substr(i))) return true;
      }
      return false;
    }
    if (text.empty()) return false;
    if (c == '[') {
      pattern.remove_prefix(1);
      if (!class_matches(pattern, text.front())) return false;
    } else {
      if (c == '\\' && pattern.size() >= 2) pattern.remove_prefix(1);
      if (c != '?' && pattern.front() != text.front()) return false;
      pattern.remove_prefix(1);
    }
    text.remove_prefix(1);
  }
  return text.empty();
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_text) {
  return text.size() == lower_text.size() &&
         std::equal(text.begin(), text.end(), lower_text.begin(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

}  // namespace firedrill::sim::redis
