#include "traces/trace.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <unistd.h>

#include <fstream>
#include <limits>
#include <sstream>

namespace firedrill::traces {
namespace {

namespace fs = std::filesystem;

/// A directory of its own, removed in the end.
class TraceFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = fs::path(testing::TempDir()) / ("firedrill-trace-" + std::to_string(::getpid())) /
                 test->name();
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string text(const fs::path& file) const {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
  }

  void put(const fs::path& file, const std::string& content) const {
    std::ofstream(file) << content;
  }

  std::string error_of(const std::string& content) const {
    const fs::path file = directory_ / "bad.json";
    put(file, content);
    try {
      read_trace(file);
      return "accepted";
    } catch (const InputError& error) {
      return std::string(error.what()).substr(file.string().size());
    }
  }

  fs::path directory_;
};

Terms some_terms() {
  return {.products = {{"sku-1", 10, 2}, {"sku-2", 0, 1}},
          .rate_limit = 5,
          .rate_window = from_ms(1500)};
}

/// Something in every field, and an entry of every kind.
Trace full_trace() {
  Trace trace;
  trace.property = "no-oversell";
  trace.signature = "confirmed more than initial";
  trace.message = "sold 11 of 10 units of \"sku-1\" \xe2\x9c\x97";
  trace.digest = 0xfedcba9876543210u;
  Case& run = trace.run;
  run.scenario = "flash-sale";
  run.design = "as-written";
  run.seed = std::numeric_limits<std::uint64_t>::max();
  run.topology = {2, 3, 4};
  run.redis = {Case::Redis::Persistence::snapshots, Case::Redis::Fsync::always, 2, 1, 3};
  run.postgres = {2, false, true};
  run.terms = some_terms();
  run.hold_ttl = from_ms(3001);
  run.client_timeout = Duration(1'234'567'891);
  run.network = {Duration(1), Duration(2), 3, Duration(4)};
  run.schedule = {Case::Pick::pct, 7};
  run.orders = {{from_ms(1), {"u-1", "k-1", "sale", "sku-1", -3}, 2},
                {from_ms(1), {"u-2", "k-1", "sale", "sku-2", 1}, 0}};
  run.faults = {{"partition", from_ms(5), from_ms(6), "order-1", "redis", 0},
                {"clock-jump", from_ms(7), {}, "redis", "", -2500}};
  run.faults_until = from_ms(18000);
  run.length = from_ms(30000);

  History& history = trace.history;
  history.terms = some_terms();
  history.add(Duration(0), StockEffect{StockEffect::Kind::seed, "sku-1", "", "", 10});
  history.add(Duration(0), StockSeen{"sku-1", 10, 0, 0, true});
  history.add(Duration(1), Invoke{1, run.orders[0].call});
  history.add(Duration(2), FaultSeen{0, FaultSeen::What::began});
  history.add(Duration(2), FaultSeen{1, FaultSeen::What::took_effect});
  history.add(Duration(3), FaultSeen{0, FaultSeen::What::ended});
  history.add(Duration(4), Return{1, Ended::ok, 202, "o-1", "QUEUED"});
  history.add(Duration(5), Invoke{4'000'000'000u, ReadCall{"o-1"}});
  history.add(Duration(6), Return{4'000'000'000u, Ended::info, 0, "", ""});
  for (const auto kind :
       {StockEffect::Kind::reserve, StockEffect::Kind::confirm, StockEffect::Kind::release,
        StockEffect::Kind::expire, StockEffect::Kind::restock, StockEffect::Kind::deduct,
        StockEffect::Kind::restore, StockEffect::Kind::rebuild}) {
    history.add(Duration(7), StockEffect{kind, "sku-1", "r-1", "u-1", 1});
  }
  history.add(Duration(8), StockSeen{"sku-1", -1, 2, 3, false});
  history.add(Duration(9), OrderSeen{"o-1", "u-1", "k-1", "sku-1", 1, "CONFIRMED", 0});
  history.add(Duration(9), OrderSeen{"o-1", "u-1", "k-1", "sku-1", 1, "CONFIRMED", 2});
  for (const auto state :
       {EventSeen::State::pending, EventSeen::State::published, EventSeen::State::dead}) {
    history.add(Duration(9), EventSeen{"o-1", 2, "CONFIRMED", "{\"a\": 1}", state});
  }
  history.add(Duration(9), EventDelivered{"audit", "o-1", 2, "{\"a\": 1}", 3});
  history.add(Duration(10), PhaseSeen{PhaseSeen::Phase::healed});
  history.add(Duration(11), PhaseSeen{PhaseSeen::Phase::quiet});
  history.add(Duration(12), Note{"order-1", "restores 1 unit\nof sku-1 (send timed out)"});
  history.add(Duration(13), OrderGone{"o-1"});
  history.add(Duration(13), EventGone{"o-1", 2});
  history.add(Duration(14), LedgerSeen{"sku-1", 10, 3, 2});
  history.add(Duration(15), RedisForgot{});
  return trace;
}

TEST_F(TraceFile, ReadsBackWhatItWrote) {
  const Trace trace = full_trace();
  const fs::path file = directory_ / "found" / "deeper" / "t.json";
  write_trace(file, trace);
  EXPECT_TRUE(read_trace(file) == trace);
  // Nothing but the file: no draft stays behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}), 1);
}

TEST_F(TraceFile, AnEmptyOneReadsBack) {
  Trace trace;
  trace.run.terms = trace.history.terms = {{{"p", 0, 1}}, 1, Duration(1)};
  const fs::path file = directory_ / "t.json";
  write_trace(file, trace);
  EXPECT_TRUE(read_trace(file) == trace);
}

// As files that were written before there was a database do.
TEST_F(TraceFile, OneWithoutPostgresHasItsDefaults) {
  const fs::path file = directory_ / "t.json";
  Trace trace = full_trace();
  write_trace(file, trace);
  std::string content = text(file);
  const auto from = content.find("\n    \"postgres\": ");
  ASSERT_NE(from, std::string::npos);
  content.erase(from, content.find('\n', from + 1) - from);
  put(file, content);
  trace.run.postgres = {};
  EXPECT_TRUE(read_trace(file) == trace);
}

TEST_F(TraceFile, WritingReplacesTheOldFile) {
  const fs::path file = directory_ / "t.json";
  put(file, "old");
  write_trace(file, full_trace());
  EXPECT_TRUE(read_trace(file) == full_trace());
}

TEST_F(TraceFile, AWriteThatFailsSaysWhereAndLeavesNothing) {
  const fs::path file = directory_ / "t.json";
  fs::create_directories(file / "taken");
  try {
    write_trace(file, full_trace());
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).rfind(file.string() + ": cannot be written: ", 0), 0u)
        << error.what();
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

TEST_F(TraceFile, IsReadable) {
  const fs::path file = directory_ / "t.json";
  write_trace(file, full_trace());
  const std::string content = text(file);
  EXPECT_EQ(content.rfind("{\n  \"format\": \"firedrill-trace/1\",\n", 0), 0u);
  EXPECT_NE(content.find("\n    \"seed\": \"0xffffffffffffffff\",\n"), std::string::npos);
  EXPECT_NE(content.find("\n  \"digest\": \"0xfedcba9876543210\",\n"), std::string::npos);
  EXPECT_NE(
      content.find("\n      {\"at_ns\":4,\"return\":{\"op\":1,\"ended\":\"ok\",\"status\":202,"
                   "\"order_id\":\"o-1\",\"order_status\":\"QUEUED\"}},\n"),
      std::string::npos)
      << content;
  EXPECT_NE(content.find("\n      {\"at_ns\":10,\"phase\":\"healed\"},\n"), std::string::npos);
}

TEST_F(TraceFile, IsToldFromAScenario) {
  const fs::path trace = directory_ / "t.json";
  write_trace(trace, full_trace());
  EXPECT_TRUE(is_trace(trace));
  EXPECT_FALSE(is_trace(fs::path(FIREDRILL_SOURCE_DIR) / "traces/scenarios/flash-sale.json"));
  put(trace, R"({"format": "firedrill-trace/9"})");
  EXPECT_TRUE(is_trace(trace)) << "a trace, of a format to complain about";
  put(trace, R"({"name": "x"})");
  EXPECT_FALSE(is_trace(trace));
  put(trace, "[1]");
  EXPECT_FALSE(is_trace(trace));
  put(trace, "{");
  EXPECT_THROW(is_trace(trace), InputError);
  EXPECT_THROW(is_trace(directory_ / "none.json"), InputError);
}

TEST_F(TraceFile, WhatIsWrongIsNamedWithItsPath) {
  write_trace(directory_ / "t.json", full_trace());
  const std::string good = text(directory_ / "t.json");
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string bad = good;
    const auto place = bad.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    return bad.replace(place, from.size(), to);
  };
  const auto starts = [this](const std::string& content, const std::string& start) {
    const std::string error = error_of(content);
    EXPECT_EQ(error.rfind(start, 0), 0u) << error;
  };
  EXPECT_EQ(error_of(good), "accepted");
  starts(with("firedrill-trace/1", "firedrill-trace/2"),
         ": /format: expected one of firedrill-trace/1, got \"firedrill-trace/2\"");
  starts(with("0xfedcba9876543210", "0xfedc"), ": /digest: expected \"0x\" and 16 lower-case");
  starts(with("0xfedcba9876543210", "0xFEDCBA9876543210"), ": /digest: ");
  starts(with(R"("change_points":7)", R"("change_points":-7)"), ": /run/schedule/change_points: ");
  starts(with(R"("pick":"pct")", R"("pick":"best")"),
         ": /run/schedule/pick: expected one of first-come, random, pct, got \"best\"");
  starts(with(R"("consumers":3)", R"("consumers":4000000000)"), ": /run/topology/consumers: ");
  starts(with(R"("synchronous_commit":"off")", R"("synchronous_commit":"local")"),
         ": /run/postgres/synchronous_commit: ");
  starts(with(R"("retries":2)", R"("retry":2)"), ": /run/orders/0: unknown key \"retry\"");
  starts(with(R"({"kind":"clock-jump","at_ns":7000000)", R"({"kind":"clock-jump","at_ns":4999999)"),
         ": /run/faults/1/at_ns: expected a time not before");
  starts(with(R"({"at_ns":4,)", R"({"at_ns":2,)"), ": /history/entries/6/at_ns: ");
  starts(with(R"("return":{"op":1,)", R"("return":{"op":2,)"),
         ": /history/entries/6: an operation");
  starts(with(R"("invoke":{"op":4000000000,)", R"("invoke":{"op":1,)"),
         ": /history/entries/7: an operation is invoked once");
  starts(with(R"({"index":1,)", R"({"index":2,)"), ": /history/entries/4: there is no fault");
  starts(with(R"("phase":"healed")", R"("phase":"healed","note":{"process":"","text":""})"),
         ": /history/entries/24: expected at_ns and one thing seen");
  starts(with(R"("phase":"healed")", R"("phases":"healed")"), ": /history/entries/24: unknown key");
  starts(with(R"("ended":"ok")", R"("ended":"good")"), ": /history/entries/6/return/ended: ");
  starts(with(R"("status":202)", R"("status":"202")"), ": /history/entries/6/return/status: ");
}

TEST_F(TraceFile, NoPrefixIsAccepted) {
  write_trace(directory_ / "t.json", full_trace());
  const std::string good = text(directory_ / "t.json");
  for (std::size_t length = 0; length + 2 < good.size(); length += 13) {
    EXPECT_NE(error_of(good.substr(0, length)), "accepted");
  }
}

// Numbers at every size, and texts with everything that JSON has to escape.
TEST_F(TraceFile, RoundTripsAnything) {
  const auto word = rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("ab-1\"\\/\n\t\x01\x7f{}[]:, ")));
  const fs::path file = directory_ / "t.json";
  const bool passed = rc::check("read(write(t)) == t", [&] {
    Trace trace = full_trace();
    trace.run.seed = *rc::gen::arbitrary<std::uint64_t>();
    trace.digest = *rc::gen::arbitrary<std::uint64_t>();
    trace.message = *word;
    trace.history.entries.clear();
    At at{};
    for (const auto step : *rc::gen::container<std::vector<std::int64_t>>(
             rc::gen::inRange<std::int64_t>(0, 5'000'000'000))) {
      at += Duration(step);
      const auto number = *rc::gen::arbitrary<std::int64_t>();

      trace.history.add(at, StockSeen{*word, number, ~number, number / 3, step % 2 == 0});
      trace.history.add(at, OrderSeen{*word, *word, *word, *word, number, *word, step});
      trace.history.add(at, Note{*word, *word});
    }
    write_trace(file, trace);
    RC_ASSERT(read_trace(file) == trace);
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace firedrill::traces
