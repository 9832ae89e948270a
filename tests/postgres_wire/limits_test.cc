// Clients that would cost a server more than they should.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/postgres_wire/socket.h"

namespace firedrill::test {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

/// Whether memory can be measured from outside: a sanitizer keeps what was freed.
constexpr bool kMeasuresMemory =
#ifdef __SANITIZE_ADDRESS__
    false;
#else
    true;
#endif

/// How much more memory this process, and the server in it, has than it had.
void expect_growth_below(std::size_t before, std::size_t bytes) {
  if (kMeasuresMemory) {
    EXPECT_LT(resident_memory(), before + bytes);
  }
}

TEST(PostgresLimits, AThousandConnections) {
  PostgresWire model;
  WireClient good(model.port());
  const std::size_t before = resident_memory();
  std::vector<std::unique_ptr<WireSocket>> silent;
  for (int i = 0; i < 500; ++i) silent.push_back(std::make_unique<WireSocket>(model.port()));
  for (int i = 0; i < 500; ++i) {
    silent.push_back(std::make_unique<WireSocket>(model.port()));
    silent.back()->send(startup().substr(0, 9));
  }
  EXPECT_EQ(good.ask(query("select 1")), "T ?column?:23,4,-1,0\nD '1'\nC SELECT 1\\00\nZ I\n");
  expect_growth_below(before, 8 * kMegabyte);
  silent.clear();
  EXPECT_EQ(good.ask(query("select 2")), "T ?column?:23,4,-1,0\nD '2'\nC SELECT 1\\00\nZ I\n");
}

TEST(PostgresLimits, SessionsUpToTheMostThereMayBe) {
  PostgresWire model({.max_connections = 20});
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<WireClient>(model.port()));
    EXPECT_EQ(clients.back()->started().back().type, 'Z');
  }
  WireClient refused(model.port());
  EXPECT_EQ(lines_of(refused.started()),
            "E S=FATAL V=FATAL C=53300 M=sorry, too many clients already\n");
  clients.pop_back();
  // The server may hear of it after it hears from the next one.
  char last = 'E';
  for (int i = 0; i < 1000 && last != 'Z'; ++i) {
    last = WireClient(model.port()).started().back().type;
  }
  EXPECT_EQ(last, 'Z');
}

TEST(PostgresLimits, AnAnnouncedLengthIsNotBelieved) {
  PostgresWire model;
  WireClient good(model.port());
  const std::size_t before = resident_memory();
  std::vector<std::unique_ptr<WireClient>> liars;
  for (int i = 0; i < 50; ++i) {
    liars.push_back(std::make_unique<WireClient>(model.port()));
    liars.back()->send("Q" + int32(0x3ffffffe) + "select");
    good.ask(query("select 1"));
  }
  expect_growth_below(before, 16 * kMegabyte);
}

TEST(PostgresLimits, AHalfMessageWaitsForItsOtherHalf) {
  PostgresWire model;
  WireClient half(model.port());
  WireClient other(model.port());
  const std::string whole = query("select 'whole'");
  half.send(whole.substr(0, 11));
  for (int i = 0; i < 50; ++i) other.ask(query("select 1"));
  EXPECT_EQ(half.ask(whole.substr(11)), "T ?column?:25,-1,-1,0\nD 'whole'\nC SELECT 1\\00\nZ I\n");
}

TEST(PostgresLimits, AStatementOfTenMegabytes) {
  PostgresWire model;
  WireClient client(model.port());
  const std::string text(10 * kMegabyte, 'x');
  EXPECT_EQ(client.ask(query("select length('" + text + "')")),
            "T length:23,4,-1,0\nD '10485760'\nC SELECT 1\\00\nZ I\n");
  EXPECT_EQ(client.ask(parse("", "select length($1)") + bind_portal("", "", {text}) + execute("") +
                       sync()),
            "1\n2\nD '10485760'\nC SELECT 1\\00\nZ I\n");
  std::string many = "select 1";
  for (int i = 0; i < 100'000; ++i) many += "; select 1";
  client.send(query(many));
  EXPECT_EQ(client.read().size(), 3 * 100'001U + 1);
}

TEST(PostgresLimits, NestingIsRefused) {
  PostgresWire model;
  WireClient client(model.port());
  for (const std::size_t depth : {2'000U, 1'000'000U}) {
    const std::string deep = "select " + std::string(depth, '(') + "1" + std::string(depth, ')');
    EXPECT_NE(client.ask(query(deep)).find("C=54001"), std::string::npos);
    EXPECT_NE(client.ask(parse("", deep) + sync()).find("C=54001"), std::string::npos);
  }
  std::string sum = "select 1";
  for (int i = 0; i < 200'000; ++i) sum += "+1";
  EXPECT_NE(client.ask(query(sum)).find("C=54001"), std::string::npos);
  EXPECT_NE(client.ask(query("select 1")).find("D '1'"), std::string::npos);
}

TEST(PostgresLimits, WhoDoesNotReadIsNotServedFurther) {
  PostgresWire model;
  WireClient other(model.port());
  const std::size_t before = resident_memory();
  WireClient lazy(model.port());
  constexpr int kQueries = 2000;
  std::string said;
  for (int i = 0; i < kQueries; ++i) said += query("select repeat('x', 100000)");
  lazy.send(said);
  for (int i = 0; i < 500; ++i) other.ask(query("select 1"));
  expect_growth_below(before, 30 * kMegabyte);
  for (int i = 0; i < kQueries; ++i) ASSERT_EQ(lazy.read().size(), 4U);
}

TEST(PostgresLimits, WhoHasSaidAllHearsAll) {
  PostgresWire model;
  WireClient client(model.port());
  std::string said;
  for (int i = 0; i < 9; ++i) said += query("select repeat('x', 100000)");
  client.send(said);
  client.finish();
  EXPECT_EQ(client.read_all().size(), 9 * 4U);
}

TEST(PostgresLimits, ACopyIsNotKept) {
  PostgresWire model;
  WireClient client(model.port());
  client.ask(query("create table t (a text)"));
  client.send(query("copy t from stdin"));
  const std::size_t before = resident_memory();
  const std::string comment = message('d', std::string(50'000, 'x') + "\\N\n");
  std::string bad = message('d', "a\tb\n");
  client.send(bad);  // fails; the rest is thrown away as it comes
  for (int i = 0; i < 2000; ++i) client.send(comment);
  client.send(message('c'));
  EXPECT_NE(lines_of(client.read()).find("extra data after last expected column"),
            std::string::npos);
  client.ask(query("select 1"));
  expect_growth_below(before, 8 * kMegabyte);
}

}  // namespace
}  // namespace firedrill::test
