#pragma once

#include <cstdint>
#include <string_view>

#include "sim/kernel/digest.h"
#include "system/domain/check.h"

namespace firedrill::sim {

/// The seed of the stream `name` of a run, or of the part `index` of such a stream. Independent
/// names give independent streams: a draw added in one place changes no other place.
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::string_view name,
                                    std::uint64_t index = 0) {
  std::uint64_t hash = mix(seed ^ 0x6a09e667f3bcc908ULL);
  for (const char c : name) hash = mix(hash ^ static_cast<unsigned char>(c));
  return mix(hash ^ mix(index + 0x9e3779b97f4a7c15ULL));
}

/// One named stream of random numbers (SplitMix64). Integers only: probabilities are ratios. Draws
/// are folded into the run's digest where there is one.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed, Digest* digest = nullptr)
      : state_(seed), digest_(digest) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    const std::uint64_t word = mix(state_);
    if (digest_ != nullptr) digest_->fold(word);
    return word;
  }

  /// Uniform in [0, bound). Precondition: bound > 0. (Lemire's multiplication; the bias is below
  /// bound / 2^64.)
  std::uint64_t below(std::uint64_t bound) {
    check(bound > 0, "a bound is positive");
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  /// Uniform in [low, high]. Precondition: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    check(low <= high, "a range is not empty");
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t above = span == ~std::uint64_t{0} ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + above);
  }

  /// True in `part` of `whole` draws. Draws nothing where the answer is certain.
  bool chance(std::uint64_t part, std::uint64_t whole) {
    if (part == 0) return false;
    if (part >= whole) return true;
    return below(whole) < part;
  }

 private:
  std::uint64_t state_;
  Digest* digest_;
};

}  // namespace firedrill::sim
