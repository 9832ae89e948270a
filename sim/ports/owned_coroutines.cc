#include "sim/ports/owned_coroutines.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdio>
#include <list>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim {

namespace asio = boost::asio;

void check_no_bug(std::string_view who, std::exception_ptr error) {
  if (error == nullptr) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "firedrill: %.*s threw: %s\n", static_cast<int>(who.size()), who.data(),
                 bug.what());
  }
  check(false, "a coroutine of a service does not throw");
}

struct OwnedCoroutines::State {
  struct Running {
    asio::cancellation_signal stop;
    bool begun = false;
  };
  std::list<Running> running;
  bool stopped = false;
};

namespace {

using State = OwnedCoroutines::State;
using Self = std::list<State::Running>::iterator;

/// Lives as long as the coroutine's outermost frame.
class Completion {
 public:
  Completion(std::shared_ptr<State> state, Self self) : state_(std::move(state)), self_(self) {}
  Completion(Completion&& other) noexcept : state_(std::move(other.state_)), self_(other.self_) {}
  Completion& operator=(Completion&&) = delete;
  ~Completion() {
    if (state_ != nullptr) state_->running.erase(self_);
  }

  // Not by bind_cancellation_slot: with a handler that it has wrapped, co_spawn posts the stop.
  using cancellation_slot_type = asio::cancellation_slot;
  cancellation_slot_type get_cancellation_slot() const noexcept { return self_->stop.slot(); }

  void operator()(std::exception_ptr error) { check_no_bug("a handler", std::move(error)); }

 private:
  std::shared_ptr<State> state_;
  Self self_;
};

asio::awaitable<void> run(std::shared_ptr<State> state, Self self, asio::awaitable<void> work) {
  if (state->stopped) co_return;
  co_await asio::this_coro::throw_if_cancelled(false);
  self->begun = true;
  co_await std::move(work);
}

}  // namespace

OwnedCoroutines::OwnedCoroutines(Executor executor)
    : executor_(executor), state_(std::make_shared<State>()) {}

OwnedCoroutines::~OwnedCoroutines() {
  state_->stopped = true;
  // Each stop only posts the unwinding: no frame goes, and no entry with it, within this loop. Who
  // has not begun is not stopped but looks: Boost 1.81 lets an exception out of the scheduler when
  // a coroutine is cancelled before it began.
  for (State::Running& running : state_->running) {
    if (running.begun) running.stop.emit(asio::cancellation_type::terminal);
  }
}

void OwnedCoroutines::spawn(asio::awaitable<void> coroutine) {
  const Self self = state_->running.emplace(state_->running.end());
  asio::co_spawn(asio::any_io_executor(executor_), run(state_, self, std::move(coroutine)),
                 Completion(state_, self));
}

}  // namespace firedrill::sim
