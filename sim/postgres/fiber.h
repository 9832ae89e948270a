#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace firedrill::sim::postgres {

/// Stacks for fibers, used again and again. Outlives its fibers.
class Stacks {
 public:
  /// Of addresses; of memory, what is used. Enough for kMaxNesting (query/nesting.h), sanitizers
  /// included.
  static constexpr std::size_t kBytes = 16 * 1024 * 1024;

  Stacks() = default;
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks();

  /// The lowest address of kBytes, below which a guard page lies.
  std::byte* take();
  void give_back(std::byte* bottom);

 private:
  std::vector<std::byte*> free_;
  std::size_t taken_ = 0;
};

/// A function that can be left in its middle, and gone on with later: suspend() returns to whoever
/// called resume(). Nothing runs beside anything else.
///
/// The body of one that is destroyed before it is done is unwound: suspend() throws within it what
/// nobody may swallow (a `catch (...)` throws again).
class Fiber {
 public:
  /// Runs nothing of the body before the first resume().
  Fiber(Stacks& stacks, std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Until the body suspends or ends. What the body throws leaves by here. Not from within, nor
  /// after the end.
  void resume();
  /// From within the body alone.
  void suspend();
  bool is_done() const;
  bool is_running() const;

 private:
  class Switch;
  std::unique_ptr<Switch> switch_;
};

}  // namespace firedrill::sim::postgres
