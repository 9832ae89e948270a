#include "sim/kernel/random_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string>

namespace firedrill::sim {
namespace {

/// The published outputs of SplitMix64 from state 0. A trace is worth nothing once these change.
TEST(RandomStream, IsSplitMix64) {
  RandomStream random(0);
  EXPECT_EQ(random.next(), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(random.next(), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(random.next(), 0x06c45d188009454fULL);
}

TEST(RandomStream, SeedsStreamsAsItAlwaysDid) {
  EXPECT_EQ(stream_seed(0, ""), 0x294cf66702b428c5ULL);
  EXPECT_EQ(stream_seed(1, "schedule"), 0xf91dca5e2d297898ULL);
  EXPECT_EQ(stream_seed(1, "process:order-1", 2), 0x78f490c80a3e9274ULL);
}

TEST(RandomStream, GivesOtherNumbersToOtherNamesSeedsAndParts) {
  std::set<std::uint64_t> seeds;
  std::size_t count = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const char* name : {"", "a", "b", "ab", "ba", "workload", "faults"}) {
      for (std::uint64_t part = 0; part < 20; ++part) {
        seeds.insert(stream_seed(seed, name, part));
        ++count;
      }
    }
  }
  EXPECT_EQ(seeds.size(), count);
}

TEST(RandomStream, ADrawInOneStreamLeavesTheOtherAlone) {
  RandomStream alone(stream_seed(5, "b"));
  RandomStream other(stream_seed(5, "a"));
  RandomStream beside(stream_seed(5, "b"));
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(other.next());
    EXPECT_EQ(beside.next(), alone.next());
  }
}

TEST(RandomStream, StaysBelowItsBound) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto bound = *rc::gen::suchThat(rc::gen::arbitrary<std::uint64_t>(),
                                          [](std::uint64_t value) { return value > 0; });
    RandomStream random(seed);
    for (int i = 0; i < 20; ++i) RC_ASSERT(random.below(bound) < bound);
  }));
}

TEST(RandomStream, ReachesEveryValueAboutEquallyOften) {
  RandomStream random(3);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts[random.below(counts.size())];
  for (const int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

TEST(RandomStream, BetweenIncludesBothEnds) {
  RandomStream random(3);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(random.between(7, 7), 7);
}

TEST(RandomStream, BetweenTakesTheWidestRange) {
  using Limits = std::numeric_limits<std::int64_t>;
  RandomStream random(3);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 50; ++i) {
    const std::int64_t value = random.between(Limits::min(), Limits::max());
    (value < 0 ? negative : positive) = true;
  }
  EXPECT_TRUE(negative);
  EXPECT_TRUE(positive);
}

TEST(RandomStream, ChanceIsARatio) {
  RandomStream random(3);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.chance(3, 10);
  EXPECT_GT(hits, 2'850);
  EXPECT_LT(hits, 3'150);
}

TEST(RandomStream, ChanceDrawsNothingWhereTheAnswerIsCertain) {
  RandomStream random(3);
  RandomStream untouched(3);
  EXPECT_FALSE(random.chance(0, 100));
  EXPECT_TRUE(random.chance(100, 100));
  EXPECT_EQ(random.next(), untouched.next());
}

TEST(RandomStream, FoldsItsDrawsIntoTheDigest) {
  Digest digest;
  RandomStream random(3, &digest);
  const std::uint64_t before = digest.value();
  const std::uint64_t word = random.next();
  Digest expected;
  expected.fold(word);
  EXPECT_NE(digest.value(), before);
  EXPECT_EQ(digest.value(), expected.value());
}

TEST(RandomStreamDeathTest, RejectsAnEmptyRange) {
  RandomStream random(3);
  EXPECT_DEATH(static_cast<void>(random.below(0)), "positive");
  EXPECT_DEATH(static_cast<void>(random.between(2, 1)), "not empty");
}

}  // namespace
}  // namespace firedrill::sim
