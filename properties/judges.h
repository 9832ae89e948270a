#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "properties/property.h"

// The judges, one promise and one file each, and how they put their verdicts.

namespace firedrill::properties {

Verdict judge_no_oversell(const Facts& facts);
Verdict judge_stock_conservation(const Facts& facts);
Verdict judge_ledger_matches(const Facts& facts);
Verdict judge_no_stock_leak(const Facts& facts);
Verdict judge_one_effect_per_token(const Facts& facts);
Verdict judge_rate_limit(const Facts& facts);
Verdict judge_user_cap(const Facts& facts);
Verdict judge_idempotent_api(const Facts& facts);
Verdict judge_no_lost_order(const Facts& facts);
Verdict judge_read_after_accept(const Facts& facts);
Verdict judge_outbox_atomic(const Facts& facts);
Verdict judge_no_ghost_events(const Facts& facts);
Verdict judge_per_key_order(const Facts& facts);
Verdict judge_published_is_durable(const Facts& facts);
Verdict judge_outbox_at_least_once(const Facts& facts);
Verdict judge_no_starvation(const Facts& facts);
Verdict judge_legal_transitions(const Facts& facts);

/// Nothing was found wrong in `judged` things.
inline Verdict sound(std::uint64_t judged) {
  return {.judgement = judged == 0 ? Judgement::vacuous : Judgement::holds,
          .judged = judged,
          .signature = {},
          .message = {},
          .entry = 0};
}

/// `judged` counts the thing that is wrong, too.
inline Verdict broken(std::uint64_t judged, std::string_view signature, std::string message,
                      std::size_t entry) {
  return {.judgement = Judgement::violated,
          .judged = judged,
          .signature = std::string(signature),
          .message = std::move(message),
          .entry = entry};
}

/// "1 unit", "2 units".
inline std::string units(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " unit" : " units");
}

}  // namespace firedrill::properties
