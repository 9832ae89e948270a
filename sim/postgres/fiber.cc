#include "sim/postgres/fiber.h"

#include <cxxabi.h>
#include <sys/mman.h>

#include <array>
#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <cstring>
#include <exception>
#include <utility>

#include "system/domain/check.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace firedrill::sim::postgres {

namespace {

namespace context = boost::context;

constexpr std::size_t kGuardBytes = 4096;

/// What unwinds the body of a fiber that is destroyed.
struct Unwind {};

// The sanitizer has to be told which stack is being run on; without it, nothing is done.
#if defined(__SANITIZE_ADDRESS__)
void leave_stack(void** own, const void* bottom, std::size_t bytes) {
  __sanitizer_start_switch_fiber(own, bottom, bytes);
}
void arrive_on_stack(void* own, const void** bottom, std::size_t* bytes) {
  __sanitizer_finish_switch_fiber(own, bottom, bytes);
}
void forget_frames(std::byte* bottom) {
  __asan_unpoison_memory_region(bottom, Stacks::kBytes);
}
#else
void leave_stack(void**, const void*, std::size_t) {}
void arrive_on_stack(void*, const void**, std::size_t*) {}
void forget_frames(std::byte*) {}
#endif

/// The exceptions that are being handled at present: of each stack its own, though the runtime
/// keeps them by thread. The layout is the ABI's.
class HandledExceptions {
 public:
  void exchange() {
    std::array<std::byte, kBytes> current{};
    void* globals = abi::__cxa_get_globals();
    std::memcpy(current.data(), globals, kBytes);
    std::memcpy(globals, kept_.data(), kBytes);
    kept_ = current;
  }

 private:
  static constexpr std::size_t kBytes = 2 * sizeof(void*);
  alignas(void*) std::array<std::byte, kBytes> kept_{};
};

/// The stack goes back to its pool once the context has left it for good.
struct PooledStack {
  Stacks* stacks;
  context::stack_context allocate() {
    std::byte* bottom = stacks->take();
    forget_frames(bottom);
    context::stack_context stack;
    stack.size = Stacks::kBytes;
    stack.sp = bottom + Stacks::kBytes;
    return stack;
  }
  void deallocate(context::stack_context& stack) {
    stacks->give_back(static_cast<std::byte*>(stack.sp) - Stacks::kBytes);
  }
};

}  // namespace

std::byte* Stacks::take() {
  ++taken_;
  if (!free_.empty()) {
    std::byte* bottom = free_.back();
    free_.pop_back();
    return bottom;
  }
  void* memory = mmap(nullptr, kGuardBytes + kBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(memory != MAP_FAILED, "there is memory for a fiber's stack");
  check(mprotect(memory, kGuardBytes, PROT_NONE) == 0, "a guard page can be set");
  return static_cast<std::byte*>(memory) + kGuardBytes;
}

void Stacks::give_back(std::byte* bottom) {
  --taken_;
  free_.push_back(bottom);
}

Stacks::~Stacks() {
  check(taken_ == 0, "stacks outlive the fibers on them");
  for (std::byte* bottom : free_) {
    forget_frames(bottom);
    munmap(bottom - kGuardBytes, kGuardBytes + kBytes);
  }
}

class Fiber::Switch {
 public:
  Switch(Stacks& stacks, std::function<void()> body) : body_(std::move(body)) {
    PooledStack pool{&stacks};
    context::stack_context stack = pool.allocate();
    bottom_ = static_cast<std::byte*>(stack.sp) - Stacks::kBytes;
    inside_ =
        context::fiber(std::allocator_arg, context::preallocated(stack.sp, stack.size, stack), pool,
                       [this](context::fiber&& caller) { return run(std::move(caller)); });
  }

  /// A body that was never entered has nothing to unwind; it is entered all the same, for the
  /// context ends there.
  ~Switch() {
    check(!is_running_, "a fiber is not destroyed from within");
    if (is_done_) return;
    is_unwinding_ = true;
    enter();
    check(is_done_, "a body that is unwound ends");
  }

  void resume() {
    check(!is_running_ && !is_done_, "a fiber that is suspended can go on");
    enter();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  void suspend() {
    check(is_running_, "suspended from within the body");
    void* own_frames = nullptr;
    leave_stack(&own_frames, caller_bottom_, caller_bytes_);
    outside_ = std::move(outside_).resume();
    arrive_on_stack(own_frames, &caller_bottom_, &caller_bytes_);
    if (is_unwinding_) throw Unwind{};
  }

  bool is_done() const { return is_done_; }
  bool is_running() const { return is_running_; }

 private:
  void enter() {
    is_running_ = true;
    exceptions_.exchange();
    void* own_frames = nullptr;
    leave_stack(&own_frames, bottom_, Stacks::kBytes);
    inside_ = std::move(inside_).resume();
    arrive_on_stack(own_frames, nullptr, nullptr);
    exceptions_.exchange();
    is_running_ = false;
  }

  context::fiber run(context::fiber caller) {
    arrive_on_stack(nullptr, &caller_bottom_, &caller_bytes_);
    outside_ = std::move(caller);
    run_body();
    is_done_ = true;
    leave_stack(nullptr, caller_bottom_, caller_bytes_);
    return std::move(outside_);
  }

  void run_body() {
    if (is_unwinding_) return;
    try {
      body_();
    } catch (const Unwind&) {
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  std::function<void()> body_;
  context::fiber inside_;   ///< where the body was left
  context::fiber outside_;  ///< where it is to return to
  std::byte* bottom_ = nullptr;
  const void* caller_bottom_ = nullptr;
  std::size_t caller_bytes_ = 0;
  HandledExceptions exceptions_;
  std::exception_ptr failure_;
  bool is_running_ = false;
  bool is_done_ = false;
  bool is_unwinding_ = false;
};

Fiber::Fiber(Stacks& stacks, std::function<void()> body)
    : switch_(std::make_unique<Switch>(stacks, std::move(body))) {}
Fiber::~Fiber() = default;
void Fiber::resume() {
  switch_->resume();
}
void Fiber::suspend() {
  switch_->suspend();
}
bool Fiber::is_done() const {
  return switch_->is_done();
}
bool Fiber::is_running() const {
  return switch_->is_running();
}

}  // namespace firedrill::sim::postgres
