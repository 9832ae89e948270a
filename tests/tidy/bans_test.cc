#include "tests/tidy/bans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firedrill::tidy {
namespace {

using testing::HasSubstr;

Findings in(const std::string& path, const std::string& text) {
  return check_bans({path, text});
}

/// The rules that fire in a service, in order of the findings.
std::vector<std::string> rules(const std::string& text) {
  std::vector<std::string> names;
  for (const Finding& finding : in("system/order/a.cc", text)) names.push_back(finding.rule);
  return names;
}

using Rules = std::vector<std::string>;

TEST(Bans, EachWordFiresOutsideItsFoldersAndNotWithin) {
  ASSERT_GT(bans().size(), 20U);
  for (const Ban& ban : bans()) {
    const std::string use = "void f() {\n  auto x = " + std::string(ban.word) + ";\n}\n";
    const Findings findings = in("system/order/a.cc", use);
    ASSERT_FALSE(findings.empty()) << ban.word;
    EXPECT_EQ(findings[0].rule, ban.rule) << ban.word;
    EXPECT_EQ(findings[0].line, 2U) << ban.word;
    EXPECT_THAT(findings[0].message, HasSubstr(std::string(ban.instead)));
    for (const std::string_view folder : split(ban.but_in, ',')) {
      if (folder.empty()) continue;
      EXPECT_TRUE(in(std::string(folder) + "/a.cc", use).empty()) << ban.word;
    }
    EXPECT_TRUE(rules("// " + std::string(ban.word) + "\n").empty()) << "in a comment";
    EXPECT_TRUE(rules("void f() { g(\"" + std::string(ban.word) + "\"); }\n").empty()) << "quoted";
    EXPECT_TRUE(rules("void f() { my" + std::string(ban.word) + "(); }\n").empty())
        << "a longer word";
  }
}

TEST(Bans, UsualSpellingsFire) {
  EXPECT_EQ(rules("auto f() { return std::chrono::steady_clock::now(); }\n"), Rules{"clock"});
  EXPECT_EQ(rules("void f() { auto t = ::time(nullptr); }\n"), Rules{"clock"});
  EXPECT_EQ(rules("void f() { int i = rand() % 6; }\n"), Rules{"random"});
  EXPECT_EQ(rules("void f(std::unordered_map<int, int> m);\n"), Rules{"unordered"});
  EXPECT_EQ(rules("void f() { co_spawn(e, g(), boost::asio::detached); }\n"), Rules{"detached"});
  EXPECT_EQ(rules("void f() { std::jthread t(g); }\n"), Rules{"thread"});
}

TEST(Bans, LookAlikesPass) {
  EXPECT_TRUE(rules("Instant f(Clock& c) { return operand(c.time()); }\n").empty());
  EXPECT_TRUE(rules("void f() { boost::asio::detached_x(); brand(); }\n").empty());
}

TEST(PointerKeys, Fire) {
  EXPECT_EQ(rules("void f(std::map<Process*, int> m);\n"), Rules{"pointer-key"});
  EXPECT_EQ(rules("void f(std::set<const Link *> m);\n"), Rules{"pointer-key"});
  EXPECT_EQ(rules("void f(std::set<std::shared_ptr<Link>> m);\n"), Rules{"pointer-key"});
  EXPECT_TRUE(rules("void f(std::map<std::string, Link*> m);\n").empty());
  EXPECT_TRUE(rules("void f(std::map<std::pair<int, int>, Link*> m);\n").empty());
}

TEST(Floating, FiresInRoomsThatDecide) {
  const std::string use = "bool f(double p);\nbool g(float p);\n";
  EXPECT_EQ(in("faults/a.h", use).size(), 2U);
  EXPECT_EQ(in("sim/kernel/a.h", use).size(), 2U);
  EXPECT_EQ(in("sim/world/a.h", use).size(), 2U);
  EXPECT_TRUE(in("sim/redis/a.h", use).empty());
  EXPECT_TRUE(in("bench/a.h", use).empty());
}

TEST(Statics, MutableOnesFire) {
  EXPECT_EQ(rules("int f() { static int n = 0; return ++n; }\n"), Rules{"static"});
  EXPECT_EQ(rules("class A {\n  static std::vector<int> all;\n};\n"), Rules{"static"});
  EXPECT_EQ(rules("static Pool pool{3};\n"), Rules{"static"});
  EXPECT_EQ(rules("static std::function<void()> hook;\n"), Rules{"static"});
}

TEST(Statics, ConstantsAndFunctionsPass) {
  EXPECT_TRUE(rules("static constexpr int n = 3;\n").empty());
  EXPECT_TRUE(rules("int f() { static const std::string s = \"x\"; return 1; }\n").empty());
  EXPECT_TRUE(rules("class A {\n  static A make(int n = 3);\n};\n").empty());
  EXPECT_TRUE(rules("class A {\n  static std::expected<A, int> make();\n};\n").empty());
  EXPECT_TRUE(rules("static_assert(sizeof(int) == 4);\n").empty());
}

TEST(Globals, MutableOnesFire) {
  EXPECT_EQ(rules("namespace a {\nint count = 0;\n}\n"), Rules{"static"});
  EXPECT_EQ(rules("namespace {\nstd::map<int, int> table;\n}\n"), Rules{"static"});
  EXPECT_EQ(rules("inline bool verbose{false};\n"), Rules{"static"});
}

TEST(Globals, OtherThingsAtTheLeftEdgePass) {
  EXPECT_TRUE(
      rules("constexpr int n = 3;\nconst int m = 4;\ninline constexpr int k = 5;\n").empty());
  EXPECT_TRUE(
      rules("using A = int;\nnamespace b = c;\nextern \"C\" {\n}\nenum class E { a };\n").empty());
  EXPECT_TRUE(
      rules("boost::asio::awaitable<Outcome<int>>\nF::f(int a = 3) {\n  int b = a;\n}\n").empty());
  EXPECT_TRUE(
      rules("A& A::operator=(const A&) = default;\nstruct B {\n  int n = 0;\n};\n").empty());
  EXPECT_TRUE(rules("template <class T>\nconcept C = requires { T{}; };\n").empty());
}

TEST(Heavy, HeadersFireAndSourcesPass) {
  const std::string json = "#include <nlohmann/json.hpp>\n";
  const Findings findings = in("cli/a.h", "#pragma once\n" + json);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "heavy");
  EXPECT_EQ(findings[0].line, 2U);
  EXPECT_TRUE(in("cli/a.cc", json).empty());
  EXPECT_EQ(in("cli/a.h", "#include <boost/beast/http.hpp>\n").size(), 1U);
  EXPECT_EQ(in("cli/a.h", "#include <boost/asio.hpp>\n").size(), 1U);
  EXPECT_TRUE(in("cli/a.h", "#include <nlohmann/json_fwd.hpp>\n").empty());
  EXPECT_TRUE(in("cli/a.h", "// tidy: allow heavy - two files share it\n" + json).empty());
}

TEST(Allow, OneLineWithAReason) {
  EXPECT_TRUE(in("faults/a.h", "double p;  // tidy: allow double - printed only\n").size() == 1U)
      << "the global is still found";
  EXPECT_TRUE(
      in("faults/a.h", "bool f(double p);  // tidy: allow double - printed only\n").empty());
  EXPECT_TRUE(in("faults/a.h",
                 "// tidy: allow double - printed only,\n// never read back\nbool f(double p);\n")
                  .empty());
  EXPECT_EQ(in("faults/a.h", "// tidy: allow double - printed only\nint g();\nbool f(double p);\n")
                .size(),
            2U)
      << "of the next line of code alone";
}

TEST(Allow, NeedsAReason) {
  const Findings findings = in("faults/a.h", "bool f(double p);  // tidy: allow double\n");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[1].rule, "allow");
  EXPECT_THAT(findings[1].message, HasSubstr("no reason"));
}

TEST(Allow, NeedsAUse) {
  const Findings findings =
      in("faults/a.h", "bool f(int p);  // tidy: allow double - once there was\n");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "allow");
  EXPECT_EQ(in("faults/a.h", "bool f(double p);  // tidy: allow clock - the wrong rule\n").size(),
            2U);
}

TEST(Bans, OtherFilesPass) {
  EXPECT_TRUE(in("docs/a.md", "std::random_device").empty());
}

}  // namespace
}  // namespace firedrill::tidy
