#include "system/ports/random.h"

#include <string_view>

#include "system/domain/check.h"

namespace firedrill {

std::uint64_t Random::below(std::uint64_t bound) {
  check(bound > 0, "a bound is positive");
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

std::string Random::id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t word = 0; word < 2; ++word) {
    std::uint64_t bits = next();
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4) text[word * 16 + i] = digits[bits & 15];
  }
  return text;
}

}  // namespace firedrill
