#include "system/adapters/redis_url.h"

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

namespace firedrill::adapters {

namespace {

constexpr std::string_view kScheme = "redis://";

[[noreturn]] void reject(std::string_view text) {
  throw std::invalid_argument("expected redis://HOST[:PORT][/DATABASE], got \"" +
                              std::string(text) + "\"");
}

int number(std::string_view digits, int low, int high, std::string_view url) {
  int value = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || value < low || value > high) reject(url);
  return value;
}

}  // namespace

RedisUrl RedisUrl::parse(std::string_view text) {
  if (!text.starts_with(kScheme)) reject(text);
  std::string_view rest = text.substr(kScheme.size());
  RedisUrl url;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view database = rest.substr(slash + 1);
    if (!database.empty()) url.database = number(database, 0, 1'000'000, text);
    rest = rest.substr(0, slash);
  }
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = static_cast<std::uint16_t>(number(rest.substr(colon + 1), 1, 65535, text));
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty() || rest.find('@') != std::string_view::npos) reject(text);
  url.host = rest;
  return url;
}

}  // namespace firedrill::adapters
