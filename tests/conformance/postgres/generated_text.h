#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::test {

/// Choices that are the same for the same seed, on every machine.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// From [0, limit); limit is above 0.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
  int between(int least, int most) {
    return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool one_in(std::size_t times) { return below(times) == 0; }
  bool percent(std::size_t chance) { return below(100) < chance; }
  template <class Container>
  auto& pick(Container& container) {
    return container[below(container.size())];
  }

 private:
  std::uint64_t state_;
};

/// Generated texts carry marks, so that a difference can be made small without parsing SQL: what
/// stands between a pair may be left out, or be replaced by NULL.
namespace mark {
inline constexpr char kBeginOptional = '\x01';
inline constexpr char kEndOptional = '\x02';
inline constexpr char kBeginValue = '\x03';
inline constexpr char kEndValue = '\x04';
}  // namespace mark

/// A part that the statement can be without.
std::string optional_part(std::string_view text);
/// An expression that NULL could stand for.
std::string value_part(std::string_view text);
/// As SQL: without marks.
std::string without_marks(std::string_view text);
/// The same text with one of its marked parts less, each in turn; the longest first.
std::vector<std::string> smaller_texts(std::string_view text);

/// "a, b, c", where all but the first may be left out.
std::string optional_list(const std::vector<std::string>& parts);

}  // namespace firedrill::test
