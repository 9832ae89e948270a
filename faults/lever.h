#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include "faults/fault.h"

namespace firedrill::faults {

/// A server's lever that is moved by an amount for as long as the fault lasts. Faults of one kind
/// add up. It took effect once the server has counted something meanwhile.
template <class Amount>
class LeverMoved final : public ActiveFault {
 public:
  LeverMoved(Amount& lever, Amount by, const std::uint64_t& counter)
      : lever_(lever), by_(by), counter_(counter), before_(counter) {
    lever_ += by_;
  }
  void end() override { lever_ -= by_; }
  bool took_effect() const override { return counter_ > before_; }

 private:
  Amount& lever_;
  Amount by_;
  const std::uint64_t& counter_;
  std::uint64_t before_;
};

template <class Amount>
std::unique_ptr<ActiveFault> move_lever(Amount& lever, std::type_identity_t<Amount> by,
                                        const std::uint64_t& counter) {
  return std::make_unique<LeverMoved<Amount>>(lever, by, counter);
}

}  // namespace firedrill::faults
