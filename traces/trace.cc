#include "traces/trace.h"

namespace firedrill::traces {

std::string_view to_string(Case::Pick pick) {
  switch (pick) {
    case Case::Pick::first_come: return "first-come";
    case Case::Pick::random: return "random";
    case Case::Pick::pct: return "pct";
  }
  return "?";
}

}  // namespace firedrill::traces
