#include "traces/scenario.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "traces/json_value.h"

namespace firedrill::traces {
namespace {

// Generous, so that they stop typing errors and runs that cannot end, and nothing else.
constexpr Bounds kInstances{1, 64};
constexpr Bounds kUnits{0, 1'000'000};
constexpr Bounds kSome{1, 1'000'000};
constexpr Bounds kPercent{0, 100};
constexpr Bounds kHour{0, 3'600'000};  // in milliseconds
constexpr Bounds kSomeTime{1, 3'600'000};
constexpr Bounds kMinuteUs{0, 60'000'000};
constexpr Bounds kAmount{-1'000'000'000, 1'000'000'000};
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestLine = 300;

std::string one_line(const JsonValue& value, std::size_t longest) {
  std::string text = value.text(longest);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (std::ranges::any_of(text, control)) value.expected("a text of one line");
  return text;
}

Scenario::Topology topology_from(const JsonValue& value) {
  value.only({"order_services", "consumers", "partitions"});
  return {.order_services = value.at("order_services").range(kInstances),
          .consumers = value.at("consumers").range(kInstances),
          .partitions = value.at("partitions").range(kInstances)};
}

/// One of the names, or a list of some.
std::vector<std::string> names_from(const JsonValue& value,
                                    std::initializer_list<std::string_view> names) {
  if (!value.is_list()) return {value.one_of(names)};
  std::vector<std::string> picks(value.size({1, 100}));
  for (std::size_t i = 0; i < picks.size(); ++i) picks[i] = value.at(i).one_of(names);
  return picks;
}

Scenario::Redis redis_from(const JsonValue& value) {
  value.only({"persistence", "fsync", "replicas", "min_replicas_to_write", "sentinels"});
  Scenario::Redis redis;
  if (value.has("persistence")) {
    redis.persistence = names_from(value.at("persistence"), {"none", "snapshots", "append-only"});
  }
  if (value.has("fsync")) {
    redis.fsync = names_from(value.at("fsync"), {"no", "everysec", "always"});
  }
  if (value.has("replicas")) redis.replicas = value.at("replicas").range({0, 5});
  if (value.has("min_replicas_to_write")) {
    redis.min_replicas_to_write = value.at("min_replicas_to_write").range({0, 5});
  }
  if (value.has("sentinels")) redis.sentinels = value.at("sentinels").range({0, 9});
  return redis;
}

Scenario::Postgres postgres_from(const JsonValue& value) {
  value.only({"standbys", "synchronous_commit", "synchronous_standby"});
  Scenario::Postgres postgres;
  if (value.has("standbys")) postgres.standbys = value.at("standbys").range({0, 5});
  if (value.has("synchronous_commit")) {
    postgres.synchronous_commit = names_from(value.at("synchronous_commit"), {"on", "off"});
  }
  if (value.has("synchronous_standby")) {
    postgres.synchronous_standby = names_from(value.at("synchronous_standby"), {"yes", "no"});
  }
  return postgres;
}

std::vector<std::int64_t> windows_from(const JsonValue& value) {
  std::vector<std::int64_t> windows(value.size({1, 1000}));
  for (std::size_t i = 0; i < windows.size(); ++i) windows[i] = value.at(i).integer(kSomeTime);
  return windows;
}

Scenario::Sale sale_from(const JsonValue& value) {
  value.only({"products", "stock", "per_user_cap", "rate_limit", "rate_window_ms", "hold_ttl_ms"});
  return {.products = value.at("products").range({1, 1000}),
          .stock = value.at("stock").range(kUnits),
          .per_user_cap = value.at("per_user_cap").range(kSome),
          .rate_limit = value.at("rate_limit").range(kSome),
          .rate_window_ms = windows_from(value.at("rate_window_ms")),
          .hold_ttl_ms = value.at("hold_ttl_ms").range(kSomeTime)};
}

Scenario::Workload workload_from(const JsonValue& value) {
  value.only({"users", "orders", "arrival_ms", "quantity", "burst_percent", "malformed_percent",
              "key_reuse_percent", "retries", "client_timeout_ms"});
  return {.users = value.at("users").range(kSome),
          .orders = value.at("orders").range(kUnits),
          .arrival_ms = value.at("arrival_ms").range(kHour),
          .quantity = value.at("quantity").range(kSome),
          .burst_percent = value.at("burst_percent").integer(kPercent),
          .malformed_percent = value.at("malformed_percent").integer(kPercent),
          .key_reuse_percent = value.at("key_reuse_percent").integer(kPercent),
          .retries = value.at("retries").range({0, 100}),
          .client_timeout_ms = value.at("client_timeout_ms").range(kSomeTime)};
}

Scenario::Network network_from(const JsonValue& value) {
  value.only({"latency_us", "jitter_us", "tail_percent", "tail_us", "tick_us"});
  return {.latency_us = value.at("latency_us").range(kMinuteUs),
          .jitter_us = value.at("jitter_us").range(kMinuteUs),
          .tail_percent = value.at("tail_percent").range(kPercent),
          .tail_us = value.at("tail_us").range(kMinuteUs),
          .tick_us = value.at("tick_us").range({1, 1'000'000})};
}

/// `longest_ms`: between the first fault and the healing, which ends every fault.
FaultAllowed fault_from(const JsonValue& value, const std::vector<std::string>& known_faults,
                        std::int64_t longest_ms) {
  value.only({"kind", "count", "duration_ms", "amount"});
  FaultAllowed fault;
  fault.kind = value.at("kind").one_of(known_faults);
  fault.count = value.at("count").range({0, 1000});
  if (value.has("duration_ms")) fault.duration_ms = value.at("duration_ms").range({0, longest_ms});
  if (value.has("amount")) fault.amount = value.at("amount").range(kAmount);
  return fault;
}

std::vector<FaultAllowed> faults_from(const JsonValue& value,
                                      const std::vector<std::string>& known_faults,
                                      std::int64_t longest_ms) {
  std::vector<FaultAllowed> faults;
  const std::size_t count = value.size({0, 1000});
  for (std::size_t i = 0; i < count; ++i) {
    FaultAllowed fault = fault_from(value.at(i), known_faults, longest_ms);
    if (std::ranges::find(faults, fault.kind, &FaultAllowed::kind) != faults.end()) {
      value.at(i).at("kind").expected("a kind that is not in the list yet");
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

/// Names of counts. A fault that the scenario does not allow could never be counted.
std::vector<std::string> require_from(const JsonValue& value,
                                      const std::vector<FaultAllowed>& faults) {
  constexpr std::string_view kPrefix = "fault:";
  std::vector<std::string> names(value.size({0, 1000}));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const JsonValue name = value.at(i);
    names[i] = one_line(name, kLongestName);
    if (names[i].empty()) name.expected("the name of a count");
    if (!names[i].starts_with(kPrefix)) continue;
    const auto kind = names[i].substr(kPrefix.size());
    if (std::ranges::find(faults, kind, &FaultAllowed::kind) == faults.end()) {
      name.expected("a fault that /faults allows");
    }
  }
  return names;
}

std::string name_from(const JsonValue& value) {
  std::string name = value.text(kLongestName);
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (name.empty() || name.find_first_not_of(kAllowed) != std::string::npos) {
    value.expected("a name of a-z, 0-9, - and _");
  }
  return name;
}

/// Faults begin and end before the run does, and the orders come while it lasts.
void read_times(const JsonValue& root, Scenario& scenario) {
  scenario.length_ms = root.at("length_ms").integer(kSomeTime);
  const std::int64_t last_ms = scenario.length_ms - 1;
  scenario.faults_from_ms = root.at("faults_from_ms").integer({0, last_ms});
  scenario.faults_until_ms = root.at("faults_until_ms").integer({scenario.faults_from_ms, last_ms});
  if (scenario.workload.arrival_ms.high > last_ms) {
    root.at("workload").at("arrival_ms").expected("a time that is less than /length_ms");
  }
}

Scenario scenario_from(const JsonValue& root, const std::vector<std::string>& known_faults) {
  root.only({"format", "name", "about", "graph", "design", "topology", "redis", "postgres", "sale",
             "workload", "network", "faults_from_ms", "faults_until_ms", "length_ms", "faults",
             "require", "require_over_seeds"});
  if (root.has("format")) root.at("format").one_of({"firedrill-scenario/1"});
  Scenario scenario;
  scenario.name = name_from(root.at("name"));
  if (root.has("about")) scenario.about = one_line(root.at("about"), kLongestLine);
  if (root.has("graph")) scenario.graph = root.at("graph").one_of({"flash-sale"});
  if (root.has("design")) scenario.design = root.at("design").one_of({"hardened", "as-written"});
  scenario.topology = topology_from(root.at("topology"));
  if (root.has("redis")) scenario.redis = redis_from(root.at("redis"));
  if (root.has("postgres")) scenario.postgres = postgres_from(root.at("postgres"));
  scenario.sale = sale_from(root.at("sale"));
  scenario.workload = workload_from(root.at("workload"));
  scenario.network = network_from(root.at("network"));
  read_times(root, scenario);
  scenario.faults = faults_from(root.at("faults"), known_faults,
                                scenario.faults_until_ms - scenario.faults_from_ms);
  if (root.has("require")) scenario.require = require_from(root.at("require"), scenario.faults);
  if (root.has("require_over_seeds")) {
    scenario.require_over_seeds = root.at("require_over_seeds").integer({1, 1'000'000'000});
  }
  return scenario;
}

}  // namespace

Scenario parse_scenario(const std::string& text, const std::string& file_name,
                        const std::vector<std::string>& known_faults) {
  const nlohmann::json document = parse_json(text, file_name);
  return scenario_from(JsonValue(document, file_name), known_faults);
}

Scenario read_scenario(const std::filesystem::path& file,
                       const std::vector<std::string>& known_faults) {
  return parse_scenario(read_text(file), file.string(), known_faults);
}

}  // namespace firedrill::traces
