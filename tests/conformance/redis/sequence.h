#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

/// Commands in the order in which the server gets them, each from one of a few sessions.
struct Sequence {
  static constexpr std::uint32_t kSessions = 3;

  struct Step {
    std::uint32_t session = 0;
    std::uint32_t template_number = 0;
    std::vector<std::uint32_t> choices;  ///< see Grammar::command
  };
  std::vector<Step> steps;
  std::uint32_t resp3 = 0;  ///< bit s: session s begins with HELLO 3
};

/// How long it is.
std::ostream& operator<<(std::ostream& out, const Sequence& sequence);

/// Half the commands of each sequence are of one family (that in turn), the others of any; with
/// `only`, all are of that one. Shrinks by dropping steps and by making plainer choices.
rc::Gen<Sequence> any_sequence(const Grammar& grammar);
rc::Gen<Sequence> any_sequence(const Grammar& grammar, std::size_t only);

/// About how many steps a sequence has.
inline constexpr std::size_t kUsualLength = 40;

}  // namespace firedrill::test
