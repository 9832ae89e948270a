#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

/// The place where a coroutine of a service waits for a port.
///
/// All waiting of service code happens here, and resume() goes on inline, not by a posted handler.
/// So a coroutine that its owner stops (see OwnedCoroutines) is surely parked and is destroyed
/// without running another line: the stop drops the continuation, and Asio posts the unwinding
/// of the frames. The same happens where the Parked itself goes first.
class Parked {
 public:
  Parked() = default;
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  /// Suspends until resume(). One coroutine at a time.
  boost::asio::awaitable<void> park() {
    boost::asio::use_awaitable_t<> token;
    return boost::asio::async_initiate<boost::asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          check(!continuation_, "one coroutine is parked in a place");
          auto slot = boost::asio::get_associated_cancellation_slot(handler);
          if (slot.is_connected()) {
            slot.assign([this](boost::asio::cancellation_type) { continuation_.reset(); });
          }
          continuation_ = std::make_unique<ContinuationOf<decltype(handler)>>(std::move(handler));
        },
        token);
  }

  /// Runs the coroutine until it waits again or ends; nothing where nobody is parked. The Parked
  /// may be gone afterwards.
  void resume() {
    if (auto continuation = std::move(continuation_)) continuation->run();
  }

 private:
  struct Continuation {
    virtual ~Continuation() = default;
    virtual void run() = 0;
  };

  template <class Handler>
  struct ContinuationOf final : Continuation {
    explicit ContinuationOf(Handler&& value) : handler(std::move(value)) {}
    void run() override { std::move(handler)(); }
    Handler handler;
  };

  std::unique_ptr<Continuation> continuation_;
};

}  // namespace firedrill::adapters
