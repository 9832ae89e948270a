#pragma once

#include <cstdint>

namespace firedrill::lua {

/// Redis's own generator behind math.random: drand48's, begun alike at each start of the server.
class Random48 {
 public:
  void seed(std::int32_t value) {
    state_ = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(value)) << 16) | 0x330E;
  }

  /// 31 random bits.
  std::int32_t next() {
    state_ = (state_ * 0x5DEECE66DULL + 0xB) & ((1ULL << 48) - 1);
    return static_cast<std::int32_t>(state_ >> 17);
  }

 private:
  std::uint64_t state_ = 0x1234ABCD330EULL;
};

}  // namespace firedrill::lua
