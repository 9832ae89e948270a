#pragma once

#include <cstdint>

#include "sim/kernel/intrusive_list.h"
#include "sim/kernel/random_stream.h"
#include "system/domain/time.h"

namespace firedrill::sim {

class Host;

/// Messages that are to be lost, and were. Out of the way once destroyed.
struct Loss : ListNode {
  explicit Loss(std::int64_t messages) : left(messages) {}

  std::int64_t left;
  std::uint64_t lost = 0;
};

/// How long messages take: `latency` at least, up to `jitter` more, and in `tail_percent` of all
/// cases up to `tail` more again. Arrivals fall on multiples of `tick`: the coarser it is, the more
/// of them are ready at once, and the more there is for the scheduler to decide.
struct LinkProfile {
  Duration latency = std::chrono::microseconds(500);
  Duration jitter{};
  std::uint32_t tail_percent = 0;
  Duration tail{};
  Duration tick = std::chrono::nanoseconds(1);
};

/// Something that waits for a link to carry again.
class Stalled : public ListNode {
 public:
  virtual void carry_again() = 0;

 protected:
  ~Stalled() = default;
};

/// The way from one host to another, one direction: its delays, and the levers that faults pull.
/// Levers nest: each begin needs its own end.
class Link {
 public:
  Link(const Host& from, const Host& to, const LinkProfile& profile, RandomStream random)
      : from_(from), to_(to), profile_(profile), random_(random) {}

  const Host& from() const { return from_; }
  const Host& to() const { return to_; }

  /// How long the next message takes.
  Duration draw_delay() {
    Duration delay = profile_.latency + extra_;
    if (profile_.jitter > Duration::zero()) delay += draw(profile_.jitter);
    if (random_.chance(profile_.tail_percent, 100)) delay += draw(profile_.tail);
    if (extra_ > Duration::zero()) ++slowed_;
    return delay;
  }

  /// The first instant at or after `instant` at which something may arrive.
  Instant next_tick(Instant instant) const {
    if (profile_.tick.count() == 1) return instant;
    const Duration past = instant.time_since_epoch() % profile_.tick;
    return past == Duration::zero() ? instant : instant + (profile_.tick - past);
  }

  /// TCP sends again what a cut swallowed: how long after the healing that is (the retransmission
  /// timer doubles; RFC 6298).
  Duration draw_retransmission() { return draw(std::chrono::milliseconds(200)); }

  /// While cut, nothing passes; what is sent waits, and is sent again after the healing.
  bool is_cut() const { return cuts_ > 0; }
  void cut() { ++cuts_; }
  void heal();

  void slow_down(Duration extra) { extra_ += extra; }
  void speed_up(Duration extra) { extra_ -= extra; }

  /// The next messages that would arrive, as many as `loss` says, break their connection instead,
  /// until `loss` is unlinked. Losses take their turns.
  void lose_next(Loss& loss) {
    if (loss.left > 0) losses_.push_back(loss);
  }
  bool takes_message() {
    if (losses_.empty()) return false;
    Loss& loss = losses_.front();
    ++loss.lost;
    if (--loss.left == 0) loss.unlink();
    return true;
  }

  void stall(Stalled& stalled) {
    ++stopped_;
    stalled_.push_back(stalled);
  }
  void carry_stalled();

  /// How many messages each lever has touched so far.
  std::uint64_t slowed() const { return slowed_; }
  std::uint64_t stopped() const { return stopped_; }

 private:
  Duration draw(Duration bound) {
    return Duration{
        static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bound.count()) + 1))};
  }

  const Host& from_;
  const Host& to_;
  LinkProfile profile_;
  RandomStream random_;
  Duration extra_{};
  std::uint32_t cuts_ = 0;
  std::uint64_t slowed_ = 0;
  std::uint64_t stopped_ = 0;
  IntrusiveList<Loss> losses_;
  IntrusiveList<Stalled> stalled_;
};

inline void Link::heal() {
  check(cuts_ > 0, "a link that heals was cut");
  if (--cuts_ == 0) carry_stalled();
}

inline void Link::carry_stalled() {
  while (!stalled_.empty()) {
    Stalled& stalled = stalled_.front();
    stalled.unlink();
    stalled.carry_again();
  }
}

}  // namespace firedrill::sim
