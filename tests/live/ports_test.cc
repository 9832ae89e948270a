#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "system/adapters/clock.h"
#include "system/adapters/http_text.h"
#include "system/adapters/telemetry.h"
#include "system/adapters/timers.h"

namespace firedrill::adapters {

namespace {

TEST(Timers, FireInOrderAndMayChangeOneAnother) {
  boost::asio::io_context loop{1};
  Timers timers(loop.get_executor());
  std::vector<int> fired;
  const Instant base = timers.now();
  Timers::Entry cancelled;
  Timers::Entry added;
  const auto third = timers.at(base + from_ms(30), [&fired] { fired.push_back(3); });
  const auto first = timers.at(base + from_ms(10), [&] {
    fired.push_back(1);
    cancelled = {};
    added = timers.at(base, [&fired] { fired.push_back(2); });
  });
  cancelled = timers.at(base + from_ms(10), [&fired] { fired.push_back(-1); });
  const auto never = timers.at(Instant::max(), [&fired] { fired.push_back(-2); });
  {
    const auto gone = timers.at(base + from_ms(5), [&fired] { fired.push_back(-3); });
  }
  while (fired.size() < 3 && timers.now() < base + from_ms(2000)) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(fired, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(timers.now(), base + from_ms(30));
}

TEST(LiveTelemetry, WritesOneJsonLineForANote) {
  boost::asio::io_context loop{1};
  Timers timers(loop.get_executor());
  const LiveClock clock(timers);
  std::vector<std::string> lines;
  LiveTelemetry telemetry(clock, "order-1",
                          [&lines](std::string_view line) { lines.emplace_back(line); });
  telemetry.note("restores 1 unit of \"sku\"\n(send timed out) \xff");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].find('\n'), lines[0].size() - 1);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["process"], "order-1");
  EXPECT_EQ(line["note"], "restores 1 unit of \"sku\"\n(send timed out) \xef\xbf\xbd");
  const std::string time = line["time"];
  EXPECT_EQ(time.size(), std::string("2026-01-02T03:04:05.678901Z").size());
  EXPECT_TRUE(time.starts_with("20") && time.ends_with("Z")) << time;
}

TEST(LiveTelemetry, KeepsCounters) {
  boost::asio::io_context loop{1};
  Timers timers(loop.get_executor());
  const LiveClock clock(timers);
  LiveTelemetry telemetry(clock, "p", [](std::string_view) { ADD_FAILURE() << "silent"; });
  for (int i = 0; i < 3; ++i) telemetry.count("orders_accepted");
  telemetry.count("orders_refused");
  EXPECT_EQ(telemetry.counters(),
            (LiveTelemetry::Counters{{"orders_accepted", 3}, {"orders_refused", 1}}));
}

TEST(HttpText, MakesTextSafe) {
  EXPECT_EQ(safe_field_value("a\r\nb: c"), "a  b: c");
  EXPECT_EQ(safe_target("/v1/orders/o 1\r\nx\xc3\xa9?a=b%20"),
            "/v1/orders/o%201%0D%0Ax%C3%A9?a=b%20");
  EXPECT_EQ(safe_target(""), "/");
  EXPECT_TRUE(is_framing_field("content-length"));
  EXPECT_FALSE(is_framing_field("content-type"));
}

}  // namespace

}  // namespace firedrill::adapters
