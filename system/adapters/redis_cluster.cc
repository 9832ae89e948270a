#include "system/adapters/redis_cluster.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>

namespace firedrill::adapters {

namespace {

constexpr std::uint16_t kSlots = 16384;

/// One byte through the polynomial x^16 + x^12 + x^5 + 1.
constexpr std::uint16_t crc16_of_byte(unsigned byte) {
  unsigned crc = byte << 8U;
  for (int bit = 0; bit < 8; ++bit) {
    crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
  }
  return static_cast<std::uint16_t>(crc);
}

constexpr auto kCrc16 = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) table[byte] = crc16_of_byte(byte);
  return table;
}();

std::string_view hashed_part(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

bool same(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, {}, [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [word](std::string_view name) { return same(word, name); });
}

/// Where the first key stands; past the end where there is none.
std::size_t key_index(const std::vector<std::string>& command) {
  const std::string_view name = command.front();
  if (is_one_of(name, {"EVALSHA", "EVAL"})) {
    return command.size() > 2 && command[2] != "0" ? 3 : command.size();
  }
  if (is_one_of(name, {"XREADGROUP", "XREAD"})) {
    const auto streams = std::ranges::find_if(
        command, [](const std::string& word) { return same(word, "STREAMS"); });
    return static_cast<std::size_t>(streams - command.begin()) + 1;
  }
  return same(name, "XGROUP") ? 2 : 1;
}

/// Nothing where the text is not the whole of a number up to `most`.
std::optional<std::uint16_t> number(std::string_view text, std::uint16_t most) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return {};
  return value;
}

}  // namespace

std::uint16_t slot_of_key(std::string_view key) {
  unsigned crc = 0;
  for (const char c : hashed_part(key)) {
    const auto byte = static_cast<unsigned char>(c);
    crc = ((crc << 8U) ^ kCrc16[((crc >> 8U) ^ byte) & 0xFFU]) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc % kSlots);
}

std::optional<std::uint16_t> slot_of(const std::vector<std::string>& command) {
  const std::size_t index = key_index(command);
  if (index >= command.size()) return {};
  return slot_of_key(command[index]);
}

std::optional<Redirection> redirection_in(const RedisReply& reply) {
  if (!reply.is_error()) return {};
  // "MOVED 3999 10.0.0.2:6381"
  std::string_view text = reply.text;
  Redirection to;
  to.ask = text.starts_with("ASK ");
  if (!to.ask && !text.starts_with("MOVED ")) return {};
  text.remove_prefix(text.find(' ') + 1);
  const std::size_t blank = text.find(' ');
  const std::size_t colon = text.rfind(':');
  if (blank == std::string_view::npos || colon == std::string_view::npos || colon < blank)
    return {};
  const auto slot = number(text.substr(0, blank), kSlots - 1);
  const auto port = number(text.substr(colon + 1), UINT16_MAX);
  to.host = text.substr(blank + 1, colon - blank - 1);
  // A node that announces host names says ? of one that has none.
  if (!slot || !port || *port == 0 || to.host == "?") return {};
  to.slot = *slot;
  to.port = *port;
  return to;
}

}  // namespace firedrill::adapters
