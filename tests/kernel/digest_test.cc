#include "sim/kernel/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace firedrill::sim {
namespace {

std::uint64_t of_words(const std::vector<std::uint64_t>& words) {
  Digest digest;
  for (const std::uint64_t word : words) digest.fold(word);
  return digest.value();
}

std::uint64_t of(std::string_view text) {
  Digest digest;
  digest.fold(text);
  return digest.value();
}

/// Digests stand in traces: they must not change by accident.
TEST(Digest, IsWhatItAlwaysWas) {
  EXPECT_EQ(of_words({1, 2, 3}), 0x9aed0e985da3b9d2ULL);
  EXPECT_EQ(of("flash sale"), 0x8a3a143d20ea8fc2ULL);
}

TEST(Digest, DependsOnTheOrder) {
  EXPECT_NE(of_words({1, 2}), of_words({2, 1}));
  EXPECT_NE(of_words({0}), of_words({0, 0}));
  EXPECT_NE(of_words({}), of_words({0}));
}

TEST(Digest, TellsTextsApart) {
  EXPECT_NE(of("a"), of(std::string_view("a\0", 2)));
  EXPECT_NE(of("12345678"), of("1234567"));
  EXPECT_NE(of("12345678"), of("123456789"));
  EXPECT_TRUE(rc::check([](const std::string& left, const std::string& right) {
    RC_ASSERT((of(left) == of(right)) == (left == right));
  }));
}

TEST(Digest, OneChangedBitChangesIt) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint64_t> words) {
    RC_PRE(!words.empty());
    const std::uint64_t before = of_words(words);
    const auto at = *rc::gen::inRange<std::size_t>(0, words.size());
    words[at] ^= 1ULL << *rc::gen::inRange(0, 64);
    RC_ASSERT(of_words(words) != before);
  }));
}

}  // namespace
}  // namespace firedrill::sim
