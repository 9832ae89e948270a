#include "sim/world/message.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "sim/world/fold.h"

namespace firedrill::sim {
namespace {

/// Counts its living, at a size of choice.
template <std::size_t kSize>
struct Load {
  explicit Load(int& counter, int number = 0) : alive(&counter), value(number) { ++*alive; }
  Load(Load&& other) noexcept : alive(other.alive), value(other.value) { ++*alive; }
  Load& operator=(Load&&) = delete;
  ~Load() { --*alive; }

  int* alive;
  int value;
  std::array<char, kSize> bytes{};
};

template <std::size_t kSize>
void fold(Digest& digest, const Load<kSize>& load) {
  digest.fold(static_cast<std::uint64_t>(load.value));
}

using Small = Load<8>;
using Large = Load<200>;

template <class T>
class MessageOf : public testing::Test {};
using Sizes = testing::Types<Small, Large>;
TYPED_TEST_SUITE(MessageOf, Sizes);

TYPED_TEST(MessageOf, OwnsItsValue) {
  int alive = 0;
  {
    Message message = Message::of(TypeParam(alive, 7));
    EXPECT_EQ(alive, 1);
    ASSERT_NE(message.get<TypeParam>(), nullptr);
    EXPECT_EQ(message.get<TypeParam>()->value, 7);
  }
  EXPECT_EQ(alive, 0);
}

TYPED_TEST(MessageOf, MovesAndLeavesNothingBehind) {
  int alive = 0;
  Message first = Message::of(TypeParam(alive, 7));
  Message second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(alive, 1);
  Message third = Message::of(TypeParam(alive, 8));
  EXPECT_EQ(alive, 2);
  third = std::move(second);
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(third.get<TypeParam>()->value, 7);
  Message& same = third;
  third = std::move(same);
  EXPECT_EQ(third.get<TypeParam>()->value, 7);
  third = {};
  EXPECT_EQ(alive, 0);
}

TYPED_TEST(MessageOf, GivesItsValueAway) {
  int alive = 0;
  Message message = Message::of(TypeParam(alive, 7));
  const TypeParam taken = message.take<TypeParam>();
  EXPECT_TRUE(message.empty());
  EXPECT_EQ(taken.value, 7);
  EXPECT_EQ(alive, 1);
}

TYPED_TEST(MessageOf, FoldsItsValue) {
  int alive = 0;
  const auto digest = [&](int value) {
    Digest folded;
    Message::of(TypeParam(alive, value)).fold_into(folded);
    return folded.value();
  };
  EXPECT_EQ(digest(7), digest(7));
  EXPECT_NE(digest(7), digest(8));
}

TEST(Message, KnowsItsType) {
  int alive = 0;
  Message message = Message::of(Small(alive));
  EXPECT_EQ(message.get<Large>(), nullptr);
  EXPECT_NE(message.get<Small>(), nullptr);
  EXPECT_EQ(Message().get<Small>(), nullptr);
  EXPECT_TRUE(Message().empty());
}

TEST(MessageDeathTest, IsOfTheTypeThatIsTaken) {
  int alive = 0;
  Message message = Message::of(Small(alive));
  EXPECT_DEATH(static_cast<void>(message.take<Large>()), "of the type");
}

TEST(Message, AnEmptyOneFoldsNothing) {
  Digest digest;
  Message().fold_into(digest);
  EXPECT_EQ(digest.value(), Digest().value());
}

std::uint64_t of(const RedisReply& reply) {
  Digest digest;
  fold(digest, reply);
  return digest.value();
}

TEST(FoldRedisReply, SeesTheShape) {
  const RedisReply a = RedisReply::of(1);
  const RedisReply b = RedisReply::of(2);
  using Items = std::vector<RedisReply>;
  const auto array = [](Items items) { return RedisReply::array(std::move(items)); };
  EXPECT_EQ(of(a), of(a));
  EXPECT_NE(of(a), of(b));
  EXPECT_NE(of(array(Items{array(Items{a}), b})), of(array(Items{array(Items{a, b})})));
}

}  // namespace
}  // namespace firedrill::sim
