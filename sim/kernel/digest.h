#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace firedrill::sim {

/// Spreads the bits of a word over the whole word (the finaliser of SplitMix64; Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014).
constexpr std::uint64_t mix(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31);
}

/// A running 64-bit hash over every decision, message and draw of a run. Order matters. Not meant
/// to withstand an adversary.
class Digest {
 public:
  void fold(std::uint64_t word) {
    const std::uint64_t sum = (value_ ^ word) * 0x9e3779b97f4a7c15ULL;
    value_ = sum ^ (sum >> 29);
  }

  void fold(std::string_view bytes) {
    fold(bytes.size());
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      fold(word);
      left -= sizeof word;
    }
    if (left > 0) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, left);
      fold(word);
    }
  }

  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0x243f6a8885a308d3ULL;
};

}  // namespace firedrill::sim
