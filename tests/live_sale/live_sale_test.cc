#include <gtest/gtest.h>

#include <string>

#include "cli/input.h"
#include "properties/property.h"
#include "tests/live_sale/live_sale.h"
#include "workload/generate.h"

namespace firedrill::test {
namespace {

using properties::Judgement;

/// A short sale in real time: four seconds of orders, three to become quiet, one for the last
/// reads.
traces::Case short_sale(const std::string& design) {
  traces::Scenario scenario = load_scenario("flash-sale");
  scenario.design = design;
  scenario.topology = {{2, 2}, {2, 2}, {1, 1}};
  scenario.sale.products = {2, 2};
  scenario.sale.stock = {40, 40};
  scenario.sale.per_user_cap = {2, 2};
  scenario.sale.rate_limit = {3, 3};
  scenario.sale.rate_window_ms = {1000};
  scenario.sale.hold_ttl_ms = {1500, 1500};
  scenario.workload.orders = {120, 120};
  scenario.workload.users = {16, 16};
  scenario.workload.arrival_ms = {4000, 4000};
  scenario.workload.malformed_percent = 5;
  scenario.workload.key_reuse_percent = 5;
  scenario.workload.retries = {2, 2};
  scenario.workload.client_timeout_ms = {700, 700};
  traces::Case run = workload::generate(scenario, 7);
  // One who is served first, and uses the key again with another body.
  run.orders.insert(run.orders.begin(), {{from_ms(150), {"u-0", "k-0", "sale-1", "sku-1", 1}, 0},
                                         {from_ms(1700), {"u-0", "k-0", "sale-1", "sku-1", 2}, 0}});
  run.faults_until = from_ms(9000);
  run.length = from_ms(10'500);
  return run;
}

const properties::Verdict& verdict(const std::vector<properties::Verdict>& verdicts,
                                   std::string_view name) {
  const auto* property = properties::find(name);
  return verdicts.at(static_cast<std::size_t>(property - properties::all().data()));
}

void expect_all_hold(const traces::History& history) {
  const auto verdicts = properties::judge_all(history);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(properties::to_string(verdicts[i].judgement), properties::to_string(Judgement::holds))
        << properties::all()[i].name << ": " << verdicts[i].message;
  }
}

TEST(LiveSale, HardenedKeepsItsPromises) {
  const traces::Case run = short_sale("hardened");
  LiveSale sale(run);
  expect_all_hold(sale.run());
  for (const int status : sale.stop_services()) EXPECT_EQ(status, 0);
}

TEST(LiveSale, HardenedKeepsItsPromisesWhileProcessesDieAndRedisStops) {
  const traces::Case run = short_sale("hardened");
  LiveSale sale(run);
  expect_all_hold(sale.run({
      {from_ms(700), [](LiveSale& it) { it.order_service(0).kill(); }},
      {from_ms(1200), [](LiveSale& it) { it.order_service(0).start(); }},
      {from_ms(1500), [](LiveSale& it) { it.consumer(0).kill(); }},
      {from_ms(1900), [](LiveSale& it) { it.redis().pause(); }},
      {from_ms(2500), [](LiveSale& it) { it.redis().resume(); }},
      {from_ms(2700), [](LiveSale& it) { it.consumer(0).start(); }},
      {from_ms(3000), [](LiveSale& it) { it.redis().kill(); }},
      {from_ms(3200), [](LiveSale& it) { it.redis().restart(); }},
  }));
}

TEST(LiveSale, HardenedKeepsItsPromisesWhilePostgresStopsAndCrashes) {
  const traces::Case run = short_sale("hardened");
  LiveSale sale(run);
  expect_all_hold(sale.run({
      {from_ms(900), [](LiveSale& it) { it.postgres().pause(); }},
      {from_ms(1500), [](LiveSale& it) { it.postgres().resume(); }},
      {from_ms(2200), [](LiveSale& it) { it.postgres().kill(); }},
      {from_ms(2600), [](LiveSale& it) { it.postgres().restart(); }},
  }));
}

/// The ledger decides, and the stock is made anew from it.
TEST(LiveSale, HardenedRemembersWhatRedisForgets) {
  const traces::Case run = short_sale("hardened");
  LiveSale sale(run);
  const traces::History history = sale.run({
      {from_ms(1800), [](LiveSale& it) { it.forget_stock(); }},
  });
  expect_all_hold(history);
  std::int64_t epoch = 0;
  for (const traces::Entry& entry : history.entries) {
    if (const auto* ledger = std::get_if<traces::LedgerSeen>(&entry.what)) epoch = ledger->epoch;
  }
  EXPECT_GT(epoch, 1);
}

/// Two products, some users and many orders: their keys are on all three nodes, and the services
/// know the address of one.
TEST(LiveSale, HardenedKeepsItsPromisesOnACluster) {
  RedisCluster cluster;
  traces::Case run = short_sale("hardened");
  for (auto& order : run.orders) order.at = order.at / 2;
  run.faults_until = from_ms(4000);
  run.length = from_ms(5500);
  LiveSale sale(run, cluster);
  expect_all_hold(sale.run());
  for (std::size_t node = 0; node < RedisCluster::kNodes; ++node) {
    EXPECT_GT(cluster.command(node, {"DBSIZE"}).integer, 0);
  }
  for (const int status : sale.stop_services()) EXPECT_EQ(status, 0);
}

TEST(LiveSale, AsWrittenBreaksTheSamePromisesLive) {
  const traces::Case run = short_sale("as-written");
  LiveSale sale(run);
  const auto verdicts = properties::judge_all(sale.run());
  // What needs no fault: no cap, no sign, no memory of keys.
  for (const char* name : {"user-cap", "no-stock-leak", "idempotent-api"}) {
    EXPECT_EQ(verdict(verdicts, name).judgement, Judgement::violated) << name;
  }
  for (const int status : sale.stop_services()) EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace firedrill::test
