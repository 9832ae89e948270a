#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "system/ports/random.h"

namespace firedrill::adapters {

/// The kernel's randomness.
class LiveRandom final : public Random {
 public:
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 32> words_{};  // getrandom(2) never returns short up to 256 bytes
  std::size_t left_ = 0;
};

}  // namespace firedrill::adapters
