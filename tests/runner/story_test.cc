#include "cli/story.h"

#include <gtest/gtest.h>

#include <string>

namespace firedrill {
namespace {

using traces::Ended;

traces::Case one_order() {
  traces::Case run;
  run.orders.resize(1);
  run.faults.push_back({"reply-lost", from_ms(900), from_ms(800), "redis", "order-1", 2});
  return run;
}

traces::History history() {
  traces::History told;
  told.add(from_ms(900), traces::FaultSeen{0, traces::FaultSeen::What::began});
  told.add(from_ms(1000), traces::Invoke{1, traces::OrderCall{"u-1", "k-1", "sale-1", "sku-1", 2}});
  told.add(from_ms(1250), traces::Return{1, Ended::ok, 202, "o-0123456789abcdef", "QUEUED"});
  told.add(from_ms(1260), traces::Invoke{2, traces::ReadCall{"o-0123456789abcdef"}});
  told.add(from_ms(1270), traces::Return{2, Ended::ok, 200, "o-0123456789abcdef", "QUEUED"});
  told.add(from_ms(1300), traces::StockSeen{"sku-1", 3, 0, 0, false});
  return told;
}

TEST(Story, TellsWhoDidWhatWithShortNames) {
  const Told told = tell(one_order(), history(), 2, Detail::story, 2);
  EXPECT_EQ(told.text,
            "     0.900      fault   reply-lost redis -> order-1, 2 messages, for 800 ms\n"
            "     1.000  u-1         order sku-1 x2 (k-1)  ->  accepted o-1, after 250 ms"
            "     <- first violation\n");
  EXPECT_EQ(told.with_names("o-0123456789abcdef is lost"), "o-1 is lost");
}

TEST(Story, TellsEverythingWhenAsked) {
  const Told told = tell(one_order(), history(), std::nullopt, Detail::all, 0);
  EXPECT_NE(told.text.find("reads o-1  ->  QUEUED"), std::string::npos);
  EXPECT_NE(told.text.find("sku-1: 3 available"), std::string::npos);
  EXPECT_EQ(told.text.find("<-"), std::string::npos);
}

TEST(Story, ShowsTheViolationEvenWhereItIsDull) {
  const Told told = tell(one_order(), history(), 5, Detail::story, 0);
  EXPECT_NE(told.text.find("sku-1: 3 available     <- first violation"), std::string::npos);
}

TEST(Story, CountsInWords) {
  EXPECT_EQ(size_of(one_order()), "1 order, 1 fault");
  EXPECT_EQ(size_of(traces::Case{}), "0 orders, 0 faults");
}

}  // namespace
}  // namespace firedrill
