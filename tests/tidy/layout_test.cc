#include "tests/tidy/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firedrill::tidy {
namespace {

const std::set<std::string> kPaths{"a/b.h", "a/b.cc", "a/c.cc"};

std::vector<std::string> rules(const std::string& path, const std::string& text) {
  std::vector<std::string> names;
  for (const Finding& finding : check_layout({path, text}, kPaths)) names.push_back(finding.rule);
  return names;
}

using Rules = std::vector<std::string>;

TEST(Layout, GoodFilesPass) {
  EXPECT_EQ(rules("a/b.h", "// A comment first is fine.\n#pragma once\n\nint f();\n"), Rules{});
  EXPECT_EQ(rules("a/b.cc", "#include \"a/b.h\"\n\n#include <vector>\n"), Rules{});
  EXPECT_EQ(rules("a/c.cc", "#include <vector>\n\n#include \"a/b.h\"\n"), Rules{});
}

TEST(Layout, PragmaOnce) {
  EXPECT_EQ(rules("a/b.h", "int f();\n#pragma once\n"), Rules{"pragma"});
  EXPECT_EQ(rules("a/b.h", "#include <vector>\n#pragma once\n"), Rules{"pragma"});
  EXPECT_EQ(rules("a/b.h", ""), Rules{"pragma"});
  EXPECT_EQ(rules("a/b.h", "// #pragma once\n"), Rules{"pragma"});
}

TEST(Layout, OwnHeaderFirst) {
  EXPECT_EQ(rules("a/b.cc", "#include <vector>\n#include \"a/b.h\"\n"), Rules{"own-header"});
  EXPECT_EQ(rules("a/b.cc", "int f();\n"), Rules{"own-header"});
}

TEST(Layout, QuotedIncludesAreFiles) {
  EXPECT_EQ(rules("a/c.cc", "#include \"b.h\"\n"), Rules{"include"});
  EXPECT_EQ(rules("a/c.cc", "#include \"a/gone.h\"\n"), Rules{"include"});
}

TEST(Layout, Names) {
  EXPECT_EQ(rules("a/OrderService.cc", ""), Rules{"name"});
  EXPECT_EQ(rules("a/order-service.cc", ""), Rules{"name"});
  EXPECT_EQ(rules("a-b/order.cc", ""), Rules{"name"});
  EXPECT_EQ(rules("lua/redis/Deduct.lua", ""), Rules{"name"});
  EXPECT_EQ(rules("README.md", ""), Rules{});
}

TEST(Layout, Blanks) {
  EXPECT_EQ(rules("a/c.cc", "int a;\n\tint b;\n"), Rules{"tab"});
  EXPECT_EQ(rules("a/c.cc", "int a; \n"), Rules{"blank"});
  EXPECT_EQ(rules("a/c.cc", "int a;\r\n"), Rules{"blank"});
  EXPECT_EQ(rules("a/c.cc", "int a;"), Rules{"blank"});
  EXPECT_EQ(rules("a/CMakeLists.txt", "project(a) \n"), Rules{"blank"});
  EXPECT_EQ(rules("a/c.md", "a line break  \nhere\n"), Rules{});
}

TEST(Layout, Columns) {
  EXPECT_EQ(rules("a/c.cc", std::string(100, 'x') + "\n"), Rules{});
  EXPECT_EQ(rules("a/c.cc", std::string(101, 'x') + "\n"), Rules{"columns"});
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "é";
  EXPECT_EQ(rules("a/c.cc", "// " + wide.substr(0, 97 * 2) + "\n"), Rules{})
      << "characters, not bytes";
  EXPECT_EQ(rules("a/c.md", std::string(300, 'x') + "\n"), Rules{});
}

TEST(Layout, Owners) {
  EXPECT_EQ(rules("a/c.cc", "// TODO: later\n"), Rules{"owner"});
  EXPECT_EQ(rules("a/c.cc", "// FIXME\n"), Rules{"owner"});
  EXPECT_EQ(rules("a/c.cc", "// TODO(): later\n"), Rules{"owner"});
  EXPECT_EQ(rules("a/c.cc", "// TODO(ada): later\n"), Rules{});
  EXPECT_EQ(rules("a/c.cc", "int f() { return g(\"TODO\"); }\n"), Rules{});
  EXPECT_EQ(rules("a/run.sh", "# TODO later\n"), Rules{"owner"});
  EXPECT_EQ(rules("a/c.cc", "// MYTODO TODOS\n"), Rules{});
}

}  // namespace
}  // namespace firedrill::tidy
