#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <new>
#include <optional>
#include <utility>

#include "sim/kernel/scheduler.h"

namespace firedrill::sim {

/// One coroutine that waits for one value, until a deadline. Lives in the frame of that coroutine:
/// a wait costs no allocation. Awaited once.
///
/// The handler that Asio gives us owns the coroutine, and the coroutine's frame holds this object.
/// The lane breaks that circle when it is dropped: abandon() destroys the handler, Asio posts the
/// unwinding, the frame goes and takes this with it. A coroutine that was spawned with a
/// cancellation slot is destroyed in the same way when that is told to stop, while it waits here.
template <class T>
class Wait final : public Event, public Waiter {
 public:
  explicit Wait(Lane& lane) : lane_(lane) {}
  ~Wait() { destroy_handler(); }

  /// `co_await wait.until(deadline)` gives the value, or nothing once the deadline has passed. The
  /// value wins where both come at the same instant and complete() came first.
  auto until(Instant deadline) {
    return boost::asio::async_initiate<const boost::asio::deferred_t&, void(std::optional<T>)>(
        Initiation{this, deadline}, boost::asio::deferred);
  }
  auto forever() { return until(Instant::max()); }

  /// Wakes the coroutine at this instant, as a decision of the scheduler. Later calls are ignored.
  void complete(T value) {
    if (done_) return;
    done_ = true;
    result_.emplace(std::move(value));
    if (invoke_ == nullptr) return;
    cancel();
    lane_.scheduler().soon(*this, lane_);
  }

  /// The same, but resumes the coroutine inside this call. For the last thing that an event on the
  /// same lane does: this object, and its caller's, may be gone afterwards.
  void complete_now(T value) {
    if (done_) return;
    done_ = true;
    result_.emplace(std::move(value));
    if (invoke_ == nullptr) return;
    cancel();
    fire();
  }

  bool done() const { return done_; }

 private:
  struct Initiation {
    Wait* wait;
    Instant deadline;

    template <class Handler>
    void operator()(Handler handler) const {
      wait->start(std::move(handler), deadline);
    }
  };

  template <class Handler>
  void start(Handler handler, Instant deadline) {
    static_assert(sizeof(Handler) <= sizeof handler_ && alignof(Handler) <= alignof(void*));
    check(invoke_ == nullptr, "a wait is awaited once");
    auto* stored_handler = new (handler_) Handler(std::move(handler));
    if (auto slot = boost::asio::get_associated_cancellation_slot(*stored_handler);
        slot.is_connected()) {
      slot.assign([this](boost::asio::cancellation_type) {
        unlink();
        abandon();  // takes this lambda with it
      });
    }
    invoke_ = [](void* memory, std::optional<T>* value) {
      auto* stored = static_cast<Handler*>(memory);
      Handler moved = std::move(*stored);
      stored->~Handler();
      // Always: who says stop later, or twice, must not reach what is gone by then.
      if (auto slot = boost::asio::get_associated_cancellation_slot(moved); slot.is_connected()) {
        slot.clear();
      }
      if (value != nullptr) std::move(moved)(std::move(*value));
    };
    lane_.add(*this);
    if (done_) {
      lane_.scheduler().soon(*this, lane_);
    } else if (deadline != Instant::max()) {
      lane_.scheduler().at(*this, lane_, deadline);
    }
  }

  void fire() override {
    done_ = true;
    unlink();
    std::optional<T> value = std::move(result_);
    auto* invoke = std::exchange(invoke_, nullptr);
    invoke(handler_, &value);
  }

  void abandon() override { destroy_handler(); }

  void destroy_handler() {
    cancel();
    if (auto* invoke = std::exchange(invoke_, nullptr)) invoke(handler_, nullptr);
  }

  Lane& lane_;
  std::optional<T> result_;
  bool done_ = false;
  void (*invoke_)(void*, std::optional<T>*) = nullptr;  ///< nullptr: destroys only
  alignas(void*) std::byte handler_[4 * sizeof(void*)];
};

}  // namespace firedrill::sim
