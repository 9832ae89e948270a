#include "traces/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace firedrill::traces {
namespace {

const std::vector<std::string> kKinds{
    "latency-spike", "partition",    "partition-both", "request-lost", "reply-lost",
    "kill",          "pause",        "clock-offset",   "clock-drift",  "clock-jump",
    "confirm-lost",  "confirm-late", "redelivery",     "leader-lost",  "redis-slow"};

const std::filesystem::path kFlashSale =
    std::filesystem::path(FIREDRILL_SOURCE_DIR) / "traces/scenarios/flash-sale.json";

// Every key once, each value a little different from its neighbours.
const std::string kGood = R"({
  "name": "tiny",
  "about": "Two orders.",
  "graph": "flash-sale",
  "design": "as-written",
  "topology": {"order_services": 2, "consumers": [1, 3], "partitions": [1, 4]},
  "redis": {"persistence": ["append-only", "none"], "fsync": "always", "replicas": [0, 2],
            "min_replicas_to_write": 1, "sentinels": 3},
  "postgres": {"standbys": [0, 3], "synchronous_commit": ["off", "on"],
               "synchronous_standby": "yes"},
  "sale": {"products": 1, "stock": [5, 6], "per_user_cap": [7, 8], "rate_limit": 9,
           "rate_window_ms": [1000, 1000, 500], "hold_ttl_ms": [3000, 6000]},
  "workload": {"users": [10, 11], "orders": 2, "arrival_ms": [12, 13], "quantity": [1, 2],
               "burst_percent": 25, "malformed_percent": 3, "key_reuse_percent": 4,
               "retries": [0, 2], "client_timeout_ms": [500, 2000]},
  "network": {"latency_us": [100, 500], "jitter_us": 20, "tail_percent": [1, 2],
              "tail_us": 30, "tick_us": [1, 50]},
  "faults_from_ms": 500,
  "faults_until_ms": 18000,
  "length_ms": 30000,
  "faults": [
    {"kind": "kill", "count": [1, 2], "duration_ms": [100, 200]},
    {"kind": "clock-jump", "count": 1, "amount": [-50, 50]}
  ],
  "require": ["fault:kill", "orders:accepted"],
  "require_over_seeds": 77
})";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

/// The error that the text gives, or "accepted".
std::string error_of(const std::string& text) {
  try {
    parse_scenario(text, "tiny.json", kKinds);
    return "accepted";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Scenario, ReadsEveryField) {
  const Scenario got = parse_scenario(kGood, "tiny.json", kKinds);
  Scenario want;
  want.name = "tiny";
  want.about = "Two orders.";
  want.graph = "flash-sale";
  want.design = "as-written";
  want.redis = {.persistence = {"append-only", "none"},
                .fsync = {"always"},
                .replicas = {0, 2},
                .min_replicas_to_write = {1, 1},
                .sentinels = {3, 3}};
  want.postgres = {
      .standbys = {0, 3}, .synchronous_commit = {"off", "on"}, .synchronous_standby = {"yes"}};
  want.topology = {.order_services = {2, 2}, .consumers = {1, 3}, .partitions = {1, 4}};
  want.sale = {.products = {1, 1},
               .stock = {5, 6},
               .per_user_cap = {7, 8},
               .rate_limit = {9, 9},
               .rate_window_ms = {1000, 1000, 500},
               .hold_ttl_ms = {3000, 6000}};
  want.workload = {.users = {10, 11},
                   .orders = {2, 2},
                   .arrival_ms = {12, 13},
                   .quantity = {1, 2},
                   .burst_percent = 25,
                   .malformed_percent = 3,
                   .key_reuse_percent = 4,
                   .retries = {0, 2},
                   .client_timeout_ms = {500, 2000}};
  want.network = {.latency_us = {100, 500},
                  .jitter_us = {20, 20},
                  .tail_percent = {1, 2},
                  .tail_us = {30, 30},
                  .tick_us = {1, 50}};
  want.faults_from_ms = 500;
  want.faults_until_ms = 18000;
  want.length_ms = 30000;
  want.faults = {{.kind = "kill", .count = {1, 2}, .duration_ms = {100, 200}, .amount = {}},
                 {.kind = "clock-jump", .count = {1, 1}, .duration_ms = {}, .amount = {-50, 50}}};
  want.require = {"fault:kill", "orders:accepted"};
  want.require_over_seeds = 77;
  EXPECT_TRUE(got == want);
}

TEST(Scenario, TheDefaultOneIsGood) {
  std::vector<std::string> kinds = kKinds;
  kinds.insert(
      kinds.end(),
      {"redis-slow-command", "redis-script-busy", "redis-script-flush", "redis-memory-full",
       "redis-replica-lag", "redis-fsync-stall", "redis-power-loss", "redis-restart-empty",
       "redis-failover", "postgres-slow", "postgres-storm", "postgres-terminate",
       "postgres-disk-full", "postgres-commit-lost", "postgres-fsync-stall", "postgres-power-loss",
       "postgres-standby-lag", "postgres-failover", "postgres-clock-jump"});
  const Scenario scenario = read_scenario(kFlashSale, kinds);
  EXPECT_EQ(scenario.name, "flash-sale");
  EXPECT_EQ(scenario.design, "hardened");
  EXPECT_EQ(scenario.workload.orders, (Range{96, 96}));
  EXPECT_EQ(scenario.length_ms, 30000);
  EXPECT_EQ(scenario.faults.size(), kinds.size());
  for (const std::string& kind : kinds) {
    EXPECT_NE(std::ranges::find(scenario.require, "fault:" + kind), scenario.require.end()) << kind;
  }
}

// The whole line, so that nobody changes what a user reads without seeing it.
TEST(Scenario, AnErrorNamesFilePathExpectedAndGot) {
  EXPECT_EQ(error_of(replaced("[5, 6]", R"("ten")")),
            "tiny.json: /sale/stock: expected a whole number or [low, high] within 0..1000000, "
            "got \"ten\"");
  EXPECT_EQ(error_of(replaced("[5, 6]", "[6, 5]")),
            "tiny.json: /sale/stock: expected [low, high] with low <= high, got [6,5]");
  EXPECT_EQ(error_of(replaced(R"("orders": 2, )", "")),
            "tiny.json: /workload/orders: expected a whole number or [low, high] within "
            "0..1000000, got nothing");
  EXPECT_EQ(error_of(replaced(R"("tail_us")", R"("tail")")),
            "tiny.json: /network: unknown key \"tail\", expected one of latency_us, jitter_us, "
            "tail_percent, tail_us, tick_us");
  EXPECT_EQ(error_of("[]"), "tiny.json: /: expected an object, got []");
}

TEST(Scenario, AnUnknownFaultListsTheKnownOnes) {
  EXPECT_EQ(error_of(replaced(R"("kind": "kill")", R"("kind": "murder")")),
            "tiny.json: /faults/0/kind: expected one of latency-spike, partition, partition-both, "
            "request-lost, reply-lost, kill, pause, clock-offset, clock-drift, clock-jump, "
            "confirm-lost, confirm-late, redelivery, leader-lost, redis-slow, got \"murder\"");
}

TEST(Scenario, ASyntaxErrorNamesLineAndColumn) {
  EXPECT_EQ(error_of("{\n  \"name\": tiny\n}").rfind("tiny.json:2:12: ", 0), 0u)
      << error_of("{\n  \"name\": tiny\n}");
  EXPECT_EQ(error_of("").rfind("tiny.json:1:1: ", 0), 0u) << error_of("");
  EXPECT_EQ(error_of("{\"a\": 1,}").rfind("tiny.json:1:9: ", 0), 0u) << error_of("{\"a\": 1,}");
  EXPECT_EQ(error_of(kGood + "x").rfind("tiny.json:27:2: ", 0), 0u) << error_of(kGood + "x");
  for (const auto* text : {"{\"a\": \"\n\"}", "{\"a\": 1e999}", "{\"a\": \"\xff\"}", "\xef\xbb"}) {
    const std::string error = error_of(text);
    EXPECT_EQ(error.rfind("tiny.json", 0), 0u) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    EXPECT_EQ(error.find("json.exception"), std::string::npos) << error;
  }
}

struct Bad {
  std::string from, to, path;
};

class BadScenario : public testing::TestWithParam<Bad> {};

TEST_P(BadScenario, IsRefusedOnOneLineThatNamesThePath) {
  const std::string error = error_of(replaced(GetParam().from, GetParam().to));
  EXPECT_EQ(error.rfind("tiny.json: " + GetParam().path + ": ", 0), 0u) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadScenario,
    testing::Values(
        Bad{R"("name": "tiny")", R"("name": "../x")", "/name"},
        Bad{R"("name": "tiny")", R"("name": "")", "/name"},
        Bad{R"("name": "tiny")", R"("name": 7)", "/name"},
        Bad{"Two orders.", "Two\\norders.", "/about"},
        Bad{R"("graph": "flash-sale")", R"("graph": "shop")", "/graph"},
        Bad{"as-written", "as_written", "/design"},
        Bad{R"("name": "tiny")", R"("format": "firedrill-trace/1", "name": "tiny")", "/format"},
        Bad{R"("name": "tiny")", R"("x": 1, "name": "tiny")", "/"},
        Bad{R"("order_services": 2)", R"("order_services": 0)", "/topology/order_services"},
        Bad{R"("order_services": 2)", R"("order_services": 2.0)", "/topology/order_services"},
        Bad{R"("consumers": [1, 3])", R"("consumers": [1, 3, 4])", "/topology/consumers"},
        Bad{R"("partitions": [1, 4])", R"("partitions": [1, 65])", "/topology/partitions"},
        Bad{R"("fsync": "always")", R"("fsync": "often")", "/redis/fsync"},
        Bad{R"(["append-only", "none"])", R"(["append-only", 3])", "/redis/persistence/1"},
        Bad{R"("replicas": [0, 2])", R"("replicas": 6)", "/redis/replicas"},
        Bad{R"("sentinels": 3)", R"("sentinels": 10)", "/redis/sentinels"},
        Bad{R"("standbys": [0, 3])", R"("standbys": 6)", "/postgres/standbys"},
        Bad{R"(["off", "on"])", R"("local")", "/postgres/synchronous_commit"},
        Bad{R"(["off", "on"])", R"(["off", true])", "/postgres/synchronous_commit/1"},
        Bad{R"("synchronous_standby": "yes")", R"("synchronous_standby": "on")",
            "/postgres/synchronous_standby"},
        Bad{R"("standbys": [0, 3])", R"("replicas": 1)", "/postgres"},
        Bad{"[1000, 1000, 500]", "[]", "/sale/rate_window_ms"},
        Bad{"[1000, 1000, 500]", "1000", "/sale/rate_window_ms"},
        Bad{"[1000, 1000, 500]", "[1000, 0]", "/sale/rate_window_ms/1"},
        Bad{R"("users": [10, 11])", R"("users": [0, 11])", "/workload/users"},
        Bad{R"("burst_percent": 25)", R"("burst_percent": 101)", "/workload/burst_percent"},
        Bad{R"("burst_percent": 25)", R"("burst_percent": [1, 2])", "/workload/burst_percent"},
        Bad{R"("burst_percent": 25)", R"("burst_percent": true)", "/workload/burst_percent"},
        Bad{R"("arrival_ms": [12, 13])", R"("arrival_ms": [12, 30000])", "/workload/arrival_ms"},
        Bad{R"("orders": 2,)", R"("orders": 99999999999999999999,)", "/workload/orders"},
        Bad{R"("orders": 2,)", R"("orders": 18446744073709551615,)", "/workload/orders"},
        Bad{R"("tail_percent": [1, 2])", R"("tail_percent": [-1, 2])", "/network/tail_percent"},
        Bad{R"("faults_from_ms": 500)", R"("faults_from_ms": 18001)", "/faults_until_ms"},
        Bad{R"("faults_until_ms": 18000)", R"("faults_until_ms": 30000)", "/faults_until_ms"},
        Bad{R"("length_ms": 30000)", R"("length_ms": 0)", "/length_ms"},
        Bad{"[100, 200]", "[100, 17501]", "/faults/0/duration_ms"},
        Bad{R"("kind": "clock-jump")", R"("kind": "kill")", "/faults/1/kind"},
        Bad{R"("count": 1,)", R"("count": -1,)", "/faults/1/count"},
        Bad{R"("count": 1,)", "", "/faults/1/count"},
        Bad{"[-50, 50]", "[-50, 1000000001]", "/faults/1/amount"},
        Bad{"[-50, 50]", "18446744073709551615", "/faults/1/amount"},
        Bad{R"("amount")", R"("amounts")", "/faults/1"},
        Bad{"fault:kill", "fault:pause", "/require/0"}, Bad{"orders:accepted", "", "/require/1"},
        Bad{R"("require_over_seeds": 77)", R"("require_over_seeds": 0)", "/require_over_seeds"}));

TEST(Scenario, AKeyThatIsThereTwiceIsAnError) {
  EXPECT_EQ(error_of(replaced(R"("products": 1)", R"("products": 1, "products": 2)")),
            "tiny.json: the key \"products\" is there twice in one object");
}

TEST(Scenario, OptionalKeysHaveDefaults) {
  std::string text = replaced(R"("require": ["fault:kill", "orders:accepted"],)", "");
  const std::string about = R"("about": "Two orders.",)";
  text.erase(text.find(about), about.size());
  const Scenario got = parse_scenario(text, "tiny.json", kKinds);
  EXPECT_TRUE(got.require.empty());
  EXPECT_EQ(got.about, "");
}

TEST(Scenario, AFileThatCannotBeReadSaysSo) {
  EXPECT_THROW(
      {
        try {
          read_scenario("/nowhere/at-all.json", kKinds);
        } catch (const InputError& error) {
          EXPECT_STREQ(error.what(),
                       "/nowhere/at-all.json: cannot be read: No such file or directory");
          throw;
        }
      },
      InputError);
  EXPECT_THROW(read_scenario(testing::TempDir(), kKinds), InputError);
}

// A broken file must give an error, never a crash or an acceptance of something else.
TEST(Scenario, NoPrefixOfAGoodFileIsAccepted) {
  for (std::size_t length = 0; length < kGood.size(); length += 7) {
    EXPECT_NE(error_of(kGood.substr(0, length)), "accepted");
  }
}

}  // namespace
}  // namespace firedrill::traces
