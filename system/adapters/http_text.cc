#include "system/adapters/http_text.h"

#include <algorithm>
#include <array>

namespace firedrill::adapters {

namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::string safe_field_value(std::string_view value) {
  std::string safe(value);
  std::ranges::replace_if(safe, is_control, ' ');
  return safe;
}

std::string safe_target(std::string_view target) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string safe;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_control(c) || c == ' ' || byte >= 0x80) {
      safe += {'%', digits[byte >> 4], digits[byte & 15]};
    } else {
      safe += c;
    }
  }
  return safe.empty() ? "/" : safe;
}

bool is_framing_field(std::string_view name) {
  constexpr std::array<std::string_view, 7> names = {
      "connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace firedrill::adapters
