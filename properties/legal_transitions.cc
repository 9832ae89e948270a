#include <algorithm>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {
namespace {

/// Statuses, a bit each.
using Set = std::uint32_t;

constexpr Set set_of(Status status) {
  return Set{1} << static_cast<unsigned>(status);
}

constexpr Set kFirst = set_of(Status::pending);

/// One change. An unknown answer may let the consumer be first: PENDING becomes CONFIRMED.
constexpr Set after(Set statuses) {
  constexpr Set kEnds = set_of(Status::confirmed) | set_of(Status::rejected);
  Set next = 0;
  if ((statuses & set_of(Status::pending)) != 0) next |= set_of(Status::queued) | kEnds;
  if ((statuses & set_of(Status::queued)) != 0) next |= kEnds;
  return next;
}

constexpr Set after(Set statuses, std::int64_t changes) {
  while (changes-- > 0 && statuses != 0) statuses = after(statuses);
  return statuses;
}

/// An order was seen at a version: its record, or an event.
struct Claim {
  Id order = kNoId;
  std::int64_t version = 0;
  EntryIndex entry = kNever;
  Status status = Status::unknown;
  bool event = false;
};

/// By order, by version, as they were seen. What was lost is left out: another past was written in
/// its place.
std::vector<Claim> claims_of(const Facts& facts) {
  std::vector<Claim> claims;
  for (const SeenOrder& seen : facts.seen_orders()) {
    if (seen.version <= 0 || !facts.stands(seen)) continue;
    claims.push_back({seen.order, seen.version, seen.entry, seen.status, false});
  }
  for (const SeenEvent& seen : facts.seen_events()) {
    if (!facts.stands(seen)) continue;
    claims.push_back({seen.order, seen.version, seen.entry, seen.status, true});
  }
  std::ranges::sort(claims, [](const Claim& a, const Claim& b) {
    return std::tie(a.order, a.version, a.entry) < std::tie(b.order, b.version, b.entry);
  });
  return claims;
}

/// Follows one order after the other from version to version. Of all that is wrong it keeps what
/// shows first.
class Paths {
 public:
  explicit Paths(const Facts& facts) : facts_(facts) {}

  /// All that was seen of one order at one version, not empty; versions in their order.
  void take(std::span<const Claim> stage) {
    ++judged_;
    if (last_ == nullptr || last_->order != stage[0].order) {
      last_ = nullptr;
      events_ = 0;
    }
    one_status(stage);
    if (stage[0].version < 1) {
      wrong("a version below one", name_of(stage[0]), stage[0].entry);
      return;
    }
    no_gap(stage);
    step(stage[0]);
    last_ = stage.data();
  }

  Verdict verdict() && {
    if (!worst_) return sound(judged_);
    worst_->judged = judged_;
    return *std::move(worst_);
  }

 private:
  std::string name_of(const Claim& claim) const {
    return event_name(facts_, claim.order, claim.version);
  }

  void wrong(std::string_view signature, std::string message, EntryIndex entry) {
    if (worst_ && worst_->entry <= entry) return;
    worst_ = broken(judged_, signature, std::move(message), entry);
  }

  void one_status(std::span<const Claim> stage) {
    const auto other = std::ranges::find_if(
        stage, [&](const Claim& claim) { return claim.status != stage[0].status; });
    if (other == stage.end()) return;
    wrong("two statuses for one version",
          name_of(stage[0]) + " is " + std::string(to_string(stage[0].status)) + " and " +
              std::string(to_string(other->status)),
          other->entry);
  }

  void no_gap(std::span<const Claim> stage) {
    const auto event = std::ranges::find_if(stage, &Claim::event);
    if (event == stage.end()) return;
    if (event->version != events_ + 1) {
      wrong("a version is skipped in the events",
            name_of(*event) + " has an event, version " + std::to_string(events_ + 1) + " has none",
            event->entry);
    }
    events_ = event->version;
  }

  void step(const Claim& to) {
    const std::int64_t before = last_ == nullptr ? 1 : last_->version;
    const Set from = last_ == nullptr ? kFirst : set_of(last_->status);
    if ((after(from, to.version - before) & set_of(to.status)) != 0) return;
    const std::string is(to_string(to.status));
    const EntryIndex entry = last_ == nullptr ? to.entry : std::max(last_->entry, to.entry);
    const std::string was = last_ == nullptr ? ""
                                             : ", version " + std::to_string(before) + " was " +
                                                   std::string(to_string(last_->status));
    wrong(signature(to, is), name_of(to) + " is " + is + was, entry);
  }

  std::string signature(const Claim& to, const std::string& is) const {
    if (to.status == Status::unknown) return "an order " + is;
    if (last_ == nullptr) return to.version == 1 ? "begins as " + is : "no way leads to " + is;
    const std::string step = "from " + std::string(to_string(last_->status)) + " to " + is;
    return to.version == last_->version + 1 ? step : "no way " + step;
  }

  const Facts& facts_;
  const Claim* last_ = nullptr;  // of the order: its version before
  std::int64_t events_ = 0;      // the order's version that had an event last
  std::uint64_t judged_ = 0;
  std::optional<Verdict> worst_;
};

}  // namespace

Verdict judge_legal_transitions(const Facts& facts) {
  if (!facts.tells_versions()) return sound(0);
  const std::vector<Claim> claims = claims_of(facts);
  const auto same = [](const Claim& a, const Claim& b) {
    return a.order == b.order && a.version == b.version;
  };
  Paths paths(facts);
  for (std::size_t begin = 0, end = 0; begin < claims.size(); begin = end) {
    while (end < claims.size() && same(claims[begin], claims[end])) ++end;
    paths.take(std::span(claims).subspan(begin, end - begin));
  }
  return std::move(paths).verdict();
}

}  // namespace firedrill::properties
