#include <algorithm>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

using Kind = traces::StockEffect::Kind;

/// The life of one reservation: none -> reserved -> confirmed or released; a release without a
/// reservation is a tombstone; what was confirmed comes back by restocking alone.
struct Life {
  bool reserved = false;
  bool confirmed = false;
  bool released = false;
  bool restocked = false;
  bool forgotten = false;  ///< the store may have lost what it had done: its next effect tells

  /// Takes the next effect. Answers the way in which it is one too many, or nothing.
  std::string_view take(Kind kind) {
    if (forgotten) *this = before(kind);
    switch (kind) {
      case Kind::reserve: return reserve();
      case Kind::confirm: return confirm();
      case Kind::release:
      case Kind::expire: return release();
      case Kind::restock: return restock();
      case Kind::seed:
      case Kind::deduct:
      case Kind::restore: return "";  // as-written has no tokens
      case Kind::rebuild: return "";
    }
    return "";
  }

  /// The stock was made anew: what was held is not held any more.
  void end_hold() {
    if (!confirmed && !released) *this = {};
  }

 private:
  /// What must have been for that effect to be right.
  static Life before(Kind kind) {
    Life life;
    life.reserved = kind != Kind::reserve;
    life.confirmed = kind == Kind::restock;
    return life;
  }
  std::string_view reserve() {
    if (reserved) return "reserved twice";
    if (released) return "reserved after the release";
    reserved = true;
    return "";
  }
  std::string_view confirm() {
    if (confirmed) return "confirmed twice";
    if (released) return "confirmed after the release";
    if (!reserved) return "confirmed what was not reserved";
    confirmed = true;
    return "";
  }
  std::string_view release() {
    if (confirmed) return "released after the confirmation";
    if (released) return "released twice";
    released = true;
    return "";
  }
  std::string_view restock() {
    if (!confirmed) return "restocked what was not confirmed";
    if (restocked) return "restocked twice";
    restocked = true;
    return "";
  }
};

Verdict judge_reservations(const Facts& facts) {
  std::vector<Life> lives(facts.reservations());
  std::uint64_t judged = 0;
  auto forgot = facts.forgot().begin();
  for (const SeenEffect& effect : facts.effects()) {
    if (forgot != facts.forgot().end() && forgot->entry < effect.entry) {
      while (forgot != facts.forgot().end() && forgot->entry < effect.entry) ++forgot;
      for (Life& life : lives) life = {.forgotten = true};
    }
    if (effect.kind == Kind::rebuild) {
      for (Id id = 0; id < facts.reservations(); ++id) {
        if (facts.product_of_reservation(id) == effect.product) lives[id].end_hold();
      }
    }
    if (effect.reservation == kNoId) continue;
    ++judged;
    const std::string_view signature = lives[effect.reservation].take(effect.kind);
    if (signature.empty()) continue;
    return broken(
        judged, signature,
        "reservation " + facts.token_name(effect.reservation) + ": " + std::string(signature),
        effect.entry);
  }
  return sound(judged);
}

/// The first two orders of one request that were sold, by when it showed.
struct Sold {
  Id first = kNoId, second = kNoId;
  EntryIndex first_shown = kNever, second_shown = kNever;

  void take(Id order, EntryIndex shown) {
    if (order == first) {
      first_shown = std::min(first_shown, shown);
    } else if (order == second) {
      second_shown = std::min(second_shown, shown);
    } else if (shown < second_shown) {
      second = order;
      second_shown = shown;
    }
    if (second_shown < first_shown) {
      std::swap(first, second);
      std::swap(first_shown, second_shown);
    }
  }
};

/// The entry that first shows each order as sold, or kNever.
std::vector<EntryIndex> sold_since(const Facts& facts) {
  std::vector<EntryIndex> since(facts.orders(), kNever);
  for (const SeenOrder& seen : facts.seen_orders()) {
    if (is_sold(seen.status)) since[seen.order] = std::min(since[seen.order], seen.entry);
  }
  return since;
}

/// An order that was sold and then refunded counts: the second sale was one effect too many.
Verdict judge_requests(const Facts& facts) {
  const std::vector<EntryIndex> since = sold_since(facts);
  std::vector<Sold> sold(facts.requests());
  for (const MadeFor& made : facts.made_for()) {
    if (since[made.order] == kNever) continue;
    sold[made.request].take(made.order, std::max(since[made.order], made.entry));
  }
  std::uint64_t judged = 0;
  Id worst = kNoId;
  for (Id request = 0; request < facts.requests(); ++request) {
    if (sold[request].first == kNoId) continue;
    ++judged;
    if (sold[request].second == kNoId) continue;
    if (worst == kNoId || sold[request].second_shown < sold[worst].second_shown) worst = request;
  }
  if (worst == kNoId) return sound(judged);
  return broken(judged, "two confirmed orders for one key",
                facts.order_name(sold[worst].first) + " and " +
                    facts.order_name(sold[worst].second) + " are both confirmed for key " +
                    facts.key_of_request(worst) + " of " + facts.user_of_request(worst),
                sold[worst].second_shown);
}

}  // namespace

Verdict judge_one_effect_per_token(const Facts& facts) {
  Verdict reservations = judge_reservations(facts);
  Verdict requests = judge_requests(facts);
  const std::uint64_t judged = reservations.judged + requests.judged;
  const bool first_violated = reservations.judgement == Judgement::violated;
  const bool second_violated = requests.judgement == Judgement::violated;
  if (!first_violated && !second_violated) return sound(judged);
  const bool take_first =
      first_violated && (!second_violated || reservations.entry < requests.entry);
  Verdict& earlier = take_first ? reservations : requests;
  earlier.judged = judged;
  return std::move(earlier);
}

}  // namespace firedrill::properties
