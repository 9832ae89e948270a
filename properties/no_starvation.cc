#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {
namespace {

/// So often another order's event may be attempted again while one waits for its first attempt. Two
/// relays that go through all that fails before they come to what is new do it twice each: whoever
/// waits may have come when the first round was under way.
constexpr std::size_t kPassedOver = 4;

/// What the rows say, entry by entry.
class Outbox {
 public:
  explicit Outbox(const Facts& facts)
      : facts_(facts),
        rows_(facts.events()),
        retries_(facts.events()),
        waiting_since_(facts.events(), kNever),
        published_upto_(facts.orders()) {}

  /// An event that waits, where this row says that another one was attempted again, more often by
  /// now than it may be.
  std::optional<Id> take(const SeenEvent& seen) {
    const Id event = seen.event;
    const bool retried = rows_[event] != nullptr && rows_[event]->attempts > 0 &&
                         seen.attempts > rows_[event]->attempts;
    rows_[event] = &seen;
    if (retried) retries_[event].push_back(seen.entry);
    if (facts_.stands(seen)) {
      advance(seen);
    } else {
      stop_waiting(event);
    }
    return retried ? passed_over(seen) : std::nullopt;
  }

  /// Events whose turn has come.
  std::uint64_t judged() const { return judged_; }
  const SeenEvent& row_of(Id event) const { return *rows_[event]; }

 private:
  using Waiting = std::tuple<EntryIndex, Id>;  ///< since when; an event

  /// Looks at whose turn it is in the order: the first version that is not published.
  void advance(const SeenEvent& seen) {
    std::int64_t& upto = published_upto_[seen.order];
    if (seen.state != traces::EventSeen::State::published) upto = std::min(upto, seen.version - 1);
    const SeenEvent* next = &seen;
    while (next != nullptr && next->version == upto + 1 &&
           next->state == traces::EventSeen::State::published) {
      ++upto;
      next = row(seen.order, upto + 1);
    }
    // Others of the order lose their turn where one before them is not published any more.
    for (const std::uint32_t index : facts_.events_of_order()[seen.order]) {
      const SeenEvent& other = facts_.seen_events()[index];
      if (other.version != upto + 1) stop_waiting(other.event);
    }
    next = row(seen.order, upto + 1);
    if (next == nullptr) return;
    if (next->attempts == 0 && next->state == traces::EventSeen::State::pending) {
      wait(next->event, seen.entry);
    } else {
      stop_waiting(next->event);
    }
  }

  /// As it was seen last, so far.
  const SeenEvent* row(Id order, std::int64_t version) const {
    for (const std::uint32_t index : facts_.events_of_order()[order]) {
      const SeenEvent& seen = facts_.seen_events()[index];
      if (seen.version != version) continue;
      const SeenEvent* last = rows_[seen.event];
      return last != nullptr && facts_.stands(*last) ? last : nullptr;
    }
    return nullptr;
  }

  void wait(Id event, EntryIndex since) {
    if (waiting_since_[event] != kNever) return;
    waiting_since_[event] = since;
    ++judged_;
    waiting_.emplace(since, event);
  }
  void stop_waiting(Id event) {
    if (waiting_since_[event] == kNever) return;
    waiting_.erase({waiting_since_[event], event});
    waiting_since_[event] = kNever;
  }

  /// Who has waited longest has been passed over most; who is of the same order waits for it.
  std::optional<Id> passed_over(const SeenEvent& again) {
    for (const auto& [since, event] : waiting_) {
      if (rows_[event]->order == again.order) continue;
      const auto& retries = retries_[again.event];
      const auto first = std::ranges::upper_bound(retries, since);
      if (static_cast<std::size_t>(retries.end() - first) > kPassedOver) return event;
      return std::nullopt;
    }
    return std::nullopt;
  }

  const Facts& facts_;
  std::vector<const SeenEvent*> rows_;            // by event: as it was seen last, so far
  std::vector<std::vector<EntryIndex>> retries_;  // by event: when it was attempted again
  std::vector<EntryIndex> waiting_since_;         // by event: kNever where it does not
  std::set<Waiting> waiting_;
  std::vector<std::int64_t> published_upto_;  // by order
  std::uint64_t judged_ = 0;
};

}  // namespace

Verdict judge_no_starvation(const Facts& facts) {
  Outbox outbox(facts);
  for (const SeenEvent& seen : facts.seen_events()) {
    const std::optional<Id> starved = outbox.take(seen);
    if (!starved) continue;
    const SeenEvent& waits = outbox.row_of(*starved);
    return broken(outbox.judged(), "an event starves",
                  event_name(facts, waits.order, waits.version) +
                      " was never attempted, says its row, while " +
                      event_name(facts, seen.order, seen.version) + " is attempted for the " +
                      std::to_string(seen.attempts) + ". time",
                  seen.entry);
  }
  return sound(outbox.judged());
}

}  // namespace firedrill::properties
