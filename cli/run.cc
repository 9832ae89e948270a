#include "cli/run.h"

#include <algorithm>
#include <utility>

#include "cli/event_counts.h"
#include "faults/generate.h"
#include "faults/injector.h"
#include "workload/generate.h"

namespace firedrill {

namespace {

/// How long before its end a run is quiet: time for the last reads, which may be tried again.
constexpr Duration kQuiet = from_ms(3000);

void count_returns(const traces::Return& back, sim::Counts& counts) {
  if (back.status == 202) ++counts["orders:accepted"];
  if (back.status == 409) ++counts["orders:sold-out"];
  if (back.status == 429) ++counts["orders:limited"];
  if (back.ended == traces::Ended::info) ++counts["calls:unknown"];
}

void count(const traces::History& history, sim::Counts& counts) {
  EventCounts events(counts);
  for (const traces::Entry& entry : history.entries) {
    if (const auto* back = std::get_if<traces::Return>(&entry.what)) {
      count_returns(*back, counts);
    } else if (const auto* order = std::get_if<traces::OrderSeen>(&entry.what)) {
      if (order->status == "CONFIRMED") ++counts["orders:confirmed"];
      if (order->status == "REJECTED") ++counts["orders:rejected"];
    } else if (const auto* event = std::get_if<traces::EventSeen>(&entry.what)) {
      events.take(*event);
    } else if (const auto* delivered = std::get_if<traces::EventDelivered>(&entry.what)) {
      events.take(*delivered);
    } else if (const auto* effect = std::get_if<traces::StockEffect>(&entry.what)) {
      using Kind = traces::StockEffect::Kind;
      if (effect->kind == Kind::expire) ++counts["holds:expired"];
      if (effect->kind == Kind::restore) ++counts["stock:restored"];
    }
  }
}

}  // namespace

traces::Case make_case(const traces::Scenario& scenario, std::uint64_t seed) {
  traces::Case run = workload::generate(scenario, seed);
  run.faults = faults::generate(scenario, run);
  return run;
}

Runner::Runner() : caches_{sim::redis::make_script_cache(), sim::postgres::make_engine_cache()} {}

RunResult Runner::run(const traces::Case& run, std::vector<std::uint64_t>* trail) {
  const Duration quiet_at = std::max(run.length - kQuiet, run.faults_until);
  RunResult result;
  {
    sim::FlashSaleCluster cluster(run, quiet_at, caches_);
    sim::World& world = cluster.world();
    world.scheduler().set_trail(trail);
    const faults::Injector injector(cluster, run);
    world.at(Instant(quiet_at),
             [&cluster] { cluster.record(traces::PhaseSeen{traces::PhaseSeen::Phase::quiet}); });
    world.run_until(Instant(run.length));
    world.scheduler().set_trail(nullptr);
    result.digest = world.scheduler().digest().value();
    result.messages = world.messages();
    result.steps = world.scheduler().steps();
    result.counts = std::move(cluster.counts());
    if (cluster.queue().repeated > 0) {
      result.counts["deliveries:repeated"] += cluster.queue().repeated;
    }
    result.history = std::move(cluster.history());
  }
  count(result.history, result.counts);
  result.verdicts = properties::judge_all(result.history);
  return result;
}

}  // namespace firedrill
