#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <memory>
#include <string_view>

#include "sim/kernel/executor.h"

namespace firedrill::sim {

/// Ends the program where a coroutine of a service threw.
void check_no_bug(std::string_view who, std::exception_ptr error);

/// Coroutines with an owner within their process. The owner's end is theirs: those that wait are
/// destroyed as they stand, those that have not begun never do. One that is running (it ended its
/// owner itself) runs on.
class OwnedCoroutines {
 public:
  explicit OwnedCoroutines(Executor executor);
  OwnedCoroutines(const OwnedCoroutines&) = delete;
  OwnedCoroutines& operator=(const OwnedCoroutines&) = delete;
  ~OwnedCoroutines();

  /// Starts it later, at this instant of virtual time.
  void spawn(boost::asio::awaitable<void> coroutine);

  struct State;

 private:
  Executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace firedrill::sim
