#include <algorithm>
#include <chrono>
#include <optional>
#include <span>

#include "properties/facts.h"
#include "properties/judges.h"

// What a client can know of a limiter. It keeps slots: a request that it lets through at time t
// takes one, until t + window; it refuses (429) while `limit` slots are taken. The client sees no
// slot, only that one was taken between an invoke and a return. From that alone:
//
// Too many. An operation was *surely* let through when it ended ok, or with 409: only the stock,
// which stands behind the limiter, says "sold out". (403, 404, 422 and 503 may come from before
// it.) The limiter may stand behind a memory of keys, so that a repeated request is answered
// without it, and may know a request again, so that a retry takes no slot of its own. So a request
// (user, key) counts once, and its slot was taken between the first invoke that may have been let
// through and the first return that surely was. More than `limit` requests with all of that inside
// one window is a violation.
//
// Locked out. An operation was *possibly* let through unless it ended with 429 or was never sent.
// A 429 is wrong when fewer than `limit` other operations may hold a slot: taken before the 429
// returned, and not so long before its invoke that it has expired. An operation of unknown outcome
// may take its slot late, at any time after its invoke; so may one that ended with a 5xx: the
// service gave up on a limiter that may yet execute the call. Retries of one request count as
// many here and as one there: either way the limiter gets the benefit of the doubt.
//
// A limiter forgets with the Redis that keeps its slots: a window in which Redis forgot says
// nothing.
//
// No answer alarms wrongly at any latency for a limiter that is exact to a millisecond, by a clock
// that goes right to a thousandth.

namespace firedrill::properties {
namespace {

/// How much a right limiter's idea of a window may differ from ours.
Duration slack(Duration window) {
  return from_ms(1) + window / 1000;
}

bool never_sent(const OrderOp& op) {
  return op.ended == traces::Ended::fail && op.status == 0;
}
bool refused(const OrderOp& op) {
  return op.status == 429;
}
bool possibly_let_through(const OrderOp& op) {
  return !refused(op) && !never_sent(op);
}
bool surely_let_through(const OrderOp& op) {
  return op.ok() || op.status == 409;
}

/// The latest time at which the operation may have taken a slot.
traces::At latest_slot(const OrderOp& op) {
  const bool answered = op.ended != traces::Ended::info && op.status < 500;
  return answered ? op.until : traces::At::max();
}

/// One request of a buyer, and when it took its slot.
struct Passage {
  traces::At from{};                     ///< the first invoke that may have been let through
  traces::At until = traces::At::max();  ///< the first return that surely was
  EntryIndex returned = kNever;          ///< the entry of that return; kNever where there is none
};

class Judge {
 public:
  explicit Judge(const Facts& facts)
      : facts_(facts),
        limit_(static_cast<std::size_t>(facts.terms().rate_limit)),
        window_(facts.terms().rate_window),
        passage_of_(facts.requests(), kNoId) {}

  Verdict verdict() {
    const Groups& buyers = facts_.ops_of_buyer();
    for (Id buyer = 0; buyer < buyers.size(); ++buyer) {
      collect(buyers[buyer]);
      judged_ += crowded();
      find_too_many(buyer);
      find_lock_outs(buyer, buyers[buyer]);
    }
    if (!worst_) return sound(judged_);
    worst_->judged = judged_;
    return *std::move(worst_);
  }

 private:
  const OrderOp& op(std::uint32_t index) const { return facts_.order_ops()[index]; }

  /// Fills passages_ with the buyer's requests, in order of `from`.
  void collect(std::span<const std::uint32_t> ops) {
    passages_.clear();
    for (const std::uint32_t index : ops) {  // in order of invoking
      const OrderOp& one = op(index);
      if (!possibly_let_through(one)) continue;
      Id& number = passage_of_[one.request];
      if (number == kNoId) {
        number = static_cast<Id>(passages_.size());
        passages_.push_back({.from = one.from});
      }
      Passage& passage = passages_[number];
      if (!surely_let_through(one) || one.returned > passage.returned) continue;
      passage.until = one.until;
      passage.returned = one.returned;
    }
    for (const std::uint32_t index : ops) passage_of_[op(index).request] = kNoId;
  }

  /// How many requests came while a right limiter may have been full.
  std::uint64_t crowded() const {
    std::uint64_t count = 0;
    std::size_t first = 0;  // of the window that ends with `last`
    for (std::size_t last = 0; last < passages_.size(); ++last) {
      while (passages_[first].from <= passages_[last].from - window_) ++first;
      if (last - first >= limit_) ++count;
    }
    return count;
  }

  /// Looks at the windows that begin with an invoke: if any window is too full, one of them is.
  void find_too_many(Id buyer) {
    if (passages_.size() <= limit_) return;
    const Duration length = window_ - slack(window_);
    for (std::size_t first = 0; first + limit_ < passages_.size(); ++first) {
      const traces::At end = passages_[first].from + length;
      if (passages_[first + limit_].from > end) continue;
      if (forgets_within(passages_[first].from, end)) continue;
      returns_.clear();
      for (std::size_t i = first; i < passages_.size() && passages_[i].from <= end; ++i) {
        if (passages_[i].until <= end) returns_.push_back(passages_[i].returned);
      }
      if (returns_.size() <= limit_) continue;
      const auto shows = returns_.begin() + static_cast<std::ptrdiff_t>(limit_);
      std::ranges::nth_element(returns_, shows);
      report(*shows, "too many let through", [&] {
        return "let " + std::to_string(returns_.size()) + " requests of " +
               facts_.user_of_buyer(buyer) + " through within " + std::to_string(to_ms(window_)) +
               " ms, the limit is " + std::to_string(limit_);
      });
    }
  }

  bool forgets_within(traces::At from, traces::At until) const {
    const auto next = std::ranges::lower_bound(facts_.forgot(), from, {}, &Forgot::at);
    return next != facts_.forgot().end() && next->at <= until;
  }

  void find_lock_outs(Id buyer, std::span<const std::uint32_t> ops) {
    for (std::size_t at = 0; at < ops.size(); ++at) {
      const OrderOp& one = op(ops[at]);
      if (!refused(one)) continue;
      ++judged_;
      const std::size_t others = possible_slots(ops, at);
      if (others >= limit_) continue;
      report(one.returned, others == 0 ? "locked out" : "refused below the limit", [&] {
        return "refused " + facts_.user_of_buyer(buyer) + " although at most " +
               std::to_string(others) + (others == 1 ? " other request" : " other requests") +
               " came through in the last " + std::to_string(to_ms(window_)) +
               " ms, the limit is " + std::to_string(limit_);
      });
    }
  }

  /// How many operations may hold a slot that the refusal ops[at] has seen; limit_ where more.
  std::size_t possible_slots(std::span<const std::uint32_t> ops, std::size_t at) const {
    const OrderOp& refusal = op(ops[at]);
    const traces::At expired = refusal.from - window_ - slack(window_);
    std::size_t count = 0;
    const auto take = [&](const OrderOp& other) {
      if (possibly_let_through(other) && latest_slot(other) >= expired) ++count;
    };
    for (std::size_t i = at + 1; i < ops.size() && count < limit_; ++i) {
      if (op(ops[i]).from > refusal.until) break;
      take(op(ops[i]));
    }
    for (std::size_t i = at; i-- > 0 && count < limit_;) take(op(ops[i]));
    return count;
  }

  /// Keeps what shows first.
  void report(EntryIndex entry, std::string_view signature, const auto& message) {
    if (worst_ && worst_->entry <= entry) return;
    worst_ = broken(1, signature, message(), entry);
  }

  const Facts& facts_;
  std::size_t limit_;
  Duration window_;
  std::vector<Id> passage_of_;  // by request, of the buyer at hand
  std::vector<Passage> passages_;
  std::vector<EntryIndex> returns_;
  std::uint64_t judged_ = 0;
  std::optional<Verdict> worst_;
};

}  // namespace

Verdict judge_rate_limit(const Facts& facts) {
  return Judge(facts).verdict();
}

}  // namespace firedrill::properties
