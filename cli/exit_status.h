#pragma once

namespace firedrill {

/// How the program ends.
enum ExitStatus : int {
  kHolds = 0,      ///< every property holds
  kViolated = 1,   ///< a property is violated
  kBadInput = 2,   ///< wrong usage or input
  kUndecided = 3,  ///< vacuous, or out of budget
};

}  // namespace firedrill
