#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "faults/kinds.h"
#include "traces/scenario.h"
#include "workload/generate.h"
#include "workload/table_view.h"

namespace firedrill::workload {
namespace {

using traces::Case;
using traces::Scenario;

constexpr std::uint64_t kSeeds = 300;

Scenario flash_sale() {
  return traces::read_scenario(FIREDRILL_SOURCE_DIR "/traces/scenarios/flash-sale.json",
                               faults::kind_names());
}

template <class T>
void expect_within(T value, const traces::Range& range, const char* what) {
  EXPECT_GE(static_cast<std::int64_t>(value), range.low) << what;
  EXPECT_LE(static_cast<std::int64_t>(value), range.high) << what;
}

TEST(GenerateCase, DependsOnTheScenarioAndTheSeedAlone) {
  const Scenario scenario = flash_sale();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(generate(scenario, seed), generate(scenario, seed));
    EXPECT_NE(generate(scenario, seed).orders, generate(scenario, seed + 1).orders);
  }
}

TEST(GenerateCase, StaysWithinTheScenario) {
  const Scenario scenario = flash_sale();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Case run = generate(scenario, seed);
    EXPECT_EQ(run.seed, seed);
    EXPECT_EQ(run.scenario, scenario.name);
    EXPECT_EQ(run.design, scenario.design);
    EXPECT_TRUE(run.faults.empty());
    EXPECT_EQ(run.faults_until, from_ms(scenario.faults_until_ms));
    EXPECT_EQ(run.length, from_ms(scenario.length_ms));
    expect_within(run.topology.order_services, scenario.topology.order_services, "services");
    expect_within(run.topology.consumers, scenario.topology.consumers, "consumers");
    expect_within(run.topology.partitions, scenario.topology.partitions, "partitions");
    expect_within(run.terms.products.size(), scenario.sale.products, "products");
    for (const auto& product : run.terms.products) {
      expect_within(product.initial, scenario.sale.stock, "stock");
      expect_within(product.per_user_cap, scenario.sale.per_user_cap, "cap");
    }
    expect_within(run.terms.rate_limit, scenario.sale.rate_limit, "rate limit");
    const auto& windows = scenario.sale.rate_window_ms;
    EXPECT_TRUE(std::find(windows.begin(), windows.end(), to_ms(run.terms.rate_window)) !=
                windows.end());
    expect_within(to_ms(run.hold_ttl), scenario.sale.hold_ttl_ms, "hold");
    expect_within(to_ms(run.client_timeout), scenario.workload.client_timeout_ms, "timeout");
    expect_within(to_us(run.network.latency), scenario.network.latency_us, "latency");
    expect_within(to_us(run.network.jitter), scenario.network.jitter_us, "jitter");
    expect_within(run.network.tail_percent, scenario.network.tail_percent, "tails");
    expect_within(to_us(run.network.tail), scenario.network.tail_us, "tail");
    expect_within(run.orders.size(), scenario.workload.orders, "orders");
  }
}

TEST(GenerateCase, AsksForOrdersThatMakeSense) {
  const Scenario scenario = flash_sale();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Case run = generate(scenario, seed);
    std::set<std::string> users;
    std::map<std::string, std::string> user_of_key;
    for (const auto& order : run.orders) {
      users.insert(order.call.user);
      EXPECT_GE(order.at, from_ms(200)) << "the stock is opened before";
      EXPECT_LT(order.at, run.length);
      expect_within(order.retries, scenario.workload.retries, "retries");
      EXPECT_GE(order.call.quantity, -2);
      EXPECT_LE(order.call.quantity, scenario.workload.quantity.high + 1);
      EXPECT_TRUE(
          std::any_of(run.terms.products.begin(), run.terms.products.end(),
                      [&](const auto& product) { return product.id == order.call.product; }));
      const auto [known, first] = user_of_key.emplace(order.call.key, order.call.user);
      EXPECT_TRUE(first || known->second == order.call.user) << "a key is its user's";
    }
    EXPECT_LE(static_cast<std::int64_t>(users.size()), scenario.workload.users.high);
    EXPECT_TRUE(std::is_sorted(run.orders.begin(), run.orders.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; }));
  }
}

TEST(GenerateCase, ShowsEverythingThatTheScenarioAllows) {
  const Scenario scenario = flash_sale();
  std::set<Case::Pick> picks;
  std::set<Duration> windows;
  std::size_t malformed = 0;
  std::size_t reused = 0;
  std::size_t crowded = 0;
  std::size_t orders = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Case run = generate(scenario, seed);
    picks.insert(run.schedule.pick);
    EXPECT_EQ(run.schedule.change_points > 0, run.schedule.pick == Case::Pick::pct);
    windows.insert(run.terms.rate_window);
    std::set<std::string> keys;
    std::map<std::string, Duration> last;
    for (const auto& order : run.orders) {
      malformed += order.call.quantity <= 0;
      reused += !keys.insert(order.call.key).second;
      const auto found = last.find(order.call.user);
      crowded += found != last.end() && order.at - found->second < from_ms(300);
      last[order.call.user] = order.at;
      ++orders;
    }
  }
  EXPECT_EQ(picks.size(), 3U);
  EXPECT_EQ(windows.size(), 3U);
  EXPECT_GT(malformed, orders / 100);
  EXPECT_LT(malformed, orders * 6 / 100);
  EXPECT_GT(reused, orders / 100);
  EXPECT_LT(reused, orders * 6 / 100);
  EXPECT_GT(crowded, orders / 10) << "bursts of one user, to meet the limiter";
}

TEST(GenerateCase, ObeysSharesOfNoneAndAll) {
  Scenario scenario = flash_sale();
  scenario.workload.malformed_percent = 0;
  scenario.workload.key_reuse_percent = 0;
  scenario.workload.burst_percent = 100;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Case run = generate(scenario, seed);
    std::set<std::string> keys;
    for (const auto& order : run.orders) {
      EXPECT_GT(order.call.quantity, 0);
      EXPECT_TRUE(keys.insert(order.call.key).second);
    }
    EXPECT_EQ(static_cast<std::int64_t>(run.orders.size()), scenario.workload.orders.high);
  }
  scenario.workload.malformed_percent = 100;
  for (const auto& order : generate(scenario, 1).orders) EXPECT_LE(order.call.quantity, 0);
}

/// What is drawn for one thing does not depend on what is drawn for another.
TEST(GenerateCase, DrawsFromStreamsOfTheirOwn) {
  const Scenario scenario = flash_sale();
  Scenario other = scenario;
  other.workload.orders = {10, 20};
  other.network.tail_percent = {50, 90};
  other.topology.consumers = {7, 9};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Case before = generate(scenario, seed);
    const Case after = generate(other, seed);
    EXPECT_NE(before.topology, after.topology);
    EXPECT_EQ(before.terms, after.terms);
    EXPECT_EQ(before.schedule, after.schedule);
    EXPECT_EQ(before.network.latency, after.network.latency);
  }
}

using Cells = std::vector<std::optional<std::string>>;

Cells order_row(const std::string& id, const std::string& version) {
  return {id, "u-1", "k-1", "sku-1", "1", "PENDING", version};
}
Cells event_row(const std::string& id, const std::string& version,
                const std::string& attempts = "0") {
  return {id, version, "PENDING", "{}", "CLAIMED", attempts};
}

TEST(ToldRows, WhatIsNotThereAnyMoreIsGone) {
  ToldRows told;
  for (const char* id : {"o-1", "o-2", "o-3", "o-4"}) {
    told.take("orders.orders", order_row(id, "1"));
    told.take("orders.outbox", event_row(id, "1"));
  }
  told.take("orders.orders", order_row("o-2", "2"));
  told.take("orders.outbox", event_row("o-2", "2"));
  told.forget("orders.orders", order_row("o-4", "1"));
  told.forget("orders.outbox", event_row("o-4", "1"));
  EXPECT_TRUE(told.gone_from(told).empty());

  ToldRows there;
  there.take("orders.orders", order_row("o-1", "2"));
  there.take("orders.orders", order_row("o-2", "1"));
  there.take("orders.outbox", event_row("o-1", "1"));
  there.take("orders.outbox", event_row("o-2", "1"));
  EXPECT_EQ(told.gone_from(there),
            (std::vector<traces::What>{traces::OrderGone{"o-2"}, traces::OrderGone{"o-3"},
                                       traces::EventGone{"o-2", 2}, traces::EventGone{"o-3", 1}}));
}

TEST(ToldRows, KnowsAnEventByItsStateAndAttempts) {
  ToldRows told;
  const traces::What once = told.take("orders.outbox", event_row("o-1", "1", "1"));
  EXPECT_TRUE(told.knows(once));
  EXPECT_FALSE(told.knows(read_row("orders.outbox", event_row("o-1", "1", "2"))));
  EXPECT_FALSE(told.knows(read_row("orders.outbox", event_row("o-1", "2", "1"))));
  EXPECT_EQ(std::get<traces::EventSeen>(once).attempts, 1);
}

}  // namespace
}  // namespace firedrill::workload
