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

std::string_view to_string(Case::Redis::Persistence persistence) {
  using Persistence = Case::Redis::Persistence;
  switch (persistence) {
    case Persistence::none: return "none";
    case Persistence::snapshots: return "snapshots";
    case Persistence::append_only: return "append-only";
  }
  return "?";
}

std::string_view to_string(Case::Redis::Fsync fsync) {
  using Fsync = Case::Redis::Fsync;
  switch (fsync) {
    case Fsync::no: return "no";
    case Fsync::everysec: return "everysec";
    case Fsync::always: return "always";
  }
  return "?";
}

}  // namespace firedrill::traces
