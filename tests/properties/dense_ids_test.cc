#include "properties/dense_ids.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

namespace firedrill::properties {
namespace {

TEST(DenseIds, CountsInOrderOfFirstAppearance) {
  DenseIds<std::string_view> ids(1);
  EXPECT_EQ(ids.of("b"), 0u);
  EXPECT_EQ(ids.of("a"), 1u);
  EXPECT_EQ(ids.of(""), 2u);
  EXPECT_EQ(ids.of("b"), 0u);
  EXPECT_EQ(ids[1], "a");
  EXPECT_EQ(ids.size(), 3u);
}

TEST(DenseIds, TellsKeysApartThatDifferInOneByteOrOnlyInLength) {
  DenseIds<std::string_view> ids;
  std::vector<std::string> keys;
  for (std::size_t length = 0; length < 40; ++length) {
    keys.push_back(std::string(length, '\0'));
    for (std::size_t place = 0; place < length; ++place) {
      keys.push_back(std::string(length, '\0'));
      keys.back()[place] = 'x';
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(ids.of(keys[i]), i);
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(ids.of(keys[i]), i);
}

// Enough keys for some of them to share all bits that the table compares first.
TEST(DenseIds, TellsKeysApartWhoseHashesCollide) {
  constexpr std::uint64_t kCount = 300'000;
  DenseIds<std::uint64_t> ids;
  for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(ids.of(i * i), i);
  for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(ids.of(i * i), i);
}

TEST(DenseIds, AgreesWithASearchInAList) {
  const bool passed = rc::check("ids == positions in the list of first appearances", [] {
    const auto keys = *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::map(
        rc::gen::inRange(0, 60), [](int n) { return std::uint64_t(n) << (n % 3 * 20); }));
    DenseIds<std::uint64_t> ids(2);
    std::vector<std::uint64_t> known;
    for (const auto key : keys) {
      if (std::ranges::find(known, key) == known.end()) known.push_back(key);
      const auto place = std::ranges::find(known, key) - known.begin();
      RC_ASSERT(ids.of(key) == static_cast<Id>(place));
    }
    RC_ASSERT(ids.size() == known.size());
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace firedrill::properties
