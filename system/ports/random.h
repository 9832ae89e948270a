#pragma once

#include <cstdint>
#include <string>

namespace firedrill {

/// Randomness for one process. Unpredictable live; a named stream of the seed in a world.
class Random {
 public:
  virtual ~Random() = default;

  /// 64 independent, uniform bits.
  virtual std::uint64_t next() = 0;

  /// Uniform in [0, bound), without bias that matters (2^-64 x bound). Precondition: bound > 0.
  std::uint64_t below(std::uint64_t bound);

  /// 128 random bits as 32 hex digits.
  std::string id();
};

}  // namespace firedrill
