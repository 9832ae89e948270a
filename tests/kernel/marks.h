#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "sim/kernel/scheduler.h"

namespace firedrill::sim {

/// An event that writes its number down when it fires, then does what it was told.
class Mark final : public Event {
 public:
  Mark(std::vector<int>& seen, int number, std::function<void()> then = {})
      : seen_(seen), number_(number), then_(std::move(then)) {}

 private:
  void fire() override {
    seen_.push_back(number_);
    if (then_) then_();
  }

  std::vector<int>& seen_;
  int number_;
  std::function<void()> then_;
};

inline Instant at_ms(std::int64_t ms) {
  return Instant(from_ms(ms));
}

}  // namespace firedrill::sim
