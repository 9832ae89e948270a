#include "sim/postgres/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace firedrill::sim::postgres {
namespace {

TEST(Fiber, RunsInTurns) {
  Stacks stacks;
  std::string seen;
  Fiber* inside = nullptr;
  Fiber fiber(stacks, [&] {
    seen += "a";
    inside->suspend();
    seen += "c";
  });
  inside = &fiber;
  fiber.resume();
  EXPECT_FALSE(fiber.is_done());
  seen += "b";
  fiber.resume();
  EXPECT_TRUE(fiber.is_done());
  EXPECT_EQ(seen, "abc");
}

TEST(Fiber, IsUnwoundWhereItIsDestroyed) {
  Stacks stacks;
  auto held = std::make_shared<int>(1);
  {
    Fiber* inside = nullptr;
    Fiber fiber(stacks, [&inside, held] {
      auto also = held;
      inside->suspend();
      ADD_FAILURE() << "goes on after its end";
    });
    inside = &fiber;
    EXPECT_EQ(held.use_count(), 2);
    fiber.resume();
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Fiber, NeverEnteredRunsNothing) {
  Stacks stacks;
  bool ran = false;
  {
    Fiber fiber(stacks, [&ran] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

TEST(Fiber, ThrowsOutOfResume) {
  Stacks stacks;
  Fiber fiber(stacks, [] { throw std::runtime_error("oops"); });
  EXPECT_THROW(fiber.resume(), std::runtime_error);
  EXPECT_TRUE(fiber.is_done());
}

TEST(Fiber, SuspendsWithinHandlersOfItsOwn) {
  Stacks stacks;
  std::string seen;
  std::vector<std::unique_ptr<Fiber>> fibers;
  for (std::size_t i = 0; i < 3; ++i) {
    fibers.push_back(std::make_unique<Fiber>(stacks, [&fibers, &seen, i] {
      try {
        throw std::runtime_error(std::to_string(i));
      } catch (const std::runtime_error&) {
        fibers[i]->suspend();
        try {
          throw;
        } catch (const std::runtime_error& again) {
          seen += again.what();
        }
      }
    }));
  }
  for (auto& fiber : fibers) fiber->resume();
  for (auto& fiber : fibers) fiber->resume();
  EXPECT_EQ(seen, "012");
}

TEST(Fiber, StacksAreUsedAgain) {
  Stacks stacks;
  for (int i = 0; i < 1000; ++i) {
    int depth = 0;
    std::function<void()> deeper = [&] {
      std::array<char, 100> frame{};
      frame[static_cast<std::size_t>(depth)] = 'x';
      if (++depth < 50) deeper();
    };
    Fiber fiber(stacks, deeper);
    fiber.resume();
    EXPECT_EQ(depth, 50);
  }
}

}  // namespace
}  // namespace firedrill::sim::postgres
