#include "system/adapters/owned_coroutines.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <utility>

namespace firedrill::adapters {

namespace asio = boost::asio;

struct OwnedCoroutines::State {
  OnBug on_bug;
  std::list<asio::cancellation_signal> running;
  bool stopped = false;
};

namespace {

/// The completion handler of one coroutine. Its life is that of the coroutine's outermost frame,
/// also where that is destroyed without completing.
class Completion {
 public:
  explicit Completion(std::shared_ptr<OwnedCoroutines::State> state)
      : state_(std::move(state)), self_(state_->running.emplace(state_->running.end())) {}
  Completion(Completion&& other) noexcept : state_(std::move(other.state_)), self_(other.self_) {}
  Completion& operator=(Completion&&) = delete;
  ~Completion() {
    if (state_) state_->running.erase(self_);
  }

  // Not by bind_cancellation_slot: with a handler that it has wrapped, co_spawn does not cancel at
  // once but posts, and the coroutine could run on in between.
  using cancellation_slot_type = asio::cancellation_slot;
  cancellation_slot_type get_cancellation_slot() const noexcept { return self_->slot(); }

  void operator()(std::exception_ptr exception) {
    if (exception && !is_our_cancellation(exception)) state_->on_bug(exception);
  }

 private:
  bool is_our_cancellation(const std::exception_ptr& exception) const {
    if (!state_->stopped) return false;
    try {
      std::rethrow_exception(exception);
    } catch (const boost::system::system_error& error) {
      return error.code() == asio::error::operation_aborted;
    } catch (...) {
      return false;
    }
  }

  std::shared_ptr<OwnedCoroutines::State> state_;
  std::list<asio::cancellation_signal>::iterator self_;
};

}  // namespace

OwnedCoroutines::OwnedCoroutines(asio::any_io_executor executor, OnBug on_bug)
    : executor_(std::move(executor)), state_(std::make_shared<State>()) {
  state_->on_bug = std::move(on_bug);
}

void OwnedCoroutines::spawn(asio::awaitable<void> coroutine) {
  if (state_->stopped) return;
  // co_spawn would begin inline where the caller is on the loop already; and where it is not, Boost
  // 1.81 lets an exception out of the loop when the coroutine is cancelled before it began.
  asio::post(executor_, [executor = executor_, state = state_, completion = Completion(state_),
                         first = std::move(coroutine)]() mutable {
    if (state->stopped) return;
    asio::co_spawn(executor, std::move(first), std::move(completion));
  });
}

void OwnedCoroutines::stop() {
  if (std::exchange(state_->stopped, true)) return;
  // Emitting only posts: no frame goes, and so no signal goes, within this loop.
  for (auto& signal : state_->running) signal.emit(asio::cancellation_type::terminal);
}

std::size_t OwnedCoroutines::running() const {
  return state_->running.size();
}

}  // namespace firedrill::adapters
