#include "tests/tidy/rooms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace firedrill::tidy {
namespace {

using testing::HasSubstr;

constexpr auto kMap = std::to_array<Room>({
    {"system/domain", "-", "-"},
    {"system/ports", "-", "awaitable"},
    {"system/order", "system/ports, system/*/*_api.h", "-"},
    {"system/payment", "system/ports", "-", true},
    {"sim/queue", "-", "-"},
    {"sim/queue/broker", "sim/queue", "Asio"},
    {"cli", "all", "all"},
});

Findings includes(const std::string& path, const std::string& text) {
  return check_includes({path, text}, kMap);
}

TEST(RoomOf, TakesTheLongestFit) {
  EXPECT_EQ(room_of("sim/queue/engine.h", kMap)->name, "sim/queue");
  EXPECT_EQ(room_of("sim/queue/broker.h", kMap)->name, "sim/queue/broker");
  EXPECT_EQ(room_of("sim/queue/broker_state.h", kMap)->name, "sim/queue");
  EXPECT_EQ(room_of("sim/other.h", kMap), nullptr);
  EXPECT_EQ(room_of("client/main.cc", kMap), nullptr);
}

TEST(Fits, StarsStopAtSlashes) {
  EXPECT_TRUE(fits("system/order/order_api.h", "system/*/*_api.h"));
  EXPECT_FALSE(fits("system/order/order.h", "system/*/*_api.h"));
  EXPECT_FALSE(fits("system/a/b/c_api.h", "system/*/*_api.h"));
  EXPECT_FALSE(fits("system/order/order_api.hpp", "system/*/*_api.h"));
}

TEST(Includes, AllowedOnesPass) {
  EXPECT_TRUE(includes("system/order/a.cc",
                       "#include \"system/order/a.h\"\n#include <vector>\n"
                       "#include \"system/domain/time.h\"\n"
                       "#include \"system/ports/clock.h\"\n"
                       "#include \"system/payment/payment_api.h\"\n"
                       "#include <fmt/core.h>\n")
                  .empty());
  EXPECT_TRUE(includes("sim/queue/broker.cc",
                       "#include \"sim/queue/engine.h\"\n"
                       "#include <boost/asio/post.hpp>\n")
                  .empty());
  EXPECT_TRUE(
      includes("cli/main.cc", "#include \"sim/queue/engine.h\"\n#include <CLI/CLI.hpp>\n").empty());
}

TEST(Includes, AServiceMustNotSeeTheSimulation) {
  const Findings findings =
      includes("system/order/a.cc", "#include <vector>\n#include \"sim/queue/engine.h\"\n");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].line, 2U);
  EXPECT_EQ(findings[0].rule, "include");
  EXPECT_THAT(findings[0].message, HasSubstr("system/order must not include sim/queue"));
}

TEST(Includes, AnEngineMustNotSeeItsHost) {
  EXPECT_EQ(includes("sim/queue/engine.cc", "#include \"sim/queue/broker.h\"\n").size(), 1U);
}

TEST(Includes, AnotherServiceIsItsApiAlone) {
  EXPECT_EQ(includes("system/order/a.cc", "#include \"system/payment/payment.h\"\n").size(), 1U);
}

TEST(Includes, LibrariesAreListed) {
  EXPECT_EQ(includes("system/ports/a.h", "#include <boost/asio/post.hpp>\n").size(), 1U);
  EXPECT_TRUE(includes("system/ports/a.h", "#include <boost/asio/awaitable.hpp>\n").empty());
  EXPECT_EQ(includes("system/order/a.cc", "#include <hiredis/hiredis.h>\n").size(), 1U);
  EXPECT_EQ(includes("sim/queue/a.cc", "#include <unistd.h>\n").size(), 1U);
}

TEST(Includes, QuotedOnesBeginAtTheRoot) {
  EXPECT_EQ(includes("cli/main.cc", "#include \"options.h\"\n").size(), 1U);
  EXPECT_EQ(includes("cli/main.cc", "#include \"../sim/queue/engine.h\"\n").size(), 1U);
}

TEST(Rooms, FolderAndMapMustAgree) {
  constexpr auto kSmall = std::to_array<Room>({{"a", "-", "-"}, {"b", "-", "-", true}});
  const auto check = [&](std::vector<File> files) { return check_rooms(files, kSmall); };
  EXPECT_TRUE(check({{"a/x.h", ""}, {"c/notes.md", ""}}).empty());
  EXPECT_EQ(check({{"a/x.h", ""}, {"c/x.h", ""}}).size(), 1U) << "a folder that is not in the map";
  EXPECT_EQ(check({}).size(), 1U) << "a room without files";
  EXPECT_EQ(check({{"a/x.h", ""}, {"b/x.h", ""}}).size(), 1U) << "an absent room with files";
}

class MapTest : public testing::Test {
 protected:
  static constexpr auto kSmall =
      std::to_array<Room>({{"a", "b, c", "-"}, {"b", "-", "Asio", true}});

  static Findings check(const std::string& rows) {
    return check_map(
        {"map.md", "| room | what | may include | from outside |\n|---|---|---|---|\n" + rows +
                       "\n| not | a | room | row |\n"},
        kSmall);
  }
};

TEST_F(MapTest, EqualTablesPass) {
  EXPECT_TRUE(check("| `b` (absent) | x | - | Asio |\n| `a` | y | `c`, `b` | - |\n").empty());
}

TEST_F(MapTest, EveryDifferenceIsFound) {
  EXPECT_EQ(check("| `a` | y | `c`, `b` | - |\n").size(), 1U) << "a row is missing";
  EXPECT_EQ(check("| b (absent) | x | - | Asio |\n| a | y | c | - |\n").size(), 1U)
      << "may include";
  EXPECT_EQ(check("| b (absent) | x | - | Beast |\n| a | y | b, c | - |\n").size(), 1U)
      << "outside";
  EXPECT_EQ(check("| b | x | - | Asio |\n| a | y | b, c | - |\n").size(), 1U) << "absent";
  EXPECT_EQ(
      check("| b (absent) | x | - | Asio |\n| a | y | b, c | - |\n| d | x | - | - |\n").size(), 1U)
      << "a row too many";
  EXPECT_EQ(check_map({"map.md", "no table"}, kSmall).size(), 2U);
}

TEST(Rooms, TheRealMapIsSound) {
  for (const Room& room : rooms()) {
    for (const std::string_view entry : split(room.may_include, ',')) {
      const bool known = entry == "-" || entry == "all" || entry.find('*') != entry.npos ||
                         std::ranges::find(rooms(), entry, &Room::name) != rooms().end();
      EXPECT_TRUE(known) << room.name << " may include " << entry << ", which is no room";
    }
  }
}

TEST(Rooms, TheRealMapKeepsTheGraphUnawareOfTheSimulation) {
  for (const char* file : {"system/order/a.cc", "system/as_written/a.cc", "system/ports/a.cc",
                           "system/adapters/a.cc", "system/domain/a.cc"}) {
    EXPECT_EQ(check_includes({file, "#include \"sim/world/world.h\"\n"}, rooms()).size(), 1U)
        << file;
  }
}

TEST(Rooms, TheRealMapKeepsJudgesAndEnginesApart) {
  const auto refused = [](const char* from, const char* to) {
    return check_includes({from, "#include \"" + std::string(to) + "\"\n"}, rooms()).size() == 1;
  };
  EXPECT_TRUE(refused("properties/a.cc", "system/order/order.h"));
  EXPECT_TRUE(refused("properties/a.cc", "sim/world/world.h"));
  EXPECT_TRUE(refused("sim/redis/engine.cc", "sim/world/world.h"));
  EXPECT_TRUE(refused("sim/queue/engine.cc", "sim/kernel/scheduler.h"));
  EXPECT_TRUE(refused("traces/a.cc", "properties/property.h"));
  EXPECT_FALSE(refused("properties/a.cc", "traces/history.h"));
  EXPECT_FALSE(refused("sim/redis/server.cc", "sim/world/world.h"));
}

}  // namespace
}  // namespace firedrill::tidy
