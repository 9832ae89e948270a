#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

/// Numbers as PostgreSQL sends them: the most significant byte first.
namespace firedrill::sim::postgres {

template <std::integral Number>
void append_number(std::string& bytes, Number number) {
  const auto raw = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t i = sizeof(Number); i > 0; --i) {
    bytes += static_cast<char>((raw >> (8 * (i - 1))) & 0xffU);
  }
}

/// Of the first sizeof(Number) bytes, which are there.
template <std::integral Number>
Number number_at(std::string_view bytes) {
  std::make_unsigned_t<Number> raw = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    raw = static_cast<std::make_unsigned_t<Number>>(static_cast<std::uint64_t>(raw) << 8U |
                                                    static_cast<unsigned char>(bytes[i]));
  }
  return static_cast<Number>(raw);
}

}  // namespace firedrill::sim::postgres
