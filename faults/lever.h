#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "faults/fault.h"

namespace firedrill::faults {

/// What a server does otherwise for as long as the fault lasts: `set` is called with true when it
/// begins, and with false when it ends. It took effect once the server has counted something
/// meanwhile.
template <class Set>
class Held final : public ActiveFault {
 public:
  Held(Set set, const std::uint64_t& counter)
      : set_(std::move(set)), counter_(counter), before_(counter) {
    set_(true);
  }
  void end() override { set_(false); }
  bool took_effect() const override { return counter_ > before_; }

 private:
  Set set_;
  const std::uint64_t& counter_;
  std::uint64_t before_;
};

template <class Set>
std::unique_ptr<ActiveFault> hold(Set set, const std::uint64_t& counter) {
  return std::make_unique<Held<Set>>(std::move(set), counter);
}

/// The same for a lever that is moved by an amount: those of several faults add up.
template <class Amount>
std::unique_ptr<ActiveFault> move_lever(Amount& lever, std::type_identity_t<Amount> by,
                                        const std::uint64_t& counter) {
  return hold([&lever, by](bool on) { on ? lever += by : lever -= by; }, counter);
}

}  // namespace firedrill::faults
