#include "sim/kernel/scheduler.h"

#include <algorithm>

namespace firedrill::sim {

namespace {

constexpr std::size_t kArity = 4;

}  // namespace

Lane::Lane(Scheduler& scheduler, std::uint32_t number) : scheduler_(scheduler), number_(number) {
  // Not a draw from a shared stream: a lane more must not change the other lanes' priorities.
  priority_ = stream_seed(scheduler.seed_, "priority", number) | (1ULL << 63);
}

Lane::~Lane() {
  drop();
}

void Lane::resume() {
  if (pauses_ == 0 || --pauses_ > 0) return;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    Event* event = held_[i];
    if (event == nullptr) continue;
    event->place_ = Event::Place::none;
    scheduler_.make_ready(*event, *this);
  }
  held_.clear();
}

void Lane::drop() {
  while (true) {
    if (!waiters_.empty()) {
      Waiter& waiter = waiters_.front();
      waiter.unlink();
      waiter.abandon();
    } else if (!posted_.empty()) {
      posted_.front().destroy();
    } else {
      break;
    }
  }
  if (paused()) {  // what others scheduled here (a message on its way) is theirs
    pauses_ = 1;
    resume();
  }
}

Scheduler::Scheduler(std::uint64_t seed, PickPolicy policy)
    : seed_(seed), policy_(policy), picks_(stream_seed(seed, "schedule"), &digest_) {
  digest_.fold(seed);
  if (policy_.kind == PickPolicy::Kind::pct) {
    for (std::uint32_t i = 0; i < policy_.change_points; ++i) {
      change_steps_.push_back(picks_.below(policy_.expected_steps));
    }
    std::sort(change_steps_.rbegin(), change_steps_.rend());
  }
}

Scheduler::~Scheduler() {
  check(heap_.empty() && ready_count_ == 0, "a scheduler outlives its events");
  while (free_ != nullptr) {
    FreeBlock* next = free_->next;
    ::operator delete(free_);
    free_ = next;
  }
}

void* Scheduler::allocate(std::size_t size) {
  if (size > kBlock) return ::operator new(size);
  if (free_ == nullptr) return ::operator new(kBlock);
  return std::exchange(free_, free_->next);
}

void Scheduler::release(void* block, std::size_t size) {
  if (size > kBlock) {
    ::operator delete(block);
    return;
  }
  free_ = new (block) FreeBlock{free_};
}

void Scheduler::place(std::size_t index, const Entry& entry) {
  heap_[index] = entry;
  entry.event->index_ = static_cast<std::uint32_t>(index);
}

void Scheduler::sift_up(std::size_t index, Entry entry) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void Scheduler::sift_down(std::size_t index, Entry entry) {
  const std::size_t size = heap_.size();
  while (true) {
    const std::size_t first = index * kArity + 1;
    if (first >= size) break;
    const std::size_t last = std::min(first + kArity, size);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, entry);
}

void Scheduler::heap_remove(std::size_t index) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.before(heap_[(index - 1) / kArity])) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

void Scheduler::at(Event& event, Lane& lane, Instant when) {
  if (when <= now_) {
    make_ready(event, lane);
    return;
  }
  check(event.place_ == Event::Place::none, "an event is scheduled once");
  event.lane_ = &lane;
  event.place_ = Event::Place::heap;
  heap_.emplace_back();
  sift_up(heap_.size() - 1, Entry{when, next_sequence_++, &event});
}

void Scheduler::make_ready(Event& event, Lane& lane) {
  check(event.place_ == Event::Place::none, "an event is scheduled once");
  event.lane_ = &lane;
  event.place_ = Event::Place::ready;
  event.index_ = static_cast<std::uint32_t>(ready_.size());
  ready_.push_back(&event);
  ++ready_count_;
}

void Scheduler::cancel(Event& event) {
  switch (std::exchange(event.place_, Event::Place::none)) {
    case Event::Place::none: break;
    case Event::Place::heap: heap_remove(event.index_); break;
    case Event::Place::ready:
      ready_[event.index_] = nullptr;
      --ready_count_;
      break;
    case Event::Place::held: event.lane_->held_[event.index_] = nullptr; break;
  }
}

Event* Scheduler::take_ready(std::size_t index) {
  Event* event = std::exchange(ready_[index], nullptr);
  event->place_ = Event::Place::none;
  --ready_count_;
  if (ready_count_ == 0) {
    ready_.clear();
    ready_head_ = 0;
  }
  return event;
}

/// What was due when time came here goes before what was posted since: it was scheduled earlier.
Event* Scheduler::take_first_come(Instant until) {
  if (ready_count_ > 0 && (heap_.empty() || heap_.front().at > now_)) {
    while (ready_[ready_head_] == nullptr) ++ready_head_;
    return take_ready(ready_head_++);
  }
  if (ready_count_ == 0) {
    ready_.clear();
    ready_head_ = 0;
  }
  if (heap_.empty() || heap_.front().at > until) return nullptr;
  now_ = heap_.front().at;
  Event* event = heap_.front().event;
  event->place_ = Event::Place::none;
  heap_remove(0);
  return event;
}

/// Makes everything ready that is due at the next instant. False where there is nothing.
bool Scheduler::gather(Instant until) {
  if (ready_count_ == 0) {
    ready_.clear();
    if (heap_.empty() || heap_.front().at > until) return false;
    now_ = heap_.front().at;
  }
  while (!heap_.empty() && heap_.front().at == now_) {
    Event* event = heap_.front().event;
    event->place_ = Event::Place::none;
    heap_remove(0);
    make_ready(*event, *event->lane_);
  }
  return true;
}

void Scheduler::compact_ready() {
  if (ready_count_ == ready_.size()) return;
  std::size_t to = 0;
  for (Event* event : ready_) {
    if (event == nullptr) continue;
    event->index_ = static_cast<std::uint32_t>(to);
    ready_[to++] = event;
  }
  ready_.resize(to);
}

std::size_t Scheduler::pick() {
  if (ready_.size() == 1) return 0;
  if (policy_.kind == PickPolicy::Kind::random) return picks_.below(ready_.size());
  std::size_t best = 0;
  for (std::size_t i = 1; i < ready_.size(); ++i) {
    if (ready_[i]->lane_->priority_ > ready_[best]->lane_->priority_) best = i;
  }
  return best;
}

Event* Scheduler::take_picked(Instant until) {
  if (!gather(until)) return nullptr;
  compact_ready();
  Event* event = take_ready(pick());
  while (!change_steps_.empty() && change_steps_.back() <= steps_) {
    change_steps_.pop_back();
    event->lane_->priority_ = --lowest_priority_;
  }
  return event;
}

void Scheduler::run(Event& event) {
  Lane& lane = *event.lane_;
  if (lane.paused()) {
    ++lane.held_back_;
    event.place_ = Event::Place::held;
    event.index_ = static_cast<std::uint32_t>(lane.held_.size());
    lane.held_.push_back(&event);
    return;
  }
  ++steps_;
  digest_.fold(static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^
               (static_cast<std::uint64_t>(lane.number_) << 48));
  event.fire();
  if (trail_ != nullptr) trail_->push_back(digest_.value());
}

bool Scheduler::step(Instant until) {
  Event* event =
      policy_.kind == PickPolicy::Kind::first_come ? take_first_come(until) : take_picked(until);
  if (event == nullptr) {
    if (until > now_) now_ = until;
    return false;
  }
  run(*event);
  return true;
}

}  // namespace firedrill::sim
