#pragma once

#include <string>
#include <string_view>

namespace firedrill {

/// What a service tells its operators. Never part of a decision.
///
/// Nothing is ever read back. What may be lost: anything, at a crash.
class Telemetry {
 public:
  virtual ~Telemetry() = default;

  /// Something worth a line in a log: rare events only, never one for each request. In the third
  /// person, present tense: "restores 1 unit of sku-1 (send timed out)".
  virtual void note(std::string text) = 0;

  /// Adds one to a counter. `name` is a constant of the program, in snake_case.
  virtual void count(std::string_view name) = 0;
};

}  // namespace firedrill
