#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "traces/history.h"
#include "traces/trace.h"

namespace firedrill {

/// How much of a history is told.
enum class Detail {
  story,  ///< what a person needs to see why a promise broke
  all,    ///< every entry
};

/// A history as it is told.
struct Told {
  std::string text;
  std::map<std::string, std::string> names;  ///< what order ids are called in it: o-1, o-2, ...

  /// The same text with the order ids by their names.
  std::string with_names(std::string message) const;
};

/// A history as lines for a reader, one for each thing that happened, each with a time in seconds
/// since the run began and indented by `indent` spaces. `mark` is the entry that shows the
/// violation.
Told tell(const traces::Case& run, const traces::History& history, std::optional<std::size_t> mark,
          Detail detail, int indent);

/// "reply-lost redis -> order-1, 1 messages, for 800 ms"
std::string describe(const traces::Fault& fault);

/// "2 orders, 1 fault"
std::string size_of(const traces::Case& run);

}  // namespace firedrill
