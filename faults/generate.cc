#include "faults/generate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "faults/aim.h"
#include "faults/kinds.h"
#include "sim/kernel/random_stream.h"

namespace firedrill::faults {

namespace {

using sim::RandomStream;
using traces::Fault;

/// Who talks to whom in a case: clients first, servers second.
struct Targets {
  std::vector<std::pair<std::string, std::string>> calls;
  std::vector<std::string> processes;
  std::vector<std::string> services;

  explicit Targets(const traces::Case& run) {
    const std::string redis(sim::names::kRedis);
    const std::string postgres(sim::names::kPostgres);
    const std::string queue(sim::names::kQueue);
    const std::string inventory(sim::names::kInventory);
    for (std::uint32_t i = 0; i < run.topology.order_services; ++i) {
      const std::string order = sim::names::order(i);
      calls.insert(calls.end(), {{std::string(sim::names::kClients), order},
                                 {order, redis},
                                 {order, postgres},
                                 {order, queue}});
      processes.push_back(order);
      services.push_back(order);
    }
    for (std::uint32_t i = 0; i < run.topology.consumers; ++i) {
      const std::string consumer = sim::names::consumer(i);
      calls.insert(calls.end(), {{consumer, redis}, {consumer, postgres}, {consumer, queue}});
      processes.push_back(consumer);
    }
    calls.emplace_back(inventory, redis);
    processes.insert(processes.end(), {inventory, redis, postgres, queue});
    for (std::uint32_t i = 0; i < run.redis.replicas; ++i) {
      calls.emplace_back(sim::names::replica(i), redis);
      processes.push_back(sim::names::replica(i));
    }
    for (std::uint32_t i = 0; i < run.redis.sentinels; ++i) {
      calls.emplace_back(sim::names::sentinel(i), redis);
      processes.push_back(sim::names::sentinel(i));
    }
    for (std::uint32_t i = 0; i < run.postgres.standbys; ++i) {
      calls.emplace_back(sim::names::standby(i), postgres);
      processes.push_back(sim::names::standby(i));
    }
  }
};

template <class T>
const T& pick(const std::vector<T>& from, RandomStream& random) {
  return from[random.below(from.size())];
}

std::int64_t draw(const traces::Range& range, RandomStream& random) {
  return random.between(range.low, range.high);
}

void aim(Fault& fault, Aim at, const Targets& targets, RandomStream& random) {
  switch (at) {
    case Aim::link:
    case Aim::requests:
    case Aim::replies: {
      auto [from, to] = pick(targets.calls, random);
      const bool back = at == Aim::replies || (at == Aim::link && random.chance(1, 2));
      if (back) std::swap(from, to);
      fault.subject = std::move(from);
      fault.object = std::move(to);
      return;
    }
    case Aim::process: fault.subject = pick(targets.processes, random); return;
    case Aim::clock: fault.subject = pick(targets.services, random); return;
    case Aim::queue: fault.subject = sim::names::kQueue; return;
    case Aim::topic:
      fault.subject = sim::names::kQueue;
      fault.object = pick(kTopics, random);
      return;
    case Aim::redis: fault.subject = sim::names::kRedis; return;
    case Aim::postgres: fault.subject = sim::names::kPostgres; return;
  }
}

Duration time_of(const traces::Scenario& scenario, const traces::Case& run, RandomStream& random) {
  const std::int64_t from = to_us(from_ms(scenario.faults_from_ms));
  const std::int64_t until = to_us(from_ms(scenario.faults_until_ms)) - 1;
  if (run.orders.empty() || random.chance(1, 2)) return from_us(random.between(from, until));
  // Most of what can break lies within a few round trips of an order.
  const Duration order = pick(run.orders, random).at;
  const std::int64_t at = to_us(order) + random.between(-2'000, 20'000);
  return from_us(std::clamp(at, from, until));
}

}  // namespace

std::vector<Fault> generate(const traces::Scenario& scenario, const traces::Case& run) {
  if (scenario.faults_from_ms >= scenario.faults_until_ms) return {};
  const Targets targets(run);
  std::vector<Fault> plan;
  for (const traces::FaultAllowed& allowed : scenario.faults) {
    const Kind* kind = find_kind(allowed.kind);
    check(kind != nullptr, "a scenario names kinds of faults that exist");
    // A stream for each kind: a kind more in the scenario does not change the others.
    RandomStream random(sim::stream_seed(run.seed, "faults:" + allowed.kind));
    if (!random.chance(1, 2)) continue;
    const std::int64_t count = draw(allowed.count, random);
    for (std::int64_t i = 0; i < count; ++i) {
      Fault fault;
      fault.kind = allowed.kind;
      fault.at = time_of(scenario, run, random);
      if (kind->lasts) fault.duration = from_ms(draw(allowed.duration_ms, random));
      fault.amount = draw(allowed.amount, random);
      aim(fault, kind->aim, targets, random);
      plan.push_back(std::move(fault));
    }
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return plan;
}

}  // namespace firedrill::faults
