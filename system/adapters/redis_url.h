#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::adapters {

struct RedisUrl {
  std::string host;
  std::uint16_t port = 6379;
  int database = 0;

  /// redis://host[:port][/database], an IPv6 address in brackets. Throws std::invalid_argument,
  /// which says what was expected.
  static RedisUrl parse(std::string_view text);
};

}  // namespace firedrill::adapters
