#include <algorithm>

#include "sim/postgres/storage/locks.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

/// Who waits for whom: for those who hold what conflicts (hard edges), and for those who wait in
/// the same queue, ahead, for what conflicts (soft edges), which another order of the queue turns
/// around.
class DeadlockSearch {
 public:
  explicit DeadlockSearch(Locks& locks) : locks_(locks) {}

  std::vector<LockWait> run(BackendId start) {
    if (is_hopeless(start)) {
      orders_.clear();
      find_circle(start);
      return circle_;
    }
    for (const Order& order : orders_) apply(order);
    return {};
  }

 private:
  using Lock = Locks::Lock;
  using Waiter = Locks::Waiter;

  struct SoftEdge {
    BackendId waiter = 0;
    BackendId blocker = 0;
    Lock* lock = nullptr;
  };
  struct Order {
    Lock* lock = nullptr;
    std::vector<Waiter> queue;
  };
  enum class Outcome : std::uint8_t { fine, soft_circle, hard_circle };

  /// Tries to turn around soft edges, one more at each depth. False: `orders_` has no circle.
  bool is_hopeless(BackendId start) {
    const Outcome outcome = test(start);
    if (outcome != Outcome::soft_circle) return outcome == Outcome::hard_circle;
    const std::vector<SoftEdge> candidates = found_;
    for (const SoftEdge& candidate : candidates) {
      turned_.push_back(candidate);
      if (!is_hopeless(start)) return false;
      turned_.pop_back();
    }
    return true;
  }

  /// Of a soft circle, its soft edges are in `found_`: those of the circle around `start`, if there
  /// is one.
  Outcome test(BackendId start) {
    if (!derive_orders()) return Outcome::hard_circle;
    std::vector<BackendId> from;
    for (const SoftEdge& edge : turned_) {
      from.push_back(edge.waiter);
      from.push_back(edge.blocker);
    }
    from.push_back(start);
    std::vector<SoftEdge> last;
    for (const BackendId backend : from) {
      if (!find_circle(backend)) continue;
      if (soft_.empty()) return Outcome::hard_circle;
      last = soft_;
    }
    found_ = last;
    return last.empty() ? Outcome::fine : Outcome::soft_circle;
  }

  bool find_circle(BackendId start) {
    visited_.clear();
    circle_.clear();
    soft_.clear();
    return leads_back(start);
  }

  bool leads_back(BackendId backend) {
    const auto seen = std::ranges::find(visited_, backend);
    if (seen != visited_.end()) return seen == visited_.begin();
    visited_.push_back(backend);
    const auto found = locks_.backends_.find(backend);
    if (found == locks_.backends_.end() || found->second.awaited == nullptr) return false;
    Lock& lock = *found->second.awaited;
    const auto self = std::ranges::find(lock.queue, backend, &Waiter::backend);
    check(self != lock.queue.end(), "who waits for a lock is in its queue");
    return follow_holders(*self, lock) || follow_queue(*self, lock);
  }

  bool follow_holders(const Waiter& self, Lock& lock) {
    for (const Locks::Holder& holder : lock.holders) {
      if (holder.backend == self.backend) continue;
      if ((holder.modes & Locks::conflicts_of(self.mode)) == 0) continue;
      if (leads_back(holder.backend)) return remember(self, lock, holder.backend);
    }
    return false;
  }

  bool follow_queue(const Waiter& self, Lock& lock) {
    for (const Waiter& ahead : queue_of(lock)) {
      if (ahead.backend == self.backend) break;
      if (!conflict(ahead.mode, self.mode)) continue;
      if (!leads_back(ahead.backend)) continue;
      soft_.push_back({self.backend, ahead.backend, &lock});
      return remember(self, lock, ahead.backend);
    }
    return false;
  }

  /// The circle is found from its end.
  bool remember(const Waiter& self, const Lock& lock, BackendId blocker) {
    circle_.insert(circle_.begin(), {self.backend, lock.tag, self.mode, blocker});
    return true;
  }

  const std::vector<Waiter>& queue_of(const Lock& lock) const {
    const auto order = std::ranges::find(orders_, &lock, &Order::lock);
    return order == orders_.end() ? lock.queue : order->queue;
  }

  /// The queues as the edges that are turned around demand them. False: they contradict.
  bool derive_orders() {
    orders_.clear();
    for (std::size_t count = turned_.size(); count > 0; --count) {
      Lock* lock = turned_[count - 1].lock;
      if (std::ranges::find(orders_, lock, &Order::lock) != orders_.end()) continue;
      Order order{.lock = lock, .queue = {}};
      if (!sort(*lock, count, order.queue)) return false;
      orders_.push_back(std::move(order));
    }
    return true;
  }

  /// Of the queue's waiters, from its end: the last of those before whom nobody else has to come.
  bool sort(const Lock& lock, std::size_t count, std::vector<Waiter>& sorted) const {
    std::vector<Waiter> left = lock.queue;
    while (!left.empty()) {
      const auto last = std::find_if(left.rbegin(), left.rend(), [&](const Waiter& waiter) {
        return !must_precede_any(waiter, left, lock, count);
      });
      if (last == left.rend()) return false;
      sorted.insert(sorted.begin(), *last);
      left.erase(std::next(last).base());
    }
    return true;
  }

  bool must_precede_any(const Waiter& waiter, const std::vector<Waiter>& left, const Lock& lock,
                        std::size_t count) const {
    return std::any_of(turned_.begin(), turned_.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const SoftEdge& edge) {
                         return edge.lock == &lock && edge.waiter == waiter.backend &&
                                std::ranges::find(left, edge.blocker, &Waiter::backend) !=
                                    left.end();
                       });
  }

  void apply(const Order& order) {
    order.lock->queue = order.queue;
    locks_.wake_waiters(*order.lock);
  }

  Locks& locks_;
  std::vector<SoftEdge> turned_;
  std::vector<SoftEdge> found_;
  std::vector<Order> orders_;
  std::vector<BackendId> visited_;
  std::vector<LockWait> circle_;
  std::vector<SoftEdge> soft_;
};

std::vector<LockWait> Locks::find_deadlock(BackendId backend) {
  return DeadlockSearch(*this).run(backend);
}

}  // namespace firedrill::sim::postgres
