#include "sim/redis/listpack.h"

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// An element ends with its own length, so that it can be read from the back.
std::size_t with_length(std::size_t bytes) {
  if (bytes <= 127) return bytes + 1;
  if (bytes < 16383) return bytes + 2;
  if (bytes < 2097151) return bytes + 3;
  if (bytes < 268435455) return bytes + 4;
  return bytes + 5;
}

}  // namespace

std::size_t listpack_size(std::int64_t value) {
  if (value >= 0 && value <= 127) return with_length(1);
  if (value >= -4096 && value <= 4095) return with_length(2);
  if (value >= INT16_MIN && value <= INT16_MAX) return with_length(3);
  if (value >= -(1 << 23) && value < (1 << 23)) return with_length(4);
  if (value >= INT32_MIN && value <= INT32_MAX) return with_length(5);
  return with_length(9);
}

std::size_t listpack_size(std::string_view text) {
  const bool may_be_number =
      !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
  if (may_be_number) {
    if (const auto value = parse_integer(text)) return listpack_size(*value);
  }
  if (text.size() < 64) return with_length(1 + text.size());
  if (text.size() < 4096) return with_length(2 + text.size());
  return with_length(5 + text.size());
}

}  // namespace firedrill::sim::redis
