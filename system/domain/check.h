#pragma once

#include <source_location>
#include <string_view>

namespace firedrill {

/// Prints `what` with its place and aborts.
[[noreturn]] void check_failed(std::string_view what, std::source_location where);

/// An invariant of the program. Stays on in Release: a run that broke one of its own
/// rules must not go on to judge anybody else's.
inline void check(bool holds, std::string_view what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    check_failed(what, where);
}

}  // namespace firedrill
