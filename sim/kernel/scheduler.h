#pragma once

#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/intrusive_list.h"
#include "sim/kernel/random_stream.h"
#include "system/domain/check.h"
#include "system/domain/time.h"

namespace firedrill::sim {

class Lane;
class Scheduler;

/// Something that happens once at a virtual time. Lives in whatever it is about (a timer, a
/// connection, a waiting coroutine) and may be scheduled again after it fired. Destroying it
/// cancels it.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool scheduled() const { return place_ != Place::none; }
  void cancel();

 protected:
  ~Event() { cancel(); }

 private:
  friend class Lane;
  friend class Scheduler;

  enum class Place : std::uint8_t { none, heap, ready, held };

  /// Runs at the event's time, no longer scheduled. May destroy the event.
  virtual void fire() = 0;

  Lane* lane_ = nullptr;
  std::uint32_t index_ = 0;  ///< within its place
  Place place_ = Place::none;
};

/// A coroutine that waits, or anything else that a lane must give up when it is dropped.
class Waiter : public ListNode {
 public:
  /// Gives up whatever it holds. The member has left the lane's list before.
  virtual void abandon() = 0;

 protected:
  ~Waiter() = default;
};

/// The events of one process: scheduled, paused and dropped as a whole.
class Lane {
 public:
  /// `number` tells lanes apart in the digest and by priority; unique within a scheduler.
  Lane(Scheduler& scheduler, std::uint32_t number);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane();

  Scheduler& scheduler() { return scheduler_; }
  std::uint32_t number() const { return number_; }

  /// While paused, events that become due are held back; resume() makes them ready in the order in
  /// which they became due. Pauses nest: each needs its own resume(), of which one too many does
  /// nothing.
  void pause() { ++pauses_; }
  void resume();
  bool paused() const { return pauses_ > 0; }
  /// How many events pauses have held back so far.
  std::uint64_t held_back() const { return held_back_; }

  /// Destroys every coroutine that waits here and every handler that was posted here, until nothing
  /// is left: unwinding a coroutine posts more (see Asio's awaitable_thread). Nothing of this lane
  /// runs meanwhile, but the destructors. Ends every pause. Not to be called by a coroutine of this
  /// lane: it would go on after everything around it has gone.
  void drop();

  void add(Waiter& waiter) { waiters_.push_back(waiter); }

  /// Runs `handler` later, at this instant of virtual time.
  template <class Handler>
  void post(Handler handler);

  /// Runs `handler` at `when`, unless the lane is dropped before.
  template <class Handler>
  void post_at(Instant when, Handler handler);

 private:
  friend class Event;
  friend class Scheduler;
  template <class Handler>
  class PostedHandler;
  class Posted : public Event, public ListNode {
   public:
    virtual void destroy() = 0;

   protected:
    ~Posted() = default;
  };

  Scheduler& scheduler_;
  std::uint32_t number_;
  std::uint32_t pauses_ = 0;
  std::uint64_t priority_ = 0;
  std::uint64_t held_back_ = 0;
  std::vector<Event*> held_;  ///< nullptr where an event was cancelled
  IntrusiveList<Waiter> waiters_;
  IntrusiveList<Posted> posted_;
};

/// Which of several ready events runs next.
struct PickPolicy {
  enum class Kind : std::uint8_t {
    first_come,  ///< in the order in which they were scheduled
    random,      ///< uniformly at random
    pct,         ///< the lane of the highest random priority; at `change_points` random steps the
                 ///< running lane falls behind all others (Burckhardt et al., "A randomized
                 ///< scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010)
  };

  Kind kind = Kind::first_come;
  std::uint32_t change_points = 0;
  std::uint64_t expected_steps = 20'000;  ///< the change points fall in [0, expected_steps)
};

/// Runs events in the order of virtual time, which moves only when nothing is ready. One thread.
/// Same seed, same calls: same order, same digest.
class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed, PickPolicy policy = {});
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  Instant now() const { return now_; }
  Digest& digest() { return digest_; }
  std::uint64_t steps() const { return steps_; }

  /// Schedules `event` on `lane`; an instant in the past means now. Precondition: not scheduled.
  void at(Event& event, Lane& lane, Instant when);
  void soon(Event& event, Lane& lane) { make_ready(event, lane); }

  /// Runs the next event that is due at `until` or before; false where there is none: then
  /// now() == until.
  bool step(Instant until);
  void run_until(Instant until) {
    while (step(until)) {
    }
  }

  /// Where set, receives the digest after every step: to find where two runs part.
  void set_trail(std::vector<std::uint64_t>* trail) { trail_ = trail; }

  /// What Asio's executors call their context.
  boost::asio::execution_context& context() { return context_; }

 private:
  friend class Event;
  friend class Lane;
  template <class Handler>
  friend class Lane::PostedHandler;

  struct Entry {
    Instant at;
    std::uint64_t sequence;
    Event* event;

    bool before(const Entry& other) const {
      return at != other.at ? at < other.at : sequence < other.sequence;
    }
  };

  static constexpr std::size_t kBlock = 96;  ///< bytes; an ordinary posted handler fits
  struct FreeBlock {
    FreeBlock* next;
  };

  void* allocate(std::size_t size);
  void release(void* block, std::size_t size);

  void cancel(Event& event);
  void make_ready(Event& event, Lane& lane);
  void heap_remove(std::size_t index);
  void sift_up(std::size_t index, Entry entry);
  void sift_down(std::size_t index, Entry entry);
  void place(std::size_t index, const Entry& entry);
  Event* take_first_come(Instant until);
  Event* take_picked(Instant until);
  bool gather(Instant until);
  std::size_t pick();
  Event* take_ready(std::size_t index);
  void compact_ready();
  void run(Event& event);

  std::uint64_t seed_;
  Instant now_{};
  Digest digest_;
  std::uint64_t steps_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::vector<Entry> heap_;    ///< 4-ary, the earliest first
  std::vector<Event*> ready_;  ///< from ready_head_; nullptr where cancelled or taken
  std::size_t ready_head_ = 0;
  std::size_t ready_count_ = 0;
  PickPolicy policy_;
  RandomStream picks_;
  std::vector<std::uint64_t> change_steps_;     ///< descending
  std::uint64_t lowest_priority_ = 1ULL << 63;  ///< counts down as lanes fall behind
  std::vector<std::uint64_t>* trail_ = nullptr;
  FreeBlock* free_ = nullptr;
  boost::asio::execution_context context_;
};

inline void Event::cancel() {
  if (place_ != Place::none) lane_->scheduler_.cancel(*this);
}

template <class Handler>
class Lane::PostedHandler final : public Posted {
 public:
  static void post(Lane& lane, Instant when, Handler handler) {
    static_assert(alignof(PostedHandler) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    void* block = lane.scheduler_.allocate(sizeof(PostedHandler));
    auto* posted = new (block) PostedHandler(lane, std::move(handler));
    lane.posted_.push_back(*posted);
    lane.scheduler_.at(*posted, lane, when);
  }

  void destroy() override { static_cast<void>(take()); }

 private:
  PostedHandler(Lane& lane, Handler handler) : owner_(lane), handler_(std::move(handler)) {}
  ~PostedHandler() = default;

  void fire() override {
    Handler handler = take();
    std::move(handler)();
  }

  /// Moves the handler out, then gives the block back: the handler may post or drop the lane.
  Handler take() {
    Handler handler = std::move(handler_);
    Scheduler& scheduler = owner_.scheduler_;
    this->~PostedHandler();
    scheduler.release(this, sizeof(PostedHandler));
    return handler;
  }

  Lane& owner_;
  Handler handler_;
};

template <class Handler>
void Lane::post(Handler handler) {
  PostedHandler<Handler>::post(*this, scheduler_.now(), std::move(handler));
}

template <class Handler>
void Lane::post_at(Instant when, Handler handler) {
  PostedHandler<Handler>::post(*this, when, std::move(handler));
}

}  // namespace firedrill::sim
