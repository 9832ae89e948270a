#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traces/history.h"

namespace firedrill::properties {

class Facts;

enum class Judgement : std::uint8_t {
  holds,
  violated,
  vacuous,  ///< nothing happened that could have broken it
};

struct Verdict {
  Judgement judgement = Judgement::vacuous;
  std::uint64_t judged = 0;  ///< how many things were judged: 0 exactly when vacuous
  /// Violated only. `signature` names the way in which it broke, without ids or numbers: equal
  /// signatures are the same bug as far as the judge can tell ("confirmed more than initial").
  std::string signature;
  std::string message;    ///< "sold 11 of 10 units of sku-1"
  std::size_t entry = 0;  ///< index in the history of the first entry that shows it
};

/// One promise. `judge` is a pure function of the history, which it sees through its index (see
/// facts.h): no state, no clock, no randomness.
struct Property {
  std::string_view name;
  std::string_view holds_when;  ///< one sentence, for `firedrill list properties`
  Verdict (*judge)(const Facts&);
};

/// Every promise that there is, in the order in which they are judged and listed.
std::span<const Property> all();

/// nullptr where there is none of that name.
const Property* find(std::string_view name);

/// The verdicts of all(), in that order. Indexes the history once for all of them.
std::vector<Verdict> judge_all(const traces::History& history);

/// The verdict of one.
Verdict judge(const Property& property, const traces::History& history);

std::string_view to_string(Judgement judgement);

}  // namespace firedrill::properties
