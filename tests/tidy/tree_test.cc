#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace firedrill::tidy {
namespace {

std::vector<std::string> dead(const std::vector<File>& files) {
  std::vector<std::string> paths;
  for (const Finding& finding : check_dead_files(files)) paths.push_back(finding.path);
  return paths;
}

using Paths = std::vector<std::string>;

TEST(DeadFiles, NamedOnesLive) {
  EXPECT_EQ(dead({{"a/CMakeLists.txt", "room(a SOURCES b.cc\n  deep/c.cc)\n"},
                  {"a/b.cc", "#include \"a/b.h\"\n"},
                  {"a/b.h", ""},
                  {"a/deep/c.cc", ""}}),
            Paths{});
  EXPECT_EQ(dead({{"CMakeLists.txt", "add_executable(x a/b.cc)\n"}, {"a/b.cc", ""}}), Paths{});
}

TEST(DeadFiles, UnnamedSourcesAreFound) {
  EXPECT_EQ(dead({{"a/CMakeLists.txt", "room(a SOURCES my_b.cc)\n"}, {"a/b.cc", ""}}),
            Paths{"a/b.cc"});
  EXPECT_EQ(dead({{"a/CMakeLists.txt", "room(a SOURCES x/b.cc)\n"}, {"a/b.cc", ""}}),
            Paths{"a/b.cc"});
  EXPECT_EQ(dead({{"a/CMakeLists.txt", "# b.cc\n"}, {"a/b.cc", ""}}), Paths{"a/b.cc"});
  EXPECT_EQ(dead({{"c/CMakeLists.txt", "room(c SOURCES b.cc)\n"}, {"a/b.cc", ""}}),
            Paths{"a/b.cc"});
}

TEST(DeadFiles, UnusedHeadersAreFound) {
  EXPECT_EQ(dead({{"a/b.h", ""}, {"a/c.h", "// #include \"a/b.h\"\n"}}), (Paths{"a/b.h", "a/c.h"}));
}

TEST(DeadFiles, UnlistedScriptsAreFound) {
  const File cmake{"lua/CMakeLists.txt", "set(SCRIPTS\n  rate=redis/rate.lua\n)\n"};
  EXPECT_EQ(dead({cmake, {"lua/redis/rate.lua", ""}}), Paths{});
  EXPECT_EQ(dead({cmake, {"lua/redis/confirm.lua", ""}}), Paths{"lua/redis/confirm.lua"});
  EXPECT_EQ(dead({cmake, {"lua/compat/x.lua", ""}}), Paths{})
      << "only lua/redis is a list of scripts";
}

std::size_t broken(const std::string& text) {
  return check_links({"docs/a.md", text},
                     {"README.md", "docs/a.md", "docs/b.md", "sim/world/world.h"})
      .size();
}

TEST(Links, GoodOnesPass) {
  EXPECT_EQ(broken("[b](b.md), [top](../README.md#use), [folder](../sim/world/), [f](../sim)\n"),
            0U);
  EXPECT_EQ(broken("[web](https://example.org/x), [here](#part), [mail](mailto:a@example.org)\n"),
            0U);
}

TEST(Links, BrokenOnesAreFound) {
  EXPECT_EQ(broken("[b](c.md)\n"), 1U);
  EXPECT_EQ(broken("a [b](b.md) and [c](../gone.md#x)\n"), 1U);
  EXPECT_EQ(broken("[w](../sim/wor)\n"), 1U) << "the beginning of a name is no name";
  EXPECT_EQ(broken("![picture](p.png)\n"), 1U);
}

TEST(Links, CodeIsNoLink) {
  EXPECT_EQ(broken("`a[i](x)`\n"), 0U);
  EXPECT_EQ(broken("```\nf[1](gone.md)\n```\n[b](gone.md)\n"), 1U);
}

TEST(Tree, AsksEveryRule) {
  const std::vector<File> files{
      {"docs/ARCHITECTURE.md", "[x](gone.md)\n"},
      {"system/order/a.cc", "#include \"sim/world/world.h\"\nint f() { return rand(); }\t\n"},
  };
  const Findings findings = check_tree(files);
  for (const char* rule : {"include", "random", "tab", "link", "map", "dead"}) {
    EXPECT_TRUE(std::ranges::any_of(findings, [&](const Finding& f) { return f.rule == rule; }))
        << rule;
  }
  EXPECT_FALSE(check_tree({}).empty()) << "an empty tree has no map";
}

}  // namespace
}  // namespace firedrill::tidy
