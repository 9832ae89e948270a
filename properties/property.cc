#include "properties/property.h"

#include <algorithm>
#include <array>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

constexpr std::array kAll{
    Property{"no-oversell",
             "for each product, the units in sold orders are at most the initial ones",
             judge_no_oversell},
    Property{"stock-conservation",
             "available, reserved and sold units add up to the initial ones, and none is negative",
             judge_stock_conservation},
    Property{"no-stock-leak",
             "in the end nothing is reserved, and the units left are the initial ones minus those "
             "in confirmed orders",
             judge_no_stock_leak},
    Property{"ledger-matches",
             "in the end Redis and the ledger have sold the same, and the stock's log folds to its "
             "counters",
             judge_ledger_matches},
    Property{
        "one-effect-per-token",
        "each reservation is made, confirmed and released at most once, and each operation key "
        "confirms at most one order",
        judge_one_effect_per_token},
    Property{
        "rate-limit",
        "no window lets more distinct requests of a user through than the limit, and nobody is "
        "refused who is below it",
        judge_rate_limit},
    Property{"user-cap", "no user holds more confirmed units of a product than the cap",
             judge_user_cap},
    Property{
        "idempotent-api",
        "equal user, key and body give one order, and another body under a used key is refused",
        judge_idempotent_api},
    Property{"no-lost-order", "in the end every accepted order is in a final state",
             judge_no_lost_order},
    Property{"read-after-accept", "reading an accepted order never says 404",
             judge_read_after_accept},
    Property{"outbox-atomic",
             "in the end each version of an order has its event, and each event its version, of "
             "the same status",
             judge_outbox_atomic},
    Property{"no-ghost-events",
             "what is delivered is an event that was committed, with that very payload",
             judge_no_ghost_events},
    Property{
        "per-key-order",
        "the versions of an order are first delivered to a consumer group one after the other, "
        "in the end without a gap",
        judge_per_key_order},
    Property{"published-is-durable",
             "in the end each published event was delivered to every consumer group",
             judge_published_is_durable},
    Property{"outbox-at-least-once",
             "in the end each event that is not dead was delivered to every consumer group",
             judge_outbox_at_least_once},
    Property{
        "no-starvation",
        "an event whose turn it is is attempted, as its row counts, before that of another order "
        "is attempted again and again",
        judge_no_starvation},
    Property{"legal-transitions",
             "the versions of an order are a path of its state machine, and each has one status",
             judge_legal_transitions},
};

}  // namespace

std::span<const Property> all() {
  return kAll;
}

const Property* find(std::string_view name) {
  const auto found = std::ranges::find(kAll, name, &Property::name);
  return found == kAll.end() ? nullptr : &*found;
}

std::vector<Verdict> judge_all(const traces::History& history) {
  const Facts facts(history);
  std::vector<Verdict> verdicts;
  verdicts.reserve(kAll.size());
  for (const Property& property : kAll) verdicts.push_back(property.judge(facts));
  return verdicts;
}

Verdict judge(const Property& property, const traces::History& history) {
  return property.judge(Facts(history));
}

std::string_view to_string(Judgement judgement) {
  switch (judgement) {
    case Judgement::holds: return "holds";
    case Judgement::violated: return "violated";
    case Judgement::vacuous: return "vacuous";
  }
  return "?";
}

}  // namespace firedrill::properties
