#include "traces/history.h"

namespace firedrill::traces {

std::string_view to_string(Ended ended) {
  switch (ended) {
    case Ended::ok: return "ok";
    case Ended::fail: return "fail";
    case Ended::info: return "info";
  }
  return "?";
}

std::string_view to_string(StockEffect::Kind kind) {
  switch (kind) {
    case StockEffect::Kind::seed: return "seed";
    case StockEffect::Kind::reserve: return "reserve";
    case StockEffect::Kind::confirm: return "confirm";
    case StockEffect::Kind::release: return "release";
    case StockEffect::Kind::expire: return "expire";
    case StockEffect::Kind::restock: return "restock";
    case StockEffect::Kind::deduct: return "deduct";
    case StockEffect::Kind::restore: return "restore";
    case StockEffect::Kind::rebuild: return "rebuild";
  }
  return "?";
}

std::string_view to_string(EventSeen::State state) {
  switch (state) {
    case EventSeen::State::pending: return "pending";
    case EventSeen::State::published: return "published";
    case EventSeen::State::dead: return "dead";
  }
  return "?";
}

std::string_view to_string(FaultSeen::What what) {
  switch (what) {
    case FaultSeen::What::began: return "began";
    case FaultSeen::What::took_effect: return "took-effect";
    case FaultSeen::What::ended: return "ended";
  }
  return "?";
}

std::string_view to_string(PhaseSeen::Phase phase) {
  switch (phase) {
    case PhaseSeen::Phase::healed: return "healed";
    case PhaseSeen::Phase::quiet: return "quiet";
  }
  return "?";
}

}  // namespace firedrill::traces
