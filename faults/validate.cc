#include "faults/validate.h"

#include <algorithm>
#include <vector>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

std::vector<std::string> host_names(const traces::Case& run) {
  std::vector<std::string> names = {
      std::string(sim::names::kClients), std::string(sim::names::kRedis),
      std::string(sim::names::kPostgres), std::string(sim::names::kQueue),
      std::string(sim::names::kInventory)};
  for (std::uint32_t i = 0; i < run.topology.order_services; ++i) {
    names.push_back(sim::names::order(i));
  }
  for (std::uint32_t i = 0; i < run.topology.consumers; ++i) {
    names.push_back(sim::names::consumer(i));
  }
  for (std::uint32_t i = 0; i < run.redis.replicas; ++i) names.push_back(sim::names::replica(i));
  for (std::uint32_t i = 0; i < run.redis.sentinels; ++i) names.push_back(sim::names::sentinel(i));
  for (std::uint32_t i = 0; i < run.postgres.standbys; ++i) {
    names.push_back(sim::names::standby(i));
  }
  return names;
}

std::string validate(const traces::Fault& fault, const traces::Case& run,
                     const std::vector<std::string>& hosts) {
  const Kind* kind = find_kind(fault.kind);
  if (kind == nullptr) return "kind: there is no fault " + fault.kind;
  const auto exists = [&](const std::string& name) {
    return std::find(hosts.begin(), hosts.end(), name) != hosts.end();
  };
  if (!exists(fault.subject)) return "subject: there is no host " + fault.subject;
  const bool on_link =
      kind->aim == Aim::link || kind->aim == Aim::requests || kind->aim == Aim::replies;
  if (on_link && !exists(fault.object)) return "object: there is no host " + fault.object;
  if (kind->aim == Aim::topic && std::ranges::find(kTopics, fault.object) == kTopics.end()) {
    return "object: there is no topic " + fault.object;
  }
  if (fault.at >= run.faults_until) return "at_ns: expected a time before faults_until_ns";
  return {};
}

}  // namespace

std::string validate(const traces::Case& run) {
  const std::vector<std::string> hosts = host_names(run);
  for (std::size_t i = 0; i < run.faults.size(); ++i) {
    const std::string problem = validate(run.faults[i], run, hosts);
    if (!problem.empty()) return "/run/faults/" + std::to_string(i) + "/" + problem;
  }
  return {};
}

}  // namespace firedrill::faults
