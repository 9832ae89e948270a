#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::fuzz {

/// The generator of the inputs: the same in every process.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// 0 up to n - 1. Precondition: n > 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t state_;
};

/// What happens to the engine, as bytes that any bytes can be taken for: each step is one byte that
/// says who and when, two that say how long what they send is (the low one first), and that.
struct Step {
  std::uint8_t what = 0;
  std::string_view bytes;

  std::size_t session() const { return what & 1U; }
  std::size_t time() const { return (what >> 1U) & 7U; }  ///< which of the steps in time
  bool reconnects() const { return (what >> 4U) == 15; }
};

/// The steps that `input` is; the last one may be cut short.
std::vector<Step> steps_of(std::string_view input);

/// Some thirty commands, most of them right, some nearly so, some no commands at all.
std::string make_input(std::uint64_t seed);

}  // namespace firedrill::fuzz
