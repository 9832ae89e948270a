#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace firedrill::test {

/// A number from the environment, or `otherwise`. Throws std::invalid_argument where it is none.
inline std::int64_t setting(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

/// FIREDRILL_CONFORMANCE_SEED; another one at each call where it is not set.
inline std::uint64_t conformance_seed() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto fresh = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  return static_cast<std::uint64_t>(
      setting("FIREDRILL_CONFORMANCE_SEED", fresh / 1000 % 1'000'000'000));
}

}  // namespace firedrill::test
