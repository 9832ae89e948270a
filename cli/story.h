#pragma once

#include <cstddef>
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

/// A history as lines for a reader, one for each thing that happened, each with a time in seconds since the run
/// began and indented by `indent` spaces. Order ids become o-1, o-2, ...; `mark` is the entry that shows the
/// violation.
std::string tell(const traces::Case& run, const traces::History& history,
                 std::optional<std::size_t> mark, Detail detail, int indent);

/// "reply-lost redis -> order-1, 1 messages, 800 ms"
std::string describe(const traces::Fault& fault);

/// "2 orders, 1 fault"
std::string size_of(const traces::Case& run);

}  // namespace firedrill
